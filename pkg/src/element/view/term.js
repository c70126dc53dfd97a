import { el } from '../dom.js';
import { t } from '../i18n.js';

/** How long the pointer rests on a word before it is explained, and how long it may take from there to the explanation, in milliseconds. */
const [REST, LEAVE] = [300, 200];
/** Space around an explanation, in pixels: to its word, and to the window's edge. */
const [GAP, EDGE] = [6, 12];

/** @typedef {{ isKept: boolean, close: () => void }} Explained */

/** The explanation that is shown: one at a time. @type {Explained | null} */
let shown = null;
/** Explanations get names of their own, which their words refer to. */
let count = 0;

/**
 * A word with an explanation, which opens where the pointer rests on it, or with a click, Enter or Space; Esc closes it. It is
 * a button: put it where text stands, in a `dt`, a heading or a line of facts, not in a button or a label.
 *
 *     el('dt', {}, term('Energy', t('energyShort')))
 *     facts.append(`${channels} × ${height} × ${width} · `, term('Rf', t('rf').toLowerCase()), ` ${field} px`)
 *
 * @param {'Module' | 'Branch' | 'Channel' | 'Rf' | 'Energy' | 'Zeros' | 'Dead' | 'Macs' | 'Stem' | 'Aux' | 'Exact' | 'Gradient' | 'Shortcut'} key
 *   of the strings `t…`, its title, and `g…`, its explanation
 * @param {string} [text] the word as it stands there; default: the title
 * @returns {HTMLButtonElement} in the language of the moment: make it where other texts are made, in a `store.watch`
 */
export function term(key, text = t(`t${key}`)) {
  const [title, sentence] = [t(`t${key}`), t(`g${key}`)];
  /** @type {HTMLButtonElement} */
  const word = el('button', { type: 'button', class: 'term', text, 'aria-expanded': false, 'data-term': key });
  /** @type {Explained | null} */
  let own = null;
  let timer = 0;
  const wait = (/** @type {number} */ time, /** @type {() => void} */ act) => {
    clearTimeout(timer);
    timer = setTimeout(act, time);
  };
  const isOpen = () => own !== null && own === shown;
  const open = (/** @type {boolean} */ isKept) => {
    own = explain(word, title, sentence, isKept, {
      pointerenter: () => clearTimeout(timer),
      pointerleave: () => wait(LEAVE, leave),
    });
  };
  const leave = () => {
    if (isOpen() && !own?.isKept) own?.close();
  };
  word.addEventListener('pointerenter', ({ pointerType }) => {
    if (pointerType !== 'touch') wait(REST, () => isOpen() || open(false));
  });
  word.addEventListener('pointerleave', () => wait(LEAVE, leave));
  word.addEventListener('click', (event) => {
    event.stopPropagation();
    clearTimeout(timer);
    if (isOpen() && own?.isKept) own.close();
    else open(true);
  });
  word.addEventListener('blur', () => {
    if (isOpen()) own?.close();
  });
  return word;
}

/**
 * @param {HTMLElement} word
 * @param {string} title
 * @param {string} sentence
 * @param {boolean} isKept whether it stays when the pointer leaves
 * @param {Record<string, () => void>} on listeners of the explanation
 * @returns {Explained}
 */
function explain(word, title, sentence, isKept, on) {
  shown?.close();
  const id = `term-${++count}`;
  const note = el('div', { class: 'explanation', role: 'note', id, popover: 'manual', on }, el('b', { text: title }), el('p', { text: sentence }));
  const listening = new AbortController();
  const { signal } = listening;
  const close = () => {
    listening.abort();
    note.remove();
    word.ariaExpanded = 'false';
    word.removeAttribute('aria-describedby');
    if (shown?.close === close) shown = null;
  };
  const place = () => {
    if (word.isConnected) placeBeside(note, word);
    else close();
  };
  word.after(note);
  word.ariaExpanded = 'true';
  word.setAttribute('aria-describedby', id);
  note.showPopover();
  place();
  addEventListener('scroll', place, { signal, capture: true, passive: true });
  addEventListener('resize', place, { signal });
  addEventListener('keydown', (event) => closeByKey(event, close), { signal, capture: true });
  addEventListener('pointerdown', (event) => event.composedPath().some((target) => target === note || target === word) || close(), { signal });
  return (shown = { isKept, close });
}

/**
 * Esc closes the explanation and nothing else.
 * @param {KeyboardEvent} event
 * @param {() => void} close
 */
function closeByKey(event, close) {
  if (event.key !== 'Escape') return;
  event.preventDefault();
  event.stopPropagation();
  close();
}

/**
 * Above the word, so that its value stays readable; below it where there is no room above.
 * @param {HTMLElement} note
 * @param {HTMLElement} word
 */
function placeBeside(note, word) {
  const { left, top, bottom } = word.getBoundingClientRect();
  const { width, height } = note.getBoundingClientRect();
  const above = top - GAP - height;
  const x = Math.max(EDGE, Math.min(left, document.documentElement.clientWidth - width - EDGE));
  note.style.setProperty('--x', `${x}px`);
  note.style.setProperty('--y', `${above >= EDGE ? above : bottom + GAP}px`);
}
