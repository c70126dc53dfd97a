// The package's worker, except that a thread of the pool ends when the pool comes to count on it.
import '/pkg/dist/worker.js';

const { onmessage } = globalThis;
globalThis.onmessage = (event) => {
  if (event.data.type !== 'helper') return onmessage(event);
  postMessage({ type: 'helper-ready' });
  setTimeout(() => {
    throw new Error('this thread is gone');
  });
};
