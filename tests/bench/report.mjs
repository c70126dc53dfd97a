// A report of `inception measure` as the page shows it: node tests/bench/report.mjs REPORT.json. Prints Markdown, and writes it beside the file.

import { readFileSync, writeFileSync } from 'node:fs';
import { markdownOf } from '../../www/bench/report.js';

const [path] = process.argv.slice(2);
const markdown = markdownOf(JSON.parse(readFileSync(path, 'utf8')));
writeFileSync(path.replace(/\.json$/, '.md'), markdown);
console.log(markdown);
