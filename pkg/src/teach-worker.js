import { serve } from './teach/serve.js';

serve(/** @type {Parameters<typeof serve>[0]} */ (/** @type {unknown} */ (globalThis)));
