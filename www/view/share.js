import { addressOfView } from '../address.js';
import { $, el } from '../../pkg/dist/element/dom.js';
import { t } from '../../pkg/dist/element/i18n.js';
import { note } from '../../pkg/dist/element/view/parts.js';
import { originOf } from '../picture-origin.js';
import { snippet } from '../snippet.js';
import { toast } from './toast.js';

/**
 * What is on the screen to pass on: as a link, and as code.
 * @param {import('../state.js').Store} store
 * @param {import('../../pkg/dist/element/index.js').InceptionInspector} inspector
 */
export function mountShare(store, inspector) {
  const [root, button, box] = [$('#shareBox'), $('#share'), $('#sharePopover')];
  const heads = { copyLink: el('h3', {}), asCode: el('h3', {}) };
  const link = el('button', { class: 'primary', id: 'copyLink', on: { click: () => copy(addressOfView(), 'copied') } });
  const copyCode = el('button', { id: 'copyCode', on: { click: () => copy(code.textContent, 'codeCopied') } });
  const [has, hasNot, codeNote, failed] = [el('p', {}), el('p', {}), el('p', {}), el('div', { 'aria-live': 'polite' })];
  const code = el('pre', { id: 'shareCode', tabIndex: 0, role: 'group' });
  box.replaceChildren(
    el('div', { class: 'row' }, heads.copyLink, link),
    has,
    hasNot,
    el('div', { class: 'row' }, heads.asCode, copyCode),
    code,
    codeNote,
    failed,
  );

  /** @param {boolean} open */
  function show(open) {
    box.hidden = !open;
    button.ariaExpanded = String(open);
    failed.replaceChildren();
    if (!open) return;
    store.show(fill);
    link.focus();
  }
  button.addEventListener('click', () => show(box.hidden));
  root.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== 'Escape' || box.hidden) return;
    show(false);
    button.focus();
  });
  addEventListener('pointerdown', ({ target }) => {
    if (!box.hidden && !(target instanceof Node && root.contains(target))) show(false);
  });
  root.addEventListener('focusout', (/** @type {FocusEvent} */ { relatedTarget }) => {
    if (relatedTarget instanceof Node && !root.contains(relatedTarget)) show(false);
  });
  store.watch(
    ({ lang, model, picture, own }) => [lang, model, picture, own],
    (state) => fill(state),
  );
  for (const change of ['picture', 'view', 'compare', 'result']) inspector.addEventListener(`inception-${change}`, () => store.show(fill));

  /** @param {Readonly<import('../state.js').State>} state */
  function fill({ model, own }) {
    button.ariaLabel = button.title = box.ariaLabel = t('share');
    button.disabled = model === null;
    if (box.hidden || model === null) return;
    for (const [key, head] of Object.entries(heads)) head.textContent = t(key);
    link.textContent = t('copyLink');
    copyCode.textContent = t('copyCode');
    has.textContent = t('linkHas');
    hasNot.textContent = leftOut(model, inspector).map((key) => t(key)).join(' ');
    hasNot.hidden = hasNot.textContent === '';
    const { code: text, isComplete } = codeOf(model, own);
    codeNote.textContent = t(isComplete ? 'codeNote' : 'codeNoteFiles');
    code.ariaLabel = t('asCode');
    code.textContent = text;
  }

  /**
   * @param {import('../state.js').Model} model
   * @param {import('../own-models.js').OwnModel[]} kept
   */
  function codeOf({ choice, info }, kept) {
    const { view, net, picture } = inspector;
    const hasLabels = choice.kind === 'files' ? choice.labels !== null : choice.kind === 'own' && Boolean(kept.find(({ id }) => id === choice.id)?.labels);
    const origin = picture && originOf(picture);
    return snippet({ choice, labels: hasLabels ? info.labels : null, classes: info.classes, picture: picture?.name ?? '', origin, view, layers: net?.layers ?? [], isTaught: (net?.info.head ?? null) !== null });
  }

  /** @param {string} text @param {'copied' | 'codeCopied'} said */
  async function copy(text, said) {
    try {
      await navigator.clipboard.writeText(text);
      store.show(() => toast(t(said)));
    } catch {
      store.show(() => failed.replaceChildren(note('warn', t('notCopied')), el('textarea', { class: 'copy-by-hand', readOnly: true, value: text, 'aria-label': t('share') })));
      $('textarea', failed).select();
    }
  }
}

/**
 * @param {import('../state.js').Model} model
 * @param {import('../../pkg/dist/element/index.js').InceptionInspector} inspector
 * @returns {string[]} keys of the sentences about what a link does not hold
 */
function leftOut({ choice }, { picture, compared, net }) {
  const isShared = (/** @type {import('../picture-origin.js').Origin} */ { kind }) => kind === 'sample' || kind === 'drawing';
  const [shown, other] = [picture, compared?.picture ?? null].map((one) => one && originOf(one));
  return [
    shown && !isShared(shown) && (shown.kind === 'address' ? 'linkHasNotAddress' : 'linkHasNot'),
    other && !isShared(other) && (other.kind === 'address' ? 'linkHasNotOtherAddress' : 'linkHasNotOther'),
    choice.kind !== 'catalog' && 'linkHasNotModel',
    (net?.info.head ?? null) !== null && 'linkHasNotClasses',
    Array.isArray(compared?.model) && 'linkHasNotOtherModel',
  ].filter((key) => typeof key === 'string');
}
