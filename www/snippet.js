import { HEAD, STEM } from '../pkg/dist/element/network.js';
import { ownTitle } from '../pkg/dist/element/own-files.js';
import { SAMPLES, layerOf, methodOf, partsOf } from '../pkg/dist/element/why.js';
import { networkOf } from '../pkg/dist/element/network.js';

/** @typedef {import('../pkg/dist/element/index.js').InspectorView} InspectorView */
/** @typedef {import('../pkg/dist/index.js').LayerInfo} LayerInfo */
/** @typedef {import('./picture-origin.js').Origin} Origin */

/** The models that come as packages, by their ids in the catalog: the name that they are imported by. */
const PACKAGES = new Map([
  ['googlenet-imagenet', { name: 'googlenet', from: 'inception-web-googlenet' }],
  ['nsfw-inception-v3', { name: 'nsfw', from: 'inception-web-nsfw' }],
]);
/** What has to be done before code that names a picture without an address runs. @type {Partial<Record<Origin['kind'], string>>} */
const TO_DO = {
  drawing: '// The page draws this picture itself. Put one of your own here:\n// its address or, in Node.js, its path.',
  camera: '// The picture is a frame of the camera. Put one of your own here:\n// its address or, in Node.js, its path.',
  file: '// Your own picture: put it where this page, or this module,\n// can fetch it.',
};
/** What is pasted or filmed has a name that is no file's. */
const FILE = /\.\w+$/;
/** What the file of a taught head is called. */
export const HEAD_FILE = 'head.safetensors';
/** What a saliency is asked for with. */
const SALIENCY = { gradient: "method: 'gradient'", smooth: `method: 'smoothgrad', samples: ${SAMPLES}`, integrated: "method: 'integrated'" };
/** How long a line of class names may be, and all of them. */
const [LINE, LONGEST] = [140, 4000];

/**
 * What is on the screen, asked for in JavaScript.
 * @param {object} shown
 * @param {import('./state.js').Choice} shown.choice of the model
 * @param {string[] | null} shown.labels class names that are not in the model's file
 * @param {number} shown.classes how many the model has
 * @param {string} shown.picture name of the picture's file; empty where it has none
 * @param {Origin | null} shown.origin of the picture; null while there is none
 * @param {InspectorView} shown.view
 * @param {LayerInfo[]} shown.layers of the network
 * @param {boolean} shown.isTaught whether one's own classes answer
 * @returns {{ code: string, isComplete: boolean }} a module for a page or for Node.js; whether it runs as it is
 */
export function snippet({ choice, labels, classes, picture, origin, view, layers, isTaught }) {
  const { inner, pin, off, explain, layer: open } = view;
  const packed = choice.kind === 'catalog' ? PACKAGES.get(choice.id) : undefined;
  const name = pin?.layer ?? inner[0] ?? layers.find((layer) => layer.name === open)?.name ?? null;
  const run = [off.length > 0 && `off: ${listed(off)}`, name && `layers: ${listed([name])}`];
  const isLong = labels !== null && listed(labels).length > LONGEST;
  const options = [labels !== null && !isLong && 'labels', isTaught && `head: ${quoted(HEAD_FILE)}`].filter((option) => typeof option === 'string');
  const model = packed?.name ?? quoted(nameOf(choice));
  const ownFile = choice.kind !== 'catalog' && '// Your own file: put it where this page, or this module,\n// can fetch it.';
  const address = origin?.address ?? null;
  const lines = [
    "import { Inception } from 'inception-web';",
    packed && `import ${packed.name} from ${quoted(packed.from)};`,
    '',
    ownFile,
    isLong && `// Its ${labels.length} class names are too many to stand here: give them\n// as \`labels\`, an array in the order of the classes.`,
    isTaught && '// Your own classes: Save gives the file. Put it where this page,\n// or this module, can fetch it.',
    ...(labels === null || isLong ? [] : labelLines(labels)),
    `const net = await Inception.load(${model}${options.length > 0 ? `, { ${options.join(', ')} }` : ''});`,
    address === null && TO_DO[origin?.kind ?? 'file'],
    `const image = ${quoted(address ?? (origin?.kind === 'file' && FILE.test(picture) ? picture : 'picture.jpg'))};`,
    `const result = await net.${off.length > 0 ? 'ablate' : 'classify'}(image${optionsOf(run)});`,
    classes > 0 && 'console.log(result.predictions[0]);',
    ...(name ? readLines(name, pin) : []),
    ...(open === STEM ? stemLines(name) : []),
    ...(open === HEAD && classes > 0 ? headLines(view, layers) : explain === null ? [] : ['', ...whyLines(view, explain, layers)]),
    '',
    'net.dispose();',
  ];
  return { code: `${lines.filter((line) => typeof line === 'string').join('\n')}\n`, isComplete: choice.kind === 'catalog' && address !== null && !isTaught };
}

/**
 * How a taught head is used: its file, which `Save` gives, beside the model.
 * @param {import('./state.js').Choice} choice of the model
 * @returns {string}
 */
