/**
 * Makes an element. Keys of `properties`: `class`, `text`, `on` (listeners by event), `vars` (CSS custom properties);
 * names with a hyphen and `role`, `for`, `href`, `list` become attributes, all others are set as properties.
 * @param {string} tag
 * @param {Record<string, any>} [properties]
 * @param {...(Node | string | null | undefined | false)} children
 * @returns {any}
 */
export function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    if (key === 'class') element.className = value;
    else if (key === 'text') element.textContent = value;
    else if (key === 'on') for (const [type, listener] of Object.entries(value)) element.addEventListener(type, listener);
    else if (key === 'vars') for (const [name, v] of Object.entries(value)) element.style.setProperty(name, v);
    else if (key === 'role' || key.includes('-')) element.setAttribute(key, String(value));
    else /** @type {any} */ (element)[key] = value;
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/**
 * @param {string} selector
 * @param {ParentNode} [root]
 * @returns {any}
 */
export function $(selector, root = document) {
  return root.querySelector(selector);
}

/**
 * One tab stop for a group: the checked or pressed item, else the first; arrows move the focus and, in radio groups, choose.
 * @param {HTMLElement} group
 * @param {string} items selector
 * @param {{ choose?: boolean }} [options]
 */
export function rove(group, items, { choose = false } = {}) {
  group.addEventListener('keydown', (event) => {
    const all = /** @type {HTMLElement[]} */ ([...group.querySelectorAll(items)]);
    const at = all.indexOf(/** @type {HTMLElement} */ (event.target));
    const to = { ArrowLeft: at - 1, ArrowUp: at - 1, ArrowRight: at + 1, ArrowDown: at + 1, Home: 0, End: all.length - 1 }[event.key];
    if (at < 0 || to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const next = all[choose ? (to + all.length) % all.length : Math.max(0, Math.min(all.length - 1, to))];
    for (const item of all) item.tabIndex = item === next ? 0 : -1;
    next?.focus();
    if (choose) next?.click();
  });
}

/**
 * Gives the group's single tab stop to the item that is checked or pressed.
 * @param {HTMLElement} group
 * @param {string} items selector
 */
export function setTabStop(group, items) {
  const all = /** @type {HTMLElement[]} */ ([...group.querySelectorAll(items)]);
  const isOn = (/** @type {HTMLElement} */ item) => item.ariaChecked === 'true' || item.ariaPressed === 'true';
  const stop = all.find(isOn) ?? all[0];
  for (const item of all) item.tabIndex = item === stop ? 0 : -1;
}

/**
 * @param {EventTarget | null | undefined} target
 * @returns {boolean} whether keys write into it
 */
export function isField(target) {
  return target instanceof HTMLElement && target.matches('input:not([type=checkbox]), select, textarea');
}

/**
 * @param {Node} node
 * @returns {Element | null} what has the focus in the node's own tree, the document or a shadow root
 */
export function activeElement(node) {
  const root = node.getRootNode();
  return root instanceof Document || root instanceof ShadowRoot ? root.activeElement : null;
}

/**
 * @param {Element} element
 * @param {() => void} resized
 * @param {AbortSignal} signal ends it
 */
export function observeSize(element, resized, signal) {
  const observer = new ResizeObserver(resized);
  observer.observe(element);
  signal.addEventListener('abort', () => observer.disconnect());
}

/**
 * @param {Element} element
 * @param {() => void} act whenever its width is another one, from the first on
 * @param {AbortSignal} signal ends it
 */
export function observeWidth(element, act, signal) {
  let width = -1;
  const resized = () => {
    if (element.clientWidth === width) return;
    width = element.clientWidth;
    act();
  };
  observeSize(element, resized, signal);
}

/** @returns {boolean} whether the window is used with a finger: nothing to point with, perhaps no keys */
export function isTouch() {
  return matchMedia('(pointer: coarse)').matches;
}
