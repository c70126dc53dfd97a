import { $ } from '../../pkg/dist/element/dom.js';

/** How long it is said that something was done, in milliseconds. */
const SHOWN = 2500;
let timer = 0;

/** Confirms what was done, for a moment. @param {string} text */
export function toast(text) {
  const root = $('#toast');
  root.textContent = text;
  root.classList.add('shown');
  clearTimeout(timer);
  timer = setTimeout(() => {
    root.classList.remove('shown');
    root.textContent = '';
  }, SHOWN);
}
