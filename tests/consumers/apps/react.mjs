// React 19 with Vite, and React Router 7.

/** What both and Next show. */
export const CLASSIFIER = `'use client';
import { useEffect, useState } from 'react';
import { Inception } from 'inception-web';
import googlenet from 'inception-web-googlenet';

export default function Classifier() {
  const [net, setNet] = useState(null);
  const [predictions, setPredictions] = useState([]);
  const [failure, setFailure] = useState('');
  const fail = ({ code, message }) => setFailure(code + ': ' + message);

  useEffect(() => {
    const loading = Inception.load(googlenet);
    loading.then(setNet, fail);
    return () => void loading.then((loaded) => loaded.dispose(), () => {});
  }, []);

  const classify = async ({ target }) => {
    const result = await net.classify(target.files[0], { topK: 5 });
    setPredictions(result.predictions);
  };

  return (
    <main>
      <input type="file" accept="image/*" disabled={net === null} onChange={(event) => classify(event).catch(fail)} />
      <output>{failure}</output>
      <ol>
        {predictions.map(({ label, probability }) => (
          <li key={label}>{label}<data value={probability}> {(100 * probability).toFixed(1)} %</data></li>
        ))}
      </ol>
    </main>
  );
}
`;

/** @type {import('./app.mjs').App[]} */
export default [
  {
    name: 'react',
    installed: ['vite@8.3.8', 'react@19.3.1', 'react-dom@19.3.1'],
    scripts: { build: 'vite build' },
    files: {
      'index.html': '<!doctype html>\n<title>React</title>\n<div id="root"></div>\n<script type="module" src="/main.jsx"></script>\n',
      'main.jsx': `import { createRoot } from 'react-dom/client';
import Classifier from './classifier.jsx';

createRoot(document.getElementById('root')).render(<Classifier />);
`,
      'classifier.jsx': CLASSIFIER,
    },
    builds: [{ name: 'React', script: 'build', served: 'dist', isIsolated: true }],
  },
  {
    name: 'react-router',
    installed: ['vite@7.3.8', 'react@19.3.1', 'react-dom@19.3.1', 'react-router@7.18.4', '@react-router/dev@7.18.4', '@react-router/node@7.18.4', 'isbot@5'],
    scripts: { build: 'react-router build' },
    files: {
      'vite.config.js': "import { reactRouter } from '@react-router/dev/vite';\n\nexport default { plugins: [reactRouter()] };\n",
      'react-router.config.js': 'export default { ssr: false };\n',
      'app/root.jsx': `import { Outlet, Scripts } from 'react-router';

export default function Root() {
  return <html><head><title>React Router</title></head><body><Outlet /><Scripts /></body></html>;
}
`,
      'app/routes.js': "import { index } from '@react-router/dev/routes';\n\nexport default [index('classifier.jsx')];\n",
      'app/classifier.jsx': CLASSIFIER,
    },
    builds: [{ name: 'React Router', script: 'build', served: 'build/client', hasInlineScripts: true }],
  },
];
