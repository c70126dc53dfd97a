import { el } from '../../pkg/dist/element/dom.js';
import { large, megabytes } from '../../pkg/dist/element/format.js';
import { t } from '../../pkg/dist/element/i18n.js';
import { note } from '../../pkg/dist/element/view/parts.js';
import { isFromHub, isHere, isKept, titleOf } from '../catalog.js';
import { canKeepOwn } from '../own-models.js';
import { entryTitle, usualData } from './titles.js';

/**
 * What the list offers to do.
 * @typedef {object} Choices
 * @property {(id: string) => void} loadModel
 * @property {(id: string) => void} loadOwn
 * @property {(id: string) => void} removeOwn
 * @property {() => void} chooseFiles
 * @property {() => void} chooseLabels
 * @property {(on: boolean) => void} keepOwnModels
 * @property {() => void} clearKept
 *
 * @typedef {Readonly<import('../state.js').State>} State
 * @typedef {{ id: string, title: string, facts: (string | false)[], bytes: number, isCurrent: boolean, hasGet: boolean, act: () => void, remove?: () => void }} Row
 */

/**
 * The list of models: on this computer, larger ones from a hub, own files. The listbox owns the rows' options, so that a row may have a
 * button beside its option.
 * @param {State} state
 * @param {Choices} choices
 * @returns {(Node | string)[]}
 */
export function modelList(state, choices) {
  const { catalog, kept } = state;
  const row = (/** @type {import('../state.js').Entry} */ entry) => rowOf(entry, state, choices);
  const isCurrent = (/** @type {import('../state.js').Entry} */ { id }) => state.model?.choice.kind === 'catalog' && state.model.choice.id === id;
  const here = catalog.entries.filter((entry) => isHere(entry, kept) || (entry.offline && isCurrent(entry)) || (!isFromHub(entry) && entry.reachable)).map(row);
  const hub = catalog.entries.filter((entry) => !isHere(entry, kept) && isFromHub(entry));
  const there = hub.filter(({ reachable }) => reachable !== false).map(row);
  const rows = [...here, ...inUse(state), ...ownRows(state, choices), ...there];
  const stop = rows.find(({ isCurrent }) => isCurrent) ?? rows[0];
  const line = (/** @type {Row} */ shown) => lineOf(shown, shown === stop);
  const [local, larger] = [rows.slice(0, rows.length - there.length), there];
  return [
    el('div', { role: 'listbox', 'aria-label': t('model'), 'aria-owns': rows.map(({ id }) => id).join(' ') }),
    ...(local.length > 0 ? [el('h3', { text: t('pickOffline') }), ...local.map(line)] : []),
    ...(hub.length > 0 ? [el('h3', { text: t('pickMore') }), el('p', { class: 'about-hubs', role: 'status', text: hubState(state, hub) }), ...larger.map(line)] : []),
    el('hr'),
    ...ownPart(state, choices),
  ];
}

/**
 * What there is to say about the hubs: that they are asked, or which of them did not answer.
 * @param {State} state
 * @param {import('../state.js').Entry[]} hub
 */
function hubState({ catalog }, hub) {
  if (catalog.asking) return t('pickAsking');
  const away = hub.filter(({ reachable }) => reachable === false);
  if (away.length === 0) return t('pickMoreNote');
  if (!navigator.onLine) return t('pickOffNet');
  return t('pickAway', { hosts: [...new Set(away.map(({ url }) => new URL(url).host))].join(', ') });
}

/**
 * @param {import('../state.js').Entry} entry
 * @param {State} state
 * @param {Choices} choices
 * @returns {Row}
 */
function rowOf(entry, { model, kept, catalog }, choices) {
  const { id, classes, license, bytes, offline, reachable } = entry;
  const isCurrent = model?.choice.kind === 'catalog' && model.choice.id === id;
  const params = isCurrent && `${large(model.info.params)} ${t('params')}`;
  const isSure = reachable === true && !catalog.asking;
  return {
    id: `model-${id}`,
    title: entryTitle(id, entry.title),
    facts: [usualData(entry), classes > 0 && t('classesN', { n: classes }), params, license],
    bytes,
    isCurrent,
    hasGet: isSure && !offline && !isKept(entry, kept),
    act: () => choices.loadModel(id),
  };
}

