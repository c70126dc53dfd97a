import { Inception } from 'inception-web';
import googlenet from 'inception-web-googlenet';

const [picture] = process.argv.slice(2);
if (picture === undefined) {
  console.error('usage: node classify.js PICTURE');
  process.exit(2);
}

try {
  const net = await Inception.load(googlenet, { onProgress: ({ stage, loaded, total }) => show(stage, loaded, total) });
  const { predictions } = await net.classify(picture, { topK: 5, onModule: show });
  process.stderr.write('\n');
  for (const { label, probability } of predictions) console.log(`${probability.toFixed(6)}  ${label}`);
  net.dispose();
} catch ({ code, message }) {
  console.error(`${code}: ${message}`);
  process.exitCode = 1;
}

function show(text, done, total) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text} ${total === null ? '' : Math.round((100 * done) / total)} %`);
}
