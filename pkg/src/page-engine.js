// What the page's own thread takes to run the engine itself.
export { LocalClient } from './local-client.js';
