const input = document.querySelector('input');
const progress = document.querySelector('progress');
const status = document.querySelector('output');
const list = document.querySelector('ol');

const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });

worker.onmessage = ({ data }) => {
  if (data.progress) show(data.progress.stage, data.progress.loaded, data.progress.total);
  if (data.failure) show(data.failure, 0, 1);
  if (data.ready) {
    show('Choose a picture', 0, 1);
    input.disabled = false;
  }
  if (data.predictions) {
    show('Done', 1, 1);
    list.replaceChildren(...data.predictions.map(line));
  }
};

input.addEventListener('change', () => {
  list.replaceChildren();
  show('Classifying', 0, null);
  worker.postMessage(input.files[0]);
});

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
