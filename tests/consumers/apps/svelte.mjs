// SvelteKit 2 as a static site.

/** @type {import('./app.mjs').App[]} */
export default [
  {
    name: 'sveltekit',
    installed: ['vite@8.3.8', 'svelte@5.57.3', '@sveltejs/kit@2.70.4', '@sveltejs/vite-plugin-svelte@7.3.1', '@sveltejs/adapter-static@3.0.11'],
    scripts: { build: 'vite build' },
    files: {
      'vite.config.js': "import { sveltekit } from '@sveltejs/kit/vite';\n\nexport default { plugins: [sveltekit()] };\n",
      'svelte.config.js': "import adapter from '@sveltejs/adapter-static';\n\nexport default { kit: { adapter: adapter() } };\n",
      'src/app.html': '<!doctype html>\n<head>%sveltekit.head%</head>\n<body>%sveltekit.body%</body>\n',
      'src/routes/+layout.js': 'export const prerender = true;\n',
      'src/routes/+page.svelte': `<script>
  import { onMount } from 'svelte';
  import { Inception } from 'inception-web';
  import googlenet from 'inception-web-googlenet';

  let net = $state.raw(null);
  let predictions = $state.raw([]);
  let failure = $state('');
  const fail = ({ code, message }) => (failure = code + ': ' + message);

  onMount(() => {
    const loading = Inception.load(googlenet);
    loading.then((loaded) => (net = loaded), fail);
    return () => loading.then((loaded) => loaded.dispose(), () => {});
  });

  async function classify({ target }) {
    ({ predictions } = await net.classify(target.files[0], { topK: 5 }));
  }
</script>

<input type="file" accept="image/*" disabled={net === null} onchange={(event) => classify(event).catch(fail)}>
<output>{failure}</output>
<ol>
  {#each predictions as { label, probability }}
    <li>{label}<data value={probability}> {(100 * probability).toFixed(1)} %</data></li>
  {/each}
</ol>
`,
    },
    builds: [{ name: 'SvelteKit', script: 'build', served: 'build', isIsolated: true, hasInlineScripts: true }],
  },
];
