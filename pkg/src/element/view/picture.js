import { seenOf } from '../crop.js';
import { $, el } from '../dom.js';
import { t } from '../i18n.js';
import { drawSeen } from '../pictures.js';
import { bringsPicture, contentOf } from '../transfer.js';
import { takeDrops } from './drops.js';
import { leftOut } from './left-out.js';
import { failureNote, showFacts } from './parts.js';

/** Side of the canvas that shows the picture, in pixels. */
const SIDE = 560;

/**
 * The image panel: the part of the picture that the network sees. A picture can be chosen in it or dropped on it.
 * @param {import('../state.js').Store} store
 * @param {import('../controls.js').Actions} actions
 * @param {ShadowRoot} shadow
 */
export function mountPicture(store, actions, shadow) {
  const [photo, noteRoot, meta] = [$('#photoContent', shadow), $('#imageNote', shadow), $('#imageMeta', shadow)];
  const choose = connectFile(actions, shadow);
  takeDrops($('#photo', shadow), (data) => {
    const content = contentOf(data);
    const isPicture = content.model.length === 0 && bringsPicture(content);
    if (isPicture) actions.showPicture(data);
    return isPicture;
  });
  $('#choose', shadow).addEventListener('click', choose);
  store.watch(
    ({ picture, run, model, lang }) => [picture, run.result, run.of, model, lang],
    ({ picture, run, model }) => {
      if (picture === null) {
        meta.textContent = '';
        photo.replaceChildren(el('button', { class: 'zone', on: { click: choose } }, el('b', { text: t('stEmpty') })));
        return;
      }
      const ran = run.of === picture && run.result ? run.result.image : null;
      const size = ran && `${ran.width} × ${ran.height}`;
      showFacts(meta, [picture.name, size].flatMap((fact) => (fact ? [[fact]] : [])));
      const [, height = 0, width = 0] = model?.info.input ?? [];
      const label = [picture.name, model && `${width} × ${height}`, t('crop')].filter(Boolean).join(', ');
      const canvas = $('#seen', photo) ?? el('canvas', { id: 'seen', width: SIDE, height: SIDE, role: 'img' });
      canvas.ariaLabel = canvas.title = label;
      canvas.getContext('2d').clearRect(0, 0, SIDE, SIDE);
      if (picture.preview !== null) drawSeen(canvas, picture.preview, seenOf({ picture, run, model }));
      if (canvas.parentElement !== photo) photo.replaceChildren(canvas);
    },
  );
  store.watch(
    ({ pictureFailure, picture, lang }) => [pictureFailure, picture, lang],
    ({ pictureFailure, picture }) => {
      noteRoot.replaceChildren(...(pictureFailure ? [failureNote(pictureFailure)] : []), ...leftOut(picture));
    },
  );
}

/**
 * @param {import('../controls.js').Actions} actions
 * @param {ShadowRoot} shadow
 * @returns {() => void} asks for a file
 */
function connectFile(actions, shadow) {
  const input = $('#pictureFile', shadow);
  input.addEventListener('change', () => {
    if (input.files.length > 0) actions.showPicture([...input.files]);
    input.value = '';
  });
  return () => input.click();
}
