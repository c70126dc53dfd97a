// Apps as their users write them, as small as can be: installed, built, served, opened, asked. Some build in one folder in several ways.

import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { RECORDED, check, probabilitiesOf } from './answers.mjs';
import angular from './apps/angular.mjs';
import astro from './apps/astro.mjs';
import bundlers from './apps/bundlers.mjs';
import next from './apps/next.mjs';
import react from './apps/react.mjs';
import runners from './apps/runners.mjs';
import { post, serverOf } from './apps/servers.mjs';
import svelte from './apps/svelte.mjs';
import vue from './apps/vue.mjs';
import { generatedPicture } from './pictures.mjs';
import { CONSUMERS, installedApp, run } from './projects.mjs';
import { startStatic } from './static-server.mjs';
import { askFailure, askList, closeBrowser, visit } from './visits.mjs';

/** @typedef {import('./apps/app.mjs').App} App */
/** @typedef {import('./apps/app.mjs').Build} Build */

const LIMIT_MS = 900_000;

/** Installing waits for the network and building for the processor. */
const SIDE_BY_SIDE = 3;

const ALL = process.env.INCEPTION_ALL_CONSUMERS === '1';
const LEFT_OUT = 'not one of the common set-ups (cargo xtask test --all-consumers)';

const SAYS_SO = /`npx inception-web assets --out FOLDER`/;

/** What frameworks tell their makers. */
Object.assign(process.env, { CI: '1', NEXT_TELEMETRY_DISABLED: '1', NG_CLI_ANALYTICS: 'false', ASTRO_TELEMETRY_DISABLED: '1', NUXT_TELEMETRY_DISABLED: '1' });

mkdirSync(CONSUMERS, { recursive: true });
const picture = generatedPicture();

describe('apps', { concurrency: SIDE_BY_SIDE }, () => {
  after(closeBrowser);

  for (const app of [...next, ...angular, ...bundlers, ...vue, ...svelte, ...react, ...astro, ...runners]) {
    const wanted = app.builds.filter(({ isAlways }) => ALL || isAlways);
    for (const { name } of app.builds.filter((build) => !wanted.includes(build))) test(name, { skip: LEFT_OUT }, () => {});
    if (wanted.length === 0) continue;
    test(app.name, { timeout: LIMIT_MS }, async (t) => {
      const folder = await installedApp(app);
      for (const build of wanted) await t.test(build.name, () => answers(folder, build));
    });
  }
});

/**
 * Builds an app and asks it for the generated picture.
 * @param {string} folder
 * @param {Build} build
 */
async function answers(folder, build) {
  const make = () => build.script && run('npm', ['run', build.script], folder);
  if (build.refused) return void (await assert.rejects(make, build.refused));
  if (build.writes) {
    copyFileSync(picture.path, join(folder, 'picture.png'));
    rmSync(join(folder, build.writes), { force: true });
  }
  const isPlacedLater = build.assets !== undefined && build.assets.startsWith(build.served ?? '');
  // To build again for what a load says without them is left to the long run.
  if (build.assets && !isPlacedLater && !ALL) await placeAssets(folder, build.assets);
  await make();
  if (build.writes) return check(probabilitiesOf(readFileSync(join(folder, build.writes), 'utf8')), RECORDED, build.name);
  if (build.assets && (isPlacedLater || ALL)) {
    await serve(folder, build, ({ address }) => visit(address, build.isIsolated ?? false, async (page) => assert.match(await askFailure(page), SAYS_SO), true));
    await placeAssets(folder, build.assets);
    if (!isPlacedLater) await make();
  }
  await serve(folder, build, async ({ address }) => {
    if (build.posts) check(await post(address + build.posts, picture.path), RECORDED, build.name);
    else await visit(address, build.isIsolated ?? false, async (page) => check(await askList(page, picture.path), RECORDED, build.name));
  });
}

/** @param {string} folder @param {string} out */
const placeAssets = (folder, out) => run('npx', ['--no-install', 'inception-web', 'assets', '--out', out], folder);

/**
 * @param {string} folder
 * @param {Build} build
 * @param {(server: { address: string }) => Promise<void>} body
 */
async function serve(folder, { served = '', server: command, isIsolated = false, hasInlineScripts }, body) {
  const server = await (command ? serverOf(folder, command) : startStatic(join(folder, served), isIsolated, hasInlineScripts ? {} : undefined));
  try {
    await body(server);
  } finally {
    await server.close();
  }
}
