// The package's worker, whose WebAssembly memory can be seen: its script keeps it to itself.
import 'data:text/javascript,const { instantiate } = WebAssembly; WebAssembly.instantiate = async (...given) => { const made = await instantiate(...given); globalThis.engineMemory = (made.instance ?? made).exports.memory; return made; }';
import '/pkg/dist/worker.js';
