// The package's worker, except that it does not become a thread of another's pool.
import '/pkg/dist/worker.js';

const { onmessage } = globalThis;
globalThis.onmessage = (event) => {
  if (event.data.type === 'helper') throw new Error('no helping today');
  onmessage(event);
};
