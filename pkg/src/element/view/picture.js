import { $, el } from '../dom.js';
import { t } from '../i18n.js';
import { drawSeen } from '../pictures.js';
import { contentOf } from '../transfer.js';
import { takeDrops } from './drops.js';
import { failureNote } from './parts.js';

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
    const { picture } = contentOf(data);
    if (picture !== null) actions.showPicture(picture);
    return picture !== null;
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
      const seen = run.of === picture && run.result ? run.result.image : null;
      meta.textContent = meta.title = [picture.name, seen && `${seen.width} × ${seen.height}`].filter(Boolean).join(' · ');
      const [, height = 0, width = 0] = model?.info.input ?? [];
      const label = [picture.name, model && `${width} × ${height}`, t('crop')].filter(Boolean).join(', ');
      const canvas = $('#seen', photo) ?? el('canvas', { id: 'seen', width: SIDE, height: SIDE, role: 'img' });
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

/**
 * @param {import('../controls.js').Actions} actions
 * @param {ShadowRoot} shadow
 * @returns {() => void} asks for a file
 */
function connectFile(actions, shadow) {
  const input = $('#pictureFile', shadow);
  input.addEventListener('change', () => {
    const [chosen] = input.files;
    if (chosen) actions.showPicture(chosen);
    input.value = '';
  });
  return () => input.click();
}
