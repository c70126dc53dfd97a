// The inspector's properties, its events while a model is loaded, and its life when it is moved, on a page and where there is none.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MODEL } from './harness.mjs';
import { elementTest, loadNet, told, untilTold } from './host.mjs';
import { countFreed } from './visit.mjs';

/** Counts the engine's own workers, not its helpers, in `globalThis.begun`. @param {import('playwright-core').Page} page */
const countLoads = (page) =>
  page.addInitScript(() => {
    globalThis.begun = 0;
    const { postMessage } = Worker.prototype;
    Worker.prototype.postMessage = function (message, ...rest) {
      if (message.type === 'load') globalThis.begun += 1;
      return postMessage.call(this, message, ...rest);
    };
  });

elementTest('attributes are properties, which reflect', '<inception-inspector theme="dark" highlight="nothing"></inception-inspector>', async (page) => {
  const seen = await page.evaluate(() => {
    const inspector = document.querySelector('inception-inspector');
    const NAMES = ['src', 'model', 'modelsUrl', 'device', 'theme', 'highlight', 'hotkeys'];
    const all = () => NAMES.map((name) => inspector[name]);
    const attributes = () => inspector.getAttributeNames().sort().map((name) => `${name}=${inspector.getAttribute(name)}`);
    const first = all();
    Object.assign(inspector, { src: new URL('bars.png', location.href), modelsUrl: '/models', device: 'cpu', theme: 'light', highlight: 'channels', hotkeys: true });
    const set = [all(), attributes()];
    for (const [k, name] of NAMES.entries()) inspector[name] = [null, undefined, ''][k % 3];
    const back = [all(), attributes()];
    inspector.setAttribute('theme', 'blue');
    inspector.setAttribute('device', 'cpu');
    return { first, set, back, read: [inspector.theme, inspector.device] };
  });
  const src = new URL('bars.png', page.url()).href;
  assert.deepEqual(seen.first, [null, null, null, null, 'dark', null, false]);
  assert.deepEqual(seen.set, [[src, null, '/models', 'cpu', 'light', 'channels', true], ['device=cpu', 'highlight=channels', 'hotkeys=', 'models-url=/models', `src=${src}`, 'theme=light']]);
  assert.deepEqual(seen.back, [[null, null, null, null, null, null, false], []]);
  assert.deepEqual(seen.read, [null, 'cpu']);
  const surface = () => page.locator('.panel').first().evaluate((panel) => getComputedStyle(panel).backgroundColor);
  assert.equal(await surface(), 'rgb(24, 24, 27)', 'a theme that there is not is the system\'s');
  await page.evaluate(() => (document.querySelector('inception-inspector').theme = 'light'));
  assert.equal(await surface(), 'rgb(255, 255, 255)');
}, { prepare: (page) => page.emulateMedia({ colorScheme: 'dark' }) });

elementTest('properties that are set one after another load one model, and show the picture', '<inception-inspector></inception-inspector>', async (page) => {
  await page.evaluate(() => Object.assign(document.querySelector('inception-inspector'), { model: 'googlenet-imagenet', src: 'bars.png', modelsUrl: '/models', device: 'cpu' }));
  await untilTold(page, 'result');
  assert.equal(await page.evaluate(() => globalThis.begun), 1);
  assert.deepEqual(await told(page, 'error'), []);
  await page.evaluate(() => {
    const inspector = document.querySelector('inception-inspector');
    Object.assign(inspector, { model: inspector.model, device: inspector.device });
    inspector.model = null;
  });
  await page.waitForFunction(() => document.querySelector('inception-inspector').net === null);
  assert.equal(await page.evaluate(() => globalThis.begun), 1);
}, { prepare: countLoads });

elementTest('properties that are set before the element is defined take effect, and a wrong one does not stop the others', '<inception-inspector></inception-inspector>', async (page) => {
  const refused = await page.evaluate(async (model) => {
    const errors = [];
    addEventListener('error', (event) => {
      errors.push([event.error.name, event.error.code]);
      event.preventDefault();
    });
    const inspector = document.querySelector('inception-inspector');
    Object.assign(inspector, { model, src: 'bars.png', theme: 'dark', hotkeys: true, netTitle: 'mine', device: 'gpu' });
    await import('/pkg/dist/element/index.js');
    return errors;
  }, `/${MODEL}`);
  await untilTold(page, 'result');
  assert.deepEqual(refused, [['InceptionError', 'bad-option']]);
  const taken = await page.evaluate(() => {
    const inspector = document.querySelector('inception-inspector');
    return [inspector.getAttribute('src'), inspector.getAttribute('theme'), inspector.hotkeys, inspector.netTitle, inspector.device];
  });
  assert.deepEqual(taken, ['bars.png', 'dark', true, 'mine', null]);
}, { define: false });

