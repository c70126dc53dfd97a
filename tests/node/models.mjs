// The package's command line: inception-web models.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, cp, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Inception } from '../../pkg/dist/node/index.js';
import { generateWeights } from '../browser/generator.mjs';
import { torchFile } from '../browser/torch-file.mjs';
import { FILTER, MODEL, ROOT, nodeTest } from './package.mjs';

const CLI = join(ROOT, 'pkg/dist/node/cli.js');

/**
 * @param {string} folder to run in
 * @param {...string} args
 * @returns {Promise<{ status: number, out: string, err: string }>}
 */
function run(folder, ...args) {
  return new Promise((resolve) => {
    execFile(process.execPath, [CLI, ...args], { cwd: folder }, (error, out, err) => resolve({ status: error ? Number(error.code) : 0, out, err }));
  });
}

/**
 * A catalog of one model beside its file.
 * @param {string} folder
 * @param {object} [changes] of the entry of the repository's model
 */
async function publish(folder, changes = {}) {
  const entries = JSON.parse(await readFile(join(ROOT, 'models/catalog.json'), 'utf8'));
  const site = join(folder, 'site');
  await mkdir(site, { recursive: true });
  const entry = { ...entries[0], ...changes };
  if (entry.url === entries[0].url) await copyFile(MODEL, join(site, entry.url));
  await writeFile(join(site, 'catalog.json'), JSON.stringify([entry]));
  return join(site, 'catalog.json');
}

