import { sheetFrom } from './sheet.js';

/** A channel above the grids, or over the whole of a narrow window. */
export const large = sheetFrom(`
.large[open] {
  position: static;
  width: auto;
  max-width: none;
  margin: 0 0 var(--s3);
  padding: 10px var(--s3) var(--s3);
  border: 1px solid var(--ink);
  border-radius: var(--r2);
  background: var(--surface);
  color: inherit;
  scroll-margin-block: calc(var(--inception-top, 0px) + var(--s2)) var(--s2);
}
.large:modal {
  position: fixed;
  inset: 0;
  width: 100vw;
  max-width: 100vw;
  height: 100dvh;
  max-height: 100dvh;
  margin: 0;
  border: 0;
  border-radius: 0;
  overflow-y: auto;
}
.large button[aria-disabled="true"] {
  cursor: default;
  opacity: 0.5;
}
#goTo {
  width: 56px;
  min-height: 28px;
  padding: 2px 6px;
  border: 1px solid var(--line);
  border-radius: var(--r2);
  background: var(--surface);
  font-size: var(--t2);
  text-align: end;
}
/* No higher than the window shows at once; the three squares are as wide, the colour bar takes 60 px. */
.large-figures {
  display: grid;
  grid-template-columns: minmax(0, calc((100% - 2 * var(--s4)) / 3 + 40px)) repeat(2, minmax(0, 1fr));
  gap: var(--s4);
  max-width: calc(3 * min(440px, 56dvh));
}
.large figure {
  display: grid;
  gap: 8px;
  align-content: start;
  margin: 0;
  min-width: 0;
}
.large h3 {
  display: flex;
  align-items: center;
  gap: 8px;
  min-height: 28px;
}
.large-map {
  display: flex;
  gap: 8px;
}
.square {
  position: relative;
  flex: 1;
  min-width: 0;
  aspect-ratio: 1;
  border-radius: var(--r2);
  overflow: hidden;
  background: var(--sunken);
}
.square > canvas {
  position: absolute;
  inset: 0;
  width: 100%;
  height: 100%;
}
.square > .values {
  image-rendering: pixelated;
}
.large-map .values {
  cursor: crosshair;
}
.color-bar {
  display: grid;
  grid-template-columns: 12px 34px;
  grid-template-rows: auto 1fr auto;
  gap: 0 6px;
  font-size: var(--t1);
  color: var(--ink2);
}
.color-bar i {
  grid-row: 1 / 4;
  border: 1px solid var(--line);
  border-radius: 2px;
  background: var(--ramp);
  forced-color-adjust: none;
}
.color-bar span:nth-of-type(2) {
  align-self: center;
}
.large .value {
  display: flex;
  flex-wrap: wrap;
  align-items: baseline;
  gap: 0 14px;
  min-height: 24px;
  font-size: var(--t2);
  color: var(--ink2);
}
.large .value b {
  display: inline-block;
  min-width: 3em;
  font-size: var(--t5);
  font-weight: 600;
  line-height: 24px;
  color: var(--ink);
}
.on-picture .field input {
  flex: 1;
}
.looks-for .seg button {
  padding: 2px 6px;
}
#lookStart {
  position: absolute;
  inset: 0;
  margin: auto;
  width: max-content;
  height: max-content;
}
.looks-for .progress {
  margin: 0 0 4px;
}
.looks-for .row,
.looks-for p {
  font-size: var(--t2);
  color: var(--ink2);
}
/* While the bar says it, others are told once. */
.looks-for .quiet {
  position: absolute;
  width: 1px;
  height: 1px;
  overflow: hidden;
  clip-path: inset(50%);
}
.looks-for p:empty {
  display: none;
}
.look-after {
  display: flex;
  flex-wrap: wrap;
  gap: 6px;
}
.look-film {
  display: grid;
  grid-template-columns: repeat(5, minmax(0, 1fr));
  gap: 2px;
  font-size: var(--t1);
  color: var(--ink3);
  text-align: center;
}
.look-film canvas,
.look-film i {
  display: block;
  width: 100%;
  aspect-ratio: 1;
  border-radius: var(--r1);
  background: #808080;
}
.look-film .wait i {
  border: 1px solid var(--line);
  background: repeating-linear-gradient(135deg, var(--track) 0 2px, transparent 2px 6px);
}
@container (max-width: 1100px) {
  .large-figures {
    grid-template-columns: minmax(0, calc(50% + 22px)) minmax(0, 1fr);
    max-width: calc(2 * min(480px, 62dvh));
  }
}
@container (min-width: 861px) and (max-width: 1100px) {
  .large .on-picture {
    display: none;
  }
}
@container (max-width: 860px) {
  .large-figures {
    grid-template-columns: minmax(0, 1fr);
    max-width: none;
  }
  .large h3 {
    flex-wrap: wrap;
  }
  .large .panel-head > .facts {
    order: 7;
    flex: 1 1 100%;
  }
  .large .panel-head > .field {
    order: 8;
    flex: 1;
  }
  .large .panel-head > h2 {
    min-width: 0;
  }
  #goTo {
    min-height: 36px;
  }
}
`);
