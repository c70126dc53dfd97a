/**
 * The inspector with its types for Solid's JSX: `<inception-inspector model={…} on:inception-result={…} />`.
 * @module inception-web/element/solid
 */
import type { JSX } from 'solid-js';
import type { InceptionInspector } from '../index.js';
import type { InspectorListeners, InspectorProperties } from './properties.js';

export * from '../index.js';

declare module 'solid-js' {
  namespace JSX {
    interface IntrinsicElements {
      'inception-inspector': JSX.HTMLAttributes<InceptionInspector> & InspectorProperties & InspectorListeners<'on:'>;
    }
  }
}
