import { sheetFrom } from './sheet.js';

/** The open module: its head, its branches and their grids. */
export const module = sheetFrom(`
.mod-head {
  gap: 6px 8px;
}
.mod-head h2 {
  font-size: var(--t5);
  min-width: 0;
}
#moduleStatus {
  display: flex;
}
#moduleStatus:empty {
  margin-left: calc(-1 * var(--s2));
}
#moduleStatus > div:not(.note) {
  display: flex;
  flex-direction: row-reverse;
  align-items: center;
  gap: var(--s3);
}
#moduleStatus > div > .row > span {
  font-size: var(--t2);
}
#moduleStatus .progress {
  width: 96px;
}
#moduleStatus .note {
  margin: 0;
  padding-block: 2px;
}
.mod-head .facts {
  margin-left: 6px;
}
.legend {
  display: inline-flex;
  align-items: center;
  gap: 8px;
  font-size: var(--t2);
  color: var(--ink2);
}
.legend canvas {
  width: 96px;
  height: 10px;
  border-radius: 2px;
}
.legend small {
  color: var(--ink3);
  font-size: var(--t2);
}
.branches {
  display: grid;
  grid-template-columns: var(--columns);
  gap: 0 var(--s4);
}
/* Rows are shared: header, path, figures, maps, a note, what is shown. */
.branch {
  display: grid;
  grid-row: span 6;
  grid-template-rows: subgrid;
  min-width: 0;
  margin-bottom: var(--s3);
}
.branch header {
  border-top: 3px solid var(--c);
  padding-top: 8px;
  display: flex;
  align-items: baseline;
  gap: 8px;
}
.branch header b {
  font-weight: 600;
}
.branch header small {
  font-size: var(--t2);
}
.branch header .effect {
  font-size: var(--t2);
  color: var(--ink2);
  text-align: end;
}
.branch header .switch {
  align-self: center;
}
.branch[data-state="off"] .grid canvas {
  opacity: 0.22;
}
.path {
  display: flex;
  align-items: center;
  flex-wrap: wrap;
  align-content: start;
  gap: 4px;
  margin: 4px 0 8px;
  font-size: var(--t2);
  color: var(--ink3);
  min-height: 24px;
}
.path .chip {
  border: 1px solid var(--line);
  border-radius: 4px;
  padding: 3px 7px;
  min-height: 24px;
  line-height: 16px;
  background: none;
  letter-spacing: 0;
  font-variant-numeric: tabular-nums;
  color: var(--ink2);
  white-space: nowrap;
}
.path .chip.on,
.path .chip[aria-pressed="true"] {
  border-color: var(--c);
  color: var(--ink);
  font-weight: 600;
  box-shadow: inset 0 0 0 1px var(--c);
}
.figures {
  display: flex;
  flex-wrap: wrap;
  align-items: end;
  gap: 6px 20px;
  margin-bottom: 8px;
}
.stats {
  display: flex;
  gap: 0 16px;
}
.histogram {
  flex: 1 1 72px;
  min-width: 0;
  max-width: 192px;
  height: 24px;
  border-bottom: 1px solid var(--line2);
  display: flex;
  align-items: flex-end;
}
.histogram i {
  flex: 1;
  height: var(--height);
  border-inline-end: 2px solid transparent;
  background: var(--c) padding-box;
}
.stats dt {
  font-size: var(--t1);
  color: var(--ink3);
}
.stats dd {
  font-variant-numeric: tabular-nums;
  font-weight: 600;
  font-size: var(--t2);
  white-space: nowrap;
}
#moduleEmpty {
  margin-top: var(--s3);
}
.grid {
  position: relative;
  border-radius: var(--r1);
  max-height: min(560px, 70dvh);
  overflow-y: auto;
  scrollbar-width: thin;
  scrollbar-gutter: stable;
}
.sheet {
  position: relative;
}
.grid canvas {
  position: sticky;
  top: 0;
  display: block;
  cursor: crosshair;
  image-rendering: pixelated;
}
.cursor {
  position: absolute;
  left: var(--x);
  top: var(--y);
  width: var(--size);
  height: var(--size);
  pointer-events: none;
  border-radius: 2px;
  box-shadow:
    0 0 0 2px var(--c),
    0 0 0 4px var(--surface);
}
.branch-foot {
  display: flex;
  flex-wrap: wrap;
  justify-content: space-between;
  align-items: center;
  gap: 4px 8px;
  margin-top: 6px;
}
.read {
  font-size: var(--t2);
  color: var(--ink3);
  min-height: 17px;
  font-variant-numeric: tabular-nums;
}
.exports {
  display: flex;
  gap: 6px;
}
.exports button {
  min-height: 24px;
  padding: 1px 8px;
}
@container (max-width: 860px) {
  .path .chip {
    min-height: 32px;
  }
}
`);
