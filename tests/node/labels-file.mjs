// Class names as users have them in files.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labelsFrom } from '../../pkg/src/element/labels-file.js';

test('class names are read from the forms that are around', () => {
  const names = ['tench', 'great white shark, white shark', '13th floor'];
  const forms = {
    'a JSON array': JSON.stringify(names),
    'an object by number': JSON.stringify({ 0: names[0], 2: names[2], 1: names[1] }),
    "Keras's object": JSON.stringify(Object.fromEntries(names.map((name, i) => [i, [`n${i}`, name]]))),
    'one a line': `${names.join('\n')}\n`,
    "Windows's lines, with a byte order mark and empty ones": `\uFEFF\r\n${names.join('\r\n')}\r\n\r\n`,
    'numbers and names between tabs': `1\t${names[1]}\n0\t${names[0]}\n2\t${names[2]}`,
    'numbers and names between commas': names.map((name, i) => `${i}, ${name}`).join('\n'),
    "ImageNet's synsets beside numbers": names.map((name, i) => `${i}\tn0144076${i}\t${name}`).join('\n'),
    "ImageNet's synsets alone": names.map((name, i) => `n0144076${i} ${name}`).join('\n'),
    'synsets, names and more, between tabs': names.map((name, i) => `n0144076${i}\t${name}\tanimal`).join('\n'),
    'a table with headings': `index,name\n${[2, 0, 1].map((i) => `${i},"${names[i]}"`).join('\n')}`,
    'headings, and names with commas outside quotes': `id,name\n${names.map((name, i) => `${i},${name}`).join('\n')}`,
    'headings that say which column': `class_id;wnid;class_name;count\n${names.map((name, i) => `${i};n0144076${i};${name};${i * 7}`).join('\n')}`,
    'headings without numbers': `wnid\tlabel\n${names.map((name, i) => `n0144076${i}\t${name}`).join('\n')}`,
    'a heading over names': `label\n${names.join('\n')}`,
    'quotes in quotes': names.map((name, i) => `${i},"${name}"`).join('\n'),
  };
  for (const [form, text] of Object.entries(forms)) assert.deepEqual(labelsFrom(text), names, form);
});

test('a file that holds no class names says what is wrong', () => {
  assert.throws(() => labelsFrom(' \n'), /there are no names in it/);
  assert.throws(() => labelsFrom('0\tn01440764\n1\tn01440765'), /no column of names/);
  assert.throws(() => labelsFrom('[1, 2]'), /something else than names/);
  assert.throws(() => labelsFrom('["tench"'), /it is not JSON/);
  assert.throws(() => labelsFrom('0\ttench\n2\tshark'), /2 names but none for class 1/);
  assert.throws(() => labelsFrom('0\ttench\n0\tshark'), /2 names but none for class 1/);
});
