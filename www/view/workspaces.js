import { $ } from '../../pkg/dist/element/dom.js';
import { WORKSPACES } from '../state.js';

/**
 * The ways to what may be done with the picture, in the header.
 * @param {import('../state.js').Store} store
 * @param {import('../controls.js').Actions} actions
 */
export function mountWorkspaces(store, actions) {
  const links = /** @type {HTMLAnchorElement[]} */ ([...$('#workspaces').children]);
  for (const link of links) {
    link.addEventListener('click', (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      actions.setWorkspace(WORKSPACES.find((name) => name === link.dataset.view) ?? 'inspect');
    });
  }
  store.watch(
    ({ workspace }) => [workspace],
    ({ workspace }) => {
      for (const link of links) link.ariaCurrent = link.dataset.view === workspace ? 'page' : null;
    },
  );
}
