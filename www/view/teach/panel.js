import { $, el, isField, isTouch } from '../../../pkg/dist/element/dom.js';
import { t } from '../../../pkg/dist/element/i18n.js';
import { failureNote, note } from '../../../pkg/dist/element/view/parts.js';
import { headSnippet } from '../../snippet.js';
import { remarksOn } from '../../teach/findings.js';
import { picturesOf } from '../../teach/folders.js';
import { byClass, isMany } from '../../teach/state.js';
import { toast } from '../toast.js';
import { Card } from './card.js';
import { takeDrops } from './drop.js';
import { Result } from './result.js';
import { Storage } from './storage.js';
import { Table } from './table.js';
import { timeLeft } from '../../../pkg/dist/element/view/words.js';
import { number, ofAll, titleOf } from './words.js';

/** @typedef {import('../../teach/state.js').ClassName} ClassName */

/** A file that is opened, not read as a picture. */
const TAUGHT = /\.safetensors$/i;

/**
 * One's own classes: their pictures, what came of teaching them, and how they are kept.
 * @param {import('../../state.js').Store} store
 * @param {import('../../teach/teaching.js').Teaching} teaching
 */
export function mountTeach(store, teaching) {
  const panel = $('#teach');
  /** The cards that are there, by class. @type {Map<ClassName, Card>} */
  const cards = new Map();
  /** The class of a table whose pictures are shown; undefined: none. @type {ClassName | undefined} */
  let opened;
  /** Whether the code is shown; null: as there is room for it. @type {boolean | null} */
  let isCodeWanted = null;
  let areSkippedShown = false;
  const again = () => store.show(draw);

  const title = el('h2', { id: 'h-teach' });
  const facts = el('span', { class: 'muted num facts' });
  const training = el('span', { class: 'muted num small' });
  const [undo, addClass, chooseFolder] = [() => teaching.edits?.undo(), newClass, () => folder.click()].map((click) => el('button', { on: { click } }));
  undo.id = 'teachUndo';
  const progress = el('div', { class: 'reading' });
  const grid = el('div', { class: 'classes' });
  const table = new Table(store, teaching, { renamed: rename, opened: (label) => ((opened = label), again()) });
  const beside = el('div', { class: 'beside' });
  const two = el('div', { class: 'two' }, table.element, beside);
  const notes = el('div', { class: 'notes', 'aria-live': 'polite' });
  const result = new Result(store, teaching);
  const code = el('div', { id: 'teachCode' });
  const storage = new Storage(store, teaching, () => {
    isCodeWanted = code.hidden;
    again();
  });
  const held = el('video', { class: 'held', muted: true, playsInline: true, autoplay: true, 'aria-hidden': true });
  const folder = el('input', { type: 'file', id: 'teachFolder', hidden: true, multiple: true, on: { change: takeFolder } });
  folder.webkitdirectory = true;
  const zone = dropZone();
  panel.replaceChildren(el('div', { class: 'teach-head' }, title, facts, training, el('span', { class: 'grow' }), undo, addClass, chooseFolder, folder), progress, table.tools, grid, two, notes, result.element, code, storage.element, held);
  takeDrops(panel, (dropped) => {
    const [file] = dropped.files;
    if (file && dropped.files.length === 1 && TAUGHT.test(file.name)) teaching.openFile(file);
    else teaching.addDropped(dropped, undefined);
  });
  panel.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => {
    if (!(event.ctrlKey || event.metaKey) || event.shiftKey || event.key.toLowerCase() !== 'z' || (isField(event.target) && /** @type {HTMLInputElement} */ (event.target).type !== 'range')) return;
    event.preventDefault();
    if (!store.state.teach.canUndo) return;
    teaching.edits?.undo();
    store.show(() => toast(t('undone')));
  });

  function dropZone() {
    const big = el('b', {});
    const how = el('span', { class: 'how' });
    const [add, choose, open] = [newClass, () => folder.click(), () => storage.file.click()].map((click) => el('button', { on: { click } }));
    const privacy = el('span', { class: 'small muted' });
    const element = el('div', { class: 'zone' }, big, how, el('span', { class: 'line wrap' }, add, choose, open), privacy);
    return {
      element,
      /** @param {boolean} isEmpty @param {boolean} isReady whether there is something to teach */
      update: (isEmpty, isReady) => {
        add.disabled = choose.disabled = open.disabled = !isReady;
        element.classList.toggle('big', isEmpty);
        big.textContent = t('teachEmpty');
        const [whenEmpty, otherwise] = isTouch() ? ['teachHowTouch', 'dropFolderTouch'] : ['teachHow', 'dropFolder'];
        how.textContent = t(isEmpty ? whenEmpty : otherwise);
        add.textContent = t('addClass');
        add.className = isEmpty ? 'primary' : '';
        choose.textContent = t('chooseFolder');
        open.textContent = t('open2');
        privacy.textContent = t('teachPrivate');
        big.hidden = open.hidden = privacy.hidden = !isEmpty;
      },
    };
  }

  function newClass() {
    store.show(() => {
      const label = teaching.edits?.addClass();
      if (label === undefined) return;
      if (isMany(store.state.teach)) opened = label;
      draw(store.state);
      const name = cards.get(label)?.name;
      name?.focus();
      name?.select();
    });
  }

  function takeFolder() {
    teaching.addFound(picturesOf([...folder.files]));
    folder.value = '';
  }

  /** @param {string} label @param {string} to */
  function rename(label, to) {
    const active = document.activeElement;
    const had = cards.get(label)?.element.contains(active);
    if (opened === label) opened = to;
    teaching.edits?.renameClass(label, to);
    if (had) cards.get(to)?.name.focus();
  }

  /** @param {Readonly<import('../../state.js').State>} state */
  function draw({ teach, model, lang, workspace }) {
    panel.hidden = workspace !== 'teach';
    if (panel.hidden) return;
    const { labels, examples, status, report } = teach;
    const isEmpty = labels.length === 0 && examples.length === 0 && teach.reading === null && teach.opened === null;
    const many = isMany(teach);
    title.textContent = t('teachTitle');
    facts.textContent = isEmpty ? (status === 'opening' ? t('teachOpening') : '') : ofAll(labels.length, examples.length);
    training.textContent = teach.isTraining ? `${t('training')}, ${Math.round(teach.trainedShare * 100)} %` : '';
    undo.textContent = t('undo');
    undo.hidden = !teach.canUndo;
    addClass.textContent = t('addClass');
    chooseFolder.textContent = t('chooseFolder');
    addClass.hidden = chooseFolder.hidden = !many;
    drawProgress(teach);
    table.tools.hidden = two.hidden = !many;
    drawCards(teach, isEmpty, many);
    if (many) table.update(teach);
    result.update(teach, lang);
    const place = many ? beside : result.element;
    if (result.confusion.parentElement !== place) place.insertBefore(result.confusion, many ? null : result.worst);
    result.element.classList.toggle('many', many);
    beside.classList.toggle('stale', teach.isTraining);
    drawNotes(teach);
    const hasCode = model !== null && (report !== null || teach.opened !== null);
    code.hidden = !hasCode || !(isCodeWanted ?? !many);
    if (!code.hidden && model !== null) code.replaceChildren(el('h3', { text: t('useCode') }), el('pre', { class: 'teach-code', tabIndex: 0, role: 'group', 'aria-label': t('useCode'), text: headSnippet(model.choice) }));
    storage.element.hidden = isEmpty;
    storage.update(teach, hasCode, !code.hidden);
  }

  /** @param {import('../../teach/state.js').Teach} teach */
  function drawProgress({ reading }) {
    progress.hidden = reading === null;
    if (reading === null) return progress.replaceChildren();
    const { done, total, rate } = reading;
    const values = { i: number(done), n: number(total), rate: rate === null ? '' : rate < 10 ? rate.toFixed(1) : Math.round(rate), left: rate === null ? '' : timeLeft((total - done) / rate) };
    const text = t(rate === null ? 'readingStart' : 'readingN', values);
    const [words, cancel, bar] = progress.childElementCount > 0 ? [$('span', progress), $('button', progress), $('[role=progressbar]', progress)] : newProgress();
    words.textContent = bar.ariaLabel = text;
    cancel.textContent = t('cancel');
    bar.ariaValueNow = String(Math.round((done / total) * 100));
    bar.style.setProperty('--done', `${(done / total) * 100}%`);
  }

  /** Where the picture is out of sight, what the camera sees stays on the screen while frames are taken. @param {Readonly<import('../../state.js').State>} state */
  function drawHeld({ teach, camera }) {
    const stream = teach.capturing !== null && camera.status === 'running' ? teaching.camera.stream : null;
    if (held.srcObject !== stream) held.srcObject = stream;
    held.hidden = stream === null;
  }

  function newProgress() {
    const words = el('span', {});
    const cancel = el('button', { on: { click: () => teaching.cancelReading() } });
    const bar = el('div', { class: 'progress', role: 'progressbar', 'aria-valuemin': 0, 'aria-valuemax': 100 }, el('i'));
    progress.replaceChildren(el('div', { class: 'row num small' }, words, cancel), bar);
    return [words, cancel, bar];
  }

  /** @param {import('../../teach/state.js').Teach} teach @param {boolean} isEmpty @param {boolean} many */
  function drawCards({ labels, examples, capturing, status }, isEmpty, many) {
    const pictures = byClass(examples);
    if (opened !== undefined && (!many || (opened !== null && !labels.includes(opened)))) opened = undefined;
    const hasNone = labels.length > 1 || pictures.has(null);
    /** @type {ClassName[]} */
    const shown = many ? (opened === undefined ? [] : [opened]) : [...labels, ...(hasNone ? [null] : [])];
    for (const [label, card] of cards) {
      if (shown.includes(label)) continue;
      card.element.remove();
      cards.delete(label);
    }
    const elements = shown.map((label) => {
      const card = cards.get(label) ?? new Card(label, store, teaching, (to) => rename(/** @type {string} */ (label), to));
      cards.set(label, card);
      card.update(pictures.get(label) ?? [], labels, capturing);
      return card.element;
    });
    zone.update(isEmpty, status === 'ready');
    arrange(grid, many ? elements : [...elements, zone.element]);
    grid.classList.toggle('empty', isEmpty);
    grid.hidden = grid.childElementCount === 0;
  }

  /** @param {import('../../teach/state.js').Teach} teach */
  function drawNotes({ status, failure, labels, examples, reading, skipped, twice, refused, storage: kept, isElsewhere, opened: file }) {
    const all = [];
    if (status === 'failed' && failure) all.push(failureNote(failure));
    else if (failure) all.push(failureNote(failure));
    if (refused) all.push(note('warn', t(refused.key, refused.values)));
    if (file) all.push(note('plain', `${t('opened', { name: file.name, n: file.classes })} ${t('openedNote')}`, { text: t('close'), act: () => teaching.closeOpened() }));
    if (skipped.length > 0) {
      const toggle = () => {
        areSkippedShown = !areSkippedShown;
        again();
      };
      all.push(note('warn', skipped.length === 1 ? t('skippedOne') : t('skippedN', { n: number(skipped.length) }), { text: t(areSkippedShown ? 'hideThem' : 'showThem'), act: toggle }));
      if (areSkippedShown) all.push(el('ul', { class: 'skipped', tabIndex: 0 }, ...skipped.map(({ name, reason }) => el('li', {}, el('b', { text: name }), ' ', el('span', { lang: 'en', text: reason })))));
    }
    if (twice > 0) all.push(note('plain', twice === 1 ? t('sameTwiceOne') : t('sameTwice', { n: number(twice) })));
    if (reading === null) {
      for (const { key, values } of remarksOn(labels, examples)) {
        const said = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value === '' ? titleOf(null) : value]));
        all.push(note('plain', t(key, said)));
      }
    }
    if (kept !== 'kept') all.push(note('warn', t(kept === 'full' ? 'fullMem' : 'refusedMem')));
    if (isElsewhere && (labels.length > 0 || examples.length > 0)) all.push(note('plain', t('twoTabs')));
    const said = all.map(({ textContent }) => textContent).join('\n');
    if (said === notes.dataset.said) return;
    notes.dataset.said = said;
    notes.replaceChildren(...all);
  }

  store.watch(({ teach, model, lang, workspace }) => [teach, model?.choice, lang, workspace], draw);
  store.watch(({ teach, camera }) => [teach.capturing, camera.status], drawHeld);
}

/** Puts elements into their order; those that stay where they are keep the focus and the pointer. @param {HTMLElement} parent @param {HTMLElement[]} elements */
function arrange(parent, elements) {
  for (const child of [...parent.children]) if (!elements.includes(/** @type {HTMLElement} */ (child))) child.remove();
  elements.forEach((element, i) => {
    if (parent.children[i] !== element) parent.insertBefore(element, parent.children[i] ?? null);
  });
}
