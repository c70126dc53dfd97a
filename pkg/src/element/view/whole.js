import { seenOf } from '../crop.js';
import { $ } from '../dom.js';
import { t } from '../i18n.js';
import { shareSeen } from '../pictures.js';

/**
 * The whole picture instead of what the network sees of it, with that part framed; all that lies on the picture moves into the frame.
 * @param {import('../state.js').Store} store
 * @param {import('../controls.js').Actions} actions
 * @param {ShadowRoot} shadow
 */
export function mountWhole(store, actions, shadow) {
  const [photo, canvas, frame, toggle] = [$('#photo', shadow), $('#wholePicture', shadow), $('#cropFrame', shadow), $('#whole', shadow)];
  toggle.addEventListener('click', actions.toggleWhole);
  store.watch(
    ({ picture, whole, run, model, lang }) => [picture, whole, run.result, run.of, model, lang],
    (state) => {
      const preview = state.picture?.preview ?? null;
      const isWhole = state.whole && preview !== null;
      toggle.hidden = preview === null;
      toggle.ariaPressed = String(isWhole);
      canvas.hidden = !isWhole;
      photo.classList.toggle('whole', isWhole);
      const seen = seenOf(state);
      frame.hidden = !isWhole || seen === null;
      if (!isWhole) return;
      draw(canvas, preview);
      canvas.ariaLabel = canvas.title = [state.picture?.name, t('whole')].filter(Boolean).join(', ');
      const { width, height } = preview;
      const side = Math.max(width, height);
      const [left, top] = [(side - width) / 2, (side - height) / 2];
      place(photo, 'picture', [left, top, width, height], side);
      const [x, y, columns, rows] = seen ? shareSeen(seen, preview) : [0, 0, width, height];
      place(photo, 'crop', [left + x, top + y, columns, rows], side);
    },
  );
}

/**
 * @param {HTMLElement} photo
 * @param {'picture' | 'crop'} name
 * @param {number[]} area left, top, width and height
 * @param {number} side of the square that it lies in
 */
function place(photo, name, area, side) {
  area.forEach((value, i) => photo.style.setProperty(`--${name}-${['left', 'top', 'width', 'height'][i]}`, `${(100 * value) / side}%`));
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {ImageBitmap} preview
 */
function draw(canvas, preview) {
  [canvas.width, canvas.height] = [preview.width, preview.height];
  canvas.getContext('2d')?.drawImage(preview, 0, 0);
}
