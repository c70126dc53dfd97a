export { InceptionError } from './errors.js';
export { fraction } from './fraction.js';
export { Inception } from './inception.js';
