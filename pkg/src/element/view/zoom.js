import { $ } from '../dom.js';
import { onHotkey } from '../keys.js';

/** Largest zoom, and the smallest one that a step reaches; fitting a long map may go below. */
const [MOST, LEAST] = [2, 0.4];
const STEP = 1.25;
/** Pixels that the pointer moves before a press becomes a drag. */
const SLOP = 5;

/**
 * Zooms the map with buttons, keys, Ctrl and wheel, or two fingers, and pans it by dragging.
 * @param {HTMLElement} scroll
 * @param {HTMLElement} map
 * @param {ShadowRoot} shadow
 * @returns {(signal: AbortSignal) => void} to be called when the map comes into a document
 */
export function mountZoom(scroll, map, shadow) {
  let zoom = 1;

  /**
   * @param {number} wanted
   * @param {number} [at] what stays in place, in pixels from the left edge of the view
   */
  const zoomTo = (wanted, at = scroll.clientWidth / 2) => {
    const before = zoom;
    zoom = Math.min(MOST, Math.max(Math.min(LEAST, before), wanted));
    map.style.zoom = String(zoom);
    scroll.scrollLeft = ((scroll.scrollLeft + at) * zoom) / before - at;
  };
  const fit = () => {
    map.style.zoom = '1';
    const { paddingLeft, paddingRight } = getComputedStyle(scroll);
    const room = scroll.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
    zoom = Math.min(1, room / map.scrollWidth);
    map.style.zoom = String(zoom);
  };
  const actions = { '+': () => zoomTo(zoom * STEP), '=': () => zoomTo(zoom * STEP), '-': () => zoomTo(zoom / STEP), f: fit };

  $('#zoomIn', shadow).addEventListener('click', actions['+']);
  $('#zoomOut', shadow).addEventListener('click', actions['-']);
  $('#fit', shadow).addEventListener('click', fit);
  scroll.addEventListener(
    'wheel',
    (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      zoomTo(zoom * Math.exp(-event.deltaY / 300), event.clientX - scroll.getBoundingClientRect().left);
    },
    { passive: false },
  );
  pan(scroll);
  pinch(scroll, () => zoom, zoomTo);
  return (signal) => onHotkey(shadow.host, (key) => actions[/** @type {keyof typeof actions} */ (key)]?.(), signal);
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
