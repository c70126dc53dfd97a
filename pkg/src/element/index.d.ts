/**
 * The inspector as a custom element, `<inception-inspector>`; importing the module defines it, and does nothing where there is no document.
 * `inception-web/element/react`, `/preact`, `/solid`, `/vue` and `/svelte` are the same module with the element's types for their templates.
 * @module inception-web/element
 */
import type { Address, Device, ErrorCode, Global, ImageSource, Inception, InceptionError, ModelInfo, Progress, Result } from '../index.js';

/** What the element is in a page; projects without the types of one, such as those of Node.js, may import it all the same. */
declare const Base: typeof globalThis extends { HTMLElement: infer Class } ? Class : new () => object;
type Listen = Global<'HTMLElement'>['addEventListener'];
type Listener = Parameters<Listen>[1];
type ListenerOptions = Parameters<Listen>[2];
type FocusOptions = Parameters<Global<'HTMLElement'>['focus']>[0];

/**
 * A network, its answer for a picture, and every branch of every module; another picture or model to compare with.
 *
 * The attributes are the properties of the same names: `src`, `model`, `models-url`, `device`, `theme`, `hotkeys`, `highlight`, and `lang`, 'en' or 'zh'
 * with or without a region (default: the nearest `lang` around the element when it comes into the document, else the browser's).
 * A property that is given something of another kind, or an object with a key that it does not have, throws an {@link InceptionError} `bad-option`; null and undefined
 * take it back.
 *
 * The element may be moved within its document: what leaves and comes back within one task, or by `moveBefore`, keeps its models, picture and run.
 *
 * Slots: `sources` below the picture, instead of the button that chooses one; `notes` below the answer, instead of what became of
 * the GPU of `model`; `offer` there while there is nothing to say about the run; `classes` in that panel's head; `work` above the network map;
 * `foot` below the modules. The panels stick below `--inception-top`, the height of what
 * already sticks to the top of the page. Colours are custom properties (`--surface`, `--ink`, `--b0` …) that the page may set on the element.
 */
export class InceptionInspector extends Base {
  /** Address of a picture to begin with, and of another one to show when it changes. `show` takes pictures of other kinds. */
  get src(): string | null;
  /** Shows another one. */
  set src(address: Address | null | undefined);
  /**
   * Catalog id or address of a model. The element loads it, and disposes of it when it leaves the document or another one comes. `net` takes
   * a model that is loaded already.
   */
  get model(): string | null;
  /** Loads another one beside the one in use, which stays until it is ready. */
  set model(model: Address | null | undefined);
  /** Folder of the catalog that `model` and a model to compare with are looked up in, as in `LoadOptions`. */
  get modelsUrl(): string | null;
  /** Another folder, which `model` is loaded from again. */
  set modelsUrl(address: Address | null | undefined);
  /** Where they run, as in `LoadOptions`. */
  get device(): Device | null;
  /** Another device, which `model` is loaded on again. */
  set device(device: Device | null | undefined);
  /** Light or dark; null: as the system is. */
  get theme(): 'light' | 'dark' | null;
  /** The theme from now on. */
  set theme(theme: 'light' | 'dark' | null | undefined);
  /** Whether the keys `[` `]` `r` `0` `1`–`6` `+` `-` `f` act wherever they are typed, fields aside, and not only while the focus is in the element. */
  get hotkeys(): boolean;
  /** Whether they act everywhere from now on. */
  set hotkeys(on: boolean | null | undefined);
  /**
   * What gets a dashed outline, for a page that explains it: 'channels', the first branch's maps, or 'switches', the switch of a branch of the
   * open module.
   */
  get highlight(): 'channels' | 'switches' | null;
  /** What gets one from now on. */
  set highlight(what: 'channels' | 'switches' | null | undefined);
  /**
   * The network that is shown. Its owner disposes of it, after another one or null has taken its place. Null at first, and while
   * `model` is loaded. One that has been disposed of already is refused with `inception-error`, and what is shown stays.
   */
  get net(): Inception | null;
  /** The network to show from now on. Null takes one back that was given: `model`, where there is one, is loaded and shown again. */
  set net(net: Inception | null | undefined);
  /** What a comparison calls `net`, for example the name of its file; null, as at first: as it calls itself. */
  get netTitle(): string | null;
  /** What it is called from now on. */
  set netTitle(title: string | null | undefined);
  /** What is looked at. What a given view leaves out stays; layers, branches and classes that the network does not have are ignored. May be set before `net`. */
  get view(): InspectorView;
  /** What to look at from now on. */
  set view(view: Partial<InspectorView> | null | undefined);
  /** What the comparison offers beside files. Nothing at first. */
  get alternatives(): Required<Alternatives>;
  /** What the comparison offers from now on. */
  set alternatives(alternatives: Alternatives | null | undefined);
  /** The picture that is shown. A frame of a video is a bitmap, which is closed when the next one is shown. */
  readonly picture: InspectorPicture | null;
  /** What the comparison has on its other side; null while nothing is compared. */
  readonly compared: {
    /** Another picture; null while there is none, and where models are compared. */
    picture: InspectorPicture | null;
    /** Another model: catalog id, address or files; null while there is none, and where pictures are compared. */
    model: string | Global<'File'>[] | null;
  } | null;
  /**
   * Shows a picture, and runs it as soon as there is a network. Never rejects: what cannot be read is said in the element and by
   * `inception-error`, and the picture before stays; the answer comes with `inception-result`.
   */
  show(image: PictureSource, name?: string): Promise<void>;
  /**
   * Classifies the frames of a video that the page plays, one at a time, dropping those between; of each the open module's branches are
   * kept, with the branches off that are. Goes on until `stop()`, another picture is shown, something else is asked about the
   * picture, or a frame cannot be classified; then `inception-stop` is told. While the video gives no frames nothing happens; called
   * again, it goes on with that video.
   */
  play(video: Global<'HTMLVideoElement'>, name?: string): void;
  /** Ends `play`. The last frame stays as the picture and is run in full. */
  stop(): void;
  /** Runs the picture again; of a video, the frame that is shown. What `useHead` of the network has changed since is shown then; a video's next frame shows it, too. */
  run(): void;
  /** Stops the run, the ranking of branches, what explains the answer, what is drawn, and the load of `model`. */
  cancel(): void;
  /** Moves the focus to the network map. */
  focus(options?: FocusOptions): void;

