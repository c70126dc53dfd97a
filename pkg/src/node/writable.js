import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { InceptionError } from '../shared/errors.js';

/**
 * Makes sure, before any work, that there can be files in a folder, which is not made yet.
 * @param {string} folder
 * @throws {InceptionError} `bad-option`
 */
export async function checkWritable(folder) {
  for (let place = resolve(folder); ; place = dirname(place)) {
    const found = await stat(place).catch(() => null);
    if (found === null && dirname(place) !== place) continue;
    if (found?.isDirectory() === false) throw new InceptionError('bad-option', `nothing can be written into ${folder}: ${place} is a file`);
    return access(place, constants.W_OK).catch((cause) => {
      throw new InceptionError('bad-option', `nothing can be written into ${folder}: ${place} does not allow it (${cause.code})`, { cause });
    });
  }
}
