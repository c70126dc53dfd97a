import { sheetFrom } from './sheet.js';

/** The image panel. */
export const picture = sheetFrom(`
.photo {
  position: relative;
  aspect-ratio: 1;
  border-radius: var(--r2);
  overflow: hidden;
  background: var(--sunken);
}
.photo.dropping {
  outline: 2px dashed var(--focus);
  outline-offset: 1px;
}
.photo > * {
  position: absolute;
  inset: 0;
  width: 100%;
  height: 100%;
}
.photo .zone {
  border: 2px dashed var(--line2);
  border-radius: var(--r2);
  background: var(--surface);
  display: grid;
  place-content: center;
  place-items: center;
  text-align: center;
  gap: 10px;
  color: var(--ink2);
  padding: 12px;
  white-space: normal;
  font-size: var(--t3);
}
.photo .zone svg {
  color: var(--ink3);
}
.caption {
  font-size: var(--t2);
  color: var(--ink2);
  margin: 6px 0 var(--s2);
  height: 34px;
  line-height: 17px;
  font-variant-numeric: tabular-nums;
  overflow: hidden;
}
/* Size and place have a line each where both have no room on one. */
.caption span {
  display: inline-block;
  white-space: pre;
}
#imageNote .note {
  margin-bottom: var(--s2);
}
#choose {
  width: 100%;
}
#imageMeta {
  justify-content: flex-end;
  max-height: 1lh;
  margin-left: auto;
}
#whole {
  margin-left: calc(-1 * var(--s1));
  padding: 1px 7px;
  min-height: 24px;
}
#whole[aria-pressed="true"] {
  border-color: var(--ink);
  box-shadow: 0 0 0 1px var(--ink);
}
.photo.whole #photoContent {
  visibility: hidden;
}
.photo #wholePicture {
  inset: var(--picture-top) auto auto var(--picture-left);
  width: var(--picture-width);
  height: var(--picture-height);
  background: repeating-conic-gradient(#ccc 0 25%, #fff 0 50%) 0 0 / 12px 12px;
}
.photo .layer {
  pointer-events: none;
}
.photo.whole .layer {
  inset: var(--crop-top) auto auto var(--crop-left);
  width: var(--crop-width);
  height: var(--crop-height);
}
.photo #cropFrame {
  border: 2px solid #fff;
  outline: 1px solid #000;
  box-shadow: inset 0 0 0 1px #000;
  forced-color-adjust: none;
}
.photo .layer.empty {
  display: none;
}
.photo #camLayer {
  image-rendering: auto;
}
.photo #camLayer.single {
  image-rendering: pixelated;
}
.photo.read #camLayer {
  visibility: hidden;
}
.photo #channelLayer {
  image-rendering: pixelated;
}
#photoContent > * {
  position: absolute;
  inset: 0;
  width: 100%;
  height: 100%;
}
#fieldLayer .outside {
  fill: #000;
  fill-rule: evenodd;
  opacity: 0.42;
}
#fieldLayer .back {
  fill: none;
  stroke: #000;
  stroke-width: 4px;
  vector-effect: non-scaling-stroke;
}
#fieldLayer .line {
  fill: none;
  stroke: #fff;
  stroke-width: 2px;
  vector-effect: non-scaling-stroke;
}
`);
