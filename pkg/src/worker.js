import { serve } from './serve.js';

serve(/** @type {import('./protocol.js').WorkerScope} */ (/** @type {unknown} */ (globalThis)));
