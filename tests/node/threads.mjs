// The engine's threads in Node.js.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { promisify } from 'node:util';
import { pathToFileURL } from 'node:url';
import { Inception } from '../../pkg/dist/node/index.js';
import { MODEL, ROOT, nodeTest } from './package.mjs';

const PACKAGE = pathToFileURL(join(ROOT, 'pkg/dist/node/index.js')).href;
const PICTURE = join(ROOT, 'docs/page.png');

/** Options of Node.js that forbid threads; the first has another name up to 22. */
const WITHOUT_WORKERS = [process.allowedNodeEnvironmentFlags.has('--permission') ? '--permission' : '--experimental-permission', '--no-warnings', '--allow-fs-read=*'];

/**
 * A script in a process of its own, which has to end by itself.
 * @param {string} folder to run in
 * @param {string} script with `Inception`, `MODEL` and `PICTURE`; `tell(value)` gives back
 * @param {string[]} [options] of Node.js
 */
async function inProcess(folder, script, options = []) {
  const text = `import { Inception } from '${PACKAGE}';
    const MODEL = ${JSON.stringify(MODEL)}, PICTURE = ${JSON.stringify(PICTURE)}, tell = (value) => console.log(JSON.stringify(value));
    ${script}`;
  const { stdout } = await promisify(execFile)(process.execPath, [...options, '--input-type=module', '-e', text], { cwd: folder, timeout: 200_000 });
  return JSON.parse(stdout);
}

/** Parts of the time in which the event loop had work. @param {() => Promise<unknown>} work */
async function loopIsTaken(work) {
  const before = performance.eventLoopUtilization();
  await work();
  return performance.eventLoopUtilization(before).utilization;
}

nodeTest('runs with a thread for each processor, which does not change the answer', async () => {
  const [several, two, one] = await Promise.all([{}, { threads: 2 }, { threads: 1 }].map((options) => Inception.load(MODEL, options)));
  const processors = availableParallelism();
  const used = Math.min(processors, 8);
  assert.deepEqual(several.info.threads, { requested: 'auto', used, reason: `${processors} logical processors` });
  assert.deepEqual(two.info.threads, { requested: 2, used: 2, reason: 'as requested' });
  assert.deepEqual(one.info.threads, { requested: 1, used: 1, reason: 'as requested' });
  const tops = await Promise.all([several, two, one].map((net) => net.classify(PICTURE, { topK: 3 })));
  const told = tops.map(({ predictions }) => predictions.map(({ index, probability }) => `${index} ${probability.toFixed(5)}`));
  assert.deepEqual([told[1], told[2]], [told[0], told[0]]);
  for (const net of [several, two, one]) net.dispose();
});

nodeTest('leaves the event loop of the caller free; worker: false does not', async () => {
  const net = await Inception.load(MODEL);
  const own = await Inception.load(MODEL, { worker: false });
  assert.match(own.info.threads.reason, /worker: false/);
  const runs = (/** @type {Inception} */ of) => async () => {
    for (let i = 0; i < 3; i += 1) await of.classify(PICTURE);
  };
  const [free, taken] = [await loopIsTaken(runs(net)), await loopIsTaken(runs(own))];
  assert.ok(free < 0.4, `${free}`);
  assert.ok(taken > 0.6, `${taken}`);
  for (const one of [net, own]) one.dispose();
});

nodeTest('keeps no process alive whose work is done, and ends none before; from any folder', async (folder) => {
  const told = await inProcess(folder, `
    const net = await Inception.load(MODEL, { threads: 2 });
    const { predictions } = await net.classify(PICTURE);
    tell([net.info.threads.used, predictions.length]);
  `);
  assert.deepEqual(told, [2, 5]);
  // A call that nobody waits for is answered all the same.
  assert.equal(await inProcess(folder, "Inception.load(MODEL).then((net) => net.embed(PICTURE)).then(({ length }) => tell(length));"), 1024);
  // Nothing is left of an aborted load.
  const aborted = `
    const stop = new AbortController();
    const onProgress = ({ stage }) => stage === 'prepare' && stop.abort();
    await Inception.load(MODEL, { signal: stop.signal, onProgress }).catch(({ name, code }) => tell([name, code]));
  `;
  assert.deepEqual(await inProcess(folder, aborted), ['AbortError', 'aborted']);
});

nodeTest('dispose ends the threads and gives their memory back', async (folder) => {
  const { loaded, left, error } = await inProcess(folder, `
    const megabytes = () => process.memoryUsage.rss() / 1e6;
    const before = megabytes();
    const net = await Inception.load(MODEL, { threads: 2 });
    await net.classify(PICTURE);
    const loaded = megabytes() - before;
    const running = net.classify(PICTURE).catch((error) => error);
    net.dispose();
    const { code } = await running;
    // The system takes its time to take the memory of a thread that has ended.
    for (let i = 0; i < 100 && megabytes() - before > loaded / 2; i += 1) await new Promise((resolve) => setTimeout(resolve, 100));
    tell({ loaded, left: megabytes() - before, error: code });
  `);
  assert.equal(error, 'disposed');
  assert.ok(loaded > 60, `${loaded} MB is a model with its threads`);
  assert.ok(left < loaded / 2, `${left} of ${loaded} MB are left`);
});

