import { ownTitle } from '../pkg/dist/element/own-files.js';

/** @typedef {import('../pkg/dist/element/index.js').InspectorView} InspectorView */

/** The models that come as packages, by their ids in the catalog: the name that they are imported by. */
const PACKAGES = new Map([
  ['googlenet-imagenet', { name: 'googlenet', from: 'inception-web-googlenet' }],
  ['nsfw-inception-v3', { name: 'nsfw', from: 'inception-web-nsfw' }],
]);

/**
 * What is on the screen, asked for in JavaScript.
 * @param {object} shown
 * @param {import('./state.js').Choice} shown.choice of the model
 * @param {string} shown.image address of the picture, or the name of its file
 * @param {InspectorView} shown.view
 * @param {import('../pkg/dist/index.js').LayerInfo | null} shown.layer that is open
 * @returns {string} a module for a page or for Node.js
 */
export function snippet({ choice, image, view: { pin, off, explain }, layer }) {
  const packed = choice.kind === 'catalog' ? PACKAGES.get(choice.id) : undefined;
  const model = packed?.name ?? quoted(nameOf(choice));
  const name = pin?.layer ?? layer?.name ?? null;
  const options = [off.length > 0 && `off: ${listed(off)}`, name && `layers: ${listed([name])}`].filter((option) => typeof option === 'string');
  const asked = options.length > 0 ? `, {\n${options.map((option) => `  ${option},\n`).join('')}}` : '';
  const lines = [
    "import { Inception } from 'inception-web';",
    packed && `import ${packed.name} from ${quoted(packed.from)};`,
    '',
    choice.kind === 'catalog' ? null : '// Your own file: put it where this page, or this module, can fetch it.',
    `const net = await Inception.load(${model});`,
    `const image = ${quoted(image)};`,
    `const result = await net.${off.length > 0 ? 'ablate' : 'classify'}(image${asked});`,
    'console.log(result.predictions[0]);',
    ...(name ? readLines(name, pin) : []),
    ...(explain === null ? [] : ['', `const cam = await net.cam(image, ${explain}${off.length > 0 ? `, { off: ${listed(off)} }` : ''});`, 'console.log(cam.height, cam.width, cam.data);']),
    '',
    'net.dispose();',
  ];
  return `${lines.filter((line) => typeof line === 'string').join('\n')}\n`;
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
