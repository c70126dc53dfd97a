export default new URL('./googlenet-imagenet.safetensors', import.meta.url).href;
