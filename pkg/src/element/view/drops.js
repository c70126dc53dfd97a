import { carriesContent } from '../transfer.js';

/**
 * Takes what is dropped on a part of the element, unless the page has taken it already; what is not taken stays the page's, and
 * what nobody takes is not opened by the browser.
 * @param {HTMLElement} target
 * @param {(data: DataTransfer) => boolean} take says whether it did
 */
export function takeDrops(target, take) {
  const mark = (/** @type {boolean} */ on) => target.classList.toggle('dropping', on);
  target.addEventListener('dragover', (event) => {
    if (!carriesContent(event)) return;
    event.preventDefault();
    mark(true);
  });
  target.addEventListener('dragleave', ({ relatedTarget }) => {
    if (!(relatedTarget instanceof Node && target.contains(relatedTarget))) mark(false);
  });
  target.addEventListener('drop', (event) => {
    mark(false);
    if (event.defaultPrevented || !carriesContent(event) || event.dataTransfer === null) return;
    if (take(event.dataTransfer)) event.preventDefault();
    else addEventListener('drop', (last) => last.preventDefault(), { once: true });
  });
}
