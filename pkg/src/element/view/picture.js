import { $, el } from '../dom.js';
import { t } from '../i18n.js';
import { drawSeen } from '../pictures.js';
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
  connectDrop(actions, $('#photo', shadow));
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
      const canvas = el('canvas', { id: 'seen', width: SIDE, height: SIDE, role: 'img', 'aria-label': label, title: label });
      if (picture.preview !== null) drawSeen(canvas, picture.preview, seen);
      photo.replaceChildren(canvas);
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

/**
 * Takes dropped pictures, unless the page has taken them already.
 * @param {import('../controls.js').Actions} actions
 * @param {HTMLElement} photo
 */
function connectDrop(actions, photo) {
  photo.addEventListener('dragover', (event) => {
    if (event.dataTransfer?.types.includes('Files')) event.preventDefault();
  });
  photo.addEventListener('drop', (event) => {
    const [file] = event.dataTransfer?.files ?? [];
    if (event.defaultPrevented || file === undefined) return;
    event.preventDefault();
    actions.showPicture(file);
  });
}