nodeTest('in the thread of the caller, too, memory goes with the last network', async (folder) => {
  const sizes = await inProcess(folder, `
    const { instantiate } = WebAssembly;
    const made = [];
    WebAssembly.instantiate = async (...given) => {
      const instance = await instantiate(...given);
      made.push(new WeakRef(instance.exports.memory));
      return instance;
    };
    const memories = async () => {
      for (let i = 0; i < 4; i += 1) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        gc();
      }
      // Node.js has small ones of its own.
      return made.flatMap((memory) => memory.deref()?.buffer.byteLength ?? []).filter((bytes) => bytes > 10e6);
    };
    const net = await Inception.load(MODEL, { worker: false });
    const before = await memories();
    net.dispose();
    const after = await memories();
    const other = await Inception.load(MODEL, { worker: false });
    await other.classify(PICTURE);
    other.dispose();
    tell([before, after, await memories()]);
  `, ['--expose-gc']);
  assert.ok(sizes[0].length === 1 && sizes[0][0] > 50e6, `${sizes[0]}`);
  assert.deepEqual(sizes.slice(1), [[], []]);
});

nodeTest('an abort ends a run, and the model stays usable', async () => {
  const net = await Inception.load(MODEL, { threads: 2 });
  const stop = new AbortController();
  const run = net.classify(PICTURE, { signal: stop.signal, onModule: () => stop.abort() });
  await assert.rejects(run, { code: 'aborted', name: 'AbortError' });
  assert.equal((await net.classify(PICTURE)).predictions.length, 5);
  net.dispose();
});

nodeTest("leaves the caller's bytes as they are", async () => {
  const [model, picture] = [await readFile(MODEL), await readFile(PICTURE)];
  const [modelBefore, pictureBefore] = [Buffer.from(model), Buffer.from(picture)];
  const net = await Inception.load(model);
  await net.classify(picture);
  await net.classifyBatch([picture, picture.buffer]);
  assert.ok(model.equals(modelBefore) && picture.equals(pictureBefore));
  net.dispose();
});

nodeTest('runs in the thread that calls it where no other can be had, and says so', async (folder) => {
  const script = "const net = await Inception.load(MODEL); tell([net.info.threads, (await net.classify(PICTURE)).predictions.length])";
  const [threads, length] = await inProcess(folder, script, WITHOUT_WORKERS);
  assert.equal(length, 5);
  assert.equal(threads.used, 1);
  assert.match(threads.reason, /could not be started .*restricted/);
  const asked = "await Inception.load(MODEL, { worker: true }).catch(({ code }) => tell(code))";
  assert.equal(await inProcess(folder, asked, WITHOUT_WORKERS), 'unsupported');
});

nodeTest('a bundle without the script of the threads runs, too', async (folder) => {
  await mkdir(join(folder, 'app'));
  await writeFile(join(folder, 'app/main.js'), `
    import { Inception } from '${PACKAGE}';
    const net = await Inception.load(${JSON.stringify(MODEL)});
    console.log(JSON.stringify([net.info.threads, (await net.classify(${JSON.stringify(PICTURE)})).predictions.length]));
  `.replaceAll(PACKAGE, join(ROOT, 'pkg/dist/node/index.js')));
  const call = promisify(execFile);
  await call(join(ROOT, 'node_modules/.bin/esbuild'), ['app/main.js', '--bundle', '--platform=node', '--format=esm', '--outfile=out/main.mjs', '--log-level=error'], { cwd: folder });
  await call(process.execPath, [join(ROOT, 'pkg/dist/node/cli.js'), 'assets', '--out', 'out'], { cwd: folder });
  const [threads, length] = JSON.parse((await call(process.execPath, ['out/main.mjs'], { cwd: folder })).stdout);
  assert.equal(length, 5);
  assert.equal(threads.used, 1);
  assert.match(threads.reason, /could not be started/);
});

nodeTest('what a function of the caller\'s throws ends the call, which rejects with it', async () => {
  const thrown = new RangeError('theirs');
  const fail = () => {
    throw thrown;
  };
  for (const worker of [undefined, false]) {
    const options = worker === undefined ? { threads: 1 } : { worker };
    await assert.rejects(Inception.load(MODEL, { ...options, onProgress: fail }), (error) => error === thrown);
    const net = await Inception.load(MODEL, options);
    await assert.rejects(net.classify(PICTURE, { onModule: fail }), (error) => error === thrown);
    assert.equal((await net.classify(PICTURE)).predictions.length, 5);
    net.dispose();
  }
});
