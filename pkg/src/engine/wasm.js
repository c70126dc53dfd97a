import engineGlue from '../wasm/inception.js';
import convertGlue from '../wasm/inception_convert.js';
import lookGlue from '../wasm/inception_look.js';
import picturesGlue from '../wasm/inception_pictures.js';
import { start } from './artefact.js';

/** @typedef {import('../shared/protocol.js').ArtefactName} ArtefactName */
/** @typedef {import('../shared/protocol.js').Glue} Glue */
/** @typedef {Record<ArtefactName, Glue> & { convert: import('../shared/protocol.js').ConvertGlue, look: import('../shared/protocol.js').LookGlue, pictures: import('../shared/protocol.js').PicturesGlue }} Glues */

/**
 * Compiles and instantiates an artefact. Its memory lasts as long as somebody has what this gives.
 * @template {keyof Glues} N
 * @param {N} name
 * @param {string | null} folder where the `.wasm` files are; null: beside this script
 * @returns {Promise<import('./artefact.js').Artefact<Glues[N]>>}
 * @throws {import('../shared/errors.js').InceptionError} `network`, `unsupported`, `out-of-memory`
 */
export function startArtefact(name, folder) {
  /** @type {Glues[keyof Glues]} */
  const glue = { convert: convertGlue, look: lookGlue, pictures: picturesGlue, simd128: engineGlue, simd128_threads: engineGlue, relaxed: engineGlue }[name]();
  return start(name, /** @type {Glues[N]} */ (glue), folder);
}

/**
 * Instantiates a threaded artefact once more, on the engine's memory.
 * @param {import('../shared/protocol.js').Team} team
 * @returns {Promise<Glue>}
 */
export async function joinArtefact({ module, memory }) {
  const glue = engineGlue();
  await glue.default({ module_or_path: module, memory });
  return glue;
}
