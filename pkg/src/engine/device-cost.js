/** @typedef {'webgpu' | 'cpu'} Device */
/** @typedef {import('./probe-gpu.js').Probe} Probe */
/** @typedef {import('./store/device-times.js').Times} Times */
/**
 * How much a network computes for an answer: multiply-adds, and the layers that do it.
 * @typedef {{ macs: number, layers: number }} Work
 */

/**
 * Multiply-adds of a network that a thread does in the time of the warm-up's last part: 39 to 44 million of GoogLeNet and Inception-v3, with
 * relaxed SIMD and without.
 */
const WARM_UP = 41e6;
/** What a further thread adds, where the first does 1: two were 1.75 to 1.9 times as fast as one, and more of them share caches and memory. */
const FURTHER = 0.7;
/**
 * What convolutions reach of the rate at which a GPU multiplies what is in its registers. The software adapter reaches a third, with GoogLeNet;
 * cores of a GPU are idle where maps are small. No other has been measured: answers put right what this says.
 */
const SHARE = 0.2;
/** How many times as fast the other device has to be for a move, which takes as long as a load. */
const CLEARLY = 1.5;

/** What an answer costs on either device, a GPU's wait included: what real answers took, else what is predicted. */
export class DeviceCost {
  /** What the last part of the warm-up takes on the CPU, in milliseconds; NaN: not measured. */
  partMs = NaN;

  /**
   * @param {Work} work a guess until the network is loaded
   * @param {number} threads of the CPU
   * @param {Probe | string} probe or, where there is none, what to add to "the browser offers a GPU"
   * @param {Times} [times] of answers so far
   * @param {string | null} [key] by which they are kept; null: they are not
   */
  constructor(work, threads, probe, times = {}, key = null) {
    this.work = work;
    this.threads = threads;
    this.probe = probe;
    this.times = times;
    this.key = key;
  }

  /**
   * Now the network is known. Times of answers of another one that had the same address are forgotten.
   * @param {Work} work
   */
  learn(work) {
    this.work = work;
    if (this.times.macs !== work.macs) this.times = { macs: work.macs };
  }

  /**
   * @param {Device} device
   * @returns {number} milliseconds of an answer; NaN: not known
   */
  of(device) {
    const { times, probe, partMs, threads } = this;
    const { macs, layers } = this.work;
    const known = times[device];
    if (known !== undefined) return known;
    if (device === 'cpu') return ((macs / WARM_UP) * partMs) / (1 + FURTHER * (threads - 1));
    return typeof probe === 'string' ? NaN : (2 * macs) / (SHARE * probe.gflops * 1e6) + layers * probe.latencyMs + probe.waitMs;
  }

  /** @returns {Device} the faster one; the GPU where they cannot be compared */
  get faster() {
    return this.of('cpu') < this.of('webgpu') ? 'cpu' : 'webgpu';
  }

  /**
   * @param {Device} device where the network runs
   * @returns {Device | null} where it runs clearly faster; null: nowhere that is known of
   */
  better(device) {
    const other = device === 'cpu' ? 'webgpu' : 'cpu';
    return this.of(device) >= CLEARLY * this.of(other) ? other : null;
  }

  /** What `deviceReason` says. */
  get reason() {
    if (Number.isNaN(this.of('webgpu'))) return `the browser offers a GPU${this.probe}`;
    const [gpu, cpu] = [this.of('webgpu'), this.of('cpu')].map((ms) => `${Math.round(ms) || 1} ms`);
    const [ofGpu, ofCpu] = [this.times.webgpu, this.times.cpu].map((ms) => (ms === undefined ? ' predicted' : ' measured'));
    return ofGpu === ofCpu ? `GPU ${gpu}, CPU ${cpu},${ofCpu}` : `GPU ${gpu}${ofGpu}, CPU ${cpu}${ofCpu}`;
  }
}
