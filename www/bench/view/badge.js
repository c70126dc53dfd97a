import { $ } from '../../../pkg/dist/element/dom.js';
import { t } from '../../../pkg/dist/element/i18n.js';
import { inMs } from '../figures.js';
import { placeName } from '../places.js';
import { comparison, spread } from '../report.js';

/**
 * In the header: which device is the faster one, once both have been measured.
 * @param {import('../state.js').Store} store
 */
export function mountBadge(store) {
  store.watch(
    ({ report, lang }) => [report, lang],
    ({ report }) => {
      const found = report && comparison(report);
      $('#device').hidden = !found || found.fast.device === found.slow.device;
      if ($('#device').hidden || !found) return;
      const [gpu, cpu] = found.fast.device === 'webgpu' ? [found.fast, found.slow] : [found.slow, found.fast];
      $('#deviceWhere').textContent = placeName(found.fast);
      $('#deviceWhy').textContent = t('devMeasured', { a: inMs(spread(gpu).ms), b: inMs(spread(cpu).ms) });
    },
  );
}
