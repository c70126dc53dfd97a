import { $, el } from '../dom.js';
import { t } from '../i18n.js';

/** @param {import('../state.js').Store} store */
export function mountDevice(store) {
  const root = $('#device');
  store.watch(
    ({ model, lang }) => [model, lang],
    ({ model }) => {
      root.hidden = model === null;
      if (model === null) return;
      const { device, deviceReason, threads, adapter } = model.info;
      const values = { device: device === 'cpu' ? 'CPU' : 'WebGPU', n: threads.used };
      root.dataset.device = device;
      root.title = adapter ?? threads.reason;
      root.replaceChildren(
        el('span', { class: 'dot', 'aria-hidden': true }),
        el('span', {}, el('b', { class: 'num', text: t(threads.used === 1 ? 'deviceOne' : 'device', values) }), el('small', { text: deviceReason, lang: 'en' })),
      );
    },
  );
}
