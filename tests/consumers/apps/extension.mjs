// An extension of Manifest V3: its background script classifies for its popup, which also does so by itself.

/** @type {import('./app.mjs').App} */
export default {
  name: 'extension',
  installed: ['esbuild@0.28.2'],
  scripts: {
    build: 'esbuild background.js popup.js --bundle --format=esm --outdir=extension --log-level=warning && inception-web assets --out extension && cp manifest.json popup.html extension',
  },
  files: {
    'manifest.json': JSON.stringify({
      manifest_version: 3,
      name: 'inception-web',
      version: '1.0',
      background: { service_worker: 'background.js', type: 'module' },
      action: { default_popup: 'popup.html' },
      content_security_policy: { extension_pages: "script-src 'self' 'wasm-unsafe-eval'" },
    }, null, 2),
    'background.js': `import { Inception } from 'inception-web/in-thread';
import googlenet from 'inception-web-googlenet';

let loading;

async function classify(address) {
  const net = await (loading ??= Inception.load(googlenet));
  const { predictions } = await net.classify(address, { topK: 5 });
  return { predictions, threads: net.info.threads };
}

chrome.runtime.onMessage.addListener((address, sender, answer) => {
  classify(address).then(answer, ({ code, message }) => answer({ failure: code + ': ' + message }));
  return true;
});
`,
    'popup.html': `<!doctype html>
<title>Popup</title>
<input type="file" accept="image/*" disabled>
<output></output>
<ol></ol>
<script type="module" src="popup.js"></script>
`,
    'popup.js': `import { Inception } from 'inception-web';
import googlenet from 'inception-web-googlenet';

const input = document.querySelector('input');
const fail = ({ code, message }) => (document.querySelector('output').value = code + ': ' + message);

Inception.load(googlenet).then((net) => {
  input.disabled = false;
  input.addEventListener('change', () => net.classify(input.files[0], { topK: 5 }).then(show, fail));
}, fail);

function show({ predictions }) {
  document.querySelector('ol').replaceChildren(...predictions.map(line));
}

function line({ label, probability }) {
  const share = Object.assign(document.createElement('data'), { value: probability });
  const item = document.createElement('li');
  item.append(label, share);
  return item;
}
`,
  },
  builds: [],
};
