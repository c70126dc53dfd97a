// The modules that wasm-bindgen generates; src/protocol.d.ts describes them.
declare module '*/wasm/inception.js' {
  const init: import('./protocol.js').Glue['default'];
  export default init;
  export const Loader: import('./protocol.js').Glue['Loader'];
  export const open_gpu: import('./protocol.js').Glue['open_gpu'];
  export const take_panic: import('./protocol.js').Glue['take_panic'];
  export const rehearsal_parts: import('./protocol.js').Glue['rehearsal_parts'];
  export const rehearse: import('./protocol.js').Glue['rehearse'];
  export const init_threads: import('./protocol.js').Glue['init_threads'];
  export const limit_threads: import('./protocol.js').Glue['limit_threads'];
  export const run_thread: import('./protocol.js').Glue['run_thread'];
}
declare module '*/wasm/inception_convert.js' {
  const init: import('./protocol.js').Glue['default'];
  export default init;
  export const Converter: new () => import('./protocol.js').GlueConverter;
  export const take_panic: import('./protocol.js').Glue['take_panic'];
}
