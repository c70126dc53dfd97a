/**
 * The inspector with its types for Svelte's templates: `<inception-inspector {model} oninception-result={…} />`, in Svelte 4 `on:inception-result`.
 * @module inception-web/element/svelte
 */
import type { HTMLAttributes } from 'svelte/elements';
import type { InceptionInspector } from '../index.js';
import type { InspectorListeners, InspectorProperties } from './properties.js';

export * from '../index.js';

declare module 'svelte/elements' {
  interface SvelteHTMLElements {
    'inception-inspector': HTMLAttributes<InceptionInspector> & InspectorProperties & InspectorListeners<'on'> & InspectorListeners<'on:'>;
  }
}
