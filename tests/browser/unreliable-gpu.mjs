// WebGPU that misbehaves on request, in the thread that imports this: for tests of what follows.

/**
 * @typedef {object} Faults
 * @property {number} [nulls] so many requests for an adapter give none
 * @property {number} [adapters] all later requests give none
 * @property {boolean} [disguise] a software adapter says that it is a GPU, and is one as {@link Speed} says when the package measures it
 * @property {boolean} [tiles] what is disguised gets the kernels of a GPU too: the processor takes ten times as long for them
 * @property {boolean} [refuse] adapters refuse to open a device
 * @property {number} [binding] bytes that a storage binding holds at most
 * @property {number} [memory] larger buffers are refused, as browsers do it
 * @property {boolean} [shaders] shaders do not compile
 */

/**
 * What a GPU takes when it is measured: milliseconds until its thread hears of it, for a dispatch of one workgroup, and for one of many.
 * @typedef {{ wait?: number, single?: number, many?: number }} Speed
 */

/** Every device that was opened, the latest last. @type {GPUDevice[]} */
export const devices = [];

/** Every device that was opened to be measured. @type {ReturnType<typeof measurable>[]} */
export const measured = [];

/** The time by which the page lives once {@link pretend} was called, in milliseconds, and the submissions until then. */
export const clock = { now: 0, submissions: 0 };

/**
 * Has a device do nothing, in so many milliseconds a submission, and the browser hear of it so much later: by a clock of its own, which
 * goes on when something is waited for, and by which the page lives from now on.
 * @param {GPUDevice} device
 * @param {{ cost: number, busy: number }} times
 */
export function pretend(device, { cost, busy }) {
  const { queue } = device;
  const submit = queue.submit.bind(queue);
  let free = 0;
  performance.now = () => clock.now;
  queue.submit = () => {
    clock.submissions += 1;
    free = Math.max(free, clock.now) + busy;
    submit([]);
  };
  const later = (/** @type {(...args: any[]) => Promise<any>} */ wait) =>
    async function (/** @type {any[]} */ ...args) {
      const heard = Math.max(free, clock.now) + cost;
      const value = await wait.apply(this, args);
      clock.now = Math.max(clock.now, heard);
      return value;
    };
  queue.onSubmittedWorkDone = later(queue.onSubmittedWorkDone);
  GPUBuffer.prototype.mapAsync = later(GPUBuffer.prototype.mapAsync);
}

/**
 * A device that computes nothing, in the time that is given.
 * @param {Speed} speed
 * @param {(ms: number) => Promise<void>} pass lets that much time go by
 */
export function measurable({ wait = 0, single = 0, many = 0 }, pass) {
  const device = {
    isDestroyed: false,
    /** Workgroups of every dispatch. @type {number[]} */
    dispatches: [],
    /** What is read of the result. */
    value: 1,
    destroy: () => void (device.isDestroyed = true),
    createShaderModule: () => ({}),
    createComputePipelineAsync: async () => ({ getBindGroupLayout: () => ({}) }),
    createBindGroup: () => ({}),
    createBuffer: () => ({ mapAsync: () => device.done(), getMappedRange: () => new Float32Array([device.value]).buffer, unmap() {} }),
    createCommandEncoder: () => ({ beginComputePass: () => encoded, copyBufferToBuffer() {}, finish: () => ({}) }),
    queue: { submit() {} },
    done: async () => {
      const ms = wait + busy;
      busy = 0;
      await pass(ms);
    },
  };
  let busy = 0;
  const encoded = {
    setPipeline() {},
    setBindGroup() {},
    dispatchWorkgroups(/** @type {number} */ workgroups) {
      device.dispatches.push(workgroups);
      busy += workgroups === 1 ? single : many;
    },
    end() {},
  };
  return device;
}

