import type { Signal } from './index.js';

/** A class and how likely it is. */
export interface Prediction {
  /** Index of the class, from 0. */
  index: number;
  /** Its name; null where the model has no names. */
  label: string | null;
  /** From 0 to 1; those of all classes sum to 1. */
  probability: number;
}

/** What a run gives beside the predictions, and how it tells and ends. */
export interface RunOptions {
  /** How many predictions at most; default 5. */
  topK?: number;
  /** Least probability of a prediction, from 0 to 1; default 0. */
  threshold?: number;
  /** Names of layers whose outputs are returned; `['all']` for every one. */
  layers?: string[];
  /** Names of layers whose statistics alone are returned, far less than their outputs; `['all']` for every one. */
  statistics?: string[];
  /** Called after each module, or layer outside of modules, with its name; on the GPU once its work is handed over. */
  onModule?: (module: string, done: number, total: number) => void;
  /** Stops the run within one module; the promise is rejected with `aborted` and the model stays usable. */
  signal?: Signal;
}

/** How several images are classified. */
export interface BatchOptions extends RunOptions {
  /** Called with each result as it comes, in order. */
  onResult?: (result: Result, index: number) => void;
  /** Default false. True: an image that cannot be read leaves the others their results, as of `Promise.allSettled`. */
  settled?: boolean;
}

/** The answer for one image. */
export interface Result {
  /** Most likely first; equal probabilities by index. */
  predictions: Prediction[];
  /**
   * Whether the image is none of a taught head's classes: no probability reaches `info.head.threshold`. False without such a head, and
   * with `topK: 0`.
   */
  isNone: boolean;
  /** What each trained auxiliary head says of the network's own classes, with the same `topK` and `threshold`. */
  auxiliary: {
    /** Name of the head's last layer. */
    layer: string;
    /** Most likely first. */
    predictions: Prediction[];
  }[];
  /** By name, the outputs that `RunOptions.layers` asked for. */
  layers: Record<string, FeatureMaps>;
  /** By name, the channels' statistics that `RunOptions.statistics` asked for. */
  statistics: Record<string, ChannelStats[]>;
  /** Milliseconds, measured in the engine, without waiting for earlier calls. */
  timing: {
    /** From encoded bytes to pixels; 0 for pixels. Of the first WebP, GIF or BMP with the fetch of what decodes them. */
    decode: number;
    /** From pixels to the network's input. */
    preprocess: number;
    /** The network. */
    run: number;
    /** All of it, with what lies between. */
    total: number;
  };
  /** The image as it was given, in pixels; of one that was scaled down or drawn, the copy that the engine got. */
  image: {
    /** Columns. */
    width: number;
    /** Rows. */
    height: number;
    /** The part seen by the network: x, y, width, height. */
    crop: [number, number, number, number];
  };
}

/** Figures of one channel of a layer's output. */
export interface ChannelStats {
  /** Mean of all positions. */
  mean: number;
  /** Standard deviation over all positions. */
  std: number;
  /** Smallest value. */
  min: number;
  /** Largest value. */
  max: number;
  /** Share of zeros, from 0 to 1. */
  sparsity: number;
}

/** A layer's output, channel by channel, each row by row. */
export interface FeatureMaps {
  /** Name of the layer. */
  name: string;
  /** [channels, height, width]. */
  shape: [number, number, number];
  /** channels * height * width values. */
  data: Float32Array;
  /** Of each channel. */
  stats: ChannelStats[];
}

/** The kernels of the convolution that reads the picture, as they are computed with; its batch norm, where there is one, comes after them. */
export interface Filters {
  /** Name of the layer. */
  layer: string;
  /** [out, in, height, width]; the input channels are in the order of `preprocess.channels`. */
  shape: [number, number, number, number];
  /** out * in * height * width values. */
  data: Float32Array;
}

/** Class activation map: the logit that each position of the last maps alone would give, row by row; their mean is the logit. */
export interface Cam {
  /** Index of the class. */
  classIndex: number;
  /** Columns of the map. */
  width: number;
  /** Rows of the map. */
  height: number;
  /** height * width values, in units of the logit. */
  data: Float32Array;
  /** False where the head has hidden layers: then the map is the head's gradient at this image. */
  exact: boolean;
}

/** What each channel of `layer`, the last maps, adds to a class's logit; with `bias` the contributions sum to `logit`. */
export interface Contributions {
  /** Index of the class. */
  classIndex: number;
  /** Name of the layer with the last maps. */
  layer: string;
  /** One value a channel, in units of the logit. */
  contribution: Float32Array;
  /** What the logit is without any channel. */
  bias: number;
  /** The class's logit, before softmax. */
  logit: number;
  /** False where the head has hidden layers: then they are the head's gradient at this image. */
  exact: boolean;
}

/** A class's probability without one branch, and its change against the whole network. */
export interface BranchEffect {
  /** Name of the branch. */
  branch: string;
  /** The class's probability without it, from 0 to 1. */
  probability: number;
  /** That probability less the whole network's. */
  change: number;
}

/** What {@link Inception.rankBranches} switches off and asks for. */
export interface RankOptions {
  /** Default: every branch of the network. */
  branches?: string[];
  /** Default: the most likely class. */
  classIndex?: number;
  /** Stops the run at work within one module; the promise is rejected with `aborted`. */
  signal?: Signal;
  /** Called after each branch. */
  onProgress?: (done: number, total: number) => void;
}

/** How {@link Inception.profile} tells and ends. */
export interface ProfileOptions {
  /** Stops after the layer at work; the promise is rejected with `aborted`. */
  signal?: Signal;
  /** Called after each layer. */
  onProgress?: (done: number, total: number) => void;
}

/** How {@link Inception.tune} tells and ends. */
export interface TuneOptions {
  /** Stops after the way at work; the promise is rejected with `aborted`. What has been timed by then is not timed again. */
  signal?: Signal;
  /** Called after each way. */
  onProgress?: (done: number, total: number) => void;
  /** Goes back to the usual ways instead, forgets what the browser has kept of others, and tunes no more by itself until it is loaded again or asked to. Default: false. */
  undo?: boolean;
  /** Whether what comes of it is kept for the next load, or forgotten there. Default: true. */
  keep?: boolean;
}

/** What {@link Inception.tune} has found. */
export interface Tuned {
  /** Ways that were timed: none where they are known, on the CPU, on a software adapter, or where the browser gives no GPU time. */
  tried: number;
  /** Kinds of kernels that now go another way than the usual one. */
  changed: number;
}

/** The time of one layer that is computed. */
export interface LayerTime {
  /** Name of the layer. */
  name: string;
  /** Milliseconds: the mean over some milliseconds of repeats. */
  ms: number;
  /** Multiply-adds. */
  macs: number;
}

/** How far the GPU's layers are from the CPU's: the largest difference over the layer's largest value. `ok`: 2e-4 at most everywhere. */
export interface ParityReport {
  /** The layer with the largest error. */
  worst: {
    /** Name of the layer. */
    layer: string;
    /** Its largest difference over its largest value. */
    relativeError: number;
  };
  /** Every layer in the order of execution. */
  layers: {
    /** Name of the layer. */
    layer: string;
    /** Its largest difference over its largest value. */
    relativeError: number;
  }[];
  /** Whether no layer's error is above 2e-4. */
  ok: boolean;
}