  /** Listens to the inspector's events. */
  addEventListener<K extends keyof InspectorEventMap>(
    type: K, listener: (this: InceptionInspector, event: InspectorEventMap[K]) => unknown, options?: ListenerOptions): void;
  /** Listens to an element's events. */
  addEventListener<K extends keyof HTMLElementEventMap>(
    type: K, listener: (this: InceptionInspector, event: HTMLElementEventMap[K]) => unknown, options?: ListenerOptions): void;
  /** Listens to any other event. */
  addEventListener(type: string, listener: Listener, options?: ListenerOptions): void;
}

/**
 * A picture, or where one is: the files that were chosen, or what was dropped or pasted, read while its event is dispatched. Of
 * several pictures, of those in folders and of an animation the first is shown, and the element says how many there are.
 */
export type PictureSource = ImageSource | Global<'File'>[] | Global<'FileList'> | Global<'DataTransfer'>;

/** A picture in the element. */
export interface InspectorPicture {
  /** As it was given to `show` or `play`, or the file's. */
  name: string;
  /** What is shown. */
  blob: Global<'Blob'> | Global<'ImageBitmap'>;
  /** What was given to `show`, the address in `src`, or what was chosen or dropped in the element, as an address where that is one; null for a frame. */
  source: PictureSource | null;
}

/** What is looked at, and how channels are drawn. */
export interface InspectorView {
  /** Name of the open module; null where there is none. */
  layer: string | null;
  /** Names of the layers that are shown instead of the ends of their branches, in the open module, or of the stem's first. */
  inner: string[];
  /** The value that is read while no other is. */
  pin: InspectorSpot | null;
  /** Whether the pinned channel is shown large. */
  large: boolean;
  /** The order of the channels. */
  sort: 'index' | 'mean' | 'max' | 'sparsity' | 'contribution';
  /** Whether that order is turned round. */
  reverse: boolean;
  /** What a channel's colours are relative to. */
  scale: 'channel' | 'branch' | 'layer';
  /** The colour map of channels. */
  palette: 'magma' | 'viridis' | 'grey' | 'diverging';
  /** Whether channels that are zero everywhere are left out. */
  hideDead: boolean;
  /** Wished side of a tile in CSS pixels. */
  tile: number;
  /** Names of the branches that are switched off. */
  off: string[];
  /**
   * Index of the class whose logit is explained: by a class activation map over the picture and by what each channel adds. Null: the likeliest
   * class by its map alone, where that is exact and `camOpacity` is above 0; else none.
   */
  explain: number | null;
  /** Opacity over the picture of the class activation map, or of what `why` has instead, from 0 to 1; 0.5 at first. It is left out while a channel is read. */
  camOpacity: number;
  /** How the answer is explained over the picture; `cam` at first. */
  why: Why;
  /** Whether the open module's grids show what its channels do with the picture, or what they look for. */
  shows: 'maps' | 'looks';
  /** Whether the time of every module is shown below the map. */
  times: boolean;
  /** Whether the whole picture is shown, with what the network sees of it marked; else only that. */
  whole: boolean;
  /** Zoom of the network map; 1: as wide as there is room for. */
  zoom: number;
  /**
   * Catalog id or address of the model that is compared; null while none is, or one from files. It is loaded once there is a
   * network and the element is in the document, and disposed of when it is closed or leaves.
   */
  compare: string | null;
  /** Id of the picture among `alternatives` that is compared; null while none is, or one from elsewhere. Awaited until it is among them. */
  otherPicture: string | null;
  /** Name of the module of the other model that is compared; null: the one that says most beside the open module, and where pictures are compared. */
  compareModule: string | null;
  /** Whether the difference of two pictures is shown; true where none are compared. */
  difference: boolean;
  /** Whether the channels in which two pictures differ most come first. */
  byDifference: boolean;
}

