/**
 * What the papers call the modules: Szegedy et al. 2014 (GoogLeNet) and Ioffe and Szegedy 2015 (BN-Inception) give them numbers, Szegedy et al. 2016
 * (v4 and Inception-ResNet) letters by kind; v3's has no names for them.
 * @type {{ network: RegExp, names: [module: RegExp, name: string | ((...match: string[]) => string)][] }[]}
 */
const PAPERS = [
  {
    network: /^(googlenet|inception-v[12](-|$))/,
    names: [
      [/^Mixed_4a$/, '3c'],
      [/^Mixed_5a$/, '4e'],
      [/^Mixed_([345])([b-f])$/, (_, stage = '', letter = '') => stage + String.fromCharCode(letter.charCodeAt(0) - 1)],
    ],
  },
  {
    network: /^inception-v4(-shared)?$/,
    names: [
      [/^Mixed_5[b-e]$/, 'Inception-A'],
      [/^Mixed_6a$/, 'Reduction-A'],
      [/^Mixed_6[b-h]$/, 'Inception-B'],
      [/^Mixed_7a$/, 'Reduction-B'],
      [/^Mixed_7[b-d]$/, 'Inception-C'],
    ],
  },
  {
    network: /^inception-resnet-v[12](-shared)?$/,
    names: [
      [/\/block35_/, 'Inception-ResNet-A'],
      [/^Mixed_6a$/, 'Reduction-A'],
      [/\/block17_/, 'Inception-ResNet-B'],
      [/^Mixed_7a$/, 'Reduction-B'],
      [/(\/block8_|^Block8$)/, 'Inception-ResNet-C'],
    ],
  },
];

/**
 * @param {string} network as `ModelInfo.network` calls it
 * @param {string} module
 * @returns {string | null} the module's name in the network's paper, where that has one
 */
export function paperName(network, module) {
  const { names = [] } = PAPERS.find((paper) => paper.network.test(network)) ?? {};
  for (const [pattern, name] of names) {
    const match = pattern.exec(module);
    if (match) return typeof name === 'string' ? name : name(...match);
  }
  return null;
}
