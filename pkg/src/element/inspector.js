import { CompareRunner } from './compare-runner.js';
import { connectControls } from './controls.js';
import { Drawings } from './drawings.js';
import { Runner } from './runner.js';
import { dispatchChanges, offer, tell } from './events.js';
import { Film } from './film.js';
import { connectKeys } from './keys.js';
import { languageOf } from './language.js';
import { markup } from './markup.js';
import { OwnModel } from './own-model.js';
import { WORDS, checkedAddress, checkedAlternatives, checkedNet, checkedTitle, checkedVideo, checkedView, checkedWord } from './properties.js';
import { createStore, firstState } from './state.js';
import { sheets } from './style/index.js';
import { viewOf } from './view-of.js';
import { mountViews } from './view/index.js';

/** Properties that may be set before the element is defined, in the order in which they take effect. */
const PROPERTIES = /** @type {const} */ ([
  ...['device', 'highlight', 'hotkeys', 'model', 'modelsUrl', 'src', 'theme'],
  ...['alternatives', 'view', 'netTitle', 'net'],
]);
const DARK = '(prefers-color-scheme: dark)';

/** A server has no elements; there the class is one that nobody makes anything of. @type {typeof HTMLElement} */
const Base = globalThis.HTMLElement ?? class {};

/** The inspector as an element; documented in `index.d.ts`. */
export class InceptionInspector extends Base {
  static observedAttributes = ['lang', 'theme', 'model', 'models-url', 'device', 'src'];

  #store = createStore(firstState());
  #runner = new Runner(this.#store, (files) => offer(this, 'model', { files }));
  #own = new OwnModel(this.#store, this.#runner);
  #film = new Film(this.#store, this.#runner, (rate) => tell(this, 'frame', { rate }));
  #comparison = new CompareRunner(this.#store, this.#runner, () => this.#loadOptions());
  #drawings = new Drawings(this.#store, () => this.#runner.net, () => this.modelsUrl ?? undefined);
  #actions = connectControls(this.#store, this.#runner, this.#own, this.#film, this.#comparison, this.#drawings);
  #shadow = this.attachShadow({ mode: 'open' });
  #connectViews;
  /** Ends what the element listens to outside itself. @type {AbortController | null} */
  #connection = null;
  /** Whether it is in a document, or has left one a moment ago. */
  #isHere = false;
  /** The address that the attribute `src` was last taken from. @type {string | null} */
  #src = null;
  /** How often something else than the attribute was to say which network is shown, or the attribute anew. */
  #turns = 0;

