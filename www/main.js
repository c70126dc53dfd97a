import { Inception } from '../pkg/dist/index.js';
import { lookInAddress, readAddress, remembered, writeAddress } from './address.js';
import { CAMERA_OFF } from './camera.js';
import { keepComparison } from './compare-actions.js';
import { CompareEngine } from './compare-engine.js';
import { connectControls } from './controls.js';
import { Engine } from './engine.js';
import { NOT_TESTED, createStore } from './state.js';
import { mountAnswer } from './view/answer.js';
import { mountCamera } from './view/camera.js';
import { mountChrome } from './view/chrome.js';
import { mountCompare } from './view/compare.js';
import { mountDevice } from './view/device.js';
import { mountExplain } from './view/explain.js';
import { mountMap } from './view/map.js';
import { mountLarge } from './view/large.js';
import { mountModule } from './view/module.js';
import { mountOnPicture } from './view/on-picture.js';
import { mountPicker } from './view/picker.js';
import { mountPicture } from './view/picture.js';
import { mountRanking } from './view/ranking.js';
import { mountShift } from './view/shift.js';
import { mountReadout } from './view/readout.js';
import { mountToolbar } from './view/toolbar.js';

const address = readAddress();
const lang = address.lang ?? remembered('lang') ?? navigator.language;
const dark = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';

const store = createStore({
  lang: lang.startsWith('zh') ? 'zh' : 'en',
  theme: (address.theme ?? remembered('theme') ?? dark) === 'dark' ? 'dark' : 'light',
  device: address.device,
  catalog: { entries: [], failure: null },
  loading: null,
  model: null,
  moved: null,
  selfTest: NOT_TESTED,
  picture: null,
  pictureFailure: null,
  camera: CAMERA_OFF,
  run: { status: 'idle', purpose: 'answer', result: null, of: null, failure: null },
  module: address.layer,
  maps: null,
  activity: null,
  off: new Set(),
  shift: null,
  ranking: null,
  inner: new Map(),
  innerMaps: new Map(),
  look: address.look,
  spot: null,
  pin: address.pin,
  large: false,
  overlay: 0,
  chosen: null,
  explanation: null,
  camOpacity: 0,
  times: null,
  compare: null,
  openStacks: new Set(),
});
const engine = new Engine(store, Inception);
const comparison = new CompareEngine(store, engine, Inception);
const actions = connectControls(store, engine, comparison);

mountChrome(store, actions);
mountPicker(store, actions);
mountDevice(store, actions);
mountPicture(store, actions);
mountCamera(store, actions);
mountAnswer(store, actions);
mountShift(store, actions);
mountExplain(store, actions);
mountMap(store, actions);
mountRanking(store, actions);
mountToolbar(store, actions);
mountModule(store, actions);
mountReadout(store, actions);
mountCompare(store, actions);
mountLarge(store, actions);
mountOnPicture(store);

store.watch(
  ({ model, module, look, pin }) => [model, module, look, pin],
  ({ model, module, look, pin }) => {
    if (model === null) return;
    writeAddress({ model: model.choice.kind === 'catalog' ? model.choice.id : null, layer: module });
    writeAddress(lookInAddress(look, pin));
  },
);
keepComparison(store, comparison, address.compare);
engine.start(address.model);
