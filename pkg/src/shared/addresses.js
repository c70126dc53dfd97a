import { script } from '../assets.js';
import { platform } from './platform.js';

/** The address that relative addresses are relative to: the page's, in Node.js the working directory, else this script's. */
export function baseAddress() {
  return platform.base?.() ?? globalThis.document?.baseURI ?? globalThis.location?.href ?? script;
}

/**
 * @param {string | URL} address
 * @param {string} [base]
 * @returns {string} absolute
 */
export function absolute(address, base) {
  return base === undefined ? new URL(own(address), baseAddress()).href : new URL(address, base).href;
}

/**
 * In Node.js what has no scheme is a path, in which `#`, `%` and `?` are letters as others.
 * @param {string | URL} address
 */
function own(address) {
  return typeof address === 'string' && !/^[a-z][a-z\d+.-]+:/i.test(address) ? (platform.addressOf?.(address) ?? address) : address;
}

/**
 * @param {string | URL} address of a folder, with or without the slash at its end
 * @returns {string} absolute, with the slash
 */
export function folder(address) {
  const url = new URL(own(address), baseAddress());
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url.href;
}
