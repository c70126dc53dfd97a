import { $, el } from '../../pkg/dist/element/dom.js';
import { t } from '../../pkg/dist/element/i18n.js';

/** The words of each step, by finger too, and what of the inspector it is about. */
const STEPS = [
  { text: 'tour1', touch: 'tour1touch', highlight: null },
  { text: 'tour2', touch: 'tour2touch', highlight: 'channels' },
  { text: 'tour3', touch: 'tour3', highlight: 'switches' },
];

/**
 * Three things to try, in a strip between the header and the page; what the current one is about has an outline.
 * @param {import('../state.js').Store} store
 * @param {import('../controls.js').Actions} actions
 * @param {import('../../pkg/dist/element/index.js').InceptionInspector} inspector
 */
export function mountTour(store, actions, inspector) {
  const [root, list, next, end, samples] = [$('#tour'), $('#tourSteps'), $('#tourNext'), $('#tourEnd'), $('#samples')];
  const finger = matchMedia('(pointer: coarse)');
  const items = STEPS.map(() => ({ item: el('li', {}), mark: el('b', { 'aria-hidden': true }), text: el('span', {}) }));
  list.replaceChildren(...items.map(({ item, mark, text }) => (item.append(mark, text), item)));
  /** What had the focus before the tour. @type {HTMLElement | null} */
  let before = null;

  addEventListener('focusout', (event) => {
    const [left] = event.composedPath();
    if (left instanceof HTMLElement && !root.contains(left) && root.contains(/** @type {Node | null} */ (event.relatedTarget))) before = left;
  });
  const close = () => {
    const hadFocus = root.contains(document.activeElement);
    actions.closeTour();
    if (hadFocus) (before?.isConnected ? before : inspector).focus();
  };
  end.addEventListener('click', close);
  next.addEventListener('click', () => {
    const step = store.state.tour?.indexOf(false) ?? -1;
    if (step < 0 || step === STEPS.length - 1) close();
    else actions.passStep(step);
  });
  root.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => {
    if (event.key === 'Escape') close();
  });

  const show = (/** @type {readonly boolean[] | null} */ tour) => {
    const current = tour?.indexOf(false) ?? -1;
    root.hidden = tour === null;
    samples.classList.toggle('toured', current === 0);
    const highlight = STEPS[current]?.highlight;
    if (highlight) inspector.setAttribute('highlight', highlight);
    else inspector.removeAttribute('highlight');
    if (tour === null) return;
    root.ariaLabel = t('tour');
    items.forEach(({ item, mark, text }, i) => {
      const { text: words, touch } = /** @type {(typeof STEPS)[number]} */ (STEPS[i]);
      item.classList.toggle('done', tour[i]);
      if (i === current) item.setAttribute('aria-current', 'step');
      else item.removeAttribute('aria-current');
      mark.textContent = tour[i] ? '✓' : String(i + 1);
      text.textContent = t(finger.matches ? touch : words);
    });
    next.textContent = t(current >= 0 && current < STEPS.length - 1 ? 'tourNext' : 'tourEnd');
    end.ariaLabel = end.title = t('tourEnd');
  };
  store.watch(
    ({ tour, lang }) => [tour, lang],
    ({ tour }) => show(tour),
  );
  finger.addEventListener('change', () => store.show(({ tour }) => show(tour)));
}
