// A worker that fails at every message.
globalThis.onmessage = () => {
  throw new Error('this worker is broken');
};
