/** What the engine's places have, but not all pages that are made up for tests (jsdom's). */
const NEEDED = ['Response', 'TextDecoder', 'WebAssembly', 'fetch'];

/**
 * What this place lacks to load a model at all.
 * @returns {string | null} null: nothing
 */
export function lackOfPlace() {
  const missing = NEEDED.filter((name) => !(name in globalThis));
  if (missing.length === 0) return null;
  return `there is no ${missing.join(' and no ')} here; tests need the environment 'node' (Jest: @jest-environment node)`;
}
