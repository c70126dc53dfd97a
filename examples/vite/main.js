import { Inception } from 'inception-web';
import googlenet from 'inception-web-googlenet';

const input = document.querySelector('input');
const progress = document.querySelector('progress');
const status = document.querySelector('output');
const list = document.querySelector('ol');

start().catch(fail);

async function start() {
  const net = await Inception.load(googlenet, { onProgress: ({ stage, loaded, total }) => show(stage, loaded, total) });
  show('Choose a picture', 0, 1);
  input.disabled = false;
  input.addEventListener('change', () => classify(net, input.files[0]).catch(fail));
}

async function classify(net, picture) {
  list.replaceChildren();
  const { predictions, timing } = await net.classify(picture, { topK: 5, onModule: show });
  show(`${Math.round(timing.total)} ms`, 1, 1);
  list.replaceChildren(...predictions.map(line));
}

function line({ label, probability }) {
  const item = document.createElement('li');
  const share = document.createElement('data');
  share.value = probability;
  share.textContent = `${(100 * probability).toFixed(1)} %`;
  item.append(label, ' ', share);
  return item;
}

function show(text, done, total) {
  status.value = text;
  if (total === null) progress.removeAttribute('value');
  else progress.value = done / total;
}

function fail({ code, message }) {
  show(`${code}: ${message}`, 0, 1);
}
