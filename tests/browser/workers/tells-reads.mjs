// The package's worker, which tells on the channel `reads` how many bytes of files it reads at once.
import '/pkg/dist/worker.js';

const channel = new BroadcastChannel('reads');
const { readAsArrayBuffer } = FileReaderSync.prototype;
FileReaderSync.prototype.readAsArrayBuffer = function (blob) {
  channel.postMessage(blob.size);
  return readAsArrayBuffer.call(this, blob);
};
