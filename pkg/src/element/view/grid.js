import { el } from '../dom.js';
import { peakOf } from '../maps.js';

/** @typedef {import('../state.js').Spot} Spot */
/** What draws the tiles. @typedef {Pick<import('./atlas.js').Atlas, 'paint' | 'draw'>} Pictures */
/** @typedef {{ maps: import('../maps.js').BranchMaps, order: number[], atlas: Pictures }} Content */

/**
 * @typedef {object} Handlers
 * @property {(spot: Spot | null) => void} read a value under the pointer or the keyboard's cursor
 * @property {(spot: Spot | null) => void} pin
 * @property {(spot: Spot) => void} open
 * @property {() => void} [pause] or go on
 */

/** Space between tiles, in CSS pixels. */
const GAP = 2;

/** A branch's channel maps as tiles on a canvas that is as large as what is visible of them, and one option on the tile that is read. */
export class Grid {
  /** @type {Content | null} */
  #content = null;
  #count = 0;
  #columns = 1;
  #tile = 8;
  #ratio = 1;
  /** Whether the box is as high as its tiles, so that the page scrolls them. */
  #isWhole = false;
  /** The tile that is read, by its place. */
  #at = -1;

  /**
   * @param {number | string} index of the branch, or another mark that no other grid has
   * @param {Handlers} handlers
   */
  constructor(index, handlers) {
    this.canvas = el('canvas', { 'aria-hidden': true });
    this.cursor = el('div', { class: 'cursor', id: `option-${index}`, role: 'option', hidden: true });
    this.sheet = el('div', { class: 'sheet' }, this.canvas, this.cursor);
    /** @type {HTMLElement} */
    this.box = el('div', { class: 'grid', role: 'listbox', tabIndex: 0 }, this.sheet);
    this.handlers = handlers;
    this.box.addEventListener('scroll', () => this.draw(), { passive: true });
    this.#listenToPointer();
    this.#listenToKeys();
  }

  /**
   * @param {Content | null} content null while it is not known
   * @param {number} count tiles
   * @param {string} label
   */
  show(content, count, label) {
    this.#content = content;
    this.#count = count;
    this.box.setAttribute('aria-label', label);
  }

  /** @returns {number} how wide tiles can be that are about as wide as wished and fill the box */
  fit(/** @type {number} */ wished) {
    const width = this.box.clientWidth;
    const columns = Math.max(1, Math.round((width + GAP) / (Math.min(wished, width) + GAP)));
    return Math.floor((width + GAP) / columns) - GAP;
  }

