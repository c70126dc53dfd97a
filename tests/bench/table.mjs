// Markdown tables of measurements.

import { cpus } from 'node:os';
import { nameOf } from '../engines/index.mjs';

/** @typedef {string | number | null} Cell null: not measured */
/** @typedef {{ heading: string, digits?: number }} Column digits after the point of a column of numbers */

/** Characters in a line of the report's text. */
const LINE = 140;

/** @param {number[]} list */
export const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1] ?? NaN;

/** @param {number[]} list */
export const fastest = (list) => Math.min(...list);

/** @param {string} heading */
export const text = (heading) => ({ heading });

/** @param {string} heading @param {number} [digits] */
export const number = (heading, digits = 0) => ({ heading, digits });

/**
 * @param {Column[]} columns
 * @param {Cell[][]} rows
 */
export function table(columns, rows) {
  const cells = rows.map((row) => row.map((cell, i) => shown(cell, columns[i]?.digits)));
  const widths = columns.map(({ heading }, i) => Math.max(heading.length, 3, ...cells.map((row) => row[i].length)));
  const line = (/** @type {string[]} */ row) => `| ${row.map((cell, i) => padded(cell, widths[i], columns[i])).join(' | ')} |`;
  const rule = columns.map(({ digits }, i) => (digits === undefined ? '-'.repeat(widths[i]) : `${'-'.repeat(widths[i] - 1)}:`));
  return [line(columns.map(({ heading }) => heading)), `| ${rule.join(' | ')} |`, ...cells.map(line)].join('\n');
}

/** @param {Cell} cell @param {number | undefined} digits */
function shown(cell, digits) {
  if (cell === null || Number.isNaN(cell)) return '-';
  return typeof cell === 'number' ? cell.toFixed(digits) : cell;
}

/** @param {string} cell @param {number} width @param {Column} column */
const padded = (cell, width, { digits }) => (digits === undefined ? cell.padEnd(width) : cell.padStart(width));

/**
 * Prints a part of the report.
 * @param {string} title
 * @param {string} about
 * @param {string} body
 */
export function section(title, about, body) {
  console.log(`### ${title}\n\n${wrapped(about)}\n\n${body}\n`);
}

/** @param {string} paragraph */
const wrapped = (paragraph) => paragraph.replace(new RegExp(`(.{1,${LINE}})( |$)`, 'g'), '$1\n').trimEnd();

/**
 * What was measured on, in words.
 * @param {import('playwright-core').Browser} browser
 */
export const machineOf = (browser) => `${nameOf(browser)} on ${cpus().length} processors (${cpus()[0]?.model ?? 'unknown'})`;
