export default new URL('./nsfw-inception-v3.safetensors', import.meta.url).href;
