import { sheetFrom } from './sheet.js';

/** The branches on a card of the map. */
export const lanes = sheetFrom(`
.lane {
  grid-row: var(--row) / var(--end);
  border-top: 1px solid var(--line);
  padding: 6px 6px 6px 6px;
  display: grid;
  grid-template-columns: 44px minmax(0, 1fr);
  align-content: start;
  gap: 5px 6px;
  transition: opacity 0.12s ease-out;
}
.lane > canvas,
.norms {
  width: 44px;
  height: 44px;
  border-radius: var(--r1);
  background: var(--sunken);
  image-rendering: pixelated;
}
.lane.waiting > canvas {
  visibility: hidden;
}
.lane-text {
  display: flex;
  flex-direction: column;
  justify-content: space-between;
  gap: 3px;
  min-width: 0;
}
.share {
  display: flex;
  align-items: center;
  justify-content: space-between;
  min-height: 14px;
  font-size: var(--t1);
  line-height: 14px;
  color: var(--ink2);
}
.energy {
  grid-column: 1 / -1;
  height: 4px;
  border-radius: 2px;
  background: var(--track);
  overflow: hidden;
}
.energy i {
  display: block;
  width: var(--share);
  height: 100%;
  border-radius: 2px;
  background: var(--c);
}
/* A column for each block: the residual in ink, as high as its part of the shortcut. */
.norms {
  display: flex;
  align-items: flex-end;
  gap: 1px;
  padding: 3px;
  border-bottom: 2px solid var(--line2);
}
.norms i {
  flex: 1;
  max-width: 12px;
  height: var(--share);
  min-height: 1px;
  background: var(--ink2);
}
.lane.waiting .norms i {
  visibility: hidden;
}
/* While a run is at work; what an earlier one showed stays readable until its module is done. */
.card[data-run="waiting"] .lane {
  opacity: 0.6;
}
.map[data-first="true"] .card[data-run="waiting"] .lane {
  opacity: 0.25;
}
/* While the camera runs, what the other modules last showed. */
.map[data-live="true"] .card[data-on="false"] .lane {
  opacity: 0.6;
}
.card[data-run="running"] {
  border-color: var(--focus);
}
.card[data-run="running"] .lane {
  opacity: 0.6;
}
.chips {
  display: flex;
  flex-direction: column;
  gap: 2px;
  font-size: var(--t1);
  line-height: 14px;
  font-variant-numeric: tabular-nums;
  white-space: nowrap;
  color: var(--ink2);
}
.chip {
  letter-spacing: -0.02em;
}
.chip.last {
  color: var(--ink);
  font-weight: 600;
}
.fork {
  display: flex;
  flex-direction: column;
  border-left: 1px solid var(--line2);
  padding-left: 4px;
}
#mapLegend canvas {
  width: 72px;
}
.map-scroll[data-dragged] {
  cursor: grabbing;
  user-select: none;
}
.map-scroll[data-dragged] .card {
  cursor: grabbing;
}
`);
