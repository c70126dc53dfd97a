// What nsfwjs imports as '@tensorflow/tfjs', from the script that the page has loaded.
const { tf } = globalThis;
export const { Tensor, browser, image, loadGraphModel, loadLayersModel, model, scalar, tidy, zeros } = tf;
