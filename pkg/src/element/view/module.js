import { $, activeElement, observeWidth } from '../dom.js';
import { digits, large } from '../format.js';
import { t } from '../i18n.js';
import { paperName } from '../paper.js';
import { keyOf } from '../looks.js';
import { neighbourOf, openModule, readOf, shownBranches } from '../shown.js';
import { Atlas } from './atlas.js';
import { BranchView } from './branch.js';
import { layoutGrids } from './grid.js';
import { LooksAtlas } from './looks-atlas.js';
import { showFacts } from './parts.js';
import { runStatus } from './run-status.js';
import { term } from './term.js';
import { fieldRange } from './words.js';

/** @typedef {import('../shown.js').Shown} Shown */

/** Least side of a tile that shows what a channel looks for, in CSS pixels. */
const LEAST_LOOK = 52;

/**
 * The open module, branch by branch.
 * @param {import('../state.js').Store} store
 * @param {import('../controls.js').Actions} actions
 * @param {ShadowRoot} shadow
 * @returns {(signal: AbortSignal) => void} to be called when the view comes into a document
 */
export function mountModule(store, actions, shadow) {
  const [panel, root] = [$('#moduleView', shadow), $('#branches', shadow)];
  $('#previousModule', shadow).addEventListener('click', () => actions.openNeighbour(-1));
  $('#nextModule', shadow).addEventListener('click', () => actions.openNeighbour(1));
  /** @type {BranchView[]} */
  let views = [];
  const atlases = new Atlases();
  const layout = () => layoutGrids(views.map(({ grid }) => grid), store.state.shows === 'looks' ? Math.max(LEAST_LOOK, store.state.look.tile) : store.state.look.tile);

  store.watch(
    ({ model, module, lang }) => [model, module, lang],
    (state) => {
      const module = openModule(state);
      panel.hidden = state.model === null || state.module === null;
      const focused = activeElement(panel);
      const held = views.findIndex(({ element }) => element.contains(focused));
      const [previous, next] = [$('#previousModule', shadow), $('#nextModule', shadow)];
      previous.disabled = neighbourOf(state, -1) === null;
      next.disabled = neighbourOf(state, 1) === null;
      if (/** @type {HTMLButtonElement | null} */ (focused)?.disabled) (focused === previous ? next : previous).focus();
      root.hidden = $('#compareToggle', shadow).hidden = module === null;
      $('#h-mod', shadow).lang = module === null ? '' : 'en';
      views = module?.branches.map((branch) => new BranchView(branch, actions)) ?? [];
      root.replaceChildren(...views.map(({ element }) => element));
      if (held >= 0) (views[held] ?? views[0])?.grid.box.focus();
      if (held >= 0 && views.length === 0) $(next.disabled ? '#previousModule' : '#nextModule', shadow).focus();
      showPaperName($('#paperName', shadow), module && paperName(state.model?.info.network ?? '', module.name));
      if (state.model === null || module === null) return;
      showHead(module, state.model.info.input, shadow);
      root.style.setProperty('--columns', module.branches.map(columnOf).join(' '));
    },
  );
  store.watch(
    (state) => [state.model, state.module, state.maps, state.activity, state.inner, state.innerMaps, state.look, state.explanation, state.theme, state.lang, state.picture === null, state.shows, ...(state.shows === 'looks' ? [state.drawn, state.atlas, state.looksKept] : [])],
    (state) => {
      const expected = state.picture !== null;
      $('#moduleEmpty', shadow).hidden = expected;
      if (openModule(state) === null) return;
      const all = shownBranches(state);
      const drawn = atlases.of(all, state.look);
      const isLooks = state.shows === 'looks';
      const style = getComputedStyle(root);
      root.classList.toggle('looks', isLooks);
      all.forEach((shown, i) => {
        const limit = state.look.scale === 'branch' && shown.maps ? shown.limit(0) : null;
        const { layer, maps, share } = shown;
        const now = state.atlas?.layer === layer.name ? state.atlas.channel : null;
        const atlas = isLooks ? new LooksAtlas(state.drawn, layer.name, now, style) : (drawn[i] ?? null);
        const order = isLooks ? Array.from({ length: layer.shape[0] }, (_, channel) => channel) : shown.order;
        views[i]?.show({ layer, maps, order, atlas, looks: isLooks ? state : null, limit, share, expected });
      });
      if (expected) layout();
    },
  );
  store.watch(
    (state) => [state.spot, state.pin, state.model, state.module, state.maps, state.inner, state.innerMaps, state.look, state.explanation, state.lang, state.shows, state.drawn],
    (state) => {
      const read = readOf(state);
      const text = read ? (state.shows === 'looks' ? lookText(state, read.spot) : readText(read)) : '';
      const pinned = state.pin !== null && state.pin.layer === read?.spot.layer && state.pin.channel === read.spot.channel;
      for (const { grid } of views) grid.mark(read?.spot ?? null, pinned, text);
    },
  );
  store.watch(
    ({ model, module, off, ranking, live, lang }) => [model, module, off, ranking, live, lang],
    (state) => views.forEach((view) => view.showSwitch(state)),
  );
  store.watch(
    ({ pin }) => [pin],
    ({ spot }) => {
      if (spot === null) for (const { grid } of views) grid.reveal();
    },
  );
  store.watch(
    ({ run, picture, maps, lang }) => [run, picture, maps, lang],
    (state) => {
      const { run, picture } = state;
      root.classList.toggle('stale', run.of !== null && run.of !== picture);
      root.ariaBusy = String(run.status === 'running');
      $('#moduleStatus', shadow).replaceChildren(...(run.purpose === 'module' ? runStatus(state, actions) : []));
    },
  );

  return (signal) => {
    observeWidth(root, layout, signal);
    addEventListener('resize', layout, { signal });
    const follow = () => {
      for (const { grid } of views) grid.follow();
    };
    addEventListener('scroll', follow, { signal, capture: true, passive: true });
  };
}

