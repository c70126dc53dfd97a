/** Between a menu and the window's edge, in pixels. */
const MARGIN = 12;

/**
 * Moves an open menu to the left as far as the window asks for.
 * @param {HTMLElement} menu
 * @param {HTMLElement} root what it hangs from
 */
export function keepWithin(menu, root) {
  const { left } = root.getBoundingClientRect();
  menu.style.setProperty('--shift', `${Math.min(0, innerWidth - MARGIN - left - menu.offsetWidth)}px`);
}
