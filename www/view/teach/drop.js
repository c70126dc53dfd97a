import { droppedIn } from '../../teach/folders.js';

/**
 * Takes files and folders that are dropped on an element.
 * @param {HTMLElement} element
 * @param {(dropped: ReturnType<typeof droppedIn>) => void} take
 */
export function takeDrops(element, take) {
  const carriesFiles = (/** @type {DragEvent} */ { dataTransfer }) => dataTransfer?.types.includes('Files') ?? false;
  element.addEventListener('dragover', (event) => {
    if (!carriesFiles(event) || event.defaultPrevented) return;
    event.preventDefault();
    element.classList.add('over');
  });
  element.addEventListener('dragleave', ({ relatedTarget }) => {
    if (!(relatedTarget instanceof Node && element.contains(relatedTarget))) element.classList.remove('over');
  });
  element.addEventListener('drop', (event) => {
    element.classList.remove('over');
    if (!carriesFiles(event) || event.defaultPrevented || event.dataTransfer === null) return;
    event.preventDefault();
    take(droppedIn(event.dataTransfer));
  });
}
