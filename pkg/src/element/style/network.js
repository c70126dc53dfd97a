import { sheetFrom } from './sheet.js';

/** The network map. */
export const network = sheetFrom(`
.map-scroll {
  overflow-x: auto;
  overscroll-behavior-x: contain;
  margin: 0 calc(-1 * var(--s4));
  padding: 2px var(--s4) 4px;
  scroll-padding: 0 var(--s4);
  scrollbar-width: thin;
  border-radius: var(--r2);
}
.map-scroll[data-more="true"] {
  mask-image: linear-gradient(90deg, #000 calc(100% - 40px), #0003);
}
.map-scroll[data-less="true"] {
  mask-image: linear-gradient(90deg, #0003, #000 40px);
}
.map-scroll[data-more="true"][data-less="true"] {
  mask-image: linear-gradient(90deg, #0003, #000 40px calc(100% - 40px), #0003);
}
.map-scroll:focus-visible {
  outline-offset: -2px;
}
/* Fit: every module has an equal share of the room. */
.map {
  --least: 60px;
  --least-end: 62px;
  --thumb: 40px;
  display: grid;
  grid-template-columns: var(--fit);
  column-gap: var(--gap);
  min-width: min-content;
}
.map.long {
  --least: 68px;
}
.map.wide {
  --column-width: calc(122px * var(--zoom));
  --thumb: calc(44px * var(--zoom));
  grid-template-columns: var(--wide);
}
.map > * {
  grid-row: 2 / span var(--rows);
  grid-column: var(--column);
}
.map > .stage {
  grid-row: 1;
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 0 8px;
  font-size: var(--t2);
  line-height: 22px;
  color: var(--ink3);
  height: 22px;
  font-variant-numeric: tabular-nums;
  white-space: nowrap;
  overflow: hidden;
}
.stage b {
  color: var(--ink2);
  font-weight: 600;
}
.stage::after {
  content: "";
  flex: 1;
  height: 1px;
  margin-block: 11px 10px;
  background: var(--line);
}
.card {
  display: grid;
  grid-template-rows: subgrid;
  position: relative;
  background: var(--surface);
  border: 1px solid var(--line);
  border-radius: var(--r2);
  padding-right: 5px;
  cursor: pointer;
  scroll-snap-align: start;
  overflow: hidden;
}
.card:hover {
  border-color: var(--line2);
}
#network .panel-head:has(#followed:not(:empty)) #networkFacts {
  display: none;
}
.card[data-on="true"] {
  border-color: var(--ink);
  box-shadow: 0 0 0 1px var(--ink);
}
.card > button {
  border: 0;
  border-radius: 0;
  background: none;
  text-align: left;
  padding: 4px 0 3px 5px;
  height: 26px;
  min-height: 26px;
  display: flex;
  flex-wrap: wrap;
  align-content: flex-start;
  align-items: baseline;
  justify-content: space-between;
  gap: 8px 4px;
  overflow: hidden;
}
.card > button:focus-visible {
  outline-offset: -2px;
}
.card > button b {
  font-weight: 600;
  letter-spacing: -0.04em;
}
.card > button small {
  padding-inline-end: 3px;
  font-size: var(--t1);
  color: var(--ink3);
}
.stack {
  margin-right: 6px;
  overflow: visible;
}
.stack::before,
.stack::after {
  content: "";
  position: absolute;
  inset: 3px -4px 3px auto;
  width: 3px;
  border: 1px solid var(--line2);
  border-left: 0;
  border-radius: 0 var(--r2) var(--r2) 0;
}
.stack::after {
  inset: 6px -7px 6px auto;
}
.stack .concat {
  border-radius: 0 var(--r2) var(--r2) 0;
  overflow: hidden;
}
.fold {
  align-self: stretch;
  width: 28px;
  min-height: 0;
  padding: 8px 0;
  color: var(--ink2);
  writing-mode: vertical-rl;
  scroll-snap-align: start;
}
.concat {
  position: absolute;
  right: 0;
  top: 0;
  bottom: 0;
  width: 4px;
  display: flex;
  flex-direction: column;
  gap: 1px;
}
.concat i {
  background: var(--c);
  flex: var(--share);
}
.end {
  position: relative;
  display: flex;
  flex-direction: column;
  border: 1px dashed var(--line);
  border-radius: var(--r2);
  padding: 5px 4px;
  gap: 3px;
  font-size: var(--t1);
  line-height: 15px;
  letter-spacing: -0.02em;
  color: var(--ink2);
  font-variant-numeric: tabular-nums;
  min-width: 0;
  scroll-snap-align: start;
}
.end[data-place] {
  cursor: pointer;
}
.end[data-place]:hover {
  border-color: var(--line2);
}
.end[data-on="true"] {
  border: 1px solid var(--ink);
  box-shadow: 0 0 0 1px var(--ink);
}
.end > button {
  position: absolute;
  inset: 0;
  min-height: 0;
  padding: 0;
  border: 0;
  background: none;
  pointer-events: none;
}
.end > button:focus-visible {
  outline-offset: -2px;
}
.end .step {
  white-space: nowrap;
}
.end .step.shown {
  color: var(--ink);
  font-weight: 600;
}
.end canvas {
  display: block;
  width: 100%;
  max-width: var(--thumb);
  aspect-ratio: 1;
  margin-bottom: 1px;
  border-radius: var(--r1);
  background: var(--sunken);
  image-rendering: pixelated;
}
.end canvas.waiting,
.end .step.waiting {
  visibility: hidden;
}
.end.between {
  justify-content: center;
  align-items: center;
  padding-inline: 2px;
  text-align: center;
}
.between .step span {
  display: block;
}
.end .ans {
  margin-top: auto;
  color: var(--ink);
  font-size: var(--t2);
  font-weight: 600;
  line-height: 1.25;
  overflow-wrap: anywhere;
}
.end .ans span {
  display: block;
  font-size: var(--t4);
  letter-spacing: -0.02em;
}
.map > .aux {
  grid-row: calc(2 + var(--rows));
  font-size: var(--t1);
  color: var(--ink2);
  padding: 0 0 0 6px;
  line-height: 1.3;
  height: 32px;
  white-space: nowrap;
  border-left: 1px solid var(--line2);
  margin-left: 8px;
  display: flex;
  flex-direction: column;
  justify-content: flex-end;
}
.aux b {
  font-weight: 600;
  color: var(--ink);
}
.map:empty {
  min-height: 280px;
  border-radius: var(--r2);
  background: var(--sunken);
}
.end.head .shown span {
  white-space: normal;
}
`);
