// A report of `inception measure` as the page shows it: node tests/bench/report.mjs REPORT.json. Prints Markdown, and writes it beside the file.

import { readFileSync, writeFileSync } from 'node:fs';
import { markdownOf } from '../../www/bench/report.js';

const [path] = process.argv.slice(2);
if (path === undefined) throw new RangeError('which report? node tests/bench/report.mjs REPORT.json');
const report = JSON.parse(readFileSync(path, 'utf8'));
if (report.format !== 'inception-bench') throw new TypeError(`${path} is no report of inception measure`);
const markdown = markdownOf(report);
writeFileSync(`${path.replace(/\.json$/, '')}.md`, markdown);
console.log(markdown);