elementTest('a property that is given something of another kind throws a typed error, and stays as it was', '<inception-inspector></inception-inspector>', async (page) => {
  await loadNet(page);
  const wrong = {
    net: [{}, 'inception-v3', 5], src: [{}, 5], model: [{}, new Date(0)], modelsUrl: [true], device: ['gpu'], theme: ['blue', 1], highlight: ['all'], netTitle: [5],
    view: [5, 'Mixed_3b', { off: 'Mixed_3b' }, { inner: [1] }, { pin: 3 }], alternatives: [[], { pictures: {} }, { models: 'all' }],
  };
  const told = await page.evaluate(async (wrong) => {
    const { InceptionError } = await import('/pkg/dist/index.js');
    const inspector = document.querySelector('inception-inspector');
    inspector.net = globalThis.net;
    const refusalOf = (/** @type {() => unknown} */ act) => {
      try {
        act();
        return 'nothing';
      } catch (error) {
        return error instanceof InceptionError ? `${error.code}: ${error.message}` : String(error);
      }
    };
    const refused = Object.entries(wrong).flatMap(([name, values]) => values.map((value) => [name, refusalOf(() => (inspector[name] = value))]));
    const misspelt = [['view', { layer: null, pallete: 'viridis' }], ['view', { pin: { layer: 'Mixed_3b', row: 1 } }], ['alternatives', { picture: [] }]].map(([name, value]) => refusalOf(() => (inspector[name] = value)));
    const video = refusalOf(() => inspector.play(document.createElement('img')));
    const isSame = inspector.net === globalThis.net;
    Object.assign(inspector, { view: null, alternatives: undefined, netTitle: undefined, net: undefined });
    return { refused, misspelt, video, isSame, net: inspector.net, attributes: inspector.getAttributeNames() };
  }, wrong);
  for (const said of told.misspelt) assert.match(said, /^bad-option: there is no (view\.pallete; view has layer, .*palette|view\.pin\.row; view\.pin has layer, channel, y, x|alternatives\.picture; alternatives has pictures, models)/);
  for (const [name, said] of told.refused) assert.match(said, new RegExp(`^bad-option: ${name}(\\.\\w+)? is .*, but must be `), said);
  assert.match(told.refused[0][1], /net is \[object Object\], but must be what Inception\.load gave, or null/);
  assert.match(told.video, /^bad-option: the video/);
  assert.deepEqual([told.isSame, told.net, told.attributes], [true, null, []]);
});

elementTest('what the load of a model does is told: how far it is, and that it is ready', `<inception-inspector id="one" model="/${MODEL}" src="bars.png"></inception-inspector>`, async (page) => {
  await untilTold(page, 'result');
  const types = await page.evaluate(() => globalThis.events.map(({ type }) => type).filter((type) => ['progress', 'load', 'run', 'result'].includes(type)));
  assert.deepEqual(types.filter((type, k) => type !== types[k - 1]), ['progress', 'load', 'run', 'result']);
  const progress = await told(page, 'progress');
  assert.equal(progress[0].id, 'one');
  assert.ok(progress.some(({ detail }) => detail.stage === 'download' && detail.loaded > 0 && detail.loaded === detail.total), JSON.stringify(progress.at(-1)));
  const [{ detail }] = await told(page, 'load');
  assert.deepEqual([detail.network, detail.classes], ['googlenet', 1000]);
});

elementTest('a network that is given takes the place of that of model until it is taken back', `<inception-inspector model="/${MODEL}" src="bars.png"></inception-inspector>`, async (page) => {
  await untilTold(page, 'result');
  await loadNet(page);
  const given = await page.evaluate(() => {
    const inspector = document.querySelector('inception-inspector');
    const told = [];
    inspector.addEventListener('inception-load', ({ detail }) => told.push(detail === inspector.net?.info));
    const { net } = inspector;
    inspector.net = null;
    const isKept = inspector.net === net;
    inspector.net = globalThis.net;
    const isGiven = inspector.net === globalThis.net;
    inspector.net = undefined;
    return { told, isKept, isGiven, net: inspector.net };
  });
  assert.deepEqual(given, { told: [true], isKept: true, isGiven: true, net: null });
  await untilTold(page, 'load', 3);
  await untilTold(page, 'result', 2);
  const net = await page.evaluate(() => {
    const { net } = document.querySelector('inception-inspector');
    return [net.info.network, net === globalThis.net, globalThis.net.disposed];
  });
  assert.deepEqual(net, ['googlenet', false, false], 'loaded anew; what was given is its owner\'s');
  assert.deepEqual(await told(page, 'error'), []);
});

