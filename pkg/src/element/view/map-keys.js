/** What the arrows reach on the map: the buttons of stem, cards and head and, below a card's, the switches of its lanes and the word that is explained there. */
const STOPS = '.card > button, .card input, .card .term, .fold, .end > button';

const COLUMNS = '.card, .fold, .end:has(> button)';

/**
 * Makes the map one tab stop: left and right go to the next card, down and up through the lanes of one.
 * @param {HTMLElement} map
 */
export function moveInMap(map) {
  map.addEventListener('keydown', (event) => {
    const from = /** @type {HTMLElement} */ (event.target);
    if (!from.matches(STOPS) || event.ctrlKey || event.metaKey || event.altKey) return;
    const to = next(map, from, event.key);
    if (to === undefined) return;
    event.preventDefault();
    if (to === null) return;
    for (const stop of /** @type {NodeListOf<HTMLElement>} */ (map.querySelectorAll(STOPS))) stop.tabIndex = stop === to ? 0 : -1;
    to.focus();
  });
}

/**
 * @param {HTMLElement} map
 * @param {HTMLElement} from
 * @param {string} key
 * @returns {HTMLElement | null | undefined} null at the edge, undefined for keys that do not move
 */
function next(map, from, key) {
  const columns = /** @type {HTMLElement[]} */ ([...map.querySelectorAll(COLUMNS)]);
  const column = columns.indexOf(/** @type {HTMLElement} */ (from.closest(COLUMNS)));
  const stops = stopsOf(columns[column]);
  const row = stops.indexOf(from);
  const inColumn = (/** @type {number} */ at) => {
    const others = stopsOf(columns[at]);
    return others[Math.min(row, others.length - 1)] ?? null;
  };
  switch (key) {
    case 'ArrowLeft':
      return inColumn(column - 1);
    case 'ArrowRight':
      return inColumn(column + 1);
    case 'ArrowUp':
      return stops[row - 1] ?? null;
    case 'ArrowDown':
      return stops[row + 1] ?? null;
    case 'Home':
      return inColumn(0);
    case 'End':
      return inColumn(columns.length - 1);
    default:
      return undefined;
  }
}

/** @param {HTMLElement | undefined} column */
function stopsOf(column) {
  if (column === undefined) return [];
  return column.matches('.fold') ? [column] : /** @type {HTMLElement[]} */ ([...column.querySelectorAll(':scope > button, input, .term')]);
}
