import type { Signal } from './index.js';

/** A number that a network makes of a picture: a class's logit, or what a layer's values come to. */
export type Target = ClassTarget | LayerTarget;

/** The logit of a class, before softmax or sigmoid; of a taught head where one answers. */
export interface ClassTarget {
  /** Index of the class, from 0. */
  classIndex: number;
  /** Index of another class, whose logit is taken away: why the one and not the other. */
  minus?: number;
  /** Name of a trained auxiliary head's last layer, as `net.info.auxiliary` has it: the classes are that head's. Default: those that are answered. */
  head?: string;
}

/** The mean of a layer's values. */
export interface LayerTarget {
  /** Name of the layer; of a branch or a module, too, and of an auxiliary head. */
  layer: string;
  /** One channel of it; default all. */
  channel?: number;
  /** Row and column: the value of the channel there. */
  position?: [row: number, column: number];
  /** The sum of all values instead of their mean; default false. */
  sum?: boolean;
}

/** How a gradient is computed. */
export interface GradientOptions {
  /** What the gradient is of. */
  of: Target;
  /** Names of layers at which it is wanted, `input` for the picture as the network reads it; default `['input']`. */
  at?: string[];
  /** Stops the work within one module; the promise is rejected with `aborted` and the model stays usable. */
  signal?: Signal;
}

/** How a number changes with each value of some layers. */
export interface Gradients {
  /** The number. */
  value: number;
  /** By name, the gradient at each layer. */
  at: Record<string, Gradient>;
}

/** The gradient at a layer's output: as all that read it have it together, before its own ReLU. Zeros where the number does not depend on it. */
export interface Gradient {
  /** Name of the layer, or `input`. */
  name: string;
  /** [channels, height, width]; the input's channels are in the order of `preprocess.channels`. */
  shape: [number, number, number];
  /** channels * height * width values, in units of the number per unit of the layer. */
  data: Float32Array;
}

/** How a Grad-CAM map is computed. */
export interface GradCamOptions {
  /** Index of a class whose logit is taken away. */
  minus?: number;
  /** Name of a trained auxiliary head's last layer, whose class it is; a layer that it does not depend on is `bad-option`. */
  head?: string;
  /** Stops the work within one module. */
  signal?: Signal;
}

/**
 * Where a layer speaks for a class (Selvaraju et al. 2017, "Grad-CAM"): its channels weighed by the mean of their gradients, row by row. What
 * speaks against the class is zero.
 */
export interface GradCam {
  /** Index of the class. */
  classIndex: number;
  /** Name of the layer. */
  layer: string;
  /** Columns of the map. */
  width: number;
  /** Rows of the map. */
  height: number;
  /** height * width values from 0. */
  data: Float32Array;
}

/** How the pixels that made an answer are found. */
export interface SaliencyOptions {
  /**
   * `gradient` (Simonyan et al. 2013): how the logit changes with each value. `smoothgrad` (Smilkov et al. 2017): the mean of that over noisy
   * copies. `integrated` (Sundararajan et al. 2017): what each value adds to the logit on the way from the baseline. Default `smoothgrad`.
   */
  method?: 'gradient' | 'smoothgrad' | 'integrated';
  /** Noisy copies of `smoothgrad`; default 25. */
  samples?: number;
  /** Standard deviation of the noise, of the range of the input's values; default 0.15. */
  noise?: number;
  /** Steps of `integrated`; default 64. With more of them the values sum to the logit's difference more exactly. */
  steps?: number;
  /** Where `integrated` begins: all black, all gray, or the mean colour of the picture; default `gray`. */
  baseline?: 'black' | 'gray' | 'mean';
  /** Seed of the noise; default 0. */
  seed?: number;
  /** Index of a class whose logit is taken away. */
  minus?: number;
  /** Name of a trained auxiliary head's last layer, whose class it is. */
  head?: string;
  /** Called after each run. */
  onProgress?: (done: number, total: number) => void;
  /** Stops the work within one module. */
  signal?: Signal;
}

/** Which pixels made an answer. */
export interface Saliency {
  /** Index of the class. */
  classIndex: number;
  /** How it was found. */
  method: 'gradient' | 'smoothgrad' | 'integrated';
  /** [3, height, width]; the channels are in the order of `preprocess.channels`. */
  shape: [number, number, number];
  /** 3 * height * width values; of `integrated` what each adds to the logit, else gradients. */
  data: Float32Array;
  /** One value a pixel, row by row: the largest amount of its three, or, of `integrated`, their sum with its sign. */
  map: Float32Array;
  /** The amount that 99.5 % of the map's values do not exceed: what a colour scale ends with. */
  scale: number;
}

/** A picture that grew, and what its target came to. */
export interface Drawn {
  /** Columns. */
  width: number;
  /** Rows. */
  height: number;
  /** RGBA, row by row. */
  pixels: Uint8ClampedArray;
  /** The target's number at the last step, before it; of a dream, half the mean of the layer's squares. */
  value: number;
}

/** A picture on its way to what a target looks for. */
export interface Grown extends Drawn {
  /** What further steps depend on; for {@link VisualizeOptions.from}. */
  state: Uint8Array;
  /** What it is a picture of, and of which weights: another target's picture is refused as `from`. */
  of: string;
}

/** How a picture is made of what a target looks for. */
export interface VisualizeOptions {
  /** Columns and rows, even, from 32 to 512; default 128. */
  size?: number;
  /** Steps; default 256. */
  steps?: number;
  /** Another seed grows another picture; the same one the same, on one device. Default 0. */
  seed?: number;
  /** Whether the picture is moved, scaled and turned a little at each step, as published; default true. */
  transforms?: boolean;
  /** Step size of Adam; default 0.05. */
  learningRate?: number;
  /** Goes on from a picture of the same target, which an earlier call gave or showed, with `steps` more; its size is that picture's, and `seed` says nothing. */
  from?: Grown;
  /** Called after each step; `picture` now and then, at least every eighth step. */
  onStep?: (step: number, steps: number, picture: Grown | null) => void;
  /** Stops the work within one module; the promise is rejected with `aborted`. */
  signal?: Signal;
}

/** What a dream follows. */
export interface DreamTarget {
  /** Name of a layer; of a module or a branch, too. */
  layer: string;
  /** A factor for each branch of a module by its name, `Mixed_4d/Branch_1`; default 1 for each. */
  branches?: Record<string, number>;
}

/** How a picture is changed so that a layer answers more (Mordvintsev et al. 2015, "Inceptionism"). */
export interface DreamOptions {
  /** Sizes that it is worked on in, from small to large; default 4. */
  octaves?: number;
  /** How much larger each is than the one before; default 1.4. */
  octaveScale?: number;
  /** Steps in each; default 10. */
  steps?: number;
  /** Mean change of a value in a step, of 255; default 1.5. */
  stepSize?: number;
  /** Longest side in pixels that a larger picture is made smaller to; default 512. */
  size?: number;
  /** Seed of the shifts; default 0. */
  seed?: number;
  /** Called after each step. */
  onStep?: (step: number, steps: number, picture: Drawn) => void;
  /** Stops the work within one module. */
  signal?: Signal;
}
