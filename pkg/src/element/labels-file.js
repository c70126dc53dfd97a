/** A line that begins with the number of its class. */
const NUMBERED = /^(\d+)\s*[\t,;]\s*(.+)$/;

/**
 * Class names from a file: a JSON array, a JSON object by number (`{"0": "tench"}`, or with a list that ends with the name), one name a
 * line, or lines of number and name.
 * @param {string} text
 * @returns {string[]} in the order of the classes
 * @throws {Error} that says what is wrong
 */
export function labelsFrom(text) {
  const trimmed = text.replace(/^\uFEFF/, '').trim();
  const names = /^[[{]/.test(trimmed) ? fromJson(trimmed) : fromLines(trimmed);
  if (names.length === 0) throw new Error('there are no names in it');
  return names;
}

/** @param {string} text */
function fromJson(text) {
  let value;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Error('it is not JSON', { cause });
  }
  const names = Array.isArray(value) ? value : inOrder(Object.entries(value).map(([index, name]) => ({ index, name: Array.isArray(name) ? name.at(-1) : name })));
  if (!names.every((name) => typeof name === 'string')) throw new Error('it has something else than names');
  return names;
}

/** @param {string} text */
function fromLines(text) {
  const lines = text.split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== '');
  const numbered = lines.map((line) => NUMBERED.exec(line));
  if (!numbered.every((parts) => parts !== null)) return lines;
  return inOrder(numbered.map(([, index = '', name = '']) => ({ index, name })));
}

/**
 * @template T
 * @param {{ index: string, name: T }[]} entries in any order
 * @returns {T[]}
 */
function inOrder(entries) {
  const byIndex = new Map(entries.map(({ index, name }) => [Number(index), name]));
  return entries.map((_, i) => {
    const name = byIndex.get(i);
    if (name === undefined) throw new Error(`it has ${entries.length} names but none for class ${i}`);
    return name;
  });
}
