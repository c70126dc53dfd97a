// A project without the types of a document: in a worker, on a server, or with nothing but the language. Compiled, never run.
import { Inception, fraction } from 'inception-web';
import type { ImageSource, LoadOptions, ModelSource } from 'inception-web';
import { InceptionInspector } from 'inception-web/element';
import type { InspectorView } from 'inception-web/element';

const options: LoadOptions = { device: 'cpu', shared: true, onProgress: fraction((done) => void done.toFixed(2)) };

export async function uses(source: ModelSource, image: ImageSource): Promise<string | null | undefined> {
  const net = await Inception.load(source, options);
  const { predictions } = await net.classify(image, { topK: 1 });
  await net.classify('cat.jpg');
  await net.classify(new Uint8Array(8));
  await Inception.load([`a.json`, `b.bin`]);
  // @ts-expect-error a number is no picture
  await net.classify(42);
  // @ts-expect-error nor is any object
  await net.classify({});
  // @ts-expect-error nor is a number a model
  await Inception.load(42);
  // @ts-expect-error nor a number an address
  await Inception.load('model', { modelsUrl: 42 });
  // @ts-expect-error nor a string a signal
  await net.classify('cat.jpg', { signal: 'now' });
  return predictions[0]?.label;
}

/** What renders a page on a server has the element's name and what is to be looked at. */
export function looks(inspector: InceptionInspector): Partial<InspectorView> {
  const { layer, off } = inspector.view;
  inspector.model = 'googlenet-imagenet';
  // @ts-expect-error a palette that there is not
  inspector.view = { palette: 'rainbow' };
  // @ts-expect-error a number is no address
  inspector.src = 42;
  inspector.addEventListener('inception-result', (event) => void event);
  return { layer, off: [...off] };
}
