// Where a bundler has made no module of it, its address is not known: the file is looked for beside the page.
export default import.meta.url ? new URL('./googlenet-imagenet.safetensors', import.meta.url).href : 'googlenet-imagenet.safetensors';
