// The hand-written types say what the element does.
import type * as Public from '../src/element/index.js';
import { InceptionInspector } from '../src/element/inspector.js';

type Own = Exclude<keyof Public.InceptionInspector, Exclude<keyof HTMLElement, 'focus'>>;

export const inspector: (element: InceptionInspector) => Pick<Public.InceptionInspector, Own> = (element) => element;
