import { $ } from '../../pkg/dist/element/dom.js';
import { t } from '../../pkg/dist/element/i18n.js';
import { createStore } from '../../pkg/dist/element/state.js';
import { base } from '../../pkg/dist/element/style/base.js';
import { tokens } from '../../pkg/dist/element/style/tokens.js';
import { besideThis } from '../address.js';
import { firstLook, lookActions } from '../look.js';
import { settle } from '../offline.js';
import { mountLook } from '../view/look.js';
import { networkTitle } from '../view/titles.js';
import { Bench } from './bench.js';
import { thisMachine } from './machine.js';
import { lackAt, placesOn } from './places.js';
import { keptReport } from './report.js';
import { runsAsked } from './state.js';
import { findSubjects } from './subjects.js';
import { mountBadge } from './view/badge.js';
import { mountPhases } from './view/phases.js';

document.adoptedStyleSheets = [tokens(), base()];
await settle();

const report = keptReport();
const store = createStore(
  /** @type {import('./state.js').State} */ ({
    ...firstLook(lookAsked()),
    phase: report === null ? 'before' : 'report',
    subjects: [],
    models: new Set(),
    places: new Set(),
    machine: null,
    failure: null,
    course: null,
    paused: false,
    report,
    cancelled: false,
    runs: runsAsked(),
    order: 'network',
    allLayers: false,
    layersOf: null,
  }),
);
const actions = lookActions(store);
mountLook(store, actions, () => `${t('bTitle')} · ${t('title')}`);
store.watch(
  ({ lang }) => [lang],
  () => ($('#purpose').textContent = t('purpose', { network: networkTitle('googlenet') })),
);
mountBadge(store);
mountPhases(store, new Bench(store));
// The ways back say what the address says.
store.watch(
  ({ lang, theme }) => [lang, theme],
  () => {
    $('#back').href = besideThis('index.html');
    for (const link of $('#workspaces').children) link.href = besideThis('index.html', { view: link.dataset.view ?? null });
  },
);
addEventListener('hashchange', () => {
  actions.takeLook(lookAsked());
  store.set({ runs: runsAsked() });
});
$('#main').ariaBusy = 'true';
const [machine, { subjects, failure }] = await Promise.all([thisMachine(), findSubjects()]);
const isUsual = (/** @type {import('./places.js').Place} */ place) => lackAt(place, machine) === null && !(place.device === 'webgpu' && machine.adapter?.software);
store.set({
  machine,
  subjects,
  failure,
  models: new Set(subjects.filter(({ usual }) => usual).map(({ id }) => id)),
  places: new Set(placesOn(machine.processors).filter(isUsual).map(({ id }) => id)),
});
$('#main').ariaBusy = 'false';

/** @returns {{ lang: string | null, theme: string | null }} */
function lookAsked() {
  const values = new URLSearchParams(location.hash.slice(1));
  return { lang: values.get('lang'), theme: values.get('theme') };
}