/** @param {Uint8Array} bytes */
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** The same picture for every model. */
const PICTURE = Uint8Array.from(Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAA00lEQVR4nAHIADf/AAAAAB48Wjx4tFq0DnjwaJYswrRoHNKkdgAREREvTWtNicVrxR+JAXmnPdPFeS3jtYcAIiIiQF58XprWfNYwmhKKuE7k1oo+9MaYADMzM1FvjW+r543nQasjm8lf9eebTwXXqQBERERigJ6AvPie+FK8NKzacAb4rGAW6LoAVVVVc5Gvkc0JrwljzUW964EXCb1xJ/nLAGZmZoSiwKLeGsAadN5WzvySKBrOgjgK3AB3d3eVs9Gz7yvRK4XvZ98Nozkr35NJG+3cll4hQ6ELcQAAAABJRU5ErkJggg==', 'base64'));

nodeTest('adds a model, checked and converted, with its entry', async (folder) => {
  const catalog = await publish(folder);
  const { status, out, err } = await run(folder, 'models', 'add', 'googlenet-imagenet', '--catalog', catalog);
  assert.equal(status, 0, err);
  assert.match(out, /googlenet-imagenet\.safetensors {2}\d+\.\d MB/);
  assert.deepEqual((await readdir(join(folder, 'models'))).sort(), ['catalog.json', 'googlenet-imagenet.safetensors', 'imagenet1k.json']);
  const [entry] = JSON.parse(await readFile(join(folder, 'models/catalog.json'), 'utf8'));
  assert.equal(entry.sha256, sha256(await readFile(join(folder, 'models', entry.url))));
  const net = await Inception.load('googlenet-imagenet', { modelsUrl: join(folder, 'models') });
  assert.equal(net.info.id, 'googlenet-imagenet');
  assert.equal(net.info.labels?.[285], 'Egyptian cat');
  net.dispose();
});

nodeTest('takes the content filter from its package where that is installed', async (folder, t) => {
  if (!existsSync(FILTER)) return t.skip('the content filter is missing (cargo xtask setup --with nsfw makes it)');
  const add = () => run(folder, 'models', 'add', 'nsfw-inception-v3');
  const before = await add();
  assert.deepEqual([before.status, before.out], [1, '']);
  assert.match(before.err, /npm install inception-web-nsfw/);
  const installed = join(folder, 'node_modules/inception-web-nsfw');
  await cp(join(ROOT, 'pkg/nsfw'), installed, { recursive: true });
  await copyFile(FILTER, join(installed, 'nsfw-inception-v3.safetensors'));
  const { status, out, err } = await add();
  assert.equal(status, 0, err);
  assert.match(out, /nsfw-inception-v3\.safetensors {2}22\.4 MB/);
});

nodeTest("adds torchvision's GoogLeNet from a state dict, in half its size, without its untrained heads", async (folder) => {
  const keys = JSON.parse(await readFile(join(ROOT, 'tests/reference/keys/torchvision_googlenet.json'), 'utf8'));
  const weights = generateWeights(keys);
  const published = new Uint8Array(await torchFile(weights).arrayBuffer());
  const server = createServer((_, response) => response.end(published));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const url = `http://localhost:${server.address().port}/googlenet.pth`;
  const entry = { id: 'googlenet', network: 'googlenet-torchvision', url, sha256: null, classes: 1000, labels: 'imagenet1k', auxiliary: 'untrained' };
  const catalog = await publish(folder, entry);
  const { status, err } = await run(folder, 'models', 'add', 'googlenet', '--out', 'public/models', '--dtype', 'f16', '--catalog', catalog);
  server.close();
  assert.equal(status, 0, err);
  assert.doesNotMatch(err, /note:/, 'half the size is what was asked for');
  const models = join(folder, 'public/models');
  assert.deepEqual((await readdir(models)).sort(), ['catalog.json', 'googlenet.safetensors', 'imagenet1k.json']);
  const converted = await readFile(join(models, 'googlenet.safetensors'));
  assert.ok(converted.length < 0.52 * published.length, `${converted.length} of ${published.length} bytes`);
  const nets = [await Inception.load('googlenet', { modelsUrl: models }), await Inception.load(weights)];
  const [ours, theirs] = await Promise.all(nets.map((net) => net.classify(PICTURE, { topK: 1000 })));
  assert.deepEqual(nets[0].info.auxiliary.map(({ trained }) => trained), [false, false]);
  assert.deepEqual(ours.auxiliary, []);
  const heads = nets.map((net) => net.layers.filter(({ name }) => name.startsWith('AuxLogits')).length);
  assert.equal(heads[0], 0);
  assert.ok((heads[1] ?? 0) > 0);
  assert.equal(theirs.auxiliary.length, 2);
  assert.equal(nets[0].info.labels?.length, 1000);
  const probability = new Map(theirs.predictions.map(({ index, probability }) => [index, probability]));
  for (const { index, probability: found } of ours.predictions) assert.ok(Math.abs(found - (probability.get(index) ?? NaN)) < 1e-3);
  for (const net of nets) net.dispose();
});

nodeTest('keeps the entries of other models', async (folder) => {
  await mkdir(join(folder, 'models'));
  await writeFile(join(folder, 'models/catalog.json'), JSON.stringify([{ id: 'other' }, { id: 'googlenet-imagenet', title: 'old' }]));
  const { status, err } = await run(folder, 'models', 'add', 'googlenet-imagenet', '--catalog', await publish(folder));
  assert.equal(status, 0, err);
  const entries = JSON.parse(await readFile(join(folder, 'models/catalog.json'), 'utf8'));
  assert.deepEqual(entries.map(({ id, title }) => [id, title]), [['other', undefined], ['googlenet-imagenet', 'GoogLeNet']]);
});

nodeTest('writes nothing where something is wrong, and says what', async (folder) => {
  const cases = [
    [{}, ['models', 'add', 'nope'], 1, /unknown-model: nope; it is no file here, and the catalog has googlenet-imagenet/],
    [{ sha256: '0'.repeat(64) }, ['models', 'add', 'googlenet-imagenet'], 1, /integrity: .*SHA-256/],
    [{ url: 'none.safetensors' }, ['models', 'add', 'googlenet-imagenet'], 1, /network: googlenet-imagenet .*npm install inception-web-googlenet/],
    [{ id: 'own', url: 'none.safetensors' }, ['models', 'add', 'own'], 1, /network: .*none\.safetensors \(there is no such file\)/],
    [{ url: 'http://localhost:1/model.safetensors' }, ['models', 'add', 'googlenet-imagenet'], 1, /network: http:\/\/localhost:1\S* \(fetch failed: .+\)\nIs there a connection, and does it need a proxy\?/],
    [{ network: 'inception-v4' }, ['models', 'add', 'googlenet-imagenet'], 1, /bad-weights: /],
    [{}, ['models', 'add', 'googlenet-imagent'], 1, /is it googlenet-imagenet that is meant\?/],
    [{}, ['models', 'add', 'googlenet-imagenet', '--out', 'site/catalog.json'], 1, /bad-option: nothing can be written into site\/catalog\.json: .* is a file/],
    [{}, ['models', 'add'], 2, /Which model\?[^]*googlenet-imagenet +7\.1 MB[^]*npx inception-web models add googlenet-imagenet --out public\/models[^]*Usage/],
    [{}, ['models', 'add', 'googlenet-imagenet', '--dtype', 'f8'], 2, /--dtype f8 is none of f32, f16, u8/],
    [{}, ['models', 'add', 'googlenet-imagenet', '--to', 'x'], 2, /There is no option --to; there are --out, --dtype/],
    [{}, ['models', 'add', 'googlenet-imagenet', '--dtyp', 'f16'], 2, /There is no option --dtyp; is it --dtype that is meant\?/],
    [{}, ['models', 'add', 'googlenet-imagenet', '--dtype'], 2, /--dtype needs f32, f16 or u8 after it\./],
    [{}, ['models', 'add', 'one', 'two'], 2, /'models add' takes one model at a time/],
    [{}, ['models', 'list', '--dtype', 'f16'], 2, /'models list' takes no --dtype/],
    [{}, ['modles'], 2, /There is no command 'modles'; is it models that is meant\?/],
    [{}, ['models', 'remove'], 2, /There is no command 'models remove'; there are models, models list, models add, assets/],
    [{}, ['assets', 'dist'], 2, /assets --out dist/],
    [{}, ['assets', '--out', ''], 1, /--out is empty/],
    [{}, [], 2, /Usage/],
  ];
  for (const [changes, args, wanted, message] of cases) {
    const catalog = await publish(folder, changes);
    const { status, out, err } = await run(folder, ...args, ...(args[0] === 'models' ? [`--catalog=${catalog}`] : []));
    assert.equal(status, wanted, `${args.join(' ')}: ${err}`);
    assert.match(err, message);
    assert.equal(out, '');
    assert.deepEqual(await readdir(folder), ['site']);
  }
});

nodeTest('leaves a script of the site alone that is called as one of the package', async (folder) => {
  await writeFile(join(folder, 'worker.js'), 'postMessage(1);');
  const { status, err } = await run(folder, 'assets', '--out', '.');
  assert.equal(status, 1);
  assert.match(err, /bad-option: worker\.js is there and is not of this package/);
  assert.deepEqual(await readdir(folder), ['worker.js']);
  assert.equal(await readFile(join(folder, 'worker.js'), 'utf8'), 'postMessage(1);');
  for (let i = 0; i < 2; i += 1) assert.equal((await run(folder, 'assets', '--out', 'own')).status, 0, 'what is of the package is replaced');
});

nodeTest('says what --dtype does to a model that has fewer bits already', async (folder) => {
  const catalog = await publish(folder);
  const add = (/** @type {string[]} */ ...dtype) => run(folder, 'models', 'add', 'googlenet-imagenet', '--catalog', catalog, ...dtype);
  const larger = /note: --dtype (f32|f16) makes this model larger, (28|14)\.0 MB, and not more exact: without --dtype it has 7\.1 MB, its weights exactly as published\.\n/;
  for (const dtype of ['f32', 'f16']) {
    const { status, err } = await add('--dtype', dtype);
    assert.equal(status, 0);
    assert.match(err, larger);
  }
  assert.match((await add('--dtype', 'u8')).err, /note: --dtype u8 does not make this model smaller: without --dtype it has 7\.1 MB/);
  assert.doesNotMatch((await add()).err, /note:/);
});

nodeTest('lists the catalog', async (folder) => {
  const { status, out } = await run(folder, 'models');
  assert.equal(status, 0);
  const ids = out.trim().split('\n').map((line) => line.split(/\s/)[0]);
  assert.deepEqual(ids, JSON.parse(await readFile(join(ROOT, 'models/catalog.json'), 'utf8')).map(({ id }) => id));
  const bad = await run(folder, 'models', '--catalog', 'none.json');
  assert.deepEqual([bad.status, bad.out], [1, '']);
  assert.match(bad.err, /none\.json \(there is no such file\)/);
});

nodeTest('an address that is said for all loads stays where it was when the working directory changes', async () => {
  const out = await new Promise((resolve, reject) => {
    const script = `import { Inception } from '${pathToFileURL(join(ROOT, 'pkg/dist/node/index.js')).href}';
      Inception.configure({ modelsUrl: 'models' });
      process.chdir('/');
      const before = (await Inception.catalog()).length;
      Inception.configure({ modelsUrl: undefined });
      console.log(before, await Inception.catalog().catch(({ code }) => code));`;
    execFile(process.execPath, ['--input-type=module', '-e', script], { cwd: ROOT }, (error, out) => (error ? reject(error) : resolve(out)));
  });
  assert.match(out, /^\d+ network\n$/);
});
