import { nudged } from './nudged.js';

/**
 * What a GPU takes: milliseconds for a layer with next to nothing to do, and until a thread hears of what was submitted; and what it does
 * where all of it has something to do, in 10^9 operations a second, a multiply-add being two.
 * @typedef {{ latencyMs: number, gflops: number, waitMs: number }} Probe
 */

/** How long the whole may take, in milliseconds: nobody waits longer for a choice that a few answers put right. */
const LIMIT = 50;
/** Invocations of a workgroup, and steps of each: 16 multiply-adds that wait for those of the step before. */
const INVOCATIONS = 64;
const STEPS = 128;
/** Workgroups that keep every core of a GPU at work. */
const MANY = 1024;
/** Operations of a dispatch of so many. */
const OPERATIONS = 2 * 16 * STEPS * INVOCATIONS * MANY;
/** Dispatches of one workgroup that are timed together. */
const SERIES = 32;
/** From what time on a rate can be told, in milliseconds, and after how many dispatches it is taken as it is. */
const LONG = 3;
const MOST = 64;

const SHADER = `@group(0)@binding(0)var<storage,read_write>v:array<f32>;
@compute@workgroup_size(${INVOCATIONS})fn f(@builtin(global_invocation_id)i:vec3u){
let h=vec4f(.5);var a=h+v[i.x];var b=a+h;var c=b+h;var d=c+h;
for(var n=0;n<${STEPS};n++){a=fma(a,h,h);b=fma(b,h,h);c=fma(c,h,h);d=fma(d,h,h);}
v[i.x]=dot(a+b,c+d);}`;

/**
 * Measures a GPU, and leaves nothing on it.
 * @param {GPUAdapter} adapter of which no device has been asked for
 * @returns {Promise<Probe | string>} a string: why it cannot be measured, in brackets
 */
export async function probeGpu(adapter) {
  const opening = adapter.requestDevice();
  try {
    return await Promise.race([
      opening.then(measured),
      new Promise((_, reject) => setTimeout(() => reject(new Error(`it did not answer within ${LIMIT} ms`)), LIMIT)),
    ]);
  } catch (cause) {
    return ` (${/** @type {Error} */ (cause).message})`;
  } finally {
    opening.then((device) => device.destroy(), () => undefined);
  }
}

/**
 * @param {GPUDevice} device
 * @returns {Promise<Probe>}
 * @throws where it is lost or refuses the work
 */
async function measured(device) {
  const module = device.createShaderModule({ code: SHADER });
  const pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute: { module } });
  // Storage that is copied from; where that goes to be read.
  const [buffer, result] = [device.createBuffer({ size: 4 * INVOCATIONS * MANY, usage: 0x84 }), device.createBuffer({ size: 4, usage: 9 })];
  const group = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries: [{ binding: 0, resource: { buffer } }] });
  const timed = async (/** @type {number} */ dispatches, /** @type {number} */ workgroups) => {
    const started = performance.now();
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    for (let i = 0; i < dispatches; i++) pass.dispatchWorkgroups(workgroups);
    pass.end();
    encoder.copyBufferToBuffer(buffer, 0, result, 0, 4);
    device.queue.submit([encoder.finish()]);
    await nudged(() => device.queue.submit([]), result.mapAsync(1));
    if (!new Float32Array(result.getMappedRange())[0]) throw new Error('it computes nothing');
    result.unmap();
    return performance.now() - started;
  };
  await timed(1, 1);
  const waitMs = Math.min(await timed(1, 1), await timed(1, 1));
  const latencyMs = Math.max(0, (await timed(SERIES, 1)) - waitMs) / SERIES;
  for (let dispatches = 1; ; dispatches *= 8) {
    const ms = (await timed(dispatches, MANY)) - waitMs;
    if (ms < LONG && dispatches < MOST) continue;
    return { latencyMs, gflops: (dispatches * OPERATIONS) / (Math.max(ms, 0.1) * 1e6), waitMs };
  }
}
