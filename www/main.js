import { $ } from '../pkg/dist/element/dom.js';
import { createStore } from '../pkg/dist/element/state.js';
import { base } from '../pkg/dist/element/style/base.js';
import { tokens } from '../pkg/dist/element/style/tokens.js';
import { Inception } from '../pkg/dist/index.js';
import { readAddress, remembered } from './address.js';
import { CAMERA_OFF } from './camera.js';
import { firstLook } from './look.js';
import { NO_DREAM } from './dream/state.js';
import { Models } from './models.js';
import { settle } from './offline.js';
import { NOT_TESTED } from './state.js';
import { NOTHING_TAUGHT } from './teach/state.js';
import { tourFrom } from './tour.js';

/** How long the page waits for the engine to begin before it is drawn, in milliseconds. */
const PATIENCE = 150;

document.adoptedStyleSheets = [tokens(), base()];
await settle();

const address = readAddress();

const store = createStore(
  /** @type {import('./state.js').State} */ ({
    ...firstLook(address),
    device: address.device,
    catalog: { entries: [], asking: false, failure: null },
    kept: [],
    own: [],
    keepOwn: remembered('keep') !== 'no',
    ownRefused: false,
    labels: null,
    lost: null,
    removed: null,
    lostFiles: [],
    compared: null,
    unknown: null,
    loading: null,
    model: null,
    moved: null,
    selfTest: NOT_TESTED,
    samples: new Map(),
    picture: null,
    sample: null,
    tour: tourFrom(remembered('tour')),
    camera: CAMERA_OFF,
    workspace: address.workspace,
    mine: address.mine ? true : null,
    teach: NOTHING_TAUGHT,
    dream: NO_DREAM,
  }),
);
/** @type {import('../pkg/dist/element/index.js').InceptionInspector} */
const inspector = $('#inspector');
const models = new Models(store, Inception, inspector);
// The engine and the model take longest: they are on their way before the page is drawn.
await Promise.race([models.start(address.model), new Promise((resolve) => setTimeout(resolve, PATIENCE))]);
const { mountPage } = await import('./page.js');
await mountPage(store, models, inspector, address);
