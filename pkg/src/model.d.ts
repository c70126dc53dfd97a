/**
 * What makes answers of a classifier's logits: probabilities that sum to one; one probability for each class by itself, of which a single
 * logit answers two, `1 - p` and `p`; or nothing, where the logits are values and `Prediction.probability` is such a value.
 */
export type OutputActivation = 'softmax' | 'sigmoid' | 'none';

/** How an image becomes the network's input: resized, cropped, then `(pixel * scale - mean) / std` in each channel. */
export interface Preprocess {
  /** Columns of the input, in pixels. */
  width: number;
  /** Rows of the input, in pixels. */
  height: number;
  /** Keep the picture's proportions and fit its shorter side, or stretch it. */
  resize: 'shortest-side' | 'stretch';
  /** Size before the crop, in pixels of the shorter side; at least `width` and `height` where there is a crop. */
  resizeTo: number;
  /** What is cut away: what is outside the centre, or nothing. */
  crop: 'center' | 'none';
  /** Which comes first. */
  order: 'resize-crop' | 'crop-resize';
  /** Interpolation; the first two equal Pillow's. */
  filter: 'bilinear' | 'bicubic' | 'bilinear-align-corners';
  /** Order of the channels in the input; `gray` is three times the luminance, as Pillow's mode `L` has it. */
  channels: 'rgb' | 'bgr' | 'gray';
  /** Factor on pixels from 0 to 255, first of all: 1/255 or 1. */
  scale: number;
  /** Subtracted after `scale`, in the order of `channels`. */
  mean: [number, number, number];
  /** Divisor after `mean`, in the order of `channels`. */
  std: [number, number, number];
  /** After all that, per picture: (x - mean) / max(std, 1 / sqrt(n)) over its n values, as FaceNet has it. */
  standardize: boolean;
}

/** What a loaded model is and how it runs. */
export interface ModelInfo {
  /** Catalog id; the network's id for a model from elsewhere. */
  id: string;
  /** Id of the network, for example 'inception-v3'. */
  network: string;
  /** Title for people, in English. */
  title: string;
  /** How many classes there are; 0 for a network without a classifier. */
  classes: number;
  /** What makes answers of the logits. */
  activation: OutputActivation;
  /** What the checkpoint does not say and was assumed: a sentence each, in English. */
  assumptions: string[];
  /**
   * Class names in the order of the classes; null where the checkpoint and the catalog have none. A model of 1000 or 1001 classes from
   * elsewhere that brings no names has ImageNet's, from the list that the package brings along.
   */
  labels: string[] | null;
  /** Trained numbers of the network, auxiliary heads included. */
  params: number;
  /** Multiply-adds for one image, auxiliary heads left out. */
  macs: number;
  /** Shape of the input, [channels, height, width]. */
  input: [number, number, number];
  /** How images become the input, with what `LoadOptions.preprocess` changed. */
  preprocess: Preprocess;
  /** Auxiliary heads of the checkpoint. Those that were never trained give no predictions and have no layers. */
  auxiliary: {
    /** Name of the head's last layer. */
    layer: string;
    /** Whether its weights mean something. */
    trained: boolean;
    /** Number of its classes: not the network's where that was given another classifier and kept this head. */
    classes: number;
  }[];
  /** Where the network runs. Another one once a lost or failing GPU has been left, or another device was clearly faster. */
  device: 'webgpu' | 'cpu';
  /**
   * Why it runs there, in English. Where 'auto' had a choice, what an answer takes on each device, a GPU's wait included, for example
   * "GPU 14 ms, CPU 160 ms, predicted"; "measured" once answers have told.
   */
  deviceReason: string;
  /** The GPU's name; null on the CPU. */
  adapter: string | null;
  /** How many threads run, and why. */
  threads: {
    /** `LoadOptions.threads`. */
    requested: 'auto' | number;
    /** How many run, the engine's own included. Of three and more, with `auto`, fewer after some runs where those were faster. */
    used: number;
    /** Why that many, in English. */
    reason: string;
  };
  /** The vector instructions that the engine was built for: relaxed SIMD has a fused multiply-add. Safari, and Node.js before 22, have simd128 here. */
  simd: 'simd128' | 'relaxed';
  /** Whether the browser had the model's files, and whether it keeps them. */
  cache: {
    /** All files came from the browser's cache. */
    hit: boolean;
    /** All files are in the cache; null for a moment after the load, while they are being written. */
    kept: boolean | null;
    /** Why not, for example for lack of room, or why the next load fetches them again all the same; null where it does not. */
    reason: string | null;
  };
  /** Bytes that the weights take in memory, on the GPU where the network runs there. */
  weightBytes: number;
  /** Where the weights come from, as the model file or the catalog says. */
  source: string | null;
  /** The licence of the weights, as the model file or the catalog says. */
  license: string | null;
  /** What a taught head reads of the network. */
  backbone: {
    /** Of the body's weights, whatever file they are in; 16 hexadecimal digits. */
    digest: string;
    /** The layer whose output is the features. */
    layer: string;
    /** How many features there are. */
    length: number;
  };
  /** The taught head that answers; null: the network's own. */
  head: HeadInfo | null;
}

