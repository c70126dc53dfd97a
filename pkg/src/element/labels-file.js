/** What may stand between the columns of a table. */
const SEPARATORS = ['\t', ';', ','];
/** What the column of the names may be called. */
const CALLED_NAME = /^(?:class|label|display)?[ _-]?names?$|^(?:class|label|description|word|categor(?:y|ie))s?$/i;
const NUMBER = /^\d+$/;
/** WordNet's number of a synset, which ImageNet's files have beside the name. */
const SYNSET = /^n\d{8}$/;

/**
 * Class names from a file: a JSON array, a JSON object by number (`{"0": "tench"}`, or with a list that ends with the name), one name a
 * line, or a table with a column of names, with one of numbers or in the order of the classes, with or without a line of headings.
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
  const separator = SEPARATORS.find((candidate) => isTable(lines, candidate));
  if (separator !== undefined) return fromTable(lines.map((line) => fieldsOf(line, separator)), separator);
  const names = lines.length > 1 && CALLED_NAME.test(lines[0] ?? '') ? lines.slice(1) : lines;
  return names.map((line) => line.replace(/^n\d{8}\s+/, ''));
}

/**
 * Names have commas too: lines are a table where each begins with a number, or the first one has headings.
 * @param {string[]} lines
 * @param {string} separator
 */
function isTable(lines, separator) {
  const [first = [], ...rows] = lines.map((line) => fieldsOf(line, separator));
  if (![first, ...rows].every(({ length }) => length > 1)) return false;
  const isNumbered = (/** @type {string[]} */ [number = '']) => NUMBER.test(number) || SYNSET.test(number);
  return separator === '\t' || (rows.length > 0 ? rows : [first]).every(isNumbered) || first.some((field) => CALLED_NAME.test(field));
}

/**
 * @param {string} line
 * @param {string} separator
 * @returns {string[]} without the quotes around them
 */
function fieldsOf(line, separator) {
  const fields = line.match(new RegExp(`(?:^|${separator})\\s*(?:"(?:[^"]|"")*"\\s*(?=${separator}|$)|[^${separator}]*)`, 'g')) ?? [];
  return fields.map((field, i) => {
    const text = field.slice(i === 0 ? 0 : 1).trim();
    return text.length > 1 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text;
  });
}

/**
 * @param {string[][]} rows
 * @param {string} separator
 */
function fromTable(rows, separator) {
  const [first = [], ...others] = rows;
  const holds = (/** @type {string[][]} */ all, /** @type {number} */ column, /** @type {RegExp} */ what) => all.every((row) => what.test(row[column] ?? ''));
  const columns = first.map((_, column) => column);
  const numbered = columns.find((column) => holds(others.length > 0 ? others : rows, column, NUMBER));
  const called = columns.find((column) => column !== numbered && CALLED_NAME.test(first[column] ?? ''));
  const hasHeadings = others.length > 0 && (numbered === undefined ? called !== undefined : !NUMBER.test(first[numbered] ?? ''));
  const body = hasHeadings ? others : rows;
  const name = (hasHeadings ? called : undefined) ?? columns.find((column) => !holds(body, column, NUMBER) && !holds(body, column, SYNSET));
  if (name === undefined) throw new Error('it has no column of names');
  // Commas that are not in quotes may be a name's own.
  const behind = hasHeadings ? first.length - 1 - name : 0;
  const nameOf = (/** @type {string[]} */ row) => (separator === '\t' ? (row[name] ?? '') : row.slice(name, Math.max(name + 1, row.length - behind)).join(`${separator} `));
  return numbered === undefined ? body.map(nameOf) : inOrder(body.map((row) => ({ index: row[numbered] ?? '', name: nameOf(row) })));
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