elementTest('a network that has been disposed of is refused, and what is shown stays', '<inception-inspector></inception-inspector>', async (page) => {
  await loadNet(page);
  const shown = await page.evaluate(async (model) => {
    const { Inception } = await import('/pkg/dist/index.js');
    const inspector = document.querySelector('inception-inspector');
    inspector.net = globalThis.net;
    const gone = await Inception.load(model, { device: 'cpu', threads: 1 });
    gone.dispose();
    inspector.net = gone;
    return inspector.net === globalThis.net;
  }, `/${MODEL}`);
  assert.ok(shown);
  const [{ detail: { error, ...said } }] = await told(page, 'error');
  assert.deepEqual([said, error.name, error.code], [{ code: 'disposed', message: 'This model was closed. Load it again.' }, 'InceptionError', 'disposed']);
  assert.equal((await told(page, 'load')).length, 1);
  assert.equal(await page.locator('#loadStatus .note').textContent(), said.message);
  assert.equal(await page.locator('#loadStatus button').count(), 0);
  await page.evaluate(() => (document.querySelector('inception-inspector').net = globalThis.net));
  assert.equal(await page.locator('#loadStatus').textContent(), '', 'the one that is shown, given again, takes the word back');
  await page.evaluate(() => (document.querySelector('inception-inspector').net = null));
  assert.equal(await page.locator('#loadStatus').textContent(), '');
});

elementTest('an element that is moved keeps its model, its picture and what is compared', `<div id="a" lang="zh"></div><div id="b"></div><inception-inspector id="one" model="/${MODEL}" src="bars.png"></inception-inspector>`, async (page) => {
  await countFreed(page);
  await page.evaluate((model) => (document.querySelector('inception-inspector').view = { layer: 'Mixed_4b', compare: model }), `/${MODEL}`);
  await untilTold(page, 'result');
  await page.locator('#compare .side[data-side=B] .top3').waitFor();
  const before = await page.evaluate(() => (globalThis.net = document.querySelector('inception-inspector').net) !== null && globalThis.begun);
  await page.evaluate(async () => {
    const [inspector, a, b] = ['inception-inspector', '#a', '#b'].map((selector) => document.querySelector(selector));
    b.append(inspector);
    inspector.remove();
    await null;
    a.append(inspector);
    inspector.remove();
    inspector.theme = 'dark';
    b.append(inspector);
    a.append(inspector);
  });
  assert.equal(await page.locator('#h-net').textContent(), '网络', 'in the language of its new place');
  assert.equal(await page.locator('.page').first().evaluate((page) => getComputedStyle(page.querySelector('.panel')).backgroundColor), 'rgb(24, 24, 27)');
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 300)));
  const kept = await page.evaluate(() => {
    const inspector = document.querySelector('inception-inspector');
    return [inspector.net === globalThis.net, inspector.picture?.name, inspector.view.layer, globalThis.begun, globalThis.freed];
  });
  assert.deepEqual(kept, [true, 'bars.png', 'Mixed_4b', before, 0]);
  assert.deepEqual([(await told(page, 'result')).length, (await told(page, 'load')).length, (await told(page, 'picture')).length], [1, 1, 1]);
  assert.equal(await page.locator('#top5 .p').count(), 5);
  await page.locator('.card[data-modules=Mixed_4c] > button').click();
  await page.locator('#network').focus();
  await page.keyboard.press(']');
  assert.equal(await page.locator('#h-mod').textContent(), 'Mixed_4d', 'keys act once');
}, { prepare: countLoads });

elementTest('an element that is moved while its model is loaded goes on with that', `<div id="a"></div><inception-inspector model="/${MODEL}" src="bars.png"></inception-inspector>`, async (page) => {
  await page.waitForFunction(() => globalThis.begun === 1);
  await page.evaluate(() => document.querySelector('#a').append(document.querySelector('inception-inspector')));
  await untilTold(page, 'result');
  assert.equal(await page.evaluate(() => globalThis.begun), 1);
}, { prepare: countLoads });

elementTest('moveBefore keeps model and picture', `<div id="a" lang="zh"></div><inception-inspector model="/${MODEL}" src="bars.png"></inception-inspector>`, async (page) => {
  await untilTold(page, 'result');
  const same = await page.evaluate(async () => {
    const inspector = document.querySelector('inception-inspector');
    const { net } = inspector;
    document.querySelector('#a').moveBefore(inspector, null);
    await new Promise((resolve) => setTimeout(resolve, 300));
    return inspector.net === net;
  });
  assert.ok(same);
  assert.equal(await page.locator('#h-net').textContent(), '网络', 'in the language of its new place');
  assert.deepEqual([(await told(page, 'result')).length, await page.evaluate(() => globalThis.begun)], [1, 1]);
}, { prepare: countLoads });

test('where there is no document the module can be imported, and defines nothing', async () => {
  assert.equal(typeof HTMLElement, 'undefined');
  const { InceptionInspector } = await import('../../pkg/dist/element/index.js');
  assert.equal(typeof InceptionInspector, 'function');
  assert.equal(typeof customElements, 'undefined');
});

test('a stand-in for a browser that cannot draw the element leaves it undefined', async () => {
  const defined = [];
  const stand = { document: {}, HTMLElement: class {}, CSSStyleSheet: class {}, customElements: { get: () => undefined, define: (/** @type {string} */ name) => defined.push(name) } };
  Object.assign(globalThis, stand);
  try {
    await import(`../../pkg/dist/element/index.js?${Date.now()}`);
  } finally {
    for (const name of Object.keys(stand)) delete globalThis[name];
  }
  assert.deepEqual(defined, []);
});
