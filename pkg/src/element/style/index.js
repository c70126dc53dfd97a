import { answer } from './answer.js';
import { base } from './base.js';
import { compare } from './compare.js';
import { explain } from './explain.js';
import { lanes } from './lanes.js';
import { large } from './large.js';
import { layout } from './layout.js';
import { module } from './module.js';
import { narrow } from './narrow.js';
import { network } from './network.js';
import { outside } from './outside.js';
import { picture } from './picture.js';
import { ranking } from './ranking.js';
import { readout } from './readout.js';
import { room } from './room.js';
import { shift } from './shift.js';
import { term } from './term.js';
import { times } from './times.js';
import { tokens } from './tokens.js';
import { toolbar } from './toolbar.js';

/** In the order in which they override each other. */
const SHEETS = [tokens, base, layout, picture, answer, network, lanes, shift, ranking, times, module, outside, toolbar, readout, large, explain, narrow, room, compare, term];

/** @returns {CSSStyleSheet[]} those of the element */
export const sheets = () => SHEETS.map((sheet) => sheet());
