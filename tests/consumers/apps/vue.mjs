// Vue 3 with Vite, and Nuxt 4.

const CLASSIFIER = `<script setup>
import { onMounted, onUnmounted, ref } from 'vue';
import { Inception } from 'inception-web';
import googlenet from 'inception-web-googlenet';

const net = ref(null);
const predictions = ref([]);
const failure = ref('');
const fail = ({ code, message }) => (failure.value = code + ': ' + message);

onMounted(async () => (net.value = await Inception.load(googlenet).catch(fail)));
onUnmounted(() => net.value?.dispose());

async function classify({ target }) {
  const result = await net.value.classify(target.files[0], { topK: 5 });
  predictions.value = result.predictions;
}
</script>

<template>
  <input type="file" accept="image/*" :disabled="net === null" @change="classify($event).catch(fail)">
  <output>{{ failure }}</output>
  <ol>
    <li v-for="{ label, probability } in predictions" :key="label">{{ label }}<data :value="probability"> {{ (100 * probability).toFixed(1) }} %</data></li>
  </ol>
</template>
`;

/** @type {import('./app.mjs').App[]} */
export default [
  {
    name: 'vue',
    installed: ['vite@8.3.8', 'vue@3.5.45', '@vitejs/plugin-vue@6.0.11'],
    scripts: { build: 'vite build' },
    files: {
      'vite.config.js': "import vue from '@vitejs/plugin-vue';\n\nexport default { plugins: [vue()] };\n",
      'index.html': '<!doctype html>\n<title>Vue</title>\n<div id="app"></div>\n<script type="module" src="/main.js"></script>\n',
      'main.js': "import { createApp } from 'vue';\nimport Classifier from './Classifier.vue';\n\ncreateApp(Classifier).mount('#app');\n",
      'Classifier.vue': CLASSIFIER,
    },
    builds: [{ name: 'Vue', script: 'build', served: 'dist' }],
  },
  {
    name: 'nuxt',
    installed: ['nuxt@4.4.5'],
    scripts: { build: 'nuxt build' },
    files: {
      'nuxt.config.mjs': "export default defineNuxtConfig({ compatibilityDate: '2026-01-01' });\n",
      'app/app.vue': CLASSIFIER,
    },
    builds: [{ name: 'Nuxt', script: 'build', server: 'node .output/server/index.mjs' }],
  },
];
