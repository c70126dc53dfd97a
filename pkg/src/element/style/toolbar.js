import { sheetFrom } from './sheet.js';

/** How channels are shown: choices and the legend. */
export const toolbar = sheetFrom(`
select {
  font: inherit;
  font-size: var(--t2);
  color: inherit;
  background: var(--surface);
  border: 1px solid var(--line);
  border-radius: var(--r2);
  padding: 2px 6px;
  min-height: 28px;
  cursor: pointer;
}
select:hover {
  border-color: var(--line2);
}
input[type="range"] {
  appearance: none;
  height: 24px;
  min-width: 60px;
  width: 96px;
  margin: 0;
  background: none;
  cursor: pointer;
}
input[type="range"]::-webkit-slider-runnable-track {
  height: 4px;
  border-radius: 2px;
  background: var(--line2);
}
input[type="range"]::-moz-range-track {
  height: 4px;
  border-radius: 2px;
  background: var(--line2);
}
input[type="range"]::-webkit-slider-thumb {
  appearance: none;
  width: 14px;
  height: 14px;
  margin-top: -5px;
  border-radius: 50%;
  background: var(--ink);
  border: 2px solid var(--surface);
}
input[type="range"]::-moz-range-thumb {
  width: 11px;
  height: 11px;
  border-radius: 50%;
  background: var(--ink);
  border: 2px solid var(--surface);
}
.check input {
  accent-color: var(--ink);
  width: 16px;
  height: 16px;
  margin: 0;
}
.toolbar {
  display: flex;
  flex-wrap: wrap;
  gap: 8px 16px;
  align-items: center;
  padding: 8px 0;
  border-block: 1px solid var(--line);
  font-size: var(--t2);
  margin-bottom: var(--s3);
}
.field,
.check {
  display: inline-flex;
  align-items: center;
  gap: 8px;
  color: var(--ink2);
  font-size: var(--t2);
}
.check {
  min-height: 28px;
  gap: 6px;
  cursor: pointer;
}
.swatches {
  display: inline-flex;
  gap: 6px;
}
.swatches button {
  width: 28px;
  height: 24px;
  min-height: 24px;
  padding: 0;
  border-radius: 4px;
  background: var(--ramp);
  forced-color-adjust: none;
}
.swatches [aria-checked="true"] {
  box-shadow:
    0 0 0 2px var(--surface),
    0 0 0 4px var(--ink);
}
.ramp {
  width: 96px;
  height: 10px;
  border-radius: 2px;
  background: var(--ramp);
  forced-color-adjust: none;
}
#sortDir {
  margin-left: -6px;
  font-size: var(--t4);
}
#sortDir[aria-pressed="true"] {
  background: var(--track);
  color: var(--ink);
}
@container (max-width: 1680px) {
  #legend small {
    display: none;
  }
}
@container (min-width: 861px) and (max-width: 1440px) {
  .toolbar {
    gap: 6px 10px;
  }
  .toolbar .field {
    gap: 6px;
  }
  .toolbar select {
    max-width: 98px;
  }
  .toolbar #tile {
    width: 60px;
  }
  .toolbar .swatches {
    gap: 5px;
  }
  #legend .ramp {
    width: 52px;
  }
}
@media (max-height: 800px) and (min-width: 861px) {
  .toolbar {
    padding: 5px 0;
    margin-bottom: var(--s2);
  }
}
@container (max-width: 860px) {
  .toolbar {
    gap: 10px 14px;
  }
  select {
    min-height: 36px;
  }
  .swatches button {
    width: 36px;
    height: 32px;
    min-height: 32px;
  }
}
/* One line where there is room for no more: what the controls are called is still read out. */
@container (min-width: 861px) and (max-width: 1480px) {
  .toolbar .field > span:first-child {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
}
`);