/**
 * @param {State} state
 * @param {Choices} choices
 * @returns {Row[]}
 */
function ownRows({ model, own }, choices) {
  return own.map(({ id, title, classes, params, bytes, labels }) => ({
    id: `own-${id}`,
    title,
    facts: [t('pickOwn'), classes > 0 && t('classesN', { n: classes }), `${large(params)} ${t('params')}`, labels ?? false],
    bytes,
    isCurrent: model?.choice.kind === 'own' && model.choice.id === id,
    hasGet: false,
    act: () => choices.loadOwn(id),
    remove: () => choices.removeOwn(id),
  }));
}

/**
 * An own model that is in use and not kept.
 * @param {State} state
 * @returns {Row[]}
 */
function inUse({ model }) {
  if (model?.choice.kind !== 'files') return [];
  const { classes, params } = model.info;
  const facts = [t('pickOwn'), classes > 0 && t('classesN', { n: classes }), `${large(params)} ${t('params')}`];
  return [{ id: 'own-in-use', title: titleOf(model.choice, []), facts, bytes: 0, isCurrent: true, hasGet: false, act: () => {} }];
}

/** @param {Row} row @param {boolean} isStop whether it is the list's tab stop */
function lineOf({ id, title, facts, bytes, isCurrent, hasGet, act, remove }, isStop) {
  const size = el('span', { class: 'size num' }, bytes > 0 && `${megabytes(bytes)} MB`, hasGet && el('span', { class: 'get', text: t('get') }));
  const texts = [el('b', { text: title }), el('small', { text: facts.filter(Boolean).join(' · ') }), size];
  return el(
    'div',
    { class: 'model-row' },
    el('button', { class: 'option', id, role: 'option', 'aria-selected': isCurrent, tabIndex: isStop ? 0 : -1, on: { click: act } }, ...texts),
    remove && el('button', { class: 'icon small', id: `${id}-remove`, 'aria-label': t('removeOwn', { title }), title: t('removeOwn', { title }), text: '×', on: { click: remove } }),
  );
}

/**
 * @param {State} state
 * @param {Choices} choices
 * @returns {Node[]}
 */
function ownPart({ catalog, kept, own, keepOwn, ownRefused, removed, model }, choices) {
  const hasOffline = catalog.entries.some((entry) => entry.offline && isKept(entry, kept));
  const bytes = kept.reduce((sum, file) => sum + file.bytes, 0);
  const isUnkept = model?.choice.kind === 'catalog' && model.info.cache.kept === false;
  const box = el('input', { type: 'checkbox', id: 'keepOwn', checked: keepOwn, on: { change: () => choices.keepOwnModels(box.checked) } });
  return [
    el(
      'div',
      { class: 'own-files' },
      el('button', { id: 'ownFile', text: `${t('pickOwn')}…`, on: { click: choices.chooseFiles } }),
      el('button', { id: 'ownLabels', text: `${t('pickLabels')}…`, on: { click: choices.chooseLabels } }),
      canKeepOwn && el('label', { class: 'check' }, box, t('keepHere')),
    ),
    el('p', { class: 'own-note', text: t('pickOwnNote') }),
    ...(bytes > 0 ? [keptPart(megabytes(bytes), { hasOwn: own.length > 0, hasOffline }, choices)] : []),
    ...(isUnkept ? [note('plain', t('notKept'))] : []),
    ...(ownRefused ? [note('plain', t('ownRefused'))] : []),
    ...(removed === null ? [] : [note('plain', t('ownInUse', { title: removed }))]),
  ];
}

/**
 * @param {string} size
 * @param {{ hasOwn: boolean, hasOffline: boolean }} what own models that stay; the model that the page opens with, which does not
 * @param {Choices} choices
 */
function keptPart(size, { hasOwn, hasOffline }, { clearKept }) {
  const note = (/** @type {string} */ text) => el('span', { class: 'own-note', text });
  const said = note(t(hasOwn ? 'keptButOwn' : 'kept', { size }));
  return el('div', { class: 'own-files' }, said, el('button', { id: 'clearKept', text: t('clearKept'), on: { click: clearKept } }), hasOffline && note(t('keptOffline')));
}
