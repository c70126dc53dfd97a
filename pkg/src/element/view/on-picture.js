import { $, el, isTouch } from '../dom.js';
import { t } from '../i18n.js';
import { clipped, placeOf, seenFrom } from '../receptive.js';
import { readOf } from '../shown.js';
import { kindOf } from '../why.js';
import { drawOverlay } from './figures.js';
import { singlePixels, smoothPixels } from './why-pixels.js';
import { METHOD_NAMES, classNamed } from './words.js';

const NAMESPACE = 'http://www.w3.org/2000/svg';

/**
 * What lies over the picture: the class activation map, a channel, and what the value that is read sees.
 * @param {import('../state.js').Store} store
 * @param {ShadowRoot} shadow
 */
export function mountOnPicture(store, shadow) {
  const [photo, cam, overlay, field, note] = ['#photo', '#camLayer', '#channelLayer', '#fieldLayer', '#fieldNote'].map((id) => $(id, shadow));
  const shapes = ['path', 'rect', 'rect'].map((name) => field.appendChild(document.createElementNS(NAMESPACE, name)));
  shapes.forEach((shape, i) => shape.setAttribute('class', ['outside', 'back', 'line'][i] ?? ''));

  store.watch(
    ({ spot, pin, maps, inner, innerMaps, look, picture, run, lang }) => [spot, pin, maps, inner, innerMaps, look, picture, run.of, lang],
    (state) => {
      const { model, picture, run } = state;
      const read = run.of === picture ? readOf(state) : null;
      photo.classList.toggle('read', read !== null);
      field.classList.toggle('empty', read === null);
      overlay.hidden = read === null;
      note.textContent = note.title = state.picture === null || model === null ? '' : t(isTouch() ? 'rfNoneTouch' : 'rfNone');
      if (read === null || model === null) return;
      const { input } = model.info;
      const { spot, shown } = read;
      const whole = seenFrom(shown.layer.receptiveField, spot.y, spot.x);
      showField(whole, input);
      drawOverlay(overlay, shown, spot.channel, input);
      const isLarger = whole.width > input[2] || whole.height > input[1];
      const size = isLarger ? clipped(whole, input) : whole;
      const range = (/** @type {number} */ from, /** @type {number} */ count) => `${from}…${from + count - 1}`.replaceAll('-', '−');
      const place = isLarger ? t('rfPart') : `x ${range(whole.x, whole.width)}, y ${range(whole.y, whole.height)}`;
      note.replaceChildren(el('span', { text: `${t('rf')} ${size.width} × ${size.height} px · ` }), el('span', { text: place }));
      note.title = note.textContent;
    },
  );
  store.watch(
    ({ overlay: opacity }) => [opacity],
    (state) => {
      overlay.style.opacity = String(state.overlay);
    },
  );
  store.watch(
    ({ explanation, reason, why, picture, model, lang }) => [explanation, reason, why, picture, model, lang],
    (state) => {
      const drawn = drawnFrom(state);
      cam.hidden = drawn === null;
      if (drawn === null) return;
      [cam.height, cam.width] = [drawn.image.height, drawn.image.width];
      cam.classList.toggle('single', drawn.isSingle);
      cam.getContext('2d').putImageData(drawn.image, 0, 0);
      cam.ariaLabel = drawn.label;
    },
  );
  store.watch(
    ({ camOpacity }) => [camOpacity],
    ({ camOpacity }) => {
      cam.style.opacity = String(camOpacity);
    },
  );

  /**
   * @param {import('../receptive.js').Area} whole
   * @param {[number, number, number]} input
   */
  function showField(whole, input) {
    const { x, y, width, height } = clipped(whole, input);
    field.setAttribute('viewBox', `0 0 ${input[2]} ${input[1]}`);
    const [outside, ...lines] = shapes;
    outside?.setAttribute('d', `M0 0H${input[2]}V${input[1]}H0zM${x} ${y}v${height}h${width}v${-height}z`);
    for (const line of lines) {
      for (const [key, value] of Object.entries({ x: x + 1, y: y + 1, width: Math.max(0, width - 2), height: Math.max(0, height - 2) })) line.setAttribute(key, String(value));
    }
  }
}

/**
 * What explains the answer, as it lies over the picture.
 * @param {Readonly<import('../state.js').State>} state
 * @returns {{ image: ImageData, isSingle: boolean, label: string } | null} isSingle: it has a value for every pixel
 */
function drawnFrom({ explanation, reason, why, picture, model }) {
  if (model === null) return null;
  const { info, layers } = model;
  const ofMaps = (/** @type {import('../../index.js').Cam | import('../reasons.js').Found} */ map) => [...layers.values()].findLast(({ shape }) => shape[1] === map.height && shape[2] === map.width);
  if (kindOf(why) === 'cam') {
    const found = explanation?.of === picture ? explanation?.cam : null;
    const layer = found && ofMaps(found);
    if (!found || !layer) return null;
    const label = `${t('cam')}: ${classNamed(info, found.classIndex)}, ${t(found.exact ? 'exact' : 'camGradient')}`;
    return { image: smoothPixels(found, placeOf(layer.receptiveField, found), info.input), isSingle: false, label };
  }
  const found = reason?.of === picture ? reason?.found : null;
  if (!reason || !found) return null;
  const { asked } = reason;
  const of = `${classNamed(info, asked.classIndex)}${asked.head === null ? '' : `, ${asked.head}`}`;
  if (asked.kind === 'saliency') return { image: singlePixels(found, found.limit, asked.method === 'integrated'), isSingle: true, label: `${t(METHOD_NAMES[asked.method])}: ${of}` };
  const layer = asked.kind === 'gradcam' ? layers.get(asked.layer) : ofMaps(found);
  if (layer === undefined) return null;
  const label = asked.kind === 'gradcam' ? `${t('mGrad')}, ${asked.layer}: ${of}` : `${t('mDiff')}: ${of} − ${classNamed(info, asked.minus)}`;
  return { image: smoothPixels(found, placeOf(layer.receptiveField, found), info.input, asked.kind === 'minus'), isSingle: false, label };
}
