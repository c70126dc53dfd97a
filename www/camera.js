import { t } from '../pkg/dist/element/i18n.js';

/**
 * The camera as a source of pictures: its stream is the page's, its frames are classified by the inspector.
 *
 * @typedef {{ code: 'refused' | 'none' | 'insecure' | 'ended' | 'unreadable' | 'reloaded', detail: string }} CameraFailure
 *
 * @typedef {object} CameraState
 * @property {'off' | 'starting' | 'running' | 'paused'} status paused: while the page is hidden
 * @property {number | null} rate classified frames per second; null until there are two
 * @property {CameraFailure | null} failure
 */

/** @type {CameraState} */
export const CAMERA_OFF = { status: 'off', rate: null, failure: null };
/** What a refusal of the browser means; all others are told in its own words. */
const CODES = /** @type {Record<string, CameraFailure['code']>} */ ({
  NotAllowedError: 'refused',
  SecurityError: 'refused',
  NotFoundError: 'none',
  OverconstrainedError: 'none',
});

/** What this tab's session remembers while the camera is on. */
const IN_USE = 'inception-camera';

/** Films until it is stopped, the camera is gone or the inspector leaves its frames. */
export class Camera {
  #stop = new AbortController();
  #video = document.createElement('video');

  /**
   * @param {import('./state.js').Store} store
   * @param {import('../pkg/dist/element/index.js').InceptionInspector} inspector
   */
  constructor(store, inspector) {
    this.store = store;
    this.inspector = inspector;
    this.#video.muted = this.#video.playsInline = true;
    inspector.addEventListener('inception-stop', () => this.#off());
    inspector.addEventListener('inception-picture', () => {
      // One that was on its way when the camera was asked for is no reason not to start it.
      if (store.state.camera.status === 'off') this.#off();
    });
    store.watch(
      ({ camera: { status } }) => [status],
      ({ camera: { status } }) => status !== 'starting' && rememberUse(status !== 'off'),
    );
    inspector.addEventListener('inception-frame', ({ detail: { rate } }) => {
      const { camera } = store.state;
      if (camera.status === 'running') store.set({ camera: { ...camera, rate } });
    });
  }

  /** Says that it was on before a reload, which ends it. */
  sayReloaded() {
    if (this.store.state.camera.status === 'off') this.store.set({ camera: { ...CAMERA_OFF, failure: { code: 'reloaded', detail: '' } } });
  }

  toggle() {
    if (this.store.state.camera.status === 'off') this.#start();
    else this.stop();
  }

  /** Another picture is asked for: a camera that has not started does not. */
  giveWay() {
    if (this.store.state.camera.status === 'starting') this.#off();
  }

  /** Starts where it is off. */
  start() {
    if (this.store.state.camera.status === 'off') this.#start();
  }

  /** @returns {Promise<ImageBitmap | null>} what it sees now; null while it sees nothing */
  async frame() {
    if (this.store.state.camera.status !== 'running') return null;
    return createImageBitmap(this.#video).catch(() => null);
  }

  /** What it films, to be shown elsewhere as well; null while it is off. */
  get stream() {
    return /** @type {MediaStream | null} */ (this.#video.srcObject);
  }

  /** Stops; the inspector keeps the last frame as its picture. */
  stop() {
    this.#off();
    this.inspector.stop();
  }

  async #start() {
    this.#off();
    const { signal } = (this.#stop = new AbortController());
    this.store.set({ camera: { ...CAMERA_OFF, status: 'starting' } });
    try {
      while (!signal.aborted) {
        await this.#shoot(signal);
        if (document.hidden && !signal.aborted) await this.#waitUntilVisible(signal);
      }
    } catch (error) {
      if (signal.aborted) return;
      this.stop();
      this.store.set({ camera: { ...CAMERA_OFF, failure: failureFrom(error) } });
    }
  }

  #off() {
    this.#stop.abort();
    close(this.#video);
    const { status, failure } = this.store.state.camera;
    if (status !== 'off' || failure !== null) this.store.set({ camera: CAMERA_OFF });
  }

  /**
   * Films until the page is hidden.
   * @param {AbortSignal} signal
   */
  async #shoot(signal) {
    const video = this.#video;
    const ended = new AbortController();
    const end = () => ended.abort();
    const track = await openCamera(video, signal);
    signal.addEventListener('abort', end);
    document.addEventListener('visibilitychange', end);
    track?.addEventListener('ended', end);
    this.store.show(() => this.inspector.play(video, t('camera')));
    this.store.set({ camera: { ...CAMERA_OFF, status: 'running' } });
    await untilAborted(ended.signal);
    signal.removeEventListener('abort', end);
    document.removeEventListener('visibilitychange', end);
    const hasEnded = track?.readyState === 'ended';
    if (signal.aborted) return;
    close(video);
    if (hasEnded) throw new CameraEnded();
  }

  /** @param {AbortSignal} signal */
  #waitUntilVisible(signal) {
    this.store.set({ camera: { ...CAMERA_OFF, status: 'paused' } });
    return new Promise((resolve) => {
      const done = () => {
        document.removeEventListener('visibilitychange', done);
        resolve(undefined);
      };
      document.addEventListener('visibilitychange', done);
      signal.addEventListener('abort', done);
    });
  }
}

/** @param {boolean} isOn */
function rememberUse(isOn) {
  try {
    if (isOn) sessionStorage.setItem(IN_USE, '1');
    else sessionStorage.removeItem(IN_USE);
  } catch {
    // Storage may be forbidden; then a reload says nothing of the camera.
  }
}

/** @returns {boolean} whether the camera was on when this tab was reloaded; to be asked before there is a `Camera` */
export function cameraWasOn() {
  try {
    return sessionStorage.getItem(IN_USE) !== null;
  } catch {
    return false;
  }
}

/** The camera was unplugged, or taken away by the system. */
class CameraEnded extends Error {}

/**
 * @param {HTMLVideoElement} video which plays it then
 * @param {AbortSignal} signal
 * @returns {Promise<MediaStreamTrack | undefined>}
 */
async function openCamera(video, signal) {
  if (!navigator.mediaDevices) throw new DOMException('', 'InsecureContext');
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
  try {
    signal.throwIfAborted();
    video.srcObject = stream;
    await video.play();
    signal.throwIfAborted();
    return stream.getVideoTracks()[0];
  } catch (error) {
    stop(stream);
    throw error;
  }
}

/** @param {HTMLVideoElement} video */
function close(video) {
  if (!(video.srcObject instanceof MediaStream)) return;
  stop(video.srcObject);
  video.srcObject = null;
}

/** @param {MediaStream} stream */
function stop(stream) {
  for (const track of stream.getTracks()) track.stop();
}

/** @param {AbortSignal} signal */
function untilAborted(signal) {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', resolve);
  });
}

/**
 * @param {unknown} error
 * @returns {CameraFailure}
 */
function failureFrom(error) {
  if (error instanceof CameraEnded) return { code: 'ended', detail: '' };
  const { name = '', message = String(error) } = /** @type {Error} */ (error);
  if (name === 'InsecureContext') return { code: 'insecure', detail: '' };
  return { code: CODES[name] ?? 'unreadable', detail: message };
}
