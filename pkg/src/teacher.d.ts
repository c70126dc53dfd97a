import type { ImageSource, Signal } from './index.js';

/** How a {@link Teacher} makes heads. */
export interface TeachOptions {
  /**
   * Default false: an image is of one class. True: it may have several labels or none, and each is answered for itself.
   */
  multiLabel?: boolean;
}

/** What an image is an example of: the name of a class, several with `multiLabel`, or null for none of the classes. */
export type Label = string | string[] | null;

/** What is kept of an example beside its features. */
export interface ExampleOptions {
  /** For people, for example the name of its file; default ''. */
  name?: string;
  /** An encoded picture of some kilobytes, which `save` keeps; default none. */
  thumbnail?: Uint8Array | null;
  /** Stops it; the promise is rejected with `aborted`. */
  signal?: Signal;
}

/** An image that was given, as its features: four bytes each, no pixels. */
export interface Example {
  /** For calls about it; never used again. */
  readonly id: number;
  /** What it is an example of. */
  readonly label: Label;
  /** For people. */
  readonly name: string;
  /** As it was given. */
  readonly thumbnail: Uint8Array | null;
  /** What a head reads of it: `net.info.backbone.length` values. */
  readonly features: Float32Array;
}

/** One of the images for {@link Teacher.addAll}. */
export interface GivenImage {
  /** The image. */
  image: ImageSource;
  /** What it is an example of. */
  label: Label;
  /** For people; default ''. */
  name?: string;
  /** An encoded picture of some kilobytes, which `save` keeps; default none. */
  thumbnail?: Uint8Array | null;
}

/** How {@link Teacher.addAll} tells and ends. */
export interface AddAllOptions {
  /** After each image: how many are done, those that could not be read included, and how many there are; null of a generator. */
  onProgress?: (done: number, total: number | null) => void;
  /** Stops it after the image at work: the promise is rejected with `aborted`, and what was added stays. */
  signal?: Signal;
}

/** What came of {@link Teacher.addAll}. */
export interface AddAllResult {
  /** The new examples. */
  added: Example[];
  /** How many were there already, with the same label. */
  duplicates: number;
  /** The images that could not be read: which of them, its name, and why. */
  failed: {
    /** Its place in the list. */
    index: number;
    /** As it was given. */
    name: string;
    /** Why, an `InceptionError`. */
    error: Error;
  }[];
}

/** How a head is trained. */
export interface TrainOptions {
  /** Parts of the cross-validation, from 2; default 5, fewer where a class has fewer examples. 0: nothing is held out and judged, which is sooner done. */
  folds?: number;
  /** Weight of the squared coefficients, 1 / C of scikit-learn; default 'auto': chosen by cross-validation. */
  l2?: 'auto' | number;
  /** Whether classes with few examples weigh as much as those with many; default true. */
  balanced?: boolean;
  /** From 0 to 1. */
  onProgress?: (fraction: number) => void;
  /** Stops it; the promise is rejected with `aborted`, and the head before stays. */
  signal?: Signal;
}

/** What was answered to an example by a head that had not seen it. */
export interface HeldOut {
  /** Index of the most probable class. */
  class: number;
  /** Its probability. */
  probability: number;
  /** The probability of the example's own class; of several labels that of the least probable, of none that no class is shown. */
  truth: number;
  /** The part of the cross-validation that it was in. */
  fold: number;
}

