import { $, el } from '../../pkg/dist/element/dom.js';
import { failureText, t } from '../../pkg/dist/element/i18n.js';

/**
 * The button that compares the GPU with the CPU, and what the comparison gave; only while the network runs on a GPU.
 * @param {import('../state.js').Store} store
 * @param {import('../controls.js').Actions} actions
 */
export function mountSelfTest(store, actions) {
  const root = $('#selfTest');
  store.watch(
    ({ selfTest, model, lang }) => [selfTest, model?.info.device, lang],
    ({ selfTest, model }) => {
      root.hidden = model?.info.device !== 'webgpu' && selfTest.status !== 'failed';
      const { text, title, kind } = shown(selfTest);
      const isRunning = selfTest.status === 'running';
      const hadFocus = root.contains(document.activeElement);
      const button = el('button', { class: kind, text, title, 'aria-disabled': isRunning || undefined, on: { click: actions.selfTest } });
      root.replaceChildren(button);
      if (hadFocus) button.focus();
    },
  );
}

/**
 * @param {import('../state.js').SelfTest} selfTest
 * @returns {{ text: string, title: string, kind: '' | 'bad' }}
 */
function shown({ status, result, failure }) {
  const hint = t('testRunHint');
  if (status === 'running') return { text: t('testRunning'), title: hint, kind: '' };
  if (failure !== null) return { text: t('testFailed'), title: failureText(failure), kind: 'bad' };
  if (result === null) return { text: t('testRun'), title: hint, kind: '' };
  const values = { layer: result.layer, error: result.error.toExponential(1).replace('-', '−') };
  return { text: t(result.ok ? 'testEqual' : 'testUnequal', values), title: t('testWorst', values), kind: result.ok ? '' : 'bad' };
}
