/** Between a menu and the window's edge, in pixels. */
const MARGIN = 12;

/**
 * Moves an open menu to the left as far as the page's width asks for; a menu that runs off a phone's screen makes the window itself wider.
 * @param {HTMLElement} menu
 * @param {HTMLElement} root what it hangs from
 */
export function keepWithin(menu, root) {
  const { left } = root.getBoundingClientRect();
  menu.style.setProperty('--shift', `${Math.min(0, document.documentElement.clientWidth - MARGIN - left - menu.offsetWidth)}px`);
}
