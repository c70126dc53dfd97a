import '../pkg/dist/element/index.js';
import { $ } from '../pkg/dist/element/dom.js';
import { createStore } from '../pkg/dist/element/state.js';
import { base } from '../pkg/dist/element/style/base.js';
import { tokens } from '../pkg/dist/element/style/tokens.js';
import { Inception } from '../pkg/dist/index.js';
import { readAddress, remembered, viewInAddress, writeAddress } from './address.js';
import { alternativesOf } from './alternatives.js';
import { CAMERA_OFF, Camera } from './camera.js';
import { firstChoice } from './catalog.js';
import { connectControls } from './controls.js';
import { Models } from './models.js';
import { settle } from './offline.js';
import { FIRST_SAMPLE, sampleShown, samplesFor } from './samples.js';
import { NOT_TESTED } from './state.js';
import { NOTHING_DONE, followSteps } from './tour.js';
import { mountCamera } from './view/camera.js';
import { mountChrome } from './view/chrome.js';
import { mountDevice } from './view/device.js';
import { mountKeys } from './view/keys.js';
import { mountNotes } from './view/notes.js';
import { mountPicker } from './view/picker.js';
import { mountShare } from './view/share.js';
import { mountSources } from './view/sources.js';
import { mountTour } from './view/tour.js';

document.adoptedStyleSheets = [tokens, base];
await settle();

const address = readAddress();
const lang = address.lang ?? remembered('lang') ?? navigator.language;
const dark = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';

const store = createStore(
  /** @type {import('./state.js').State} */ ({
    lang: lang.startsWith('zh') ? 'zh' : 'en',
    theme: (address.theme ?? remembered('theme') ?? dark) === 'dark' ? 'dark' : 'light',
    device: address.device,
    catalog: { entries: [], asking: false, failure: null },
    kept: [],
    own: [],
    keepOwn: true,
    ownRefused: false,
    labels: null,
    lost: null,
    loading: null,
    model: null,
    moved: null,
    selfTest: NOT_TESTED,
    samples: new Map(),
    picture: null,
    sample: null,
    tour: remembered('tour') === 'closed' ? null : NOTHING_DONE,
    camera: CAMERA_OFF,
  }),
);
/** @type {import('../pkg/dist/element/index.js').InceptionInspector} */
const inspector = $('#inspector');
const models = new Models(store, Inception, inspector);
const actions = connectControls(store, models, inspector, new Camera(store, inspector));

inspector.view = address.view;
mountChrome(store, actions, inspector);
mountPicker(store, actions);
mountDevice(store, actions);
mountSources(store, actions);
mountCamera(store, actions);
mountNotes(store, actions);
mountTour(store, actions, inspector);
mountShare(store, inspector);
mountKeys(store, actions);

store.watch(
  ({ catalog, kept, samples, model, lang }) => [catalog, kept, samples, model?.info, lang],
  ({ catalog, kept, samples, model }) => {
    inspector.alternatives = alternativesOf(catalog.entries, kept, samples, samplesFor(model?.info ?? null));
  },
);
const tellAddress = () => {
  const { model, sample, catalog } = store.state;
  if (model === null) return;
  const first = firstChoice(catalog.entries, null);
  const firstLayer = inspector.net?.layers.find((layer) => layer.module !== null)?.module ?? null;
  writeAddress({
    model: model.choice.kind !== 'catalog' || (first?.kind === 'catalog' && first.id === model.choice.id) ? null : model.choice.id,
    photo: sample === null || sample === FIRST_SAMPLE ? null : sample.id,
    ...viewInAddress(inspector.view, firstLayer),
  });
};
store.watch(({ model, sample }) => [model, sample], tellAddress);
inspector.addEventListener('inception-view', tellAddress);
inspector.addEventListener('inception-picture', () => store.set({ picture: inspector.picture?.name ?? null, sample: sampleShown(inspector.picture?.source) }));
inspector.addEventListener('inception-run', () => {
  if (store.state.moved?.to === 'webgpu') store.set({ moved: null });
});
models.start(address.model);
await actions.showFirst(address.sample);
followSteps(inspector, actions);