/** @param {Faults & Speed} faults */
export function tamper({ nulls = 0, adapters = Infinity, disguise, tiles, refuse, binding, memory, shaders, ...speed }) {
  const { gpu } = navigator;
  const requestAdapter = gpu.requestAdapter.bind(gpu);
  if (disguise && !speed.wait) waitForProbes();
  if (disguise && !tiles) openAsSoftware();
  let asked = 0;
  gpu.requestAdapter = async (options) => {
    asked += 1;
    if (asked <= nulls || asked > nulls + adapters) return null;
    const adapter = await requestAdapter(options);
    if (adapter === null) return null;
    if (disguise) {
      const info = { vendor: 'acme', architecture: 'one', device: '', description: 'Acme One', isFallbackAdapter: false };
      Object.defineProperty(adapter, 'info', { value: info });
    }
    const requestDevice = adapter.requestDevice.bind(adapter);
    adapter.requestDevice = async (descriptor) => {
      if (refuse) throw new DOMException('no devices today', 'OperationError');
      if (descriptor === undefined) {
        measured.push(speed.wait ? measurable(speed, (ms) => new Promise((resolve) => setTimeout(resolve, ms))) : measurableByItself(speed));
        if (disguise) return measured.at(-1);
      }
      const device = await requestDevice(descriptor);
      devices.push(device);
      if (binding !== undefined) limitBindings(device, binding);
      if (memory !== undefined) limitMemory(device, memory);
      if (shaders) spoilShaders(device);
      return device;
    };
    return adapter;
  };
}

/**
 * A device that is measured by a clock of its own, by which the page lives until it is destroyed: other things that a machine is busy with
 * do not count.
 * @param {Speed} speed
 */
function measurableByItself(speed) {
  const { now } = performance;
  let time = performance.now();
  performance.now = () => time;
  const device = measurable(speed, async (ms) => void (time += ms));
  const destroy = device.destroy.bind(device);
  device.destroy = () => (Object.assign(performance, { now }), destroy());
  return device;
}

/** The engine is told what the disguise hides from the package's script: that the processor plays the GPU. */
function openAsSoftware() {
  const { instantiate } = WebAssembly;
  WebAssembly.instantiate = async (...given) => {
    const instance = await instantiate(...given);
    if (!(instance instanceof WebAssembly.Instance) || !instance.exports.open_gpu) return instance;
    const { open_gpu } = instance.exports;
    return { exports: { ...instance.exports, open_gpu: () => open_gpu(1) } };
  };
}

/** On a machine that is busy with other things, a GPU that is fast still answers in time. */
function waitForProbes() {
  const { setTimeout } = globalThis;
  globalThis.setTimeout = (work, ms, ...rest) => setTimeout(work, ms === 50 ? 5000 : ms, ...rest);
}

/**
 * @param {GPUDevice} device
 * @param {number} bytes
 */
function limitBindings(device, bytes) {
  const { limits } = device;
  const answer = (_, name) => (name === 'maxStorageBufferBindingSize' ? bytes : limits[name]);
  Object.defineProperty(device, 'limits', { value: new Proxy({}, { get: answer }) });
}

/**
 * A buffer without memory is invalid; the error goes to the innermost scope for it, else it is uncaptured.
 * @param {GPUDevice} device
 * @param {number} most bytes
 */
function limitMemory(device, most) {
  const [create, push, pop] = ['createBuffer', 'pushErrorScope', 'popErrorScope'].map((name) => device[name].bind(device));
  /** @type {{ filter: string, error: GPUError | null }[]} */
  const scopes = [];
  device.pushErrorScope = (filter) => {
    scopes.push({ filter, error: null });
    push(filter);
  };
  device.popErrorScope = async () => {
    const scope = scopes.pop();
    const found = await pop();
    return scope?.error ?? found;
  };
  device.createBuffer = (descriptor) => {
    if (descriptor.size <= most) return create(descriptor);
    const error = new GPUOutOfMemoryError(`no memory for ${descriptor.size} bytes`);
    const scope = scopes.findLast(({ filter }) => filter === 'out-of-memory');
    if (scope !== undefined) scope.error ??= error;
    else device.dispatchEvent(new GPUUncapturedErrorEvent('uncapturederror', { error, cancelable: true }));
    push('validation');
    const invalid = create({ ...descriptor, usage: 0, mappedAtCreation: false });
    pop();
    return invalid;
  };
}

/** @param {GPUDevice} device */
function spoilShaders(device) {
  const create = device.createShaderModule.bind(device);
  device.createShaderModule = (descriptor) => create({ ...descriptor, code: `${descriptor.code}\nthis is not WGSL` });
}
