import { artefactAddress } from '../assets.js';
import { fetched, mediaType } from '../shared/download.js';
import { InceptionError } from '../shared/errors.js';
import { missingAsset } from '../shared/missing-asset.js';
import { platform } from '../shared/platform.js';

/** @typedef {import('../shared/protocol.js').ArtefactName} ArtefactName */
/** @typedef {import('../shared/protocol.js').Glue} Glue */

/**
 * @template {{ default: Glue['default'] }} [G=Glue]
 * @typedef {object} Artefact
 * @property {G} glue
 * @property {WebAssembly.Module} module
 * @property {WebAssembly.Memory} memory
 * @property {string | null} file how a trap's stack ends the address of the module; null: as that of any module
 */

/**
 * Compiles and instantiates an artefact. Its memory lasts as long as somebody has what this gives.
 * @template {{ default: Glue['default'] }} G
 * @param {ArtefactName | 'convert' | 'look' | 'pictures' | 'teach'} name
 * @param {G} glue an instance of its script
 * @param {string | null} folder where the `.wasm` files are; null: beside this script
 * @returns {Promise<Artefact<G>>}
 * @throws {InceptionError} `network`, `unsupported`, `out-of-memory`
 */
export async function start(name, glue, folder) {
  const { module, file } = await compiled(folder === null ? artefactAddress(name) : new URL(`inception_${name}.wasm`, folder).href);
  try {
    const { memory } = await glue.default({ module_or_path: module, memory: name === 'simd128' ? null : undefined });
    return { glue, module, memory, file };
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new InceptionError('out-of-memory', `the engine (${cause.message})`, { cause });
  }
}

/** By their addresses: the next instance needs no connection. @type {Map<string, Promise<Pick<Artefact, 'module' | 'file'>>>} */
const modules = new Map();

/** @param {string} url */
function compiled(url) {
  const known = modules.get(url);
  if (known !== undefined) return known;
  const compiling = compile(url);
  modules.set(url, compiling);
  compiling.catch(() => modules.delete(url));
  return compiling;
}

/** @param {string} url */
async function compile(url) {
  const response = await fetched(url, {});
  const type = mediaType(response);
  if (!response.ok || type === 'text/html') {
    const answer = response.ok ? 'a web page' : `${response.status} ${response.statusText}`.trim();
    throw new InceptionError('network', `${url} (the server answered ${answer}, not wasm: ${missingAsset(url)})`);
  }
  try {
    // In Node.js the response may be of a page that is made up for tests.
    return type === 'application/wasm' && platform.readFile === null
      ? { module: await WebAssembly.compileStreaming(response), file: /[^/]*$/.exec(new URL(response.url || url).pathname)?.[0] || null }
      : { module: await WebAssembly.compile(await response.arrayBuffer()), file: null };
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    if (cause instanceof WebAssembly.CompileError) {
      throw new InceptionError('unsupported', `${url} could not be compiled (${message})`, { cause });
    }
    throw new InceptionError('network', `${url} (${message})`, { cause });
  }
}
