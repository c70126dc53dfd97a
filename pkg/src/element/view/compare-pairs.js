import { moduleB, pairsOf, sideA, sideB } from '../compare.js';
import { comparedOf } from '../compared.js';
import { activeElement, el, observeWidth } from '../dom.js';
import { digits, percent } from '../format.js';
import { t } from '../i18n.js';
import { layoutGrids } from './grid.js';
import { offText } from './branch.js';
import { PairCell } from './compare-cell.js';

/** @typedef {import('../compare.js').Pair} Pair */

/**
 * The branches of the open module, each with its maps on both sides and their difference.
 * @param {HTMLElement} root
 * @param {import('../state.js').Store} store
 * @param {import('../controls.js').Actions} actions
 * @returns {(signal: AbortSignal) => void} to be called when the view comes into a document
 */
export function mountPairs(root, store, actions) {
  /** @type {PairView[]} */
  let views = [];
  const layout = () => {
    const grids = views.flatMap((view) => view.grids);
    if (grids.length > 0) layoutGrids(grids, store.state.look.tile);
  };
  store.watch(
    (state) => [pairsOf(state), state.compare?.difference, state.live, state.theme, state.lang],
    (state) => {
      const pairs = pairsOf(state);
      const isShown = pairs.some(({ a, b }) => a?.maps || b?.maps);
      root.hidden = !isShown;
      const names = pairs.map(({ a, b }) => `${a?.branch.name} ${b?.branch.name} ${state.lang}`).join();
      if (root.dataset.names !== names) {
        views = pairs.map((pair) => new PairView(pair, store, actions));
        root.replaceChildren(...views.map(({ element }) => element));
        root.dataset.names = names;
      }
      const how = { withDifference: state.compare?.difference ?? false, hasB: moduleB(state) !== null, isLive: state.live };
      views.forEach((view, i) => view.show(/** @type {Pair} */ (pairs[i]), how));
      const hasThird = views.some(({ hasDifference }) => hasDifference);
      root.parentElement?.style.setProperty('--sides', hasThird ? '3' : '2');
      if (isShown) layout();
    },
  );
  store.watch(
    (state) => [pairsOf(state), state.compare?.spot, state.spot, state.pin, state.compare?.difference, state.lang],
    (state) => {
      const read = comparedOf(state);
      for (const view of views) view.mark(read, state.pin);
    },
  );
  store.watch(
    (state) => [sideA(state)?.stale, sideB(state)?.stale, state.compare?.status, state.compare === null],
    (state) => {
      root.dataset.stale = [sideA(state)?.stale && 'a', sideB(state)?.stale && 'b'].filter(Boolean).join(' ');
      root.ariaBusy = String(state.compare?.status === 'running');
    },
  );

  return (signal) => observeWidth(root, layout, signal);
}

/** One branch on both sides. */
class PairView {
  hasDifference = false;

  /**
   * @param {Pair} pair
   * @param {import('../state.js').Store} store
   * @param {import('../controls.js').Actions} actions
   */
  constructor({ index, a, b }, store, actions) {
    const label = (a ?? b)?.branch.label ?? '';
    /** What is read, on side A, where the module view and the picture know it. */
    const spotA = () => {
      const { a: place = null } = comparedOf(store.state) ?? {};
      return place && { layer: place.maps.name, channel: place.channel, y: place.y, x: place.x };
    };
    const pin = (/** @type {import('../state.js').Spot | null} */ spot) => actions.pin(spot && spotA());
    this.cells = /** @type {const} */ (['A', 'B', 'B − A']).map((letter) => {
      const side = letter === 'B' ? 'b' : 'a';
      const read = (/** @type {import('../state.js').Spot | null} */ spot) => {
        actions.setCompare({ spot: spot && { side, index, channel: spot.channel, y: spot.y, x: spot.x } });
        actions.read(spot && spotA());
      };
      return new PairCell(letter, index, { read, pin, open: letter === 'A' ? actions.openLarge : pin });
    });
    this.range = el('small', { class: 'muted num' });
    this.element = el(
      'section',
      { class: 'pair', 'aria-label': `${t('compare')}: ${label}`, 'data-pair': index, vars: { '--c': `var(--b${index})` } },
      el('header', {}, el('b', { lang: 'en', text: label }), this.range),
      el('div', { class: 'cells' }, ...this.cells.map(({ element }) => element)),
    );
    for (const one of this.cells) one.grid.box.addEventListener('scroll', () => this.#follow(one), { passive: true });
  }

  get grids() {
    return this.cells.filter(({ element, maps }) => !element.hidden && !maps.hidden).map(({ grid }) => grid);
  }

  /** Keeps the same channels side by side. @param {PairCell} moved */
  #follow(moved) {
    for (const { grid, count } of this.cells) {
      if (grid !== moved.grid && count === moved.count && grid.box.scrollTop !== moved.grid.box.scrollTop) grid.box.scrollTop = moved.grid.box.scrollTop;
    }
  }

