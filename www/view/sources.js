import { $, el, rove, setTabStop } from '../../pkg/dist/element/dom.js';
import { t } from '../../pkg/dist/element/i18n.js';
import { drawSeen, pictureOf } from '../../pkg/dist/element/pictures.js';
import { note } from '../../pkg/dist/element/view/parts.js';
import { ACCEPTED_PICTURES } from '../../pkg/dist/client/pictures/picture-formats.js';
import { SAMPLES, samplePicture, samplesFor } from '../samples.js';

/** Side of a sample's small picture, in pixels of its canvas. */
const SIDE = 96;

/** The samples that are offered. */
const SHOWN = '[role=radio]:not([hidden])';

/**
 * What stands below the picture: samples, and the ways to bring a picture.
 * @param {import('../state.js').Store} store
 * @param {import('../controls.js').Actions} actions
 */
export function mountSources(store, actions) {
  connectSources(store, actions);
  mountSamples(store, actions);
}

/**
 * @param {import('../state.js').Store} store
 * @param {import('../controls.js').Actions} actions
 */
function connectSources(store, actions) {
  const [file, form, field, url, hint] = [$('#uploadFile'), $('#urlForm'), $('#urlField'), $('#url'), $('#pasteHint')];
  file.accept = ACCEPTED_PICTURES;
  $('#upload').addEventListener('click', () => file.click());
  file.addEventListener('change', () => {
    if (file.files.length > 0) actions.showPicture([...file.files]);
    file.value = '';
  });
  url.addEventListener('click', () => {
    form.hidden = !form.hidden;
    url.ariaExpanded = String(!form.hidden);
    if (!form.hidden) field.focus();
  });
  form.addEventListener('submit', (/** @type {Event} */ event) => {
    event.preventDefault();
    actions.showPicture(field.value);
  });
  $('#paste').addEventListener('click', async () => {
    const picture = await clipboardPicture();
    if (picture) actions.showPicture(picture, t('paste'));
    else store.show(() => hint.replaceChildren(note('plain', t('pasteHint'))));
  });
  store.watch(
    ({ picture, lostFiles, lang }) => [picture, lostFiles, lang],
    ({ lostFiles }) => hint.replaceChildren(...lostFiles.map(({ name, isModel }) => note('warn', t(isModel ? 'compareLost' : 'ownLost', { title: name })))),
  );
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
 * @param {import('../state.js').Store} store
 * @param {import('../controls.js').Actions} actions
 */
function mountSamples(store, actions) {
  const root = $('#samples');
  rove(root, SHOWN, { choose: true });
  const buttons = SAMPLES.map((sample) => sampleButton(sample, store, actions, () => setTabStop(root, SHOWN)));
  root.replaceChildren(...buttons);
  store.watch(
    ({ sample, model, lang }) => [sample, model?.info, lang],
    ({ sample: shown, model }) => {
      const suitable = samplesFor(model?.info ?? null);
      SAMPLES.forEach((sample, i) => {
        buttons[i].hidden = !suitable.includes(sample);
        const title = 'title' in sample ? sample.title : t(sample.label);
        Object.assign(buttons[i], { title, ariaLabel: title, ariaChecked: String(sample === shown) });
      });
      setTabStop(root, SHOWN);
    },
  );
}

/**
 * @param {import('../samples.js').Sample} sample
 * @param {import('../state.js').Store} store
 * @param {import('../controls.js').Actions} actions
 * @param {() => void} left is called where there is no such picture and its button has gone
 */
function sampleButton(sample, store, actions, left) {
  const canvas = el('canvas', { width: SIDE, height: SIDE, 'aria-hidden': true });
  const show = () => actions.showSample(sample).catch(leave);
  const button = el('button', { role: 'radio', 'aria-checked': false, 'data-name': sample.name, on: { click: show } }, canvas);
  samplePicture(sample).then(draw).catch(leave);
  return button;

  /** @param {Blob} file */
  async function draw(file) {
    const { preview } = await pictureOf(file);
    if (preview !== null) drawSeen(canvas, preview, null);
    store.set({ samples: new Map(store.state.samples).set(sample.id, file) });
  }

  function leave() {
    button.remove();
    left();
  }
}
