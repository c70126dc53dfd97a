// The hand-written types say what the scripts do: each name of index.d.ts is checked against its implementation, and each method of the
// implementation has its name there.
import type * as Public from '../src/index.js';
import { InceptionError } from '../src/shared/errors.js';
import { Inception } from '../src/client/inception.js';

// Symbol.dispose is a name that older browsers do not have.
type Instance = Pick<Public.Inception, Exclude<keyof Public.Inception, symbol>>;
type Statics = Pick<typeof Public.Inception, 'catalog' | 'cache' | 'configure'>;

export const instance: (model: Inception) => Instance = (model) => model;
export const statics: Statics = Inception;
export const load: (...args: Parameters<typeof Public.Inception.load>) => Promise<Instance> = Inception.load;
export const error: typeof Public.InceptionError = InceptionError;

/** Methods that index.d.ts does not have: none. */
export const undeclared: Exclude<keyof Inception, symbol | keyof Public.Inception>[] = [];
export const none: never[] = undeclared;
