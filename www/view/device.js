import { $, el, rove } from '../../pkg/dist/element/dom.js';
import { t } from '../../pkg/dist/element/i18n.js';
import { isByTime, reasonText } from '../../pkg/dist/element/view/device-words.js';
import { besideThis } from '../address.js';
import { mountSelfTest } from './self-test.js';
import { keepWithin } from './within.js';

/** @typedef {import('../address.js').Device} Device */

/** @type {{ device: Device, name: string, hint: string }[]} */
const CHOICES = [
  { device: 'auto', name: 'onAuto', hint: 'onAutoHint' },
  { device: 'webgpu', name: 'onGpu', hint: 'onGpuHint' },
  { device: 'cpu', name: 'onCpu', hint: 'onCpuHint' },
];

/**
 * The badge that says where the network runs and why, the menu behind it that moves the network, and the self-test.
 * @param {import('../state.js').Store} store
 * @param {import('../controls.js').Actions} actions
 */
export function mountDevice(store, actions) {
  const [root, badge, menu] = [$('#device'), $('#deviceBadge'), $('#deviceMenu')];

  /** @param {boolean} open */
  function show(open) {
    menu.hidden = !open;
    badge.ariaExpanded = String(open);
    store.show(({ device }) => menu.replaceChildren(...(open ? choices(device) : [])));
    if (!open) return;
    keepWithin(menu, root);
    $('[aria-checked=true]', menu).focus();
  }
  badge.addEventListener('click', () => show(menu.hidden));
  rove(menu, '.option');
  menu.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== 'Escape') return;
    show(false);
    badge.focus();
  });
  addEventListener('pointerdown', ({ target }) => {
    if (!menu.hidden && !(target instanceof Node && root.contains(target))) show(false);
  });
  root.addEventListener('focusout', (/** @type {FocusEvent} */ { relatedTarget }) => {
    if (relatedTarget instanceof Node && !menu.contains(relatedTarget)) show(false);
  });

  /** @param {(typeof CHOICES)[number]} choice @param {Device} current */
  function option({ device, name, hint }, current) {
    const isCurrent = device === current;
    const choose = () => {
      show(false);
      badge.focus();
      actions.setDevice(device);
    };
    return el(
      'button',
      { class: 'option', role: 'menuitemradio', 'aria-checked': isCurrent, tabIndex: isCurrent ? 0 : -1, on: { click: choose } },
      el('b', { text: t(name) }),
      el('small', { text: t(hint) }),
    );
  }

  /** @param {Device} current */
  function choices(current) {
    const options = CHOICES.map((choice) => option(choice, current));
    const measure = el('a', { class: 'option', role: 'menuitem', href: besideThis('bench.html'), tabIndex: -1 }, el('b', { text: t('bTitle') }));
    return [el('h3', { text: t('runOn'), 'aria-hidden': true }), el('div', { role: 'menu', 'aria-label': t('runOn') }, ...options, el('hr'), measure)];
  }

  store.watch(
    ({ model, lang }) => [model, lang],
    ({ model }) => {
      root.hidden = model === null;
      if (model === null) return;
      const { device, deviceReason, threads, adapter } = model.info;
      const isInstead = device === 'cpu' && model.asked !== 'cpu' && !isByTime(deviceReason);
      const where =
        device === 'webgpu'
          ? t('gpuDevice', { adapter: adapter ?? '' })
          : t(threads.used === 1 ? 'deviceOne' : 'device', { device: 'CPU', n: threads.used });
      const reason = reasonText(deviceReason);
      badge.title = [where, reason, device === 'cpu' ? threads.reason : null].filter(Boolean).join('\n');
      $('#deviceDot').className = isInstead ? 'dot warn' : 'dot';
      $('#deviceWhere').textContent = where;
      Object.assign($('#deviceWhy'), { textContent: reason, lang: reason === deviceReason ? 'en' : document.documentElement.lang });
    },
  );
  mountSelfTest(store, actions);
}
