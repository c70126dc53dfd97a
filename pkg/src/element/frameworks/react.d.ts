/**
 * The inspector with its types for React's JSX: `<inception-inspector model={…} oninception-result={…} />`. React 19 sets properties and listens; up to
 * React 18 every property is an attribute, so that `net`, `view` and listeners go through a `ref`.
 * @module inception-web/element/react
 */
import type { DetailedHTMLProps, HTMLAttributes } from 'react';
import type { InceptionInspector } from '../index.js';
import type { InspectorListeners, InspectorProperties } from './properties.js';

export * from '../index.js';

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements {
      'inception-inspector': DetailedHTMLProps<HTMLAttributes<InceptionInspector>, InceptionInspector> & { class?: string | undefined } & InspectorProperties & InspectorListeners<'on'>;
    }
  }
}
