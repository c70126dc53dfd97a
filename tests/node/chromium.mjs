// The browser that the tests find on each system.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { places } from '../browser/chromium.mjs';

test('looks for a browser where each system has it', () => {
  assert.equal(places('linux', {})[0], '/usr/bin/chromium');
  assert.ok(places('linux', {}).includes('/usr/bin/google-chrome'));
  assert.deepEqual(places('freebsd', {}), places('linux', {}));
  assert.ok(places('darwin', {}).includes('/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge'));
  const windows = places('win32', { ProgramFiles: 'C:\\Program Files', LocalAppData: 'C:\\Users\\a\\AppData\\Local' });
  assert.equal(windows[0], 'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe');
  assert.ok(windows.includes('C:\\Program Files\\Microsoft\\Edge\\Application\\msedge.exe'));
  assert.equal(windows.length, 6);
});

test('takes the browser that CHROMIUM names before all others', () => {
  for (const platform of ['linux', 'darwin', 'win32']) assert.deepEqual(places(platform, { CHROMIUM: '/opt/browser' }), ['/opt/browser']);
});
