// The scripts between JavaScript and the artefacts: each call makes an instance of its own. shared/protocol.d.ts describes them.
declare module '*/wasm/inception.js' {
  const glue: () => import('../shared/protocol.js').Glue;
  export default glue;
}
declare module '*/wasm/inception_convert.js' {
  const glue: () => import('../shared/protocol.js').ConvertGlue;
  export default glue;
}