/** What a taught head says of its answers. */
export interface HeadInfo {
  /** Least probability of an answer, from 0 to 1; below it an image is none of the classes. Null: every image is one of them. */
  threshold: number | null;
  /** What the logits are divided by before they become probabilities. */
  temperature: number;
}

/** A layer of the network, or a whole branch of a module. */
export interface LayerInfo {
  /** Public name, TF-slim's end point for every network: 'Mixed_5b/Branch_1/Conv2d_0b_5x5'. */
  name: string;
  /** What it computes. */
  kind: 'conv' | 'max-pool' | 'avg-pool' | 'lrn' | 'l2-norm' | 'batch-norm' | 'activation' | 'concat' | 'add' | 'linear' | 'softmax' | 'sigmoid' | 'branch';
  /** The module that it belongs to; null outside of modules. */
  module: string | null;
  /** Index of the branch in that module; null outside of branches. */
  branch: number | null;
  /** Names of the layers that it reads; none where it reads the image. */
  inputs: string[];
  /** Shape of the output, [channels, height, width]. */
  shape: [number, number, number];
  /** For example '3x3/2, 96'. */
  detail: string;
  /** Height and width of the window that slides over its input; null where none does. */
  kernel: [number, number] | null;
  /** Vertical and horizontal distance between two places of that window. */
  stride: [number, number] | null;
  /** Of a residual sum, what its second input is multiplied with; null of all else. */
  scale: number | null;
  /** The auxiliary head that it belongs to, by its logits' name; null in the body. */
  head: string | null;
  /** Trained numbers. */
  params: number;
  /** Multiply-adds for one image. */
  macs: number;
  /** Which pixels of the input one position sees. Each [height, width] in pixels of the input. */
  receptiveField: {
    /** Extent. */
    size: [number, number];
    /** Distance between what neighbouring positions see. */
    stride: [number, number];
    /** First row and column that position 0 sees; negative inside the padding. */
    start: [number, number];
  };
}

/** A model in the catalog. */
export interface CatalogEntry {
  /** What {@link Inception.load} takes. */
  id: string;
  /** Title for people, in English. */
  title: string;
  /** Id of the network. */
  network: string;
  /** Address of the model file; a relative one from the folder of models. */
  url: string;
  /** Size of the file. */
  bytes: number;
  /** Of the file, in hexadecimal digits; null: it is not checked. */
  sha256: string | null;
  /** How many classes there are. */
  classes: number;
  /** Name of the list of class names in the folder of models, without '.json'; empty where the file has its own. */
  labels: string;
  /** The licence of the weights. */
  license: string;
  /** Page of the publisher. */
  source: string;
  /** Whether the file lies in the folder of models, so that nothing is fetched from elsewhere. */
  offline: boolean;
  /** Whether there are auxiliary heads, and whether they were trained. */
  auxiliary: 'trained' | 'untrained' | 'none';
}
