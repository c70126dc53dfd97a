// The package's worker, except that it fails when it is to run.
import '/pkg/dist/worker.js';

const { onmessage } = globalThis;
globalThis.onmessage = (event) => {
  if (event.data.type === 'call') throw new Error('no runs today');
  onmessage(event);
};
