// The package's worker in a browser that tells of more processors than there are.
import "data:text/javascript,Object.defineProperty(navigator, 'hardwareConcurrency', { value: 6 })";
import '/pkg/dist/worker.js';
