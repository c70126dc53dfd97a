import { InceptionError } from '../shared/errors.js';
import { fetchClassNames } from './class-names.js';

/** @typedef {import('../index.js').ModelInfo} ModelInfo */
/** @typedef {import('./placed-model.js').PlacedModel} PlacedModel */
/** @typedef {import('../shared/protocol.js').EngineInfo} EngineInfo */

/** The name of the classes before the first that has a label. */
const BACKGROUND = 'background';

/**
 * @param {import('./runtime.js').Runtime} runtime
 * @param {PlacedModel} placed
 * @param {import('../shared/protocol.js').LoadRequest} request
 * @param {AbortSignal} signal
 * @returns {Promise<Omit<ModelInfo, 'cache'>>}
 * @throws {InceptionError}
 */
export async function modelInfo({ simd, threads }, placed, request, signal) {
  const { labelsName, usualLabels: usual, classOffset, ...shown } = engineInfo(placed);
  const { entry } = request;
  const name = labelsName ?? entry?.labels ?? '';
  const isNamed = shown.labels !== null || name !== '' || entry !== null;
  return {
    ...shown,
    id: entry?.id ?? shown.network,
    title: entry?.title ?? shown.title,
    source: shown.source ?? entry?.source ?? null,
    license: shown.license ?? entry?.license ?? null,
    labels: await (isNamed ? labelsOf(shown, name, classOffset, request, signal) : usualLabels(usual, shown.classes, request, signal)),
    ...placed.place,
    threads: { requested: request.threads, ...threads },
    simd,
    head: null,
  };
}

/**
 * What changes when a model has been loaded again.
 * @param {ModelInfo} info
 * @param {PlacedModel} placed
 * @returns {ModelInfo}
 */
export function movedInfo(info, placed) {
  return { ...info, weightBytes: engineInfo(placed).weightBytes, ...placed.place };
}

/**
 * @param {PlacedModel} placed
 * @returns {EngineInfo}
 */
function engineInfo(placed) {
  return JSON.parse(placed.ask((model) => model.info()));
}

/**
 * Class names, one a class: the checkpoint's own, or the list that it or the catalog names.
 * @param {{ labels: string[] | null, classes: number }} own
 * @param {string} name of the list; empty: none
 * @param {number} offset classes before the first that has a label
 * @param {import('../shared/protocol.js').LoadRequest} request
 * @param {AbortSignal} signal
 * @returns {Promise<string[] | null>}
 */
async function labelsOf({ labels, classes }, name, offset, request, signal) {
  const names = labels ?? (name && classes > 0 ? await fetchClassNames(name, request, signal) : null);
  if (names === null || names.length === classes) return names;
  if (names.length + offset === classes) return [...Array(offset).fill(BACKGROUND), ...names];
  throw new InceptionError('bad-option', `${names.length} labels for ${classes} classes`);
}

/**
 * @param {string | null} name of the list that so many classes usually have
 * @param {number} classes
 * @param {import('../shared/protocol.js').LoadRequest} request
 * @param {AbortSignal} signal
 * @returns {Promise<string[] | null>} null where the folder has no list of that many names
 */
async function usualLabels(name, classes, request, signal) {
  if (name === null) return null;
  const names = await fetchClassNames(name, request, signal).catch((failure) => {
    if (failure.code === 'aborted') throw failure;
    return null;
  });
  return names && names.length <= classes ? [...Array(classes - names.length).fill(BACKGROUND), ...names] : null;
}
