import { $ } from '../dom.js';
import { t } from '../i18n.js';

/**
 * While pictures come one after another, which of the map's cards follow them.
 * @param {import('../state.js').Store} store
 * @param {ShadowRoot} shadow
 */
export function mountFollowed(store, shadow) {
  const [map, said] = [$('#map', shadow), $('#followed', shadow)];
  store.watch(
    ({ live, model, lang }) => [live, model, lang],
    ({ live, model }) => {
      map.dataset.live = String(live);
      said.textContent = said.title = live && model !== null ? t('onlyOpen') : '';
    },
  );
}
