import { colorize } from '../color-map.js';
import { el } from '../dom.js';
import { digits } from '../format.js';
import { t } from '../i18n.js';
import { shownAnswer } from '../shift.js';
import { paintMean } from './lane.js';
import { chipText, className, classNamed } from './words.js';

/** @typedef {import('../network.js').Step} Step */
/** @typedef {import('./lane.js').LaneView} TileView */

/**
 * The stem on the map: its layers, and where those that stand for it answer.
 * @param {Step[]} steps
 * @param {string[]} thumbnails names of those layers
 * @param {() => void} open
 * @returns {TileView}
 */
export function stemTile(steps, thumbnails, open) {
  const pictures = new Map(thumbnails.map((name) => [name, el('canvas', { role: 'img' })]));
  const lines = steps.filter(({ kind }) => kind !== 'lrn').map((step) => line(chipText(step), step.name, pictures.get(step.name)));
  return {
    element: tile('stem', t('openStem'), lines, open),
    update: ({ activity }) => {
      for (const [name, canvas] of pictures) {
        const map = activity?.stem.get(name) ?? null;
        const largest = map?.mean.reduce((max, value) => Math.max(max, value), 0) ?? 0;
        if (map) paintMean(canvas, map, largest);
        canvas.classList.toggle('waiting', map === null);
        canvas.ariaLabel = map ? `${name}, ${t('meanActivation')}, ${t('max')} ${digits(largest)}` : name;
      }
    },
  };
}

/**
 * The head on the map: its layers, the class map of the class that is explained, and the answer.
 * @param {Step[]} steps
 * @param {() => void} open
 * @returns {TileView}
 */
export function headTile(steps, open) {
  const canvas = el('canvas', { role: 'img' });
  const of = el('span', { text: 'CAM' });
  const map = el('div', { class: 'step shown', title: t('cam') }, canvas, of);
  const answer = el('div', { class: 'ans', lang: 'en' });
  const lines = steps.map((step) => line(step.kind === 'softmax' || step.kind === 'sigmoid' ? step.kind : chipText(step), step.name));
  return {
    element: tile('head', t('openHead'), [...lines, map, answer], open),
    update: (state) => {
      const { model, explanation, picture } = state;
      const cam = explanation?.of === picture ? explanation?.cam : null;
      const [best] = shownAnswer(state)?.predictions ?? [];
      map.hidden = model === null || model.info.classes === 0;
      map.classList.toggle('waiting', !cam);
      if (cam && model) {
        paintCam(canvas, cam);
        const name = classNamed(model.info, cam.classIndex);
        canvas.ariaLabel = `${t('cam')}: ${name}`;
        // Beside the answer it would be taken for the answer's.
        of.textContent = best && best.index !== cam.classIndex ? `CAM: ${name}` : 'CAM';
      }
      answer.lang = model?.info.head ? '' : 'en';
      if (shownAnswer(state)?.isNone) return answer.replaceChildren(t('noneOf'));
      answer.replaceChildren(...(best ? [className(best), el('span', { class: 'num', text: model?.info.activation === 'none' ? digits(best.probability) : `${(best.probability * 100).toFixed(0)} %` })] : []));
    },
  };
}

/**
 * A class activation map, one pixel a position; what speaks against the class is dark as what says nothing.
 * @param {HTMLCanvasElement} canvas
 * @param {import('../../index.js').Cam} cam
 */
export function paintCam(canvas, { width, height, data }) {
  const image = new ImageData(width, height);
  colorize(data, data.reduce((a, b) => Math.max(a, b), 0), new Uint32Array(image.data.buffer));
  [canvas.width, canvas.height] = [width, height];
  canvas.getContext('2d')?.putImageData(image, 0, 0);
}

/**
 * Layers between modules, each in two lines.
 * @param {Step[]} steps
 * @returns {HTMLElement}
 */
export function layersBetween(steps) {
  const words = (/** @type {Step} */ step) => {
    const text = chipText(step);
    const at = text.lastIndexOf(' ') + 1;
    return [el('span', { text: text.slice(0, at) }), el('span', { text: text.slice(at) })];
  };
  return el('div', { class: 'end between' }, ...steps.map((step) => el('div', { class: 'step', title: step.name }, ...words(step))));
}

/**
 * @param {'stem' | 'head'} name
 * @param {string} label
 * @param {HTMLElement[]} lines
 * @param {() => void} open
 * @returns {HTMLElement}
 */
function tile(name, label, lines, open) {
  const button = el('button', { 'aria-pressed': false, 'aria-label': label, title: label });
  return el('div', { class: `end ${name}`, 'data-place': name, 'data-on': false, on: { click: open } }, button, ...lines);
}

/**
 * @param {string} text
 * @param {string} title
 * @param {HTMLCanvasElement} [picture]
 * @returns {HTMLElement}
 */
function line(text, title, picture) {
  return el('div', { class: picture ? 'step shown' : 'step', title }, picture, el('span', { text }));
}
