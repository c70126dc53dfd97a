import { t } from '../i18n.js';
import { note } from './parts.js';

/**
 * What of all that was brought is not shown.
 * @param {import('../state.js').Picture | null} picture
 * @returns {HTMLElement[]} one note, or none where nothing is left out
 */
export function leftOut(picture) {
  const { brought = 1, frames = 1, scaled = null } = picture ?? {};
  const facts = [
    brought > 1 && t('someShown', { n: brought }),
    frames > 1 && t('firstFrame', { n: frames }),
    scaled && t('scaledDown', { w: scaled.width, h: scaled.height }),
  ].filter(Boolean);
  return facts.length > 0 ? [note('plain', facts.join(' '))] : [];
}
