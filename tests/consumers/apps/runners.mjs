// Tests of a user's own, in runners for Node.js and in the pages that these make up. What a page lacks a load says.

/** Under either runner. */
const TEST = `import { writeFile } from 'node:fs/promises';
import { Inception } from 'inception-web';
import googlenet from 'inception-web-googlenet';

test('finds a maze', async () => {
  const net = await Inception.load(googlenet).catch(({ code, message }) => { throw new Error(code + ': ' + message); });
  const { predictions } = await net.classify('picture.png', { topK: 5 });
  expect(predictions[0].label).toBe('maze');
  await writeFile('answer.json', JSON.stringify(predictions));
}, 60_000);
`;

/** As it takes modules. */
const JEST = 'NODE_OPTIONS=--experimental-vm-modules jest';

/** @type {import('./app.mjs').App[]} */
export default [
  {
    name: 'vitest',
    installed: ['vitest@4.1.12', 'vite@8.3.8', 'jsdom@27.4.0', 'happy-dom@20.14.6', 'esbuild@0.28.2'],
    scripts: {
      node: 'vitest run --globals',
      jsdom: 'vitest run --globals --environment=jsdom',
      'happy-dom': 'vitest run --globals --environment=happy-dom',
      page: 'esbuild page.js --bundle --outfile=page.bundle.js --log-level=error && node jsdom.js',
    },
    files: {
      'maze.test.js': TEST,
      'page.js': `import { Inception } from 'inception-web';

globalThis.answer = Inception.load('googlenet-imagenet.safetensors').catch(({ code, message }) => code + ': ' + message);
`,
      'jsdom.js': `import { readFileSync } from 'node:fs';
import { JSDOM } from 'jsdom';

const { window } = new JSDOM('', { runScripts: 'outside-only', url: 'http://localhost/' });
window.eval(readFileSync('page.bundle.js', 'utf8'));
throw new Error(await window.answer);
`,
    },
    builds: [
      { name: 'Vitest', script: 'node', writes: 'answer.json', isAlways: true },
      { name: 'Vitest with jsdom', script: 'jsdom', writes: 'answer.json', isAlways: true },
      { name: 'Vitest with happy-dom', script: 'happy-dom', writes: 'answer.json', isAlways: true },
      { name: "a page of jsdom's own", script: 'page', refused: /unsupported: there is no Response and no fetch here/ },
    ],
  },
  {
    name: 'jest',
    installed: ['jest@30.5.2', 'jest-environment-jsdom@30.5.2', '@happy-dom/jest-environment@20.14.5'],
    scripts: {
      node: `${JEST} --env=node`,
      jsdom: `${JEST} --env=jsdom`,
      'happy-dom': `${JEST} --env=@happy-dom/jest-environment`,
      'happy-dom:node': `${JEST} --env=@happy-dom/jest-environment --testEnvironmentOptions='{"customExportConditions":["node"]}'`,
    },
    files: { 'maze.test.js': TEST, 'jest.config.js': 'export default { transform: {} };\n' },
    builds: [
      { name: 'Jest', script: 'node', writes: 'answer.json' },
      { name: 'Jest with jsdom', script: 'jsdom', refused: /unsupported: there is no Response and no TextDecoder and no fetch here.*environment 'node'/ },
      { name: 'Jest with happy-dom', script: 'happy-dom', refused: /unsupported: file:.* the condition 'node' \(Jest: customExportConditions\)/ },
      { name: "Jest with happy-dom and the condition 'node'", script: 'happy-dom:node', writes: 'answer.json' },
    ],
  },
];
