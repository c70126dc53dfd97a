// What the page's own thread takes to run the engine itself.
export { LocalClient } from './engine/local-client.js';
