import { InceptionInspector } from './inspector.js';

export { InceptionInspector };

// Servers, and some programs that stand in for browsers, have no documents that it could be drawn in.
const isDrawable = typeof document !== 'undefined' && 'adoptedStyleSheets' in document;
if (isDrawable && !customElements.get('inception-inspector')) customElements.define('inception-inspector', InceptionInspector);
