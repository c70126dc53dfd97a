import { el } from '../../../pkg/dist/element/dom.js';
import { t } from '../../../pkg/dist/element/i18n.js';
import { HEAD_FILE } from '../../snippet.js';
import { toast } from '../toast.js';
import { openMenu } from './menu.js';
import { size } from '../../../pkg/dist/element/view/words.js';
import { number, pictureCount } from './words.js';

/** What the browser keeps, and the files that it may be saved to and opened from. */
export class Storage {
  #isAsking = false;

  /**
   * @param {import('../../state.js').Store} store
   * @param {import('../../teach/teaching.js').Teaching} teaching
   * @param {() => void} useCode shows how the classifier is used, or hides it
   */
  constructor(store, teaching, useCode) {
    this.store = store;
    this.teaching = teaching;
    this.text = el('span', { class: 'num' });
    this.code = el('button', { 'aria-controls': 'teachCode', on: { click: useCode } });
    this.save = el('button', { id: 'teachSave', 'aria-haspopup': 'menu', 'aria-expanded': false, on: { click: () => store.show(() => this.#openSave()) } });
    this.open = el('button', { on: { click: () => this.file.click() } });
    this.file = el('input', { type: 'file', id: 'teachFile', hidden: true, accept: '.safetensors', on: { change: () => this.#take() } });
    this.clear = el('button', { id: 'teachClear', on: { click: () => this.#ask(true) } });
    this.question = el('span', { role: 'status' });
    this.yes = el('button', { class: 'primary', on: { click: () => this.#clear() } });
    this.no = el('button', { on: { click: () => this.#ask(false) } });
    this.asked = el('div', { class: 'note warn line', hidden: true }, this.question, el('span', { class: 'grow' }), this.yes, this.no);
    this.element = el('div', { class: 'store' }, this.text, el('span', { class: 'grow' }), this.code, this.save, this.open, this.clear, this.file, this.asked);
  }

  /** @param {import('../../teach/state.js').Teach} teach @param {boolean} hasCode @param {boolean} isCodeShown */
  update({ labels, examples, storage, report, opened }, hasCode, isCodeShown) {
    const bytes = examples.reduce((sum, { features, thumbnail }) => sum + features.byteLength + (thumbnail?.length ?? 0), 0);
    this.text.textContent = t(storage === 'kept' ? 'stored' : 'inMemory', { n: number(examples.length), mb: size(bytes) });
    this.code.textContent = t('useCode');
    this.code.hidden = !hasCode;
    this.code.ariaExpanded = String(isCodeShown);
    this.save.textContent = `${t('saveAs')} ▾`;
    this.save.disabled = examples.length === 0 && report === null && opened === null;
    this.open.textContent = t('open2');
    this.clear.textContent = t('clearAll');
    this.question.textContent = t('clearSure', { n: number(labels.length), m: number(examples.length) });
    this.yes.textContent = t('clearGo');
    this.no.textContent = t('cancel');
    this.element.classList.toggle('asking', this.#isAsking);
    this.asked.hidden = !this.#isAsking;
  }

  #openSave() {
    const { report, examples, opened } = this.store.state.teach;
    const items = [
      ...(report || opened ? [{ text: t('saveHead'), act: () => this.#download(HEAD_FILE, () => this.teaching.headFile()) }] : []),
      ...(examples.length > 0 ? [{ text: t('saveSet'), act: () => this.#download('classes.safetensors', async () => this.teaching.classesFile()) }] : []),
    ];
    openMenu(this.save, t('saveAs'), items);
  }

  /** @param {string} name @param {() => Promise<Uint8Array>} make */
  async #download(name, make) {
    const href = URL.createObjectURL(new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (await make())], { type: 'application/octet-stream' }));
    el('a', { href, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(href), 60_000);
  }

  #take() {
    const [file] = this.file.files;
    this.file.value = '';
    if (file) this.teaching.openFile(file);
  }

  /** @param {boolean} isAsking */
  #ask(isAsking) {
    this.#isAsking = isAsking;
    this.asked.hidden = !isAsking;
    if (isAsking) this.no.focus();
    else this.clear.focus();
  }

  #clear() {
    const n = this.store.state.teach.examples.length;
    this.#isAsking = false;
    this.teaching.clear();
    this.store.show(() => toast(t('removed', { n: pictureCount(n) })));
  }
}