/**
 * @param {import('../network.js').Branch} branch
 * @returns {string} its column: as wide as its channels' share; wide enough for its path and statistics where it has weights
 */
function columnOf({ channels, path }) {
  const isPool = path.flat().every(({ kind }) => kind.endsWith('-pool'));
  return `minmax(${isPool ? 0 : '216px'}, ${channels}fr)`;
}

/**
 * @param {import('../network.js').Module} module
 * @param {[number, number, number]} input
 * @param {ShadowRoot} shadow
 */
function showHead({ name, shape: [channels, height, width], field, macs, branches }, input, shadow) {
  const facts = $('#moduleFacts', shadow);
  $('#h-mod', shadow).textContent = name;
  showFacts(facts, [
    [term('Branch', t('branches', { n: branches.length }))],
    [term('Channel', `${channels} ${t('channels')}`), ` × ${height} × ${width}`],
    [term('Rf', t('rf').toLowerCase()), ` ${fieldRange(field, input)}`],
    [`${large(macs)} `, term('Macs')],
  ]);
  facts.lastElementChild?.classList.add('opt');
}

/**
 * @param {HTMLElement} root
 * @param {string | null} name
 */
function showPaperName(root, name) {
  root.textContent = name ?? '';
  root.title = name === null ? '' : t('inPaper', { m: name });
}

/**
 * A channel in words.
 * @param {{ spot: import('../state.js').Spot, maps: import('../maps.js').BranchMaps }} read
 * @returns {string}
 */
export function readText({ spot, maps }) {
  const { mean = 0, max = 0, sparsity = 0 } = maps.stats[spot.channel] ?? {};
  const value = maps.data[(spot.channel * maps.height + spot.y) * maps.width + spot.x] ?? 0;
  const facts = [`${t('mean')} ${digits(mean)}`, `${t('max')} ${digits(max)}`, `${t('zeros')} ${(sparsity * 100).toFixed(0)} %`];
  return [`${t('channel')} ${spot.channel}`, ...facts, `${t('value')} (y ${spot.y}, x ${spot.x}) ${digits(value)}`].join(' · ');
}

/**
 * @param {Readonly<import('../state.js').State>} state
 * @param {import('../state.js').Spot} spot
 * @returns {string} which channel it is, and whether it is known what it looks for
 */
function lookText({ drawn }, { layer, channel }) {
  return drawn.has(keyOf({ layer, channel, target: 'channel' })) ? `${t('channel')} ${channel}` : t('notYet', { n: channel });
}

/** Keeps the coloured maps while what decides their colours stays as it is. */
class Atlases {
  /** @type {{ key: unknown[], atlas: Atlas }[]} */
  #kept = [];

  /**
   * @param {Shown[]} all
   * @param {import('../maps.js').Look} look
   * @returns {(Atlas | null)[]}
   */
  of(all, { scale }) {
    const layer = scale === 'layer' ? all.map(({ maps }) => maps) : [];
    const next = all.map(({ maps, palette, limit }) => {
      if (maps === null) return null;
      const key = [maps, palette, scale, ...layer];
      const same = this.#kept.find((kept) => kept.key.length === key.length && kept.key.every((value, i) => value === key[i]));
      return same ?? { key, atlas: new Atlas(maps, palette, limit) };
    });
    this.#kept = next.filter((kept) => kept !== null);
    return next.map((kept) => kept?.atlas ?? null);
  }
}
