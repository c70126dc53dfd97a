import { platform } from '../shared/platform.js';

const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const ONE_FUNCTION = [0x03, 0x02, 0x01, 0x00];
const VECTOR_TO_VECTOR = [0x01, 0x06, 0x01, 0x60, 0x01, 0x7b, 0x01, 0x7b];
const NOTHING_TO_NOTHING = [0x01, 0x04, 0x01, 0x60, 0x00, 0x00];
const SHARED_MEMORY = [0x05, 0x04, 0x01, 0x03, 0x01, 0x01];

/**
 * Whether this engine accepts a module of one function with this body.
 * @param {number[]} type type section
 * @param {number[]} memory memory section, or nothing
 * @param {number[]} instructions
 */
function validates(type, memory, instructions) {
  const body = [0x00, ...instructions, 0x0b];
  const code = [0x0a, body.length + 2, 0x01, body.length, ...body];
  return WebAssembly.validate(new Uint8Array([...HEADER, ...type, ...ONE_FUNCTION, ...memory, ...code]));
}

/** `local.get 0` twice, `i32x4.add`. */
export const hasSimd = () => validates(VECTOR_TO_VECTOR, [], [0x20, 0, 0x20, 0, 0xfd, 0xae, 0x01]);

/** `local.get 0` three times, `f32x4.relaxed_madd`. */
export const hasRelaxedSimd = () =>
  validates(VECTOR_TO_VECTOR, [], [0x20, 0, 0x20, 0, 0x20, 0, 0xfd, 0x85, 0x02]);

/**
 * What keeps this context from passing memory between threads.
 * @returns {string | null} null: nothing
 */
export function lackOfThreads() {
  if (!platform.isIsolated()) return 'the page is not cross-origin isolated';
  if (typeof SharedArrayBuffer !== 'function') return 'this browser has no SharedArrayBuffer, though the page is cross-origin isolated';
  return hasAtomics() ? null : 'this browser has no threads in WebAssembly';
}

/** `i32.const 0`, `i32.atomic.load`, `drop` on a shared memory. */
const hasAtomics = () => validates(NOTHING_TO_NOTHING, SHARED_MEMORY, [0x41, 0, 0xfe, 0x10, 0x02, 0x00, 0x1a]);

/** Whether a context that may not pass memory to other threads can make such memory all the same, which the relaxed artefact has. */
export function hasSharedMemory() {
  try {
    return hasAtomics() && new WebAssembly.Memory({ initial: 0, maximum: 1, shared: true }) !== null;
  } catch {
    return false;
  }
}
