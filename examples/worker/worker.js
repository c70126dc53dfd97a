import { Inception } from 'inception-web';
import googlenet from 'inception-web-googlenet';

const loading = Inception.load(googlenet, { worker: false, onProgress: (progress) => postMessage({ progress }) });
loading.then(() => postMessage({ ready: true }), fail);

onmessage = async ({ data: picture }) => {
  try {
    const net = await loading;
    postMessage({ predictions: (await net.classify(picture, { topK: 5 })).predictions });
  } catch (error) {
    fail(error);
  }
};

function fail({ code, message }) {
  postMessage({ failure: `${code}: ${message}` });
}
