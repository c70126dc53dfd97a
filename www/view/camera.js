import { $, el } from '../../pkg/dist/element/dom.js';
import { t } from '../../pkg/dist/element/i18n.js';
import { note } from '../../pkg/dist/element/view/parts.js';

/** What there is to say where the camera cannot be used. */
const SENTENCES = { refused: 'cameraRefused', none: 'cameraNone', insecure: 'cameraInsecure', ended: 'cameraEnded', unreadable: 'cameraUnreadable', reloaded: 'cameraReloaded' };

/**
 * The camera among the ways to bring a picture: its button, how fast frames are classified, what is wrong with it.
 * @param {import('../state.js').Store} store
 * @param {import('../controls.js').Actions} actions
 */
export function mountCamera(store, actions) {
  const [button, rate, said] = [$('#camera'), $('#cameraRate'), $('#cameraNote')];
  button.addEventListener('click', actions.toggleCamera);
  store.watch(
    ({ camera, lang }) => [camera.status, camera.failure, lang],
    ({ camera: { status, failure } }) => {
      button.textContent = t(status === 'off' ? 'camera' : 'cameraStop');
      if (failure) said.replaceChildren(note('warn', t(SENTENCES[failure.code], { detail: failure.detail })));
      else if (status === 'paused') said.replaceChildren(note('plain', t('cameraHidden')));
      else said.replaceChildren(status === 'starting' ? el('p', { class: 'muted', text: t('cameraStarting') }) : '');
    },
  );
  store.watch(
    ({ camera, lang }) => [camera.rate, lang],
    ({ camera }) => {
      rate.hidden = camera.rate === null;
      rate.textContent = camera.rate === null ? '' : t('cameraRate', { n: camera.rate < 10 ? camera.rate.toFixed(1) : camera.rate.toFixed(0) });
    },
  );
}
