import { byClass } from './state.js';

/** @typedef {import('./state.js').Example} Example */
/** @typedef {import('./state.js').TeachReport} TeachReport */
/** @typedef {{ example: Example, truth: number, taken: number, probability: number }} Judged */
/** @typedef {{ key: string, values: Record<string, string | number> }} Remark */

/** From how many times as many pictures on two classes are called uneven. */
const UNEVEN = 5;

/**
 * What a head that had not seen the picture answered: mistakes first, the surest of them before others, then what it was least sure of.
 * @param {TeachReport} report
 * @param {readonly Example[]} examples those that were removed since are left out
 * @param {number} most
 * @returns {Judged[]}
 */
export function worstOf({ answers, ids, labels }, examples, most) {
  const byId = new Map(examples.map((example) => [example.id, example]));
  const judged = answers.flatMap((answer, i) => {
    const example = byId.get(ids[i] ?? -1);
    const truth = labels.indexOf(String(example?.label));
    return answer && example && truth >= 0 ? [{ example, truth, taken: answer.class, probability: answer.probability }] : [];
  });
  const isWrong = (/** @type {Judged} */ { truth, taken }) => truth !== taken;
  judged.sort((a, b) => Number(isWrong(b)) - Number(isWrong(a)) || (isWrong(a) ? b.probability - a.probability : a.probability - b.probability));
  return judged.slice(0, most);
}

/**
 * @param {readonly string[]} labels
 * @param {readonly Example[]} examples
 * @returns {Remark[]} what would make the classes better
 */
export function remarksOn(labels, examples) {
  const pictures = byClass(examples);
  const counts = labels.map((label) => ({ label, n: pictures.get(label)?.length ?? 0 })).filter(({ n }) => n > 0);
  /** @type {Remark[]} */
  const remarks = [];
  if (labels.length > 0 && counts.length < 2) remarks.push({ key: 'needTwo', values: {} });
  for (const { label, n } of counts) if (n === 1) remarks.push({ key: 'needPics', values: { c: label } });
  counts.sort((a, b) => b.n - a.n);
  const [largest, smallest] = [counts[0], counts.at(-1)];
  if (largest && smallest && smallest.n > 1 && largest.n >= UNEVEN * smallest.n) {
    remarks.push({ key: 'uneven', values: { a: largest.label, n: Math.round(largest.n / smallest.n), b: smallest.label } });
  }
  return [...remarks, ...inTwo(examples)];
}

/** A picture's features in short. @type {WeakMap<Float32Array, string>} */
const short = new WeakMap();

/** @param {Float32Array} features */
function shortOf(features) {
  const known = short.get(features);
  if (known !== undefined) return known;
  const text = `${features.reduce((sum, value) => sum + value, 0)} ${features.subarray(0, 16).join()}`;
  short.set(features, text);
  return text;
}

/**
 * @param {readonly Example[]} examples
 * @returns {Remark[]} of two classes each, the first pictures that are in both
 */
function inTwo(examples) {
  /** @type {Map<string, import('./state.js').ClassName>} */
  const seen = new Map();
  /** @type {Map<string, Remark>} */
  const found = new Map();
  for (const { features, label } of examples) {
    const text = shortOf(features);
    const other = seen.get(text);
    if (other === undefined) seen.set(text, /** @type {string | null} */ (label));
    else if (other !== label) found.set(`${other}\n${label}`, { key: 'sameInTwo', values: { a: other ?? '', b: String(label ?? '') } });
  }
  return [...found.values()];
}
