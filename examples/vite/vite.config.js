export default {
  optimizeDeps: { exclude: ['inception-web', 'inception-web-googlenet'] },
};
