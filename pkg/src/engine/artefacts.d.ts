// The scripts between JavaScript and the artefacts, which the build puts into the package: each call makes an instance of its own.
// What it has beside the start is what wasm-bindgen reads from the engine's code; shared/protocol.d.ts says more of each type.
type Start = { default: import('../shared/protocol.js').Glue['default'] };

declare module '*/wasm/inception.js' {
  const glue: () => Start & typeof import('./glue.js');
  export default glue;
}
declare module '*/wasm/inception_teach.js' {
  const glue: () => Start & typeof import('./teach-glue.js');
  export default glue;
}
declare module '*/wasm/inception_look.js' {
  const glue: () => Start & typeof import('./look-glue.js');
  export default glue;
}
declare module '*/wasm/inception_pictures.js' {
  const glue: () => Start & typeof import('./pictures-glue.js');
  export default glue;
}
declare module '*/wasm/inception_convert.js' {
  const glue: () => Start & typeof import('./convert-glue.js');
  export default glue;
}
