// Next 16: a client component, exported as files by each of its bundlers, and a route handler, which classifies on the server.

import { CLASSIFIER } from './react.mjs';

const NEXT = ['next@16.4.6', 'react@19.3.1', 'react-dom@19.3.1'];

const LAYOUT = `export default function Layout({ children }) {
  return <html lang="en"><body>{children}</body></html>;
}
`;

/** Classifies on the server. */
const SERVER = {
  'app/layout.jsx': LAYOUT,
  'app/page.jsx': 'export default () => <p>POST a picture to /classify</p>;\n',
  'app/classify/route.js': `import { Inception } from 'inception-web';
import googlenet from 'inception-web-googlenet';

let loading;

export async function POST(request) {
  const net = await (loading ??= Inception.load(googlenet));
  const { predictions } = await net.classify(await request.blob(), { topK: 5 });
  return Response.json(predictions);
}
`,
};

/** @type {import('./app.mjs').App[]} */
export default [
  {
    name: 'next',
    installed: NEXT,
    scripts: { build: 'next build', 'build:webpack': 'next build --webpack' },
    files: {
      'next.config.mjs': "export default { output: 'export' };\n",
      'app/layout.jsx': LAYOUT,
      'app/page.jsx': "import Classifier from './classifier.jsx';\n\nexport default () => <Classifier />;\n",
      'app/classifier.jsx': CLASSIFIER,
    },
    builds: [
      { name: 'Next, Turbopack', script: 'build', served: 'out', isAlways: true, isIsolated: true, hasInlineScripts: true },
      { name: 'Next, webpack', script: 'build:webpack', served: 'out', hasInlineScripts: true },
    ],
  },
  {
    name: 'next-server',
    installed: NEXT,
    scripts: { build: 'next build' },
    files: SERVER,
    builds: [{ name: 'Next, route handler', script: 'build', server: 'next start --port 0', posts: 'classify' }],
  },
  {
    name: 'next-server-webpack',
    installed: NEXT,
    scripts: { build: 'next build --webpack' },
    files: { ...SERVER, 'next.config.mjs': "export default { serverExternalPackages: ['inception-web', 'inception-web-googlenet'] };\n" },
    builds: [{ name: 'Next, route handler, webpack', script: 'build', server: 'next start --port 0', posts: 'classify' }],
  },
];
