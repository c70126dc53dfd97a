import { alternativeId, comparedPicture } from '../compare.js';
import { el, rove, setTabStop } from '../dom.js';
import { t } from '../i18n.js';
import { drawSeen, pictureOf } from '../pictures.js';

/** @typedef {import('../index.js').AlternativePicture} AlternativePicture */

/** Side of a small picture, in pixels of its canvas. */
const SIDE = 72;

/**
 * The pictures that the page offers to compare with, as one radio group.
 * @param {HTMLElement} root
 * @param {import('../state.js').Store} store
 * @param {import('../controls.js').Actions} actions
 */
export function mountAlternativePictures(root, store, actions) {
  rove(root, '[role=radio]', { choose: true });
  /** @type {AlternativePicture[]} */
  let shown = [];
  store.watch(
    (state) => [state.alternatives.pictures, comparedPicture(state), state.lang],
    (state) => {
      const { pictures } = state.alternatives;
      const isSame = pictures.length === shown.length && pictures.every(({ image }, i) => image === shown[i]?.image);
      shown = pictures;
      if (!isSame) root.replaceChildren(...pictures.map((picture) => pictureButton(picture, actions, () => setTabStop(root, '[role=radio]'))));
      root.ariaLabel = t('samples');
      for (const button of /** @type {Iterable<HTMLElement>} */ (root.children)) {
        const picture = pictures.find((one) => alternativeId(one) === button.dataset.id);
        const title = picture?.title ?? picture?.name ?? '';
        Object.assign(button, { title, ariaLabel: title, ariaChecked: String(button.dataset.id === comparedPicture(state)) });
      }
      setTabStop(root, '[role=radio]');
    },
  );
}

/**
 * A picture is read once: what is shown small can be compared without the server.
 * @param {AlternativePicture} alternative
 * @param {import('../controls.js').Actions} actions
 * @param {() => void} left is called where the picture cannot be shown and its button has gone
 * @returns {HTMLElement}
 */
function pictureButton(alternative, actions, left) {
  const { name, image } = alternative;
  const picture = pictureOf(image, name);
  const compare = () => actions.comparePicture(picture.then(({ blob }) => blob), name, alternativeId(alternative));
  const canvas = el('canvas', { width: SIDE, height: SIDE, 'aria-hidden': true });
  const button = el('button', { role: 'radio', 'data-name': name, 'data-id': alternativeId(alternative), on: { click: compare } }, canvas);
  const leave = () => {
    button.remove();
    left();
  };
  picture.then(({ preview }) => preview && drawSeen(canvas, preview, null), leave);
  return button;
}
