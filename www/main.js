import { Inception } from '../pkg/dist/index.js';
import { readAddress, remembered, writeAddress } from './address.js';
import { connectControls } from './controls.js';
import { Engine } from './engine.js';
import { NOT_TESTED, createStore } from './state.js';
import { mountAnswer } from './view/answer.js';
import { mountChrome } from './view/chrome.js';
import { mountDevice } from './view/device.js';
import { mountMap } from './view/map.js';
import { mountModule } from './view/module.js';
import { mountPicker } from './view/picker.js';
import { mountPicture } from './view/picture.js';
import { mountRanking } from './view/ranking.js';
import { mountShift } from './view/shift.js';

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
  run: { status: 'idle', purpose: 'answer', result: null, of: null, failure: null },
  module: address.layer,
  maps: null,
  activity: null,
  off: new Set(),
  shift: null,
  ranking: null,
  times: null,
  openStacks: new Set(),
});
const engine = new Engine(store, Inception);
const actions = connectControls(store, engine);

mountChrome(store, actions);
mountPicker(store, actions);
mountDevice(store, actions);
mountPicture(store, actions);
mountAnswer(store, actions);
mountShift(store, actions);
mountMap(store, actions);
mountRanking(store, actions);
mountModule(store, actions);

store.watch(
  ({ model, module }) => [model, module],
  ({ model, module }) => {
    if (model === null) return;
    writeAddress({ model: model.choice.kind === 'catalog' ? model.choice.id : null, layer: module });
  },
);
engine.start(address.model);
