export default {
  optimizeDeps: { exclude: ['inception-web', 'inception-web-nsfw'] },
};
