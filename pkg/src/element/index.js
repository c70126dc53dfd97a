import { InceptionInspector } from './inspector.js';

export { InceptionInspector };

if (!customElements.get('inception-inspector')) customElements.define('inception-inspector', InceptionInspector);
