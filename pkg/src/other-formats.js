// What takes files of other formats than safetensors; most loads fetch nothing of it.
export { filesBeside } from './beside.js';
export { ForeignFiles } from './foreign-files.js';
