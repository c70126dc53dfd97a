// What a worker has of a page's kinds of pictures. Compiled, never run.
import { Inception } from 'inception-web';

export async function uses(net: Inception, bitmap: ImageBitmap, frame: VideoFrame): Promise<void> {
  for (const image of [bitmap, frame, new OffscreenCanvas(8, 8), new ImageData(8, 8), new Blob([]), new URL('cat.jpg', location.href)]) {
    await net.classify(image, { signal: AbortSignal.timeout(1000) });
  }
  await Inception.load([new File([], 'model.json')], { modelsUrl: new URL('models/', location.href) });
  // @ts-expect-error a response is no picture
  await net.classify(new Response());
}
