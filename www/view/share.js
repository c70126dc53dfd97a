import { addressOfView } from '../address.js';
import { $, el } from '../../pkg/dist/element/dom.js';
import { t } from '../../pkg/dist/element/i18n.js';
import { note } from '../../pkg/dist/element/view/parts.js';
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
    ({ lang, model, picture, sample }) => [lang, model, picture, sample],
    (state) => fill(state),
  );
  for (const change of ['view', 'result']) inspector.addEventListener(`inception-${change}`, () => store.show(fill));

  /** @param {Readonly<import('../state.js').State>} state */
  function fill({ model, picture, sample }) {
    button.ariaLabel = button.title = box.ariaLabel = t('share');
    button.disabled = model === null;
    if (box.hidden || model === null) return;
    for (const [key, head] of Object.entries(heads)) head.textContent = t(key);
    link.textContent = t('copyLink');
    copyCode.textContent = t('copyCode');
    has.textContent = t('linkHas');
    hasNot.textContent = [picture !== null && sample === null && t('linkHasNot'), model.choice.kind !== 'catalog' && t('linkHasNotModel')].filter(Boolean).join(' ');
    hasNot.hidden = hasNot.textContent === '';
    codeNote.textContent = t('codeNote');
    code.ariaLabel = t('asCode');
    code.textContent = codeOf(model, picture, sample);
  }

  /**
   * @param {import('../state.js').Model} model
   * @param {string | null} picture
   * @param {import('../samples.js').Sample | null} sample
   */
  function codeOf({ choice }, picture, sample) {
    const { view } = inspector;
    const image = sample && 'url' in sample ? new URL(sample.url, document.baseURI).href : picture || 'picture.jpg';
    const layer = inspector.net?.layers.find(({ name }) => name === view.layer) ?? null;
    return snippet({ choice, image, view, layer });
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
