/**
 * What is drawn of a network, worked out from its list of layers.
 *
 * @typedef {import('../index.js').LayerInfo} LayerInfo
 * @typedef {{ name: string, kind: LayerInfo['kind'], detail: string, kernel: LayerInfo['kernel'], stride: LayerInfo['stride'], shape: LayerInfo['shape'], macs: number }} Step one layer
 * @typedef {{ name: string, label: string, index: number, channels: number, path: Step[][] }} Branch
 *   the steps in order; more than one side by side where the branch forks; index −1: no branch, the layers of the stem
 *
 * @typedef {object} Module
 * @property {string} name
 * @property {string} label the last part of the name
 * @property {[number, number, number]} shape
 * @property {number} stride input pixels between two positions
 * @property {[number, number]} field smallest and largest receptive field of its branches
 * @property {number} macs
 * @property {Branch[]} branches
 * @property {Step[]} residual what follows the concatenation in a residual block, else nothing
 * @property {Shortcut | null} shortcut of a residual block
 * @property {'stem' | 'module' | 'reduction' | 'block'} role stem: makes the map smaller before the first module that does
 *   not; reduction: makes it smaller after that; block: residual
 *
 * @typedef {{ input: string, residual: string, scale: number }} Shortcut
 *   the block's output is `input` plus `scale` times `residual`, both names of layers
 *
 * @typedef {{ kind: 'steps', steps: Step[] }} Steps layers outside modules
 * @typedef {{ kind: 'module', module: Module }} Single
 * @typedef {{ kind: 'stack', label: string, modules: Module[] }} Stack equal blocks in a row
 * @typedef {Steps | Single | Stack} Part
 *
 * @typedef {object} Network
 * @property {Part[]} parts in order of depth: the stem first, the head last
 * @property {Module[]} modules
 * @property {Module | null} stem the layers before the first module, as one branch whose end is the first convolution
 * @property {Step[]} head the layers after the last module
 * @property {number} convolutions without those of auxiliary heads
 * @property {{ head: string, after: string }[]} auxiliary the module that each auxiliary head follows
 */

/** What opens beside modules, by the name that it has among them. */
export const [STEM, HEAD] = ['stem', 'head'];

/** A block of a stack: `Repeat/block35_3`. */
const REPEATED = /^(.*\/.*)_\d+$/;

/**
 * @param {LayerInfo[]} layers
 * @returns {Network}
 */
export function networkOf(layers) {
  const body = layers.filter((layer) => layer.head === null);
  const sizes = new Map(body.map(({ name, shape }) => [name, shape[1]]));
  const parts = /** @type {Part[]} */ ([]);
  let isStem = true;
  for (let at = 0; at < body.length; ) {
    const name = body[at]?.module ?? null;
    let end = at;
    while (end < body.length && (body[end]?.module ?? null) === name) end++;
    const run = body.slice(at, end);
    if (name === null) parts.push({ kind: 'steps', steps: run.map(stepOf) });
    else {
      const module = moduleOf(name, run);
      const isSmaller = module.shape[1] < (sizes.get(run[0]?.inputs[0] ?? '') ?? 0);
      isStem &&= isSmaller && module.shortcut === null;
      if (isSmaller) module.role = isStem ? 'stem' : 'reduction';
      addModule(parts, module);
    }
    at = end;
  }
  return {
    parts,
    modules: parts.flatMap((part) => (part.kind === 'module' ? part.module : part.kind === 'stack' ? part.modules : [])),
    stem: stemOf(parts[0], body),
    head: stepsIn(parts.at(-1)),
    convolutions: body.filter((layer) => layer.kind === 'conv').length,
    auxiliary: auxiliaryOf(layers),
  };
}

/**
 * @param {LayerInfo} layer
 * @returns {Step}
 */
function stepOf({ name, kind, detail, kernel, stride, shape, macs }) {
  return { name, kind, detail, kernel, stride, shape, macs };
}

/**
 * @param {string} name
 * @param {LayerInfo[]} layers of the module
 * @returns {Module}
 */
function moduleOf(name, layers) {
  const output = /** @type {LayerInfo} */ (layers.at(-1));
  const ends = layers.filter((layer) => layer.kind === 'branch');
  const fields = ends.map((end) => Math.max(...end.receptiveField.size));
  const joint = layers.filter((layer) => layer.branch === null);
  const shortcut = shortcutOf(joint);
  return {
    name,
    label: lastPart(name),
    shape: output.shape,
    stride: output.receptiveField.stride[0],
    field: [Math.min(...fields), Math.max(...fields)],
    macs: layers.reduce((sum, layer) => sum + layer.macs, 0),
    branches: ends.map((end) => branchOf(end, layers)),
    residual: joint.filter((layer) => layer.kind === 'conv' || layer.scale !== null).map(stepOf),
    shortcut,
    role: shortcut ? 'block' : 'module',
  };
}

