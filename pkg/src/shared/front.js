/**
 * Tells whether the page can be seen, now if it cannot and at each change; a thread without a page is always in front.
 * @param {(isInFront: boolean) => void} tell
 * @returns {() => void} ends it
 */
export function watchFront(tell) {
  const { document } = globalThis;
  if (document === undefined) return () => undefined;
  const onChange = () => tell(!document.hidden);
  document.addEventListener('visibilitychange', onChange);
  if (document.hidden) onChange();
  return () => document.removeEventListener('visibilitychange', onChange);
}