/**
 * How an answer is explained: `cam` by the class activation map; `gradcam` by Grad-CAM, in a module that may be named; `saliency` by the pixels; `minus` by
 * how the class's map differs from another one's, which may be named by its index and is the likeliest other one by itself. A comma and a trained auxiliary
 * head's name behind the second and third: why that one answers so.
 */
export type Why =
  | 'cam'
  | 'gradcam'
  | `gradcam:${string}`
  | `gradcam,${string}`
  | `saliency:${'gradient' | 'smooth' | 'integrated'}`
  | `saliency:${'gradient' | 'smooth' | 'integrated'},${string}`
  | 'minus'
  | `minus:${number}`;

/** One value in a layer's output. */
export interface InspectorSpot {
  /** Name of the layer, in the open module. */
  layer: string;
  /** Index of the channel. */
  channel: number;
  /** Row in the map. */
  y: number;
  /** Column in the map. */
  x: number;
}

/** What a comparison offers beside files. */
export interface Alternatives {
  /** Pictures for the network that is shown. */
  pictures?: AlternativePicture[];
  /** Models for the picture that is shown. */
  models?: AlternativeModel[];
}

/** A picture to compare with. */
export interface AlternativePicture {
  /** What `otherPicture` calls it; no two have the same. Default: the name. */
  id?: string;
  /** As for `show`. */
  name: string;
  /** Default: the name. */
  title?: string;
  /** The picture itself. */
  image: ImageSource;
}

/** A model to compare with. */
export interface AlternativeModel {
  /** Catalog id or address. */
  id: string;
  /** Title for people. */
  title: string;
  /** Size of the file that is to be downloaded. */
  bytes?: number;
  /** False: it is offered as out of reach. */
  reachable?: boolean | null;
}

/** All of them bubble, out of shadow trees too. */
export interface InspectorEventMap {
  /** How far the load of `model` is. */
  'inception-progress': CustomEvent<Progress>;
  /** A network is ready and shown, that of `model` or `net`, or has another head; `detail` is its `info`. */
  'inception-load': CustomEvent<ModelInfo>;
  /** The view has changed; `detail` is all of it. */
  'inception-view': CustomEvent<InspectorView>;
  /** Another value is read: the one under the pointer or the keyboard's cursor, else the pinned one; null: none. */
  'inception-read': CustomEvent<InspectorSpot | null>;
  /** Another picture is shown; each frame of a video is one. */
  'inception-picture': CustomEvent<null>;
  /** The comparison has another picture or model on its other side, or has been opened or closed. */
  'inception-compare': CustomEvent<null>;
  /**
   * A folder that holds a model was given to `show`, or dropped on the picture. Whoever loads it calls `preventDefault()`; otherwise the
   * element says that there is no picture in it.
   */
  'inception-model': CustomEvent<{
    /** Files of the model, as `Inception.load` takes them; among them may be one with the names of its classes. */
    files: Global<'File'>[];
  }>;
  /** A run begins. */
  'inception-run': CustomEvent<null>;
  /** The answer of the whole network, without branches switched off; of a video's frame with what is off. */
  'inception-result': CustomEvent<Omit<Result, 'layers' | 'statistics'>>;
  /** A frame of a video was classified. */
  'inception-frame': CustomEvent<{
    /** Frames per second; null for the first. */
    rate: number | null;
  }>;
  /** The video given to `play` is left. */
  'inception-stop': CustomEvent<null>;
  /** Something failed, and the element says so. */
  'inception-error': CustomEvent<{
    /** What went wrong. */
    code: ErrorCode;
    /** The sentence that the element shows, in its language. */
    message: string;
    /** What was thrown, with a message in English that says more. */
    error: InceptionError;
  }>;
}

declare global {
  // What a page's own types say more of, and other projects have not.
  interface CustomEvent<T = any> {}
  interface HTMLElementEventMap {}
  interface HTMLElementTagNameMap {
    'inception-inspector': InceptionInspector;
  }
}

export {};