  constructor() {
    super();
    this.#shadow.adoptedStyleSheets = sheets();
    this.#shadow.append(markup());
    this.#connectViews = mountViews(this.#store, this.#actions, this.#shadow);
    dispatchChanges(this, this.#store);
  }

  connectedCallback() {
    const { signal } = (this.#connection = new AbortController());
    const isMoved = this.#isHere;
    this.#isHere = true;
    for (const property of PROPERTIES) this.#upgrade(property);
    this.#showLanguage();
    this.#showTheme();
    matchMedia(DARK).addEventListener('change', () => this.#showTheme(), { signal });
    this.#connectViews(signal);
    connectKeys(this, this.#actions, signal);
    if (isMoved) return;
    this.#takeSource();
    if (this.#runner.net === null) this.#loadModel();
    this.#comparison.connect();
  }

  disconnectedCallback() {
    this.#connection?.abort();
    this.#connection = null;
    // What is only moved is here again before other tasks.
    setTimeout(() => this.isConnected || this.#leave());
  }

  connectedMoveCallback() {
    this.#showLanguage();
  }

  #leave() {
    if (!this.#isHere) return;
    this.#isHere = false;
    this.#turns += 1;
    this.#film.stop();
    this.#drawings.stop();
    this.#drawings.pauseAtlas();
    this.#comparison.disconnect();
    this.#own.dispose();
  }

  /** @param {string} name */
  attributeChangedCallback(name) {
    if (!this.#isHere) return;
    if (name === 'lang') this.#showLanguage();
    else if (name === 'theme') this.#showTheme();
    else if (name === 'src') this.#takeSource();
    else this.#loadModel();
  }

  get src() {
    return this.getAttribute('src') || null;
  }

  set src(src) {
    this.#reflect('src', checkedAddress('src', src, '; show() takes other pictures'));
  }

  get model() {
    return this.getAttribute('model') || null;
  }

  set model(model) {
    this.#reflect('model', checkedAddress('model', model, '; net takes a loaded one'));
  }

  get modelsUrl() {
    return this.getAttribute('models-url') || null;
  }

  set modelsUrl(url) {
    this.#reflect('models-url', checkedAddress('modelsUrl', url));
  }

  get device() {
    return this.#word('device');
  }

  set device(device) {
    this.#reflect('device', checkedWord('device', device));
  }

  get theme() {
    return this.#word('theme');
  }

  set theme(theme) {
    this.#reflect('theme', checkedWord('theme', theme));
  }

  get highlight() {
    return this.#word('highlight');
  }

  set highlight(highlight) {
    this.#reflect('highlight', checkedWord('highlight', highlight));
  }

  get hotkeys() {
    return this.hasAttribute('hotkeys');
  }

  set hotkeys(on) {
    this.toggleAttribute('hotkeys', Boolean(on));
  }

  get net() {
    return this.#runner.net;
  }

  set net(value) {
    const net = checkedNet(value);
    this.#own.unsay();
    // Of `model` null takes nothing back.
    if (net === this.#runner.net || (net === null && this.#own.isInUse)) return;
    if (net?.disposed) {
      this.#own.refuse(net.info.title);
      return;
    }
    this.#turns += 1;
    this.#runner.use(net);
    this.#own.dispose();
    if (net === null && this.#isHere) this.#loadModel();
  }

  get netTitle() {
    return this.#store.state.modelTitle;
  }

  set netTitle(title) {
    this.#store.set({ modelTitle: checkedTitle(title) });
  }

  get view() {
    return viewOf(this.#store.state);
  }

  set view(value) {
    const view = checkedView(value, Object.keys(this.view));
    this.#runner.lookAt(view);
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
    return this.#runner.showSource(image, name);
  }

  get alternatives() {
    return this.#store.state.alternatives;
  }

  set alternatives(alternatives) {
    this.#store.set({ alternatives: checkedAlternatives(alternatives) });
  }

  /**
   * @param {HTMLVideoElement} video
   * @param {string} [name]
   */
  play(video, name = '') {
    this.#film.play(checkedVideo(video), name);
  }

  stop() {
    this.#film.stop();
  }

  run() {
    this.#actions.run();
  }

  cancel() {
    this.#turns += 1;
    this.#runner.cancelRun();
    this.#runner.cancelRanking();
    this.#runner.stopReason();
    this.#actions.stopLook();
    this.#drawings.pauseAtlas();
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
    const own = /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (this));
    const value = own[property];
    delete own[property];
    try {
      own[property] = value;
    } catch (error) {
      reportError(error);
    }
  }

  /**
   * @template {keyof typeof WORDS} N
   * @param {N} name of an attribute
   * @returns {(typeof WORDS)[N][number] | null} null where it says nothing, or something else
   */
  #word(name) {
    const said = this.getAttribute(name);
    return /** @type {readonly (typeof WORDS)[N][number][]} */ (WORDS[name]).find((word) => word === said) ?? null;
  }

  /** @param {string} attribute @param {string | null} value null removes it */
  #reflect(attribute, value) {
    if (value === this.getAttribute(attribute)) return;
    if (value === null) this.removeAttribute(attribute);
    else this.setAttribute(attribute, value);
  }

  #showLanguage() {
    this.#store.set({ lang: languageOf(this) });
  }

  #showTheme() {
    this.#store.set({ theme: this.theme ?? (matchMedia(DARK).matches ? 'dark' : 'light') });
  }

  #takeSource() {
    const { src } = this;
    if (src === this.#src) return;
    this.#src = src;
    if (src !== null) this.show(src);
  }

  /** Once for all attributes that are set one after another. */
  async #loadModel() {
    const mine = (this.#turns += 1);
    await null;
    if (mine !== this.#turns) return;
    const { model } = this;
    if (model === null) return this.#own.dispose();
    this.#own.load(model, this.#loadOptions());
  }

  #loadOptions() {
    const device = /** @type {import('../index.js').Device} */ (this.getAttribute('device') || 'auto');
    return { device, modelsUrl: this.modelsUrl ?? undefined };
  }
}
