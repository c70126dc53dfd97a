// What teaches own classes and reads heads, of which most pages fetch nothing.
export { headOf } from './teach/head-file.js';
export { Teacher } from './teach/teacher.js';