export function headSnippet(choice) {
  const packed = choice.kind === 'catalog' ? PACKAGES.get(choice.id) : undefined;
  const lines = [
    "import { Inception } from 'inception-web';",
    packed && `import ${packed.name} from ${quoted(packed.from)};`,
    '',
    `const net = await Inception.load(${packed?.name ?? quoted(nameOf(choice))}, { head: ${quoted(HEAD_FILE)} });`,
    'const { predictions, isNone } = await net.classify(image);',
    "console.log(isNone ? 'none of these' : predictions[0]);",
  ];
  return lines.filter((line) => typeof line === 'string').join('\n');
}

/** @param {(string | false | null)[]} options */
function optionsOf(options) {
  const given = options.filter((option) => typeof option === 'string');
  return given.length > 0 ? `, {\n${given.map((option) => `  ${option},\n`).join('')}}` : '';
}

/** @param {string[]} labels @returns {string[]} */
function labelLines(labels) {
  if (listed(labels).length <= LINE) return [`const labels = ${listed(labels)};`];
  return ['const labels = [', ...labels.map((label) => `  ${quoted(label)},`), '];'];
}

/**
 * @param {string} name of a layer
 * @param {InspectorView['pin']} pin a value of it
 * @returns {string[]}
 */
function readLines(name, pin) {
  const layer = `result.layers[${quoted(name)}]`;
  if (pin === null) return ['', `const { shape, data, stats } = ${layer};`, 'console.log(shape, stats[0]); // channels, height, width'];
  return ['', `const { shape: [, height, width], data, stats } = ${layer};`, `console.log(data[(${pin.channel} * height + ${pin.y}) * width + ${pin.x}], stats[${pin.channel}]);`];
}

/**
 * The filters of the first convolution, and its maps where no other layer is read.
 * @param {string | null} name of the layer that is read
 * @returns {string[]}
 */
function stemLines(name) {
  const filters = ['', 'const filters = await net.filters();', 'console.log(filters.layer, filters.shape); // filters, input channels, height, width'];
  if (name !== null) return filters;
  return [...filters, 'const maps = await net.features(image, filters.layer);', 'console.log(maps.shape, maps.stats[0]); // channels, height, width'];
}

/**
 * The class map, and the score as the sum of what the last maps add: branch by branch, where they are those of branches.
 * @param {InspectorView} view
 * @param {LayerInfo[]} layers
 * @returns {string[]}
 */
function headLines({ explain, off }, layers) {
  const index = explain === null ? 'index' : String(explain);
  const last = layers.findLast(({ module }) => module !== null)?.module;
  const isResidual = layers.some(({ kind, module }) => kind === 'add' && module === last);
  return [
    '',
    explain === null && 'const { index } = result.predictions[0];',
    ...camLines(index, off),
    `const { layer, contribution, bias, logit } = await net.contributions(image, ${index}${offOption(off)});`,
    'console.log(layer, contribution, bias, logit);',
    ...(isResidual
      ? []
      : [
          'let from = 0;',
          "for (const { name, shape: [channels] } of net.layers.filter(({ kind, module }) => kind === 'branch' && module === layer)) {",
          '  console.log(name, contribution.subarray(from, (from += channels)).reduce((sum, value) => sum + value, 0));',
          '}',
        ]),
  ].filter((line) => typeof line === 'string');
}

/**
 * What explains a class's answer over the picture.
 * @param {InspectorView} view
 * @param {number} index of the class
 * @param {LayerInfo[]} layers
 * @returns {string[]}
 */
function whyLines({ why, off }, index, layers) {
  const { kind, head } = partsOf(why);
  const ofHead = head === null ? '' : `, { head: ${quoted(head)} }`;
  if (kind === 'gradcam') return [`const map = await net.gradCam(image, ${index}, ${quoted(layerOf(why, networkOf(layers)) ?? '')}${ofHead});`, 'console.log(map.height, map.width, map.data);'];
  if (kind === 'saliency') return [`const saliency = await net.saliency(image, ${index}, { ${SALIENCY[methodOf(why)]}${head === null ? '' : `, head: ${quoted(head)}`} });`, 'console.log(saliency.shape, saliency.map, saliency.scale);'];
  const [, minus] = why.split(':');
  if (kind === 'cam' || minus === undefined) return camLines(String(index), off);
  return [...camLines(String(index), off), `const other = await net.cam(image, ${minus}${offOption(off)});`, 'console.log(cam.data.map((value, i) => value - other.data[i]));'];
}

/** @param {string} index of the class, or what has it @param {string[]} off */
function camLines(index, off) {
  return [`const cam = await net.cam(image, ${index}${offOption(off)});`, 'console.log(cam.height, cam.width, cam.data);'];
}

/** @param {string[]} off */
function offOption(off) {
  return off.length > 0 ? `, { off: ${listed(off)} }` : '';
}

/**
 * @param {import('./state.js').Choice} choice
 * @returns {string} the id in the catalog, or the name of the file
 */
function nameOf(choice) {
  if (choice.kind === 'catalog') return choice.id;
  return choice.kind === 'own' ? choice.title : ownTitle(choice.files);
}

/** @param {string[]} names */
function listed(names) {
  return `[${names.map(quoted).join(', ')}]`;
}

/** @param {string} text */
function quoted(text) {
  return `'${text.replace(/[\\']/g, '\\$&').replaceAll('\n', '\\n')}'`;
}
