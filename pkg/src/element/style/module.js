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
/* Rows are shared: header, path, statistics, histogram, maps, what is shown. */
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
.branch header .effect {
  font-size: var(--t2);
  color: var(--ink2);
  text-align: end;
  white-space: nowrap;
}
.branch header .switch {
  align-self: center;
}
.branch[data-state="off"] .stats dd {
  color: var(--ink3);
}
.branch[data-state="off"] .grid canvas {
  opacity: 0.22;
}
/* One line: a long path is scrolled. */
.path {
  display: flex;
  align-items: center;
  gap: 4px;
  min-width: 0;
  margin: 2px 0 4px;
  font-size: var(--t2);
  color: var(--ink3);
  white-space: nowrap;
  overflow-x: auto;
  scrollbar-width: none;
}
.path .chip {
  border: 1px solid var(--line);
  border-radius: 4px;
  flex: none;
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
.path .chip:focus-visible {
  outline-offset: -2px;
}
.branch .stats {
  display: grid;
  grid-template-columns: repeat(4, minmax(0, 1fr));
  gap: 0 8px;
  align-items: start;
  margin-bottom: 4px;
}
.stats dt {
  font-size: var(--t1);
  line-height: 14px;
  color: var(--ink3);
  white-space: nowrap;
}
.stats dd {
  font-variant-numeric: tabular-nums;
  font-weight: 600;
  font-size: var(--t2);
  line-height: 17px;
  white-space: nowrap;
}
.distribution {
  min-width: 0;
  margin-bottom: 8px;
}
.histogram {
  position: relative;
  height: 34px;
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
/* Where a scale ends. */
.histogram u {
  position: absolute;
  left: var(--limit);
  top: 0;
  bottom: -4px;
  width: 1px;
  background: var(--ink);
}
.axis {
  position: relative;
  display: flex;
  justify-content: space-between;
  gap: 6px;
  font-size: var(--t1);
  line-height: 14px;
  color: var(--ink3);
  white-space: nowrap;
}
.axis .name {
  min-width: 0;
  overflow: hidden;
  text-overflow: ellipsis;
}
.axis .limit {
  position: absolute;
  left: clamp(24px, var(--limit), 100% - 44px);
  translate: -50%;
  padding: 0 3px;
  color: var(--ink);
}
.maps {
  position: relative;
  min-width: 0;
}
.grid-note {
  position: absolute;
  left: 8px;
  top: 8px;
  max-width: calc(100% - 16px);
  padding: 4px 9px;
  border: 1px solid var(--line2);
  border-radius: var(--r2);
  background: var(--surface);
  font-size: var(--t2);
  pointer-events: none;
}
#moduleEmpty {
  margin-top: var(--s3);
}
.grid {
  --tile-scale: 1;
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
  scroll-margin-block: calc(var(--inception-top, 0px) + var(--s2)) var(--s2);
}
.branch .read {
  margin-top: 6px;
  font-size: var(--t2);
  color: var(--ink3);
  min-height: 17px;
  font-variant-numeric: tabular-nums;
}
.export {
  position: relative;
}
.export-menu {
  position: absolute;
  z-index: 4;
  right: 0;
  top: calc(100% + 4px);
  display: grid;
  gap: 6px;
  width: max-content;
  max-width: calc(100vw - 32px);
  padding: 10px 12px;
  border: 1px solid var(--line2);
  border-radius: var(--r2);
  background: var(--surface);
  box-shadow: var(--shadow);
  font-size: var(--t2);
}
.export-menu .group {
  display: flex;
  align-items: center;
  gap: 6px;
}
.export-menu .group > span {
  flex: 1;
  min-width: 90px;
  margin-right: var(--s3);
}
@container (max-width: 860px) {
  .path .chip {
    min-height: 32px;
  }
}
@container (min-width: 2200px) {
  .grid {
    --tile-scale: 1.6;
  }
  .branches .grid {
    max-height: none;
    overflow: visible;
  }
}
/* A low window shows maps instead. */
@media (max-height: 800px) and (min-width: 861px) {
  .mod-head.panel-head {
    min-height: 30px;
    margin-bottom: 4px;
  }
  .branch header {
    padding-top: 5px;
  }
  .distribution {
    display: none;
  }
}
.atlas-bar {
  display: grid;
  gap: 4px;
  align-content: start;
  margin-bottom: 8px;
  font-size: var(--t2);
  color: var(--ink2);
}
.atlas-bar .progress {
  margin: 0;
}
`);
