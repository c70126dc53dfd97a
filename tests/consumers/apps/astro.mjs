// Astro 5: a page with a script, that of the Vite example.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXAMPLES } from '../projects.mjs';

/** @type {import('./app.mjs').App[]} */
export default [
  {
    name: 'astro',
    installed: ['astro@5.18.2'],
    scripts: { build: 'astro build' },
    files: {
      'src/main.js': readFileSync(join(EXAMPLES, 'vite/main.js'), 'utf8'),
      'src/pages/index.astro': `<!doctype html>
<title>Astro</title>
<input type="file" accept="image/*" disabled>
<progress></progress> <output></output>
<ol></ol>
<script>
  import '../main.js';
</script>
`,
    },
    builds: [{ name: 'Astro', script: 'build', served: 'dist' }],
  },
];
