import { platform } from './platform.js';

/** The address that relative addresses are relative to: the page's, in Node.js the working directory, else this script's. */
export function baseAddress() {
  return platform.base?.() ?? globalThis.document?.baseURI ?? globalThis.location?.href ?? import.meta.url;
}

/**
 * @param {string | URL} address
 * @param {string} [base]
 * @returns {string} absolute
 */
export function absolute(address, base = baseAddress()) {
  return new URL(address, base).href;
}

/**
 * @param {string | URL} address of a folder, with or without the slash at its end
 * @returns {string} absolute, with the slash
 */
export function folder(address) {
  const url = new URL(address, baseAddress());
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url.href;
}