/**
 * @param {LayerInfo[]} joint layers of a module outside its branches
 * @returns {Shortcut | null}
 */
function shortcutOf(joint) {
  for (const { scale, inputs: [input, residual] } of joint) {
    if (scale !== null && input !== undefined && residual !== undefined) return { input, residual, scale };
  }
  return null;
}

/**
 * @param {LayerInfo} end the whole branch
 * @param {LayerInfo[]} layers of the module
 * @returns {Branch}
 */
function branchOf(end, layers) {
  const own = layers.filter((layer) => layer.branch === end.branch && layer !== end);
  const forked = own.filter((layer) => end.inputs.length > 1 && end.inputs.includes(layer.name));
  const path = own.filter((layer) => !forked.includes(layer)).map((layer) => [stepOf(layer)]);
  if (forked.length > 0) path.push(forked.map(stepOf));
  return { name: end.name, label: lastPart(end.name), index: end.branch ?? 0, channels: end.shape[0], path };
}

/**
 * @param {Part | undefined} first
 * @param {LayerInfo[]} layers
 * @returns {Module | null} null where there is no convolution before the first module
 */
function stemOf(first, layers) {
  const steps = stepsIn(first);
  const end = layers.find(({ name, kind }) => kind === 'conv' && name === steps[0]?.name);
  if (end === undefined) return null;
  const { name, shape, receptiveField: { size, stride } } = end;
  const branch = { name, label: name, index: -1, channels: shape[0], path: steps.map((step) => [step]) };
  const macs = steps.reduce((sum, step) => sum + step.macs, 0);
  return { name: STEM, label: STEM, shape, stride: stride[0], field: [size[0], size[0]], macs, branches: [branch], residual: [], shortcut: null, role: 'stem' };
}

/** @param {Part | undefined} part */
function stepsIn(part) {
  return part?.kind === 'steps' ? part.steps : [];
}

/**
 * @param {Network} network
 * @param {string | null} name
 * @returns {Module | null} the module of that name, or the stem; null for the head and for what there is not
 */
export function moduleNamed({ modules, stem }, name) {
  return name === STEM ? stem : (modules.find((module) => module.name === name) ?? null);
}

/**
 * @param {Network} network
 * @param {string | null} name
 * @returns {boolean} whether it can be opened
 */
export function canOpen(network, name) {
  return name === HEAD ? network.head.length > 0 : moduleNamed(network, name) !== null;
}

/**
 * @param {Network} network
 * @returns {string[]} the stem's first convolution and its last, which stand for it on the map
 */
export function stemThumbnails({ stem }) {
  const convolutions = stem?.branches.flatMap(({ path }) => path.flat()).filter(({ kind }) => kind === 'conv') ?? [];
  return [...new Set([convolutions[0], convolutions.at(-1)].flatMap((step) => step?.name ?? []))];
}

/**
 * Appends a module, to the stack before it where both are blocks of it.
 * @param {Part[]} parts
 * @param {Module} module
 */
function addModule(parts, module) {
  const prefix = REPEATED.exec(module.name)?.[1];
  if (prefix === undefined) {
    parts.push({ kind: 'module', module });
    return;
  }
  const last = parts.at(-1);
  if (last?.kind === 'stack' && REPEATED.exec(last.modules[0]?.name ?? '')?.[1] === prefix) last.modules.push(module);
  else parts.push({ kind: 'stack', label: lastPart(prefix), modules: [module] });
}

/**
 * @param {LayerInfo[]} layers
 * @returns {Network['auxiliary']}
 */
function auxiliaryOf(layers) {
  const byName = new Map(layers.map((layer) => [layer.name, layer]));
  return layers
    .filter((layer) => layer.head === layer.name)
    .map((layer) => {
      /** @type {LayerInfo | undefined} */
      let at = layer;
      while (at && at.module === null) at = byName.get(at.inputs[0] ?? '');
      return { head: layer.name, after: at?.module ?? '' };
    });
}

/** @param {string} name */
function lastPart(name) {
  return name.slice(name.lastIndexOf('/') + 1);
}
