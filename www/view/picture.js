import { $, el, rove, setTabStop } from '../dom.js';
import { t } from '../i18n.js';
import { drawSeen } from '../pictures.js';
import { SAMPLES, drawnPicture } from '../samples.js';
import { failureNote, note } from './parts.js';

/** Side of the canvas that shows the picture, in pixels. */
const SIDE = 560;

/**
 * The image panel: the part of the picture that the network sees, samples, and the ways to bring a picture.
 * @param {import('../state.js').Store} store
 * @param {import('../controls.js').Actions} actions
 */
export function mountPicture(store, actions) {
  const [photo, noteRoot, meta] = [$('#photoContent'), $('#imageNote'), $('#imageMeta')];
  connectSources(actions, noteRoot);
  mountSamples($('#samples'), store, actions, ({ picture }) => picture);
  store.watch(
    ({ picture, run, model, lang }) => [picture, run.result, run.of, model, lang],
    ({ picture, run, model }) => {
      if (picture === null) {
        meta.textContent = '';
        photo.replaceChildren(emptyZone());
        return;
      }
      const seen = run.of === picture && run.result ? run.result.image : null;
      meta.textContent = seen ? `${picture.name} · ${seen.width} × ${seen.height}` : picture.name;
      meta.title = meta.textContent;
      const [, height = 0, width = 0] = model?.info.input ?? [];
      const label = [picture.name, model && `${width} × ${height}`, t('crop')].filter(Boolean).join(', ');
      const canvas = $('#seen') ?? el('canvas', { id: 'seen', width: SIDE, height: SIDE, role: 'img' });
      canvas.ariaLabel = canvas.title = label;
      canvas.getContext('2d').clearRect(0, 0, SIDE, SIDE);
      if (picture.preview !== null) drawSeen(canvas, picture.preview, seen);
      if (canvas.parentElement !== photo) photo.replaceChildren(canvas);
    },
  );
  store.watch(
    ({ pictureFailure, lang }) => [pictureFailure, lang],
    ({ pictureFailure }) => noteRoot.replaceChildren(...(pictureFailure ? [failureNote(pictureFailure)] : [])),
  );
}

function emptyZone() {
  return el('button', { class: 'zone', on: { click: () => $('#pictureFile').click() } }, el('b', { text: t('stEmpty') }));
}

/**
 * @param {import('../controls.js').Actions} actions
 * @param {HTMLElement} noteRoot
 */
function connectSources(actions, noteRoot) {
  const [file, form, field, url] = [$('#pictureFile'), $('#urlForm'), $('#urlField'), $('#url')];
  $('#upload').addEventListener('click', () => file.click());
  file.addEventListener('change', () => {
    const [chosen] = file.files;
    if (chosen) actions.showPicture(chosen, chosen.name);
    file.value = '';
  });
  url.addEventListener('click', () => {
    form.hidden = !form.hidden;
    url.ariaExpanded = String(!form.hidden);
    if (!form.hidden) field.focus();
  });
  form.addEventListener('submit', (/** @type {Event} */ event) => {
    event.preventDefault();
    actions.showAddress(field.value);
  });
  $('#paste').addEventListener('click', async () => {
    const picture = await clipboardPicture();
    if (picture) actions.showPicture(picture, t('paste'));
    else noteRoot.replaceChildren(note('plain', t('pasteHint')));
  });
}

/** @returns {Promise<Blob | null>} null where there is none or the browser does not show it */
async function clipboardPicture() {
  try {
    for (const item of await navigator.clipboard.read()) {
      const type = item.types.find((name) => name.startsWith('image/'));
      if (type) return await item.getType(type);
    }
  } catch {
    return null;
  }
  return null;
}

/**
 * Pictures to start with, as one radio group.
 * @param {HTMLElement} root
 * @param {import('../state.js').Store} store
 * @param {Pick<import('../controls.js').Actions, 'showSample' | 'showPicture'>} actions
 * @param {(state: Readonly<import('../state.js').State>) => import('../state.js').Picture | null} chosen
 */
export function mountSamples(root, store, actions, chosen) {
  rove(root, '[role=radio]', { choose: true });
  const buttons = SAMPLES.map((sample) => {
    const button = el('button', { role: 'radio', 'aria-checked': false, 'data-name': sample.name });
    if ('url' in sample) {
      const leave = () => {
        button.remove();
        setTabStop(root, '[role=radio]');
      };
      const image = el('img', { alt: '', src: sample.url, on: { error: leave } });
      button.append(image);
      button.addEventListener('click', () => actions.showSample(sample.url, sample.name));
    } else {
      const canvas = el('canvas', { width: 96, height: 96, 'aria-hidden': true });
      sample.draw(canvas);
      button.append(canvas);
      button.addEventListener('click', async () => actions.showPicture(await drawnPicture(sample.draw), sample.name));
    }
    return button;
  });
  root.replaceChildren(...buttons);
  store.watch(
    (state) => [chosen(state), state.lang],
    (state) => {
      const picture = chosen(state);
      SAMPLES.forEach((sample, i) => {
        const title = 'title' in sample ? sample.title : t(sample.label);
        Object.assign(buttons[i], { title, ariaLabel: title, ariaChecked: String(sample.name === picture?.name) });
      });
      setTabStop(root, '[role=radio]');
    },
  );
}
