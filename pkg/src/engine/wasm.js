import engineGlue from '../wasm/inception.js';
import convertGlue from '../wasm/inception_convert.js';
import { start } from './artefact.js';

/** @typedef {import('../shared/protocol.js').ArtefactName} ArtefactName */
/** @typedef {import('../shared/protocol.js').ConvertGlue} ConvertGlue */
/** @typedef {import('../shared/protocol.js').Glue} Glue */

/**
 * Compiles and instantiates an artefact. Its memory lasts as long as somebody has what this gives.
 * @template {ArtefactName | 'convert'} N
 * @param {N} name
 * @param {string | null} folder where the `.wasm` files are; null: beside this script
 * @returns {Promise<import('./artefact.js').Artefact<N extends 'convert' ? ConvertGlue : Glue>>}
 * @throws {import('../shared/errors.js').InceptionError} `network`, `unsupported`, `out-of-memory`
 */
export function startArtefact(name, folder) {
  /** @type {ConvertGlue | Glue} */
  const glue = name === 'convert' ? convertGlue() : engineGlue();
  return start(name, /** @type {N extends 'convert' ? ConvertGlue : Glue} */ (glue), folder);
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
