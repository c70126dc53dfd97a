export { InceptionError } from './errors.js';
export { Inception } from './inception.js';
