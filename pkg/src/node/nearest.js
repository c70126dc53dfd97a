/**
 * What somebody meant who wrote something else.
 * @param {string} given
 * @param {string[]} known
 * @returns {string | null} null where none is close
 */
export function nearest(given, known) {
  const [best] = known.map((name) => ({ name, changes: distance(given, name) })).sort((a, b) => a.changes - b.changes);
  return best !== undefined && best.changes <= Math.max(2, given.length / 4) ? best.name : null;
}

/**
 * Letters to put in, take out or change (Levenshtein).
 * @param {string} from
 * @param {string} to
 */
function distance(from, to) {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (const [i, letter] of [...from].entries()) {
    const next = [i + 1];
    for (let j = 0; j < to.length; j += 1) next.push(Math.min((row[j] ?? 0) + Number(letter !== to[j]), (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    row = next;
  }
  return row[to.length] ?? 0;
}
