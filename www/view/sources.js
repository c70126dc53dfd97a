import { $, el, rove, setTabStop } from '../../pkg/dist/element/dom.js';
import { t } from '../../pkg/dist/element/i18n.js';
import { note } from '../../pkg/dist/element/view/parts.js';
import { SAMPLES } from '../samples.js';

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
    else store.show(() => hint.replaceChildren(note('plain', t('pasteHint'))));
  });
  store.watch(
    ({ picture, lang }) => [picture, lang],
    () => hint.replaceChildren(),
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
    } else {
      const canvas = el('canvas', { width: 96, height: 96, 'aria-hidden': true });
      sample.draw(canvas);
      button.append(canvas);
    }
    button.addEventListener('click', () => actions.showSample(sample));
    return button;
  });
  root.replaceChildren(...buttons);
  store.watch(
    ({ sample, lang }) => [sample, lang],
    (state) => {
      SAMPLES.forEach((sample, i) => {
        const title = 'title' in sample ? sample.title : t(sample.label);
        Object.assign(buttons[i], { title, ariaLabel: title, ariaChecked: String(sample === state.sample) });
      });
      setTabStop(root, '[role=radio]');
    },
  );
}
