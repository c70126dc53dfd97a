// Where a bundler has made no module of it, its address is not known: the file is looked for beside the page.
export default import.meta.url ? new URL('./nsfw-inception-v3.safetensors', import.meta.url).href : 'nsfw-inception-v3.safetensors';
