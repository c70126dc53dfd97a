import { sheetFrom } from './sheet.js';

/** The branches on a card of the map. */
export const lanes = sheetFrom(`
.lane {
  grid-row: var(--row) / var(--end);
  container: lane / inline-size;
  border-top: 1px solid var(--line);
  transition: opacity 0.12s ease-out;
}
.lane-in {
  display: grid;
  grid-template-columns: minmax(0, var(--thumb)) max-content;
  justify-content: space-between;
  align-content: start;
  gap: 4px 3px;
  padding: var(--lane-space, 5px) 2px var(--lane-space, 5px) 5px;
}
.lane canvas,
.norms {
  width: 100%;
  aspect-ratio: 1;
  border-radius: var(--r1);
  background: var(--sunken);
  image-rendering: pixelated;
}
.lane.waiting canvas {
  visibility: hidden;
}
.lane-text {
  display: flex;
  flex-direction: column;
  justify-content: space-between;
  gap: 3px;
  min-width: 0;
}
.lane .chips {
  display: none;
}
.share {
  display: flex;
  flex: 1;
  flex-direction: column;
  align-items: flex-end;
  justify-content: space-between;
  min-height: 14px;
  font-size: var(--t1);
  line-height: 12px;
  white-space: nowrap;
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
/* Where there is no room for both, the word stands below the number. */
.shortcut .share {
  flex-wrap: wrap;
  justify-content: flex-end;
  column-gap: 6px;
}
/* Where there is no room for it beside the thumbnail, the switch stands below. */
@container lane (max-width: 62px) {
  .lane-in {
    grid-template-columns: 26px 4px minmax(0, 1fr);
    column-gap: 0;
    padding-inline: 3px;
  }
  .lane-in canvas,
  .lane-in .norms {
    grid-row: 1;
  }
  .lane-in :is(.lane-text, .share) {
    display: contents;
  }
  .lane-in .switch {
    grid-area: 2 / 1 / 3 / 3;
  }
  .lane-in .num {
    grid-area: 1 / 2 / 2 / 4;
    justify-self: end;
    font-size: var(--t1);
    line-height: 14px;
    color: var(--ink2);
  }
  .lane-in .energy {
    grid-area: 2 / 3;
    align-self: center;
    margin-inline-start: 3px;
  }
}
/* From 118 px of a card on, its convolutions stand on it. */
@container lane (min-width: 111px) {
  .lane-in {
    grid-template-columns: var(--thumb) minmax(0, 1fr);
    gap: 5px 6px;
    padding: var(--lane-space, 6px) 6px;
  }
  .lane .chips {
    display: flex;
  }
  .share {
    flex: none;
    flex-direction: row;
    align-items: center;
  }
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
/* While the camera runs, what the stem and the other modules last showed. */
.map[data-live="true"] .card[data-on="false"] .lane:not([data-state="off"]) canvas,
.map[data-live="true"] .card[data-on="false"] :is(.energy, .norms),
.map[data-live="true"] .stem[data-on="false"] canvas {
  opacity: 0.6;
}
.map[data-live="true"] .card[data-on="false"] .share > .num {
  color: var(--ink3);
  font-weight: 400;
}
.card[data-run="running"] {
  border-color: var(--focus);
}
.card[data-run="running"] .lane {
  opacity: 0.6;
}
.chips {
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
