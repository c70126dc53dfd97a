import { serve } from './engine/serve.js';

serve(/** @type {import('./shared/protocol.js').WorkerScope} */ (/** @type {unknown} */ (globalThis)));
