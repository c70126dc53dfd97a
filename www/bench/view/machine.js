import { el } from '../../../pkg/dist/element/dom.js';
import { t } from '../../../pkg/dist/element/i18n.js';
import { featuresText, limitsText, simdText } from '../report.js';
import { panel } from './panel.js';

/**
 * What the browser tells of the machine.
 * @param {import('../machine.js').Machine} machine
 */
export function machinePanel(machine) {
  const { adapter, processors, browser } = machine;
  const cpu = t('bProcessors', { n: processors, simd: simdText(machine) });
  /** Terms, what is said, and whether that is English. @type {[string, string, boolean][]} */
  const lines = [['CPU', cpu, false], [t('bBrowser'), browser, true]];
  if (adapter === null) lines.unshift([t('bAdapter'), t('bNoGpu'), false]);
  else {
    lines.unshift([t('bAdapter'), `${adapter.name}, WebGPU`, true]);
    lines.push([t('bFeatures'), featuresText(adapter), true], [t('bLimits'), limitsText(adapter).join(', '), true]);
  }
  const software = adapter?.software ? el('small', { text: t('bSoftware') }) : null;
  const terms = lines.flatMap(([term, said, isEnglish], i) => [el('dt', { text: term }), el('dd', { lang: isEnglish ? 'en' : null }, said, i === 0 && software ? ' · ' : null, i === 0 && software)]);
  return panel(t('bMachine'), [], el('dl', { class: 'spec' }, ...terms));
}
