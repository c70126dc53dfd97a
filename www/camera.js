import { t } from './i18n.js';

/**
 * The camera as a source of pictures: each frame is classified while the next ones are dropped.
 *
 * @typedef {import('./state.js').Picture} Picture
 * @typedef {{ code: 'refused' | 'none' | 'insecure' | 'ended' | 'unreadable', detail: string }} CameraFailure
 *
 * @typedef {object} Camera
 * @property {'off' | 'starting' | 'running' | 'paused'} status paused: while the page is hidden
 * @property {number | null} rate classified frames per second; null until there are two
 * @property {CameraFailure | null} failure
 */

/** @type {Camera} */
export const CAMERA_OFF = { status: 'off', rate: null, failure: null };
/** Over how long frames are counted, in milliseconds; at least the last two count. */
const COUNTED = 1500;
/** What a refusal of the browser means; all others are told in its own words. */
const CODES = /** @type {Record<string, CameraFailure['code']>} */ ({
  NotAllowedError: 'refused',
  SecurityError: 'refused',
  NotFoundError: 'none',
  OverconstrainedError: 'none',
});

/**
 * @param {Readonly<import('./state.js').State>} state
 * @returns {boolean} whether frames follow one another on their own
 */
export function isLive({ camera }) {
  return camera.status === 'running' || camera.status === 'paused';
}

/** Films until it is stopped, the camera is gone or a frame cannot be classified. */
export class Filming {
  #stop = new AbortController();
  /** The frame that is shown. @type {Picture | null} */
  #last = null;

  /**
   * @param {import('./state.js').Store} store
   * @param {import('./engine.js').Engine} engine
   */
  constructor(store, engine) {
    this.store = store;
    this.engine = engine;
  }

  async start() {
    this.end();
    const { signal } = (this.#stop = new AbortController());
    this.store.set({ camera: { ...CAMERA_OFF, status: 'starting' } });
    try {
      while (!signal.aborted) {
        await this.#shoot(signal);
        if (document.hidden && !signal.aborted) await this.#waitUntilVisible(signal);
      }
    } catch (error) {
      if (!signal.aborted) this.#finish(failureFrom(error));
    }
  }

  /** Stops; the last frame stays as the picture and is run in full, which also tells why a frame could not be. */
  stop() {
    if (this.store.state.camera.status !== 'off') this.#finish(null);
  }

  /** Stops and leaves the picture to the caller. */
  end() {
    this.#stop.abort();
    this.#last = null;
    this.store.set({ camera: CAMERA_OFF });
  }

  /** @param {CameraFailure | null} failure */
  #finish(failure) {
    const last = this.#last;
    const wasLive = isLive(this.store.state);
    this.end();
    this.store.set({ camera: { ...CAMERA_OFF, failure } });
    if (last !== null) this.engine.show(last);
    else if (wasLive) this.engine.run();
  }

  /**
   * Classifies frames until the page is hidden.
   * @param {AbortSignal} signal
   */
  async #shoot(signal) {
    const ended = new AbortController();
    const end = () => ended.abort();
    const video = await openCamera(signal);
    const [track] = streamOf(video).getVideoTracks();
    signal.addEventListener('abort', end);
    document.addEventListener('visibilitychange', end);
    track?.addEventListener('ended', end);
    try {
      this.store.set({ camera: { ...CAMERA_OFF, status: 'running' } });
      await this.#classifyFrames(video, ended.signal);
      if (track?.readyState === 'ended') throw new CameraEnded();
    } finally {
      signal.removeEventListener('abort', end);
      document.removeEventListener('visibilitychange', end);
      close(video);
    }
  }

  /**
   * @param {HTMLVideoElement} video
   * @param {AbortSignal} signal
   */
  async #classifyFrames(video, signal) {
    const rate = new Rate();
    for (await nextFrame(video, signal); !signal.aborted; await nextFrame(video, signal)) {
      const bitmap = await createImageBitmap(video);
      const frame = { name: t('camera'), blob: bitmap, preview: bitmap };
      const outcome = await this.engine.runFrame(frame, signal);
      if (outcome === 'dropped') bitmap.close();
      else {
        this.#last?.preview?.close();
        this.#last = frame;
      }
      if (outcome === 'failed') return this.#finish(null);
      if (outcome === 'classified') this.store.set({ camera: { ...this.store.state.camera, rate: rate.count(performance.now()) } });
    }
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

/** Counts events: how many a second there were lately. */
export class Rate {
  /** @type {number[]} */
  #times = [];

  /**
   * @param {number} now milliseconds
   * @returns {number | null} null for a first event
   */
  count(now) {
    const times = this.#times;
    times.push(now);
    while (times.length > 2 && now - (times[0] ?? now) > COUNTED) times.shift();
    const [first = now] = times;
    return times.length > 1 && now > first ? ((times.length - 1) * 1000) / (now - first) : null;
  }
}

/** The camera was unplugged, or taken away by the system. */
class CameraEnded extends Error {}

/**
 * @param {AbortSignal} signal
 * @returns {Promise<HTMLVideoElement>} playing
 */
async function openCamera(signal) {
  if (!navigator.mediaDevices) throw new DOMException('', 'InsecureContext');
  const video = document.createElement('video');
  video.muted = video.playsInline = true;
  video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
  try {
    signal.throwIfAborted();
    await video.play();
    return video;
  } catch (error) {
    close(video);
    throw error;
  }
}

/** @param {HTMLVideoElement} video */
function streamOf(video) {
  return /** @type {MediaStream} */ (video.srcObject);
}

/** @param {HTMLVideoElement} video */
function close(video) {
  for (const track of streamOf(video).getTracks()) track.stop();
  video.srcObject = null;
}

/**
 * Waits for a frame that was not there yet.
 * @param {HTMLVideoElement} video
 * @param {AbortSignal} signal ends the wait
 * @returns {Promise<void>}
 */
function nextFrame(video, signal) {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      signal.removeEventListener('abort', done);
      resolve();
    };
    signal.addEventListener('abort', done);
    if ('requestVideoFrameCallback' in video) video.requestVideoFrameCallback(done);
    else requestAnimationFrame(done);
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
