// The memory of networks in the page's own thread: it goes with the last of them.

import assert from 'node:assert/strict';
import { ONE_EACH } from './fixture.mjs';
import { LIMIT_MS, pageTest } from './harness.mjs';

const GC = ['--js-flags=--expose-gc'];

/** In a page: `memories()` tells how many memories of artefacts are still there, and of how many bytes, once what can go has gone. */
function watchMemories() {
  const { instantiate } = WebAssembly;
  /** @type {WeakRef<WebAssembly.Memory>[]} */
  const made = [];
  WebAssembly.instantiate = async (...given) => {
    const instance = await instantiate(...given);
    made.push(new WeakRef(instance.exports.memory));
    return instance;
  };
  globalThis.memories = async () => {
    for (let i = 0; i < 4; i += 1) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      await gc({ type: 'major', execution: 'async' });
    }
    return made.flatMap((memory) => memory.deref()?.buffer.byteLength ?? []);
  };
}

for (const isolated of [true, false]) {
  pageTest(`the memory of the engine in the page's own thread goes with its last network, ${isolated ? 'isolated' : 'not isolated'}`, { flags: GC, isolated }, async (page) => {
    await page.evaluate(watchMemories);
    await page.evaluate(async () => {
      globalThis.load = () => Inception.load(`${base}models/googlenet-imagenet.safetensors`, { device: 'cpu', worker: false });
      globalThis.nets = await Promise.all([load(), load()]);
      for (const net of nets) await net.classify(new ImageData(8, 8));
    });
    const [shared, ...more] = await page.evaluate(() => memories());
    assert.ok(shared > 50e6, `${shared} bytes`);
    assert.deepEqual(more, [], 'networks share an engine');
    await page.evaluate(() => nets[0].dispose());
    assert.deepEqual(await page.evaluate(() => memories()), [shared], 'the other network has it still');
    assert.equal(await page.evaluate(async () => (await nets[1].classify(new ImageData(8, 8))).predictions.length), 5);
    // The page still has the networks that it has disposed of.
    await page.evaluate(() => nets[1].dispose());
    await settled(page, []);
    const again = await page.evaluate(async () => {
      const net = await load();
      const { predictions } = await net.classify(new ImageData(8, 8));
      net.dispose();
      return predictions.length;
    });
    assert.equal(again, 5, 'the next load makes a new one');
    await settled(page, []);
  });
}

pageTest('loads that fail or are aborted leave no memory, nor does what read other formats', { flags: GC }, async (page) => {
  await page.evaluate(watchMemories);
  const codes = await page.evaluate(async (name) => {
    const { fixture } = await import('/tests/browser/fixture.mjs');
    const { files } = await fixture(name, async (path) => new Uint8Array(await (await fetch(`/tests/reference/formats/${path}`)).arrayBuffer()));
    const options = { device: 'cpu', worker: false };
    const address = `${base}models/googlenet-imagenet.safetensors`;
    const stop = new AbortController();
    const onProgress = ({ stage }) => stage === 'prepare' && stop.abort();
    const outcomes = [
      await outcomeOf(Inception.load(new Uint8Array(100), options)),
      await outcomeOf(Inception.load(address, { ...options, signal: stop.signal, onProgress })),
      await outcomeOf(Inception.load(address, { ...options, device: 'webgpu' })),
      await outcomeOf(Inception.load(files.map(({ name, bytes }) => new File([bytes], name)), options)),
    ];
    globalThis.net = outcomes[3].value;
    return outcomes.map(({ code }) => code);
  }, ONE_EACH.h5);
  assert.deepEqual(codes, ['bad-weights', 'aborted', 'no-webgpu', undefined]);
  const engine = await page.evaluate(() => memories());
  assert.equal(engine.length, 1, 'that of the network, not that of its file');
  await page.evaluate(() => net.dispose());
  await settled(page, []);
});

/**
 * @param {import('playwright-core').Page} page
 * @param {number[]} wanted sizes of the memories that are there after a while
 */
async function settled(page, wanted) {
  /** @type {number[]} */
  let found = [];
  for (const end = Date.now() + LIMIT_MS / 6; Date.now() < end; ) {
    found = await page.evaluate(() => memories());
    if (found.length === wanted.length) break;
  }
  assert.deepEqual(found, wanted);
}
