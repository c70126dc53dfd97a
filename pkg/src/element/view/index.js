import { mountAnswer } from './answer.js';
import { mountCompare } from './compare.js';
import { mountExportMenu } from './export-menu.js';
import { mountFollowed } from './followed.js';
import { mountHead } from './head.js';
import { mountLarge } from './large.js';
import { mountLoading } from './loading.js';
import { mountMap } from './map.js';
import { mountModule } from './module.js';
import { mountOnPicture } from './on-picture.js';
import { mountPicture } from './picture.js';
import { mountRanking } from './ranking.js';
import { mountReadout } from './readout.js';
import { mountShift } from './shift.js';
import { mountStem } from './stem.js';
import { mountTexts } from './texts.js';
import { mountToolbar } from './toolbar.js';
import { mountWhole } from './whole.js';
import { mountWhy } from './why.js';

/**
 * @param {import('../state.js').Store} store
 * @param {import('../controls.js').Actions} actions
 * @param {ShadowRoot} shadow with the markup in it
 * @returns {(signal: AbortSignal) => void} to be called when the element comes into a document
 */
export function mountViews(store, actions, shadow) {
  mountTexts(store, shadow);
  mountPicture(store, actions, shadow);
  mountAnswer(store, actions, shadow);
  mountShift(store, actions, shadow);
  mountWhy(store, actions, shadow);
  mountLoading(store, actions, shadow);
  const connectMap = mountMap(store, actions, shadow);
  mountFollowed(store, shadow);
  mountRanking(store, actions, shadow);
  mountToolbar(store, actions, shadow);
  mountExportMenu(store, actions, shadow);
  const connectModule = mountModule(store, actions, shadow);
  const connectStem = mountStem(store, actions, shadow);
  mountHead(store, actions, shadow);
  const connectReadout = mountReadout(store, actions, shadow);
  const connectCompare = mountCompare(store, actions, shadow);
  const connectLarge = mountLarge(store, actions, shadow);
  mountOnPicture(store, shadow);
  mountWhole(store, actions, shadow);
  return (signal) => {
    connectMap(signal);
    connectModule(signal);
    connectReadout(signal);
    connectLarge(signal);
    connectStem(signal);
    connectCompare(signal);
  };
}
