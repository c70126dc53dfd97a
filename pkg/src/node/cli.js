#!/usr/bin/env node
// inception-web: the package's command line.

import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { InceptionError } from '../shared/errors.js';
import { addModel } from './add-model.js';
import { copyAssets } from './assets.js';
import { readCatalog } from './catalog.js';
import { Bar } from './bar.js';
import { nearest } from './nearest.js';

const CALLS = `Usage: inception-web models [list] [--catalog FILE|URL]
       inception-web models add ID|FILE [--out DIR] [--dtype f32|f16|u8] [--replace] [--catalog FILE|URL]
       inception-web assets --out DIR
       inception-web --help
`;
const USAGE = `${CALLS}
  list   the models of the catalog
  add    fetches a model of the catalog, or takes a file or folder of any format, checks it, converts it and puts it with its
         catalog entry and class names into DIR, by default 'models': the folder that Inception.load(ID) looks in, beside the page (or at modelsUrl)
  assets puts the worker's script and the wasm files into DIR, for bundlers that do not: the folder of your build's scripts, or any
         that is served, with Inception.configure({ assetsUrl: ITS ADDRESS })

  --out      the folder to write into; it is made where it is not there
  --dtype    how weights are stored: as published where it is left out; f16 halves an f32 model, u8 quarters it
  --replace  a file may take the place of a model of its name
  --catalog  another catalog than the package's own
  --version  the version of the package
`;

/** @type {import('node:util').ParseArgsConfig['options'] & {}} */
const OPTIONS = {
  out: { type: 'string' },
  dtype: { type: 'string' },
  replace: { type: 'boolean' },
  catalog: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
};
/** What follows them. @type {Record<string, string>} */
const VALUES = { out: 'a folder', dtype: 'f32, f16 or u8', catalog: 'a file or an address' };
/** What each command takes of them. @type {Record<string, string[]>} */
const TAKES = { 'models list': ['catalog'], 'models add': ['out', 'dtype', 'replace', 'catalog'], assets: ['out'] };

/** A way of calling that is not offered: exit status 2. */
class UsageError extends Error {}

try {
  await main(process.argv.slice(2));
} catch (error) {
  const { message } = /** @type {Error} */ (error);
  const isUsage = error instanceof UsageError;
  process.stderr.write(isUsage ? `${message}\n\n${CALLS}` : `${error instanceof InceptionError ? `${error.code}: ` : ''}${message}\n`);
  if (error instanceof InceptionError && error.code === 'network' && /^https?:/.test(message)) {
    process.stderr.write('Is there a connection, and does it need a proxy? A file that was fetched otherwise is taken too: inception-web models add FILE\n');
  }
  process.exitCode = isUsage ? 2 : 1;
}

/** @param {string[]} args */
async function main(args) {
  const { values, positionals } = parsed(args);
  const [subject, verb = subject === 'models' ? 'list' : undefined, id, ...rest] = positionals;
  if (values.help || subject === 'help') return void process.stdout.write(USAGE);
  if (values.version || subject === 'version') return void process.stdout.write(`${await version()}\n`);
  if (subject === undefined) throw new UsageError('What shall be done?');
  if (subject === 'assets' && verb !== undefined) throw new UsageError(`The folder is said with --out: inception-web assets --out ${verb}`);
  const command = [subject, verb].filter((word) => word !== undefined).join(' ');
  const takes = TAKES[command];
  if (takes === undefined) throw new UsageError(`There is no command '${command}'${meant(command, ['models', ...Object.keys(TAKES)])}`);
  const extra = Object.keys(values).find((name) => !takes.includes(name));
  if (extra !== undefined) throw new UsageError(`'${command}' takes no --${extra}.`);
  if (rest.length > 0 || (id !== undefined && command !== 'models add')) throw new UsageError(`'${command}' takes ${command === 'models add' ? 'one model at a time' : 'no names'}.`);
  if (command === 'assets') {
    if (values.out === undefined) throw new UsageError('Where to? For example: npx inception-web assets --out dist');
    return void process.stdout.write(`${(await copyAssets(values.out)).join('\n')}\n`);
  }
  const catalog = await readCatalog(values.catalog);
  if (command === 'models list') return void process.stdout.write(listed(catalog.entries));
  if (id === undefined) {
    const example = `npx inception-web models add ${catalog.entries[0]?.id ?? 'FILE'} --out public/models`;
    throw new UsageError(`Which model? The catalog has\n\n${listed(catalog.entries)}\nand a file or folder of any format is taken, too. For example:\n\n  ${example}`);
  }
  const { dtype } = values;
  if (dtype !== undefined && dtype !== 'f32' && dtype !== 'f16' && dtype !== 'u8') throw new UsageError(`--dtype ${dtype} is none of f32, f16, u8.`);
  const bar = new Bar(process.stderr);
  const onBytes = (/** @type {number} */ loaded, /** @type {number | null} */ total) => bar.show(loaded, total);
  const adding = addModel(catalog, id, { folder: values.out ?? 'models', dtype: dtype ?? null, replace: values.replace, onBytes });
  const { path, bytes, published, difference } = await adding.finally(() => bar.end());
  if (dtype !== undefined && bytes >= published) process.stderr.write(`${noteOn(dtype, bytes, published)}\n`);
  process.stderr.write(`The converted model answers like the published one (probabilities differ by ${difference.toExponential(1)} at most).\n`);
  process.stdout.write(`${path}  ${megabytes(bytes)}\n`);
}

/**
 * @param {string[]} args
 * @throws {UsageError}
 */
function parsed(args) {
  try {
    const { values, positionals } = parseArgs({ args, allowPositionals: true, options: OPTIONS });
    return { values: /** @type {{ out?: string, dtype?: string, replace?: boolean, catalog?: string, help?: boolean, version?: boolean }} */ (values), positionals };
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    const [, unknown] = /^Unknown option '(-[^']*)'/.exec(message) ?? [];
    const [, without = ''] = /^Option '--(\w+).*(missing|ambiguous)/.exec(message) ?? [];
    const known = Object.keys(OPTIONS).map((name) => `--${name}`);
    if (unknown !== undefined) throw new UsageError(`There is no option ${unknown}${meant(unknown, known)}`);
    throw new UsageError(without in VALUES ? `--${without} needs ${VALUES[without]} after it.` : message);
  }
}

/**
 * @param {string} given
 * @param {string[]} known
 */
function meant(given, known) {
  const close = nearest(given, known);
  return close === null ? `; there are ${known.join(', ')}.` : `; is it ${close} that is meant?`;
}

/**
 * What an option has come to that brings nothing.
 * @param {string} dtype
 * @param {number} bytes
 * @param {number} published bytes without the option
 */
function noteOn(dtype, bytes, published) {
  const without = `without --dtype it has ${megabytes(published)}, its weights exactly as published`;
  // The lengths of names and scales differ a little.
  if (bytes < 1.02 * published) return `note: --dtype ${dtype} does not make this model smaller: ${without}.`;
  return `note: --dtype ${dtype} makes this model larger, ${megabytes(bytes)}, and not more exact: ${without}.`;
}

async function version() {
  return JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')).version;
}

/** @param {import('../index.js').CatalogEntry[]} entries */
function listed(entries) {
  const width = (/** @type {'id' | 'license'} */ column) => Math.max(...entries.map((entry) => entry[column].length));
  const [ids, licenses] = [width('id'), width('license')];
  return entries.map(({ id, title, bytes, license }) => `${id.padEnd(ids)}  ${megabytes(bytes).padStart(8)}  ${license.padEnd(licenses)}  ${title}\n`).join('');
}

/** @param {number} bytes */
function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
