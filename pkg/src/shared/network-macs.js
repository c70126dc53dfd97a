/** Multiply-adds of one picture, without auxiliary heads, to two digits. @type {Record<string, number>} */
const MACS = {
  'googlenet': 1.6e9,
  'googlenet-torchvision': 1.5e9,
  'inception-v1-bn': 1.6e9,
  'inception-v2': 2.3e9,
  'inception-v2-caffe': 2.0e9,
  'inception-v3': 5.7e9,
  'inception-v3-slim': 5.7e9,
  'inception-v3-2015': 5.7e9,
  'inception-v4': 12e9,
  'inception-v4-shared': 12e9,
  'inception-resnet-v1': 1.4e9,
  'inception-resnet-v1-shared': 1.7e9,
  'inception-resnet-v2': 13e9,
};

/**
 * What a network takes about, for guesses before it has been loaded or measured.
 * @param {string | null | undefined} network as `ModelInfo.network` calls it; one that is not known counts as Inception-v3
 * @returns {number} multiply-adds of one picture
 */
export function usualMacs(network) {
  return MACS[network ?? ''] ?? 5.7e9;
}
