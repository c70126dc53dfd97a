import '../pkg/dist/element/index.js';
import { $ } from '../pkg/dist/element/dom.js';
import { createStore } from '../pkg/dist/element/state.js';
import { base } from '../pkg/dist/element/style/base.js';
import { tokens } from '../pkg/dist/element/style/tokens.js';
import { Inception } from '../pkg/dist/index.js';
import { readAddress, remembered, viewInAddress, writeAddress } from './address.js';
import { alternativesOf } from './alternatives.js';
import { CAMERA_OFF, Camera } from './camera.js';
import { connectControls } from './controls.js';
import { Models } from './models.js';
import { settle } from './offline.js';
import { samplesFor } from './samples.js';
import { NOT_TESTED } from './state.js';
import { mountCamera } from './view/camera.js';
import { mountChrome } from './view/chrome.js';
import { mountDevice } from './view/device.js';
import { mountNotes } from './view/notes.js';
import { mountPicker } from './view/picker.js';
import { mountSources } from './view/sources.js';

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

store.watch(
  ({ catalog, kept, samples, model, lang }) => [catalog, kept, samples, model?.info, lang],
  ({ catalog, kept, samples, model }) => {
    inspector.alternatives = alternativesOf(catalog.entries, kept, samples, samplesFor(model?.info ?? null));
  },
);
const tellAddress = () => {
  const { model } = store.state;
  if (model === null) return;
  writeAddress({ model: model.choice.kind === 'catalog' ? model.choice.id : null, ...viewInAddress(inspector.view) });
};
store.watch(({ model }) => [model], tellAddress);
inspector.addEventListener('inception-view', tellAddress);
inspector.addEventListener('inception-picture', () => store.set({ picture: inspector.picture?.name ?? null }));
inspector.addEventListener('inception-run', () => {
  if (store.state.moved?.to === 'webgpu') store.set({ moved: null });
});
models.start(address.model);
