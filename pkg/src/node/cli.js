#!/usr/bin/env node
// inception-web: the package's command line.

import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { InceptionError } from '../errors.js';
import { addModel } from './add-model.js';
import { copyAssets } from './assets.js';
import { readCatalog } from './catalog.js';
import { Bar } from './bar.js';

const USAGE = `Usage: inception-web models [list] [--catalog FILE|URL]
       inception-web models add ID|FILE [--out DIR] [--dtype f32|f16|u8] [--replace] [--catalog FILE|URL]
       inception-web assets --out DIR

  list   the models of the catalog
  add    fetches a model of the catalog, or takes a file or folder of any format, checks it, converts it and puts it with its
         catalog entry and class names into DIR, by default 'models': the folder that Inception.load(ID) looks in, beside the page (or at modelsUrl)
  assets puts the worker's script and the wasm files into DIR, for bundlers that do not: the folder of your build's scripts, or any
         that is served, with Inception.configure({ assetsUrl: ITS ADDRESS })

  --dtype    how weights are stored: as published where it is left out; f16 halves an f32 model, u8 quarters it
  --replace  a file may take the place of a model of its name
  --catalog  another catalog than the package's own
  --version  the version of the package
`;

/** A way of calling that is not offered: exit status 2. */
class UsageError extends Error {}

try {
  await main(process.argv.slice(2));
} catch (error) {
  const isUsage = error instanceof UsageError || /^ERR_PARSE_ARGS/.test(/** @type {{ code?: string }} */ (error).code ?? '');
  const { message } = /** @type {Error} */ (error);
  process.stderr.write(isUsage ? `${message}\n\n${USAGE}` : `${error instanceof InceptionError ? `${error.code}: ` : ''}${message}\n`);
  process.exitCode = isUsage ? 2 : 1;
}

/** @param {string[]} args */
async function main(args) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      out: { type: 'string' },
      dtype: { type: 'string' },
      replace: { type: 'boolean' },
      catalog: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
      version: { type: 'boolean', short: 'v' },
    },
  });
  if (values.help) return void process.stdout.write(USAGE);
  if (values.version) return void process.stdout.write(`${await version()}\n`);
  const [subject, verb = 'list', id, ...rest] = positionals;
  if (subject === 'assets' && positionals.length === 1) {
    if (values.out === undefined) throw new UsageError('Where to? assets --out DIR.');
    return void process.stdout.write(`${(await copyAssets(values.out)).join('\n')}\n`);
  }
  if (subject !== 'models' || rest.length > 0) throw new UsageError(subject === undefined ? 'What shall be done?' : `There is no '${positionals.join(' ')}'.`);
  const catalog = await readCatalog(values.catalog);
  if (verb === 'list' && id === undefined) return list(catalog.entries);
  if (verb === 'add' && id === undefined) {
    throw new UsageError(`Which model? One of ${catalog.entries.map((entry) => entry.id).join(', ')}, or a file of any format.`);
  }
  if (verb !== 'add' || id === undefined) throw new UsageError(`There is no 'models ${positionals.slice(1).join(' ')}'.`);
  const { dtype } = values;
  if (dtype !== undefined && dtype !== 'f32' && dtype !== 'f16' && dtype !== 'u8') throw new UsageError(`--dtype ${dtype} is none of f32, f16, u8.`);
  const bar = new Bar(process.stderr);
  const { path, bytes, difference } = await addModel(catalog, id, { folder: values.out ?? 'models', dtype: dtype ?? null, replace: values.replace, onBytes: (loaded, total) => bar.show(loaded, total) });
  process.stderr.write(`The converted model answers like the published one (probabilities differ by ${difference.toExponential(1)} at most).\n`);
  process.stdout.write(`${path}  ${megabytes(bytes)}\n`);
}

async function version() {
  return JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')).version;
}

/** @param {import('../index.js').CatalogEntry[]} entries */
function list(entries) {
  const widest = Math.max(...entries.map(({ id }) => id.length));
  for (const { id, title, bytes, license } of entries) {
    process.stdout.write(`${id.padEnd(widest)}  ${megabytes(bytes).padStart(8)}  ${license.padEnd(12)}  ${title}\n`);
  }
}

/** @param {number} bytes */
function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
