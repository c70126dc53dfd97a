/**
 * The inspector with its types for Preact's JSX: `<inception-inspector model={…} oninception-result={…} />`.
 * @module inception-web/element/preact
 */
import type { HTMLAttributes } from 'preact';
import type { InceptionInspector } from '../index.js';
import type { InspectorListeners, InspectorProperties } from './properties.js';

export * from '../index.js';

declare module 'preact' {
  namespace JSX {
    interface IntrinsicElements {
      'inception-inspector': HTMLAttributes<InceptionInspector> & InspectorProperties & InspectorListeners<'on'>;
    }
  }
}
