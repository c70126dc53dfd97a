// The package's worker on a WebGPU that misbehaves as the query of its address says; `lose=N` destroys the device after the
// N-th submission of a run, a message on the channel `lose-gpu` destroys it at once.
import { devices, tamper } from '../unreliable-gpu.mjs';
import '/pkg/dist/worker.js';

const faults = Object.fromEntries([...new URL(location.href).searchParams].map(([name, value]) => [name, Number(value)]));
tamper(faults);

const { onmessage } = globalThis;
globalThis.onmessage = (event) => {
  onmessage(event);
  if (event.data.type !== 'call' || faults.lose === undefined) return;
  const device = devices.at(-1);
  const submit = device.queue.submit.bind(device.queue);
  let left = faults.lose;
  faults.lose = undefined;
  device.queue.submit = (buffers) => {
    submit(buffers);
    left -= 1;
    if (left === 0) device.destroy();
  };
};

const channel = new BroadcastChannel('lose-gpu');
channel.onmessage = async () => {
  const device = devices.at(-1);
  if (device === undefined) return;
  device.destroy();
  await device.lost;
  channel.postMessage('lost');
};