/** What cross-validation says of a head: each example was answered by a head that had not seen it. Shares are from 0 to 1. */
export interface TeachReport {
  /** Examples with a label. */
  examples: number;
  /** Those that were held out once: the only example of a class is not. */
  judged: number;
  /** Share of judged examples that were answered rightly; of several labels, without a label too few or too many. Null where none was judged. */
  accuracy: number | null;
  /** Mean log loss of the judged examples; null where none was judged. */
  logLoss: number | null;
  /** The classes of the head: those of `Teacher.labels` that have examples. */
  labels: string[];
  /** Each of them. */
  classes: {
    /** Its examples. */
    count: number;
    /** Those that were held out once. */
    judged: number;
    /** Share of its judged examples that were taken for it. */
    recall: number | null;
    /** Share of what was taken for it that is it. */
    precision: number | null;
  }[];
  /** Judged examples by what they are (row) and what they were taken for (column); empty with several labels. */
  confusion: number[][];
  /** The held-out answer of each example with a label, in the order of `ids`; null for those that were not judged. */
  answers: (HeldOut | null)[];
  /** The examples that `answers` is about. */
  ids: number[];
  /** Judged examples by their highest probability, in 20 bins from 0 to 1. */
  ownHistogram: number[];
  /** The same of the examples of none of the classes. */
  noneHistogram: number[];
  /** Share of the judged examples whose highest probability reaches the threshold. */
  ownAnswered: number | null;
  /** The examples of none of the classes: how many, and which share is refused. Absent where there are none. */
  none?: {
    /** How many. */
    count: number;
    /** Share of them that is refused. */
    refused: number;
  } | null;
  /** The weight of the squared coefficients. */
  l2: number;
  /** What the logits are divided by. */
  temperature: number;
  /** The probability below which an image is none of the classes. */
  threshold: number;
  /** Parts of the cross-validation; 0: none was possible. */
  folds: number;
  /** Iterations of the last training. */
  iterations: number;
  /** Whether every training came to its end. */
  converged: boolean;
  /** Milliseconds that it took. */
  ms: number;
}

/**
 * Examples of one's own classes, and the heads that are trained on them. It holds their features, about 4 to 8 kB each, and no images.
 * Made by `Inception.teach`; it ends with its network.
 */
export class Teacher {
  private constructor();
  /** Names of the classes, in the order in which they came. */
  readonly labels: readonly string[];
  /** Every example, in the order in which they came. */
  readonly examples: readonly Example[];
  /** Whether examples may have several labels. */
  readonly multiLabel: boolean;
  /** What the last training said; null before one, and after a change of the examples. */
  readonly report: TeachReport | null;
  /** Makes a class without examples, or does nothing where there is one of that name. Such a class is left out of heads. */
  addLabel(label: string): void;
  /** Gives a class another name; where there is one of that name, its examples go there. Those that are there already are removed and returned. */
  renameLabel(label: string, to: string): Example[];
  /** Removes a class and its examples, which it returns. */
  removeLabel(label: string): Example[];
  /**
   * Runs the network on an image and keeps its features. Resolves to the example, or to the one that is there already, of the same features
   * and label. Rejects as `classify` does.
   */
  add(image: ImageSource, label: Label, options?: ExampleOptions): Promise<Example>;
  /** The same of many; one that cannot be read does not end the others. */
  addAll(images: Iterable<GivenImage>, options?: AddAllOptions): Promise<AddAllResult>;
  /** Puts examples back that were removed, or takes those of another teacher of the same model: with new ids, in their order. */
  put(examples: Iterable<Pick<Example, 'label' | 'name' | 'thumbnail' | 'features'>>): Example[];
  /** Removes examples, and returns them. */
  remove(...ids: number[]): Example[];
  /** Gives examples another label. Those that are there already with that label are removed and returned. */
  move(label: Label, ...ids: number[]): Example[];
  /**
   * Trains a head on the examples, beside other calls of the network. Rejects with `bad-option` where there are fewer than two classes with
   * examples. Several at once are worked off one after another.
   */
  train(options?: TrainOptions): Promise<TeachReport>;
  /**
   * The file of the head that was trained last, for `useHead`, `Inception.load` and the command line; with another threshold than the report's
   * where one is given, with none where it is null. Rejects with `bad-option` before a training.
   */
  head(options?: { threshold?: number | null }): Promise<Uint8Array>;
  /**
   * One file of all examples, names and thumbnails, to go on with. A `threshold` of one's own is written into the file's metadata; `restore`
   * leaves it there.
   */
  save(options?: { threshold?: number | null }): Uint8Array;
  /**
   * Adds the examples of such a file to those that are there; those that are there already are left out. Throws `bad-weights` of a file that
   * is none, `bad-option` where it was saved with another model, which names both, or where examples have several labels and this teacher's
   * have one.
   */
  restore(file: Uint8Array | ArrayBuffer): Example[];
}
