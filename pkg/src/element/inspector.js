import { CompareEngine } from './compare-engine.js';
import { connectControls } from './controls.js';
import { Engine } from './engine.js';
import { dispatchChanges, offer, tell } from './events.js';
import { Film } from './film.js';
import { connectKeys } from './keys.js';
import { languageOf } from './language.js';
import { markup } from './markup.js';
import { OwnModel } from './own-model.js';
import { createStore, firstState } from './state.js';
import { SHEETS } from './style/index.js';
import { viewOf } from './view-of.js';
import { mountViews } from './view/index.js';

/** Properties that may be set before the element is defined, in the order in which they take effect. */
const PROPERTIES = /** @type {const} */ (['alternatives', 'view', 'net']);
const DARK = '(prefers-color-scheme: dark)';

/** The inspector as an element; documented in `index.d.ts`. */
export class InceptionInspector extends HTMLElement {
  static observedAttributes = ['lang', 'theme', 'model', 'models-url', 'device', 'src'];

  #store = createStore(firstState());
  #engine = new Engine(this.#store, (files) => offer(this, 'model', { files }));
  #own = new OwnModel(this.#store, this.#engine);
  #film = new Film(this.#store, this.#engine, (rate) => tell(this, 'frame', { rate }));
  #comparison = new CompareEngine(this.#store, this.#engine, () => this.#loadOptions());
  #actions = connectControls(this.#store, this.#engine, this.#own, this.#film, this.#comparison);
  #shadow = this.attachShadow({ mode: 'open' });
  #connectViews;
  /** Ends what the element listens to outside itself. @type {AbortController | null} */
  #connection = null;
  /** The address that the attribute `src` was last taken from. @type {string | null} */
  #src = null;

  constructor() {
    super();
    this.#shadow.adoptedStyleSheets = SHEETS;
    this.#shadow.append(markup());
    this.#connectViews = mountViews(this.#store, this.#actions, this.#shadow);
    dispatchChanges(this, this.#store);
  }

  connectedCallback() {
    const { signal } = (this.#connection = new AbortController());
    for (const property of PROPERTIES) this.#upgrade(property);
    this.#showLanguage();
    this.#showTheme();
    matchMedia(DARK).addEventListener('change', () => this.#showTheme(), { signal });
    this.#connectViews(signal);
    connectKeys(this, this.#actions, signal);
    this.#takeSource();
    if (this.#engine.net === null) this.#loadModel();
    this.#comparison.connect();
  }

  disconnectedCallback() {
    this.#connection?.abort();
    this.#connection = null;
    this.#film.stop();
    this.#comparison.disconnect();
    this.#own.dispose();
  }

  /** @param {string} name */
  attributeChangedCallback(name) {
    if (this.#connection === null) return;
    if (name === 'lang') this.#showLanguage();
    else if (name === 'theme') this.#showTheme();
    else if (name === 'src') this.#takeSource();
    else this.#loadModel();
  }

  get net() {
    return this.#engine.net;
  }

  set net(net) {
    if (net === this.#engine.net) return;
    this.#engine.use(net);
    this.#own.dispose();
  }

  get netTitle() {
    return this.#store.state.modelTitle;
  }

  set netTitle(modelTitle) {
    this.#store.set({ modelTitle });
  }

  get view() {
    return viewOf(this.#store.state);
  }

  set view(view) {
    this.#engine.lookAt(view);
    this.#comparison.lookAt(view);
  }

  get picture() {
    const { picture } = this.#store.state;
    return picture && { name: picture.name, blob: picture.blob, source: picture.source ?? null };
  }

  get compared() {
    const { compare } = this.#store.state;
    if (compare === null) return null;
    const { kind, picture, choice } = compare;
    if (kind === 'model') return { picture: null, model: choice };
    return { picture: picture && { name: picture.name, blob: picture.blob, source: picture.source ?? null }, model: null };
  }

  /**
   * @param {import('./index.js').PictureSource} image
   * @param {string} [name]
   */
  show(image, name) {
    return this.#engine.showSource(image, name);
  }

  get alternatives() {
    return this.#store.state.alternatives;
  }

  set alternatives({ pictures = [], models = [] }) {
    this.#store.set({ alternatives: { pictures, models } });
  }

  /**
   * @param {HTMLVideoElement} video
   * @param {string} [name]
   */
  play(video, name = '') {
    this.#film.play(video, name);
  }

  stop() {
    this.#film.stop();
  }

  run() {
    this.#actions.run();
  }

  cancel() {
    this.#engine.cancelRun();
    this.#engine.cancelRanking();
    this.#own.cancel();
  }

  /**
   * @override
   * @param {FocusOptions} [options]
   */
  focus(options) {
    this.#shadow.getElementById('network')?.focus(options);
  }

  /** A property that was set before the element was defined hides the accessor. @param {(typeof PROPERTIES)[number]} property */
  #upgrade(property) {
    if (!Object.hasOwn(this, property)) return;
    const value = /** @type {any} */ (this[property]);
    delete this[property];
    this[property] = value;
  }

  #showLanguage() {
    this.#store.set({ lang: languageOf(this) });
  }

  #showTheme() {
    const wanted = this.getAttribute('theme') ?? (matchMedia(DARK).matches ? 'dark' : 'light');
    this.#store.set({ theme: wanted === 'dark' ? 'dark' : 'light' });
  }

  #takeSource() {
    const src = this.getAttribute('src');
    if (src === this.#src) return;
    this.#src = src;
    if (src !== null) this.show(src);
  }

  #loadModel() {
    const model = this.getAttribute('model');
    if (model === null) return this.#own.dispose();
    this.#own.load(model, this.#loadOptions());
  }

  #loadOptions() {
    const device = /** @type {import('../index.js').Device} */ (this.getAttribute('device') ?? 'auto');
    return { device, modelsUrl: this.getAttribute('models-url') ?? undefined };
  }
}
