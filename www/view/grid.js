import { colorize } from '../color-map.js';
import { digits } from '../format.js';
import { t } from '../i18n.js';

/**
 * One branch's grid.
 * @typedef {object} Grid
 * @property {HTMLElement} box the listbox around the canvas
 * @property {HTMLCanvasElement} canvas
 * @property {HTMLElement} cursor the one option, on the channel that is read
 * @property {HTMLElement} read the line that says what is read
 * @property {string} resting that line while no channel is read
 * @property {number} shown tiles
 * @property {import('../maps.js').BranchMaps | null} maps
 */

/** Space between tiles, in CSS pixels. */
const GAP = 2;
/** Tiles beside each other; sixteen fill all rows. */
const COLUMNS = [16, 8, 4];
/** Smallest and largest side of a tile, in CSS pixels; narrow screens may go below. */
const [LEAST, MOST] = [40, 96];

/** @type {ResizeObserver | null} */
let observer = null;

/**
 * Draws the grids of the branches in one tile size, again whenever the width changes, and reads channels under pointer and keys.
 * @param {HTMLElement} root whose width decides
 * @param {Grid[]} grids
 */
export function mountGrid(root, grids) {
  const layouts = new Map(grids.map((grid) => [grid, { columns: 4, tile: 0, active: -1 }]));
  const redraw = () => {
    const widths = grids.map(({ box }) => box.parentElement?.clientWidth ?? 0);
    const tile = tileFor(widths);
    grids.forEach((grid, i) => {
      const layout = /** @type {{ columns: number, tile: number, active: number }} */ (layouts.get(grid));
      layout.tile = tile;
      layout.columns = columnsIn(widths[i] ?? 0, tile);
      draw(grid, layout.columns, tile);
      point(grid, layout, layout.active);
    });
  };
  for (const grid of grids) {
    grid.read.textContent = grid.resting;
    listen(grid, /** @type {Layout} */ (layouts.get(grid)));
  }
  observer?.disconnect();
  let width = -1;
  observer = new ResizeObserver(() => {
    if (root.clientWidth === width) return;
    width = root.clientWidth;
    redraw();
  });
  observer.observe(root);
}

/** @typedef {{ columns: number, tile: number, active: number }} Layout */

/**
 * @param {number} width
 * @param {number} columns
 */
function sideFor(width, columns) {
  return Math.floor((width + GAP) / columns) - GAP;
}

/**
 * @param {number} width
 * @param {number} tile
 */
function columnsIn(width, tile) {
  return COLUMNS.find((columns) => sideFor(width, columns) >= tile) ?? 4;
}

/**
 * The one tile size with which the grids fill their branches best.
 * @param {number[]} widths of the branches
 */
function tileFor(widths) {
  const smallest = Math.min(...widths.map((width) => sideFor(width, 4)));
  const sides = widths.flatMap((width) => COLUMNS.map((columns) => Math.min(MOST, sideFor(width, columns))));
  const filled = (/** @type {number} */ tile) => widths.reduce((sum, width) => sum + columnsIn(width, tile) * (tile + GAP), 0);
  const fitting = sides.filter((side) => side >= LEAST && side <= smallest).sort((a, b) => filled(b) - filled(a) || b - a);
  return fitting[0] ?? Math.max(8, smallest);
}

/**
 * @param {Grid} grid
 * @param {number} columns
 * @param {number} tile side in CSS pixels
 */
function draw({ canvas, maps, shown }, columns, tile) {
  const ratio = Math.min(2, devicePixelRatio || 1);
  const rows = Math.ceil(shown / columns);
  const [width, height] = [columns * (tile + GAP) - GAP, rows * (tile + GAP) - GAP];
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const context = canvas.getContext('2d');
  if (context === null) return;
  context.imageSmoothingEnabled = false;
  context.fillStyle = getComputedStyle(canvas).getPropertyValue('--track');
  const side = Math.round(tile * ratio);
  const source = maps ? new OffscreenCanvas(maps.width, maps.height) : null;
  const image = maps ? new ImageData(maps.width, maps.height) : null;
  for (let k = 0; k < shown; k++) {
    const [x, y] = [k % columns, Math.floor(k / columns)].map((at) => Math.round(at * (tile + GAP) * ratio));
    const values = maps?.tiles[k];
    if (maps && source && image && values) {
      colorize(values, maps.stats[k]?.max ?? 0, new Uint32Array(image.data.buffer));
      source.getContext('2d')?.putImageData(image, 0, 0);
      context.drawImage(source, x ?? 0, y ?? 0, side, side);
    } else {
      context.fillRect(x ?? 0, y ?? 0, side, side);
    }
  }
}

/**
 * @param {Grid} grid
 * @param {Layout} layout
 */
function listen(grid, layout) {
  const { box, canvas, shown } = grid;
  const at = (/** @type {PointerEvent} */ event) => {
    const area = canvas.getBoundingClientRect();
    const [x = 0, y = 0] = [event.clientX - area.left, event.clientY - area.top].map((v) => Math.floor(v / (layout.tile + GAP)));
    const k = y * layout.columns + x;
    return x >= 0 && x < layout.columns && k >= 0 && k < shown ? k : -1;
  };
  canvas.addEventListener('pointermove', (event) => point(grid, layout, at(event)));
  canvas.addEventListener('pointerleave', () => point(grid, layout, -1));
  box.addEventListener('focus', () => {
    if (box.matches(':focus-visible')) point(grid, layout, Math.max(0, layout.active));
  });
  box.addEventListener('blur', () => point(grid, layout, -1));
  box.addEventListener('keydown', (event) => {
    const k = layout.active;
    const to = { ArrowLeft: k - 1, ArrowRight: k + 1, ArrowUp: k - layout.columns, ArrowDown: k + layout.columns, Home: 0, End: shown - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    if (to >= 0 && to < shown) point(grid, layout, to);
  });
}

/**
 * Puts the cursor on a tile and says what it shows; -1 takes it away.
 * @param {Grid} grid
 * @param {Layout} layout
 * @param {number} k
 */
function point({ box, cursor, read, resting, shown, maps }, layout, k) {
  layout.active = k;
  cursor.hidden = k < 0;
  const stats = maps?.stats[k];
  const text = k < 0 || !stats ? resting : `${t('channel')} ${k} · ${t('mean')} ${digits(stats.mean)} · ${t('max')} ${digits(stats.max)} · ${t('zeros')} ${(stats.sparsity * 100).toFixed(0)} %`;
  if (read.textContent !== text) read.textContent = text;
  if (k < 0) {
    box.removeAttribute('aria-activedescendant');
    return;
  }
  const step = layout.tile + GAP;
  cursor.style.setProperty('--x', `${(k % layout.columns) * step}px`);
  cursor.style.setProperty('--y', `${Math.floor(k / layout.columns) * step}px`);
  cursor.style.setProperty('--size', `${layout.tile}px`);
  cursor.setAttribute('aria-posinset', String(k + 1));
  cursor.setAttribute('aria-setsize', String(shown));
  cursor.setAttribute('aria-selected', 'true');
  cursor.setAttribute('aria-label', text);
  box.setAttribute('aria-activedescendant', cursor.id);
}
