import { $ } from '../dom.js';
import { onHotkey } from '../keys.js';

/** Width of a module's column and side of its thumbnails at zoom 1, in CSS pixels. */
export const [COLUMN, THUMBNAIL] = [122, 44];
const MOST = 2.5;
const STEP = 1.25;
/** Pixels that the pointer moves before a press becomes a drag. */
const SLOP = 5;

/**
 * Zooms the map with buttons, keys, Ctrl and wheel, or two fingers, and pans it by dragging. At 1 it fits: each column has its share of the room.
 * @param {import('../state.js').Store} store
 * @param {import('../controls.js').Actions} actions
 * @param {ShadowRoot} shadow
 * @param {() => { modules: number, rest: number }} measure how many columns are modules', and the width of all else, in CSS pixels
 * @returns {(signal: AbortSignal) => void} to be called when the map comes into a document
 */
export function mountZoom(store, actions, shadow, measure) {
  const [scroll, map] = [$('#mapScroll', shadow), $('#map', shadow)];

  /** @returns {number} the zoom at which the columns are as wide as they are where the map fits */
  const fitting = () => {
    const { paddingLeft, paddingRight } = getComputedStyle(scroll);
    const { modules, rest } = measure();
    return (scroll.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight) - rest) / (modules * COLUMN);
  };
  const current = () => (store.state.zoom === 1 ? Math.max(1, fitting()) : store.state.zoom);

  /**
   * @param {number} wanted
   * @param {number} [at] what stays in place, in pixels from the left edge of the view
   */
  const zoomTo = (wanted, at = scroll.clientWidth / 2) => {
    const place = (scroll.scrollLeft + at) / scroll.scrollWidth;
    const zoom = Math.min(MOST, wanted);
    actions.setZoom(zoom <= Math.max(1, fitting()) ? 1 : zoom);
    scroll.scrollLeft = place * scroll.scrollWidth - at;
  };
  const keys = { '+': () => zoomTo(current() * STEP), '=': () => zoomTo(current() * STEP), '-': () => zoomTo(current() / STEP), f: () => actions.setZoom(1) };

  store.watch(
    ({ zoom }) => [zoom],
    ({ zoom }) => {
      map.classList.toggle('wide', zoom !== 1);
      map.style.setProperty('--zoom', String(zoom));
    },
  );
  $('#zoomIn', shadow).addEventListener('click', keys['+']);
  $('#zoomOut', shadow).addEventListener('click', keys['-']);
  $('#fit', shadow).addEventListener('click', keys.f);
  scroll.addEventListener(
    'wheel',
    (/** @type {WheelEvent} */ event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      zoomTo(current() * Math.exp(-event.deltaY / 300), event.clientX - scroll.getBoundingClientRect().left);
    },
    { passive: false },
  );
  pan(scroll);
  pinch(scroll, current, zoomTo);
  return (signal) => onHotkey(shadow.host, (key) => keys[/** @type {keyof typeof keys} */ (key)]?.(), signal);
}

/**
 * Fingers scroll the map by themselves; this is for the mouse and the pen.
 * @param {HTMLElement} scroll
 */
function pan(scroll) {
  /** @type {{ x: number, left: number } | null} */
  let start = null;
  let isDragged = false;
  scroll.addEventListener('pointerdown', ({ pointerType, button, clientX }) => {
    isDragged = false;
    if (pointerType !== 'touch' && button === 0) start = { x: clientX, left: scroll.scrollLeft };
  });
  scroll.addEventListener('pointermove', ({ pointerId, clientX }) => {
    if (start === null) return;
    if (!isDragged && Math.abs(clientX - start.x) > SLOP) {
      isDragged = true;
      scroll.setPointerCapture(pointerId);
      scroll.dataset.dragged = 'true';
    }
    if (isDragged) scroll.scrollLeft = start.left + start.x - clientX;
  });
  for (const type of ['pointerup', 'pointercancel']) {
    scroll.addEventListener(type, () => {
      start = null;
      delete scroll.dataset.dragged;
    });
  }
  scroll.addEventListener(
    'click',
    (event) => {
      if (isDragged) event.stopPropagation();
      isDragged = false;
    },
    { capture: true },
  );
}

/**
 * @param {HTMLElement} scroll
 * @param {() => number} current
 * @param {(zoom: number, at: number) => void} zoomTo
 */
function pinch(scroll, current, zoomTo) {
  /** @type {{ distance: number, zoom: number } | null} */
  let start = null;
  const measure = (/** @type {TouchList} */ [a, b]) => {
    if (!a || !b) return null;
    return { distance: Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY), at: (a.clientX + b.clientX) / 2 - scroll.getBoundingClientRect().left };
  };
  scroll.addEventListener(
    'touchmove',
    (event) => {
      const fingers = measure(event.touches);
      if (fingers === null) return;
      event.preventDefault();
      start ??= { distance: fingers.distance, zoom: current() };
      zoomTo((start.zoom * fingers.distance) / start.distance, fingers.at);
    },
    { passive: false },
  );
  scroll.addEventListener('touchend', () => {
    start = null;
  });
}