  /** @param {number} tile side in CSS pixels */
  layout(tile) {
    this.#tile = Math.max(4, tile);
    this.#columns = Math.max(1, Math.floor((this.box.clientWidth + GAP) / (this.#tile + GAP)));
    this.#ratio = Math.min(2, devicePixelRatio || 1);
    this.#isWhole = getComputedStyle(this.box).overflowY === 'visible';
    const step = this.#tile + GAP;
    const [width, height] = [this.#columns * step - GAP, Math.max(0, Math.ceil(this.#count / this.#columns) * step - GAP)];
    this.sheet.style.height = `${height}px`;
    this.sheet.style.width = `${width}px`;
    const visible = Math.min(height, this.#isWhole ? innerHeight : this.box.clientHeight);
    Object.assign(this.canvas, { width: Math.round(width * this.#ratio), height: Math.round(visible * this.#ratio) });
    Object.assign(this.canvas.style, { width: `${width}px`, height: `${visible}px` });
    this.draw();
    this.#place();
  }

  /** Draws the rows that are visible now that the page has scrolled. */
  follow() {
    if (this.#isWhole) this.draw();
  }

  /** Draws the rows that are visible. */
  draw() {
    const context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext('2d'));
    const step = this.#tile + GAP;
    const top = this.#isWhole ? this.canvas.offsetTop : this.box.scrollTop;
    const [first, last] = [Math.floor(top / step), Math.ceil((top + this.canvas.height / this.#ratio) / step)];
    const side = Math.round(this.#tile * this.#ratio);
    const [from, to] = [first * this.#columns, Math.min(this.#count, last * this.#columns)];
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    if (this.#content) this.#content.atlas.paint(this.#content.order.slice(from, to));
    else context.fillStyle = getComputedStyle(this.canvas).getPropertyValue('--track');
    for (let k = from; k < to; k++) {
      const x = Math.round((k % this.#columns) * step * this.#ratio);
      const y = Math.round((Math.floor(k / this.#columns) * step - top) * this.#ratio);
      const channel = this.#content?.order[k];
      if (this.#content && channel !== undefined) this.#content.atlas.draw(context, channel, x, y, side);
      else context.fillRect(x, y, side, side);
    }
  }

  /**
   * Puts the cursor on the tile that is read.
   * @param {Spot | null} spot null or of another layer: nowhere
   * @param {boolean} pinned
   * @param {string} text
   */
  mark(spot, pinned, text) {
    this.#at = spot && spot.layer === this.#content?.maps.name ? this.#content.order.indexOf(spot.channel) : -1;
    this.cursor.hidden = this.#at < 0;
    if (this.#at < 0) return this.box.removeAttribute('aria-activedescendant');
    this.cursor.setAttribute('aria-posinset', String(this.#at + 1));
    this.cursor.setAttribute('aria-setsize', String(this.#count));
    this.cursor.setAttribute('aria-selected', String(pinned));
    this.cursor.setAttribute('aria-label', text);
    this.box.setAttribute('aria-activedescendant', this.cursor.id);
    this.#place();
  }

  /** Scrolls the tile that is read into the box. */
  reveal() {
    if (this.#at < 0) return;
    const { box } = this;
    const top = Math.floor(this.#at / this.#columns) * (this.#tile + GAP);
    if (top < box.scrollTop) box.scrollTop = top;
    else if (top + this.#tile > box.scrollTop + box.clientHeight) box.scrollTop = top + this.#tile - box.clientHeight;
  }

  #place() {
    if (this.#at < 0) return;
    const step = this.#tile + GAP;
    this.cursor.style.setProperty('--x', `${(this.#at % this.#columns) * step}px`);
    this.cursor.style.setProperty('--y', `${Math.floor(this.#at / this.#columns) * step}px`);
    this.cursor.style.setProperty('--size', `${this.#tile}px`);
  }

  /**
   * @param {MouseEvent} event
   * @returns {Spot | null} the value under the pointer
   */
  #under(event) {
    const content = this.#content;
    if (content === null) return null;
    const area = this.sheet.getBoundingClientRect();
    const step = this.#tile + GAP;
    const [left, top] = [event.clientX - area.left, event.clientY - area.top];
    const [column, row] = [Math.floor(left / step), Math.floor(top / step)];
    const channel = content.order[row * this.#columns + column];
    if (column < 0 || row < 0 || column >= this.#columns || channel === undefined) return null;
    const within = (/** @type {number} */ at, /** @type {number} */ size) => Math.max(0, Math.min(size - 1, Math.floor((at / this.#tile) * size)));
    const { name, height, width } = content.maps;
    return { layer: name, channel, y: within(top - row * step, height), x: within(left - column * step, width) };
  }

  #listenToPointer() {
    const { sheet, handlers } = this;
    sheet.addEventListener('pointermove', (/** @type {PointerEvent} */ event) => {
      const spot = this.#under(event);
      if (spot) handlers.read(spot);
    });
    this.box.addEventListener('pointerleave', () => handlers.read(null));
    sheet.addEventListener('click', (/** @type {MouseEvent} */ event) => {
      const spot = this.#under(event);
      if (spot && this.cursor.ariaSelected === 'true' && this.#content?.order[this.#at] === spot.channel) handlers.open(spot);
      else handlers.pin(spot);
    });
  }

  #listenToKeys() {
    const { box, handlers } = this;
    box.addEventListener('focus', () => {
      if (this.#at < 0 && box.matches(':focus-visible')) this.#read(0);
    });
    box.addEventListener('blur', ({ relatedTarget }) => {
      // What is read has its buttons in the bar below, where the focus may be going.
      if (!(relatedTarget instanceof Element && relatedTarget.closest('#readout'))) handlers.read(null);
    });
    box.addEventListener('keydown', (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || this.#content === null) return;
      const k = this.#at;
      const spot = k < 0 ? null : this.#spot(k);
      if (this.#act(event.key, spot) || (event.shiftKey && spot && this.#step(event.key, spot))) return event.preventDefault();
      const to = { ArrowLeft: k - 1, ArrowRight: k + 1, ArrowUp: k - this.#columns, ArrowDown: k + this.#columns, Home: 0, End: this.#count - 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      this.#read(to);
    });
  }

  /**
   * @param {string} key
   * @param {Spot | null} spot
   * @returns {boolean} whether the key does something with the channel that is read
   */
  #act(key, spot) {
    const { handlers } = this;
    if (key === 'Escape') handlers.pin(null);
    else if (key.toLowerCase() === 'p' && handlers.pause) handlers.pause();
    else if (spot === null || (key !== 'Enter' && key.toLowerCase() !== 'o')) return false;
    else if (key !== 'Enter' || this.cursor.ariaSelected === 'true') handlers.open(spot);
    else handlers.pin(spot);
    return true;
  }

  /** @type {Spot | null} where the keyboard's cursor is within a map */
  #within = null;

  /** @param {number} k @returns {Spot | null} where the tile is read: where the cursor was put, else where it is largest */
  #spot(k) {
    const content = this.#content;
    const channel = content?.order[k];
    if (!content || channel === undefined) return null;
    if (this.#within?.layer === content.maps.name && this.#within.channel === channel) return this.#within;
    const { y, x } = peakOf(content.maps, channel);
    return { layer: content.maps.name, channel, y, x };
  }

  /** @param {number} k */
  #read(k) {
    const spot = this.#spot(k);
    if (spot === null) return;
    this.handlers.read(spot);
    this.reveal();
    this.cursor.scrollIntoView({ block: 'nearest' });
  }

  /**
   * Moves the cursor within the map.
   * @param {string} key
   * @param {Spot} spot
   * @returns {boolean} whether the key is an arrow
   */
  #step(key, spot) {
    const [dy, dx] = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[key] ?? [];
    if (dy === undefined || dx === undefined || this.#content === null) return false;
    const { height, width } = this.#content.maps;
    this.#within = { ...spot, y: Math.max(0, Math.min(height - 1, spot.y + dy)), x: Math.max(0, Math.min(width - 1, spot.x + dx)) };
    this.handlers.read(this.#within);
    return true;
  }
}

/**
 * Gives all grids one tile size, so that area means channel count.
 * @param {Grid[]} grids
 * @param {number} wished side of a tile in CSS pixels; where the style enlarges tiles, of those that it does not
 */
export function layoutGrids(grids, wished) {
  const [first] = grids;
  if (first === undefined) return;
  const scale = Number(getComputedStyle(first.box).getPropertyValue('--tile-scale'));
  const tile = Math.min(...grids.map((grid) => grid.fit(wished * scale)));
  for (const grid of grids) grid.layout(tile);
}