  /**
   * @param {Pair} pair
   * @param {{ withDifference: boolean, hasB: boolean, isLive: boolean }} how hasB: whether side B has a module
   */
  show({ index, a, b, difference, palette, limits }, { withDifference, hasB, isLive }) {
    const [first, second, third] = /** @type {[PairCell, PairCell, PairCell]} */ (this.cells);
    first.show(a, palette, limits.a, factsOf(a), t('noBranch', { i: index }), a?.isOff ? offText(a.maps, a.branch.label, isLive) : null);
    second.show(b, palette, limits.b, factsOf(b), hasB ? t('noBranch', { i: index }) : '');
    this.hasDifference = withDifference && difference !== null;
    third.element.hidden = !this.hasDifference;
    if (difference && this.hasDifference) {
      const cell = { branch: /** @type {NonNullable<typeof a>} */ (a).branch, share: null, isOff: false, ...difference };
      third.show(cell, 'diverging', difference.limit, [[t('meanDifference'), digits(difference.maps.mean)]], '');
    }
    const upTo = (/** @type {string} */ sides, /** @type {number} */ limit) => `${sides}: ${palette === 'diverging' ? '±' : '≥'} ${digits(limit)}`;
    const isShared = limits.a === limits.b;
    const ranges = isShared && (a?.maps || b?.maps) ? [upTo('A, B', limits.a)] : [a?.maps && upTo('A', limits.a), b?.maps && upTo('B', limits.b)];
    this.range.textContent = [...ranges, difference && this.hasDifference && `B − A: ± ${digits(difference.limit)}`].filter(Boolean).join(' · ');
  }

  /**
   * @param {import('../compared.js').Reading | null} read
   * @param {import('../state.js').Spot | null} pin
   */
  mark(read, pin) {
    const isHere = read !== null && String(read.pair.index) === this.element.dataset.pair;
    const hasFocus = isHere && this.cells.some(({ grid }) => grid.box === activeElement(grid.box));
    const text = read ? readText(read) : '';
    const [first, second, third] = /** @type {[PairCell, PairCell, PairCell]} */ (this.cells);
    const isPinned = pin !== null && pin.layer === read?.a?.maps.name && pin.channel === read.a.channel;
    const at = (/** @type {import('../compared.js').Place | null | undefined} */ place) => (place && isHere ? { layer: place.maps.name, channel: place.channel, y: place.y, x: place.x } : null);
    first.grid.mark(at(read?.a), isPinned, text);
    second.grid.mark(at(read?.b), isPinned, text);
    third.grid.mark(at(read?.change === null ? null : read?.a), isPinned, text);
    if (hasFocus) for (const { grid } of this.cells) grid.reveal();
  }
}

/**
 * @param {import('../compare.js').Cell | null} cell
 * @returns {[string, string][]}
 */
function factsOf(cell) {
  const maps = cell?.maps ?? null;
  return [
    [t('mean'), maps ? digits(maps.mean) : '–'],
    [t('max'), maps ? digits(maps.max) : '–'],
    [t('zeros'), maps ? `${(maps.zeros * 100).toFixed(0)} %` : '–'],
    [t('dead'), maps && !cell?.isOff ? String(maps.dead) : '–'],
    [t('energyShort'), maps && cell?.share != null ? `${percent(cell.share)} %` : '–'],
  ];
}

/**
 * Both values in words.
 * @param {import('../compared.js').Reading} read
 */
export function readText({ channel, a, b, change }) {
  const part = (/** @type {string} */ side, /** @type {import('../compared.js').Place | null} */ place) => place && `${side} (y ${place.y}, x ${place.x}) ${digits(place.value)}`;
  return [`${t('channel')} ${channel}`, part('A', a), part('B', b), change !== null && `B − A ${digits(change)}`].filter(Boolean).join(' · ');
}
