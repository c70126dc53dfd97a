import { sheetFrom } from './sheet.js';

/** The comparison below the open module. */
export const compare = sheetFrom(`
.compare {
  padding-bottom: var(--s4);
}
.compare.dropping {
  outline: 2px dashed var(--focus);
  outline-offset: -4px;
}
.compare .seg button {
  min-height: 24px;
}
.source {
  display: flex;
  flex-wrap: wrap;
  gap: var(--s2) var(--s4);
  align-items: center;
  padding-bottom: var(--s3);
}
.ways {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 6px;
  min-width: 0;
}
.samples {
  display: flex;
  flex-wrap: wrap;
  gap: 6px;
  margin-right: 6px;
}
.samples:empty {
  display: none;
}
.samples button {
  width: 36px;
  height: 36px;
  min-height: 0;
  padding: 0;
  border: 0;
  border-radius: var(--r2);
  overflow: hidden;
  background: var(--sunken);
}
.samples canvas {
  display: block;
  width: 100%;
  height: 100%;
  object-fit: cover;
}
.samples [aria-checked="true"] {
  box-shadow:
    0 0 0 2px var(--surface),
    0 0 0 4px var(--ink);
}
#compareModels button {
  white-space: normal;
  text-align: left;
}
#compareModels [aria-pressed="true"] {
  border-color: var(--ink);
  box-shadow: 0 0 0 1px var(--ink);
}
#compareModels small,
#compareModels .tag {
  margin-left: 6px;
}
#compareStatus {
  flex: 1 1 100%;
  max-width: 560px;
}
#compareStatus:empty {
  display: none;
}
.sides,
.cells {
  display: grid;
  grid-template-columns: repeat(var(--sides, 2), minmax(0, 1fr));
  gap: 0 var(--s4);
}
.sides {
  align-items: start;
}
#compareLegend {
  flex-wrap: wrap;
}
#compareLegend small {
  display: inline;
}
.side {
  display: flex;
  flex-wrap: wrap;
  align-items: start;
  gap: 6px var(--s3);
  min-width: 0;
}
.side > canvas {
  width: 96px;
  height: 96px;
  border-radius: var(--r2);
  background: var(--sunken);
}
.letter {
  font-weight: 600;
  font-size: var(--t3);
}
.side > .letter {
  flex: 1 1 100%;
}
.key-side {
  display: block;
}
.key-side p {
  margin-top: 6px;
  font-size: var(--t2);
}
.about {
  flex: 1 1 150px;
  display: grid;
  gap: 2px;
  min-width: 0;
  font-size: var(--t2);
}
.about > p {
  overflow-wrap: anywhere;
}
.about .name {
  font-size: var(--t3);
}
.about .tag {
  justify-self: start;
  white-space: normal;
  border-radius: var(--r2);
  overflow-wrap: anywhere;
}
.about .note {
  margin: 4px 0 0;
}
.about .row {
  flex-wrap: wrap;
}
.top3 {
  margin-top: 4px;
}
.top3 li {
  display: grid;
  grid-template-columns: minmax(0, 1fr) auto;
  gap: 0 8px;
  padding-bottom: 4px;
}
.top3 .shifted {
  grid-template-columns: minmax(0, 1fr) auto 5.4em;
}
.top3 .label {
  overflow-wrap: anywhere;
}
.top3 .p {
  font-variant-numeric: tabular-nums;
  font-weight: 600;
}
.pair {
  margin-top: var(--s4);
}
.pair header {
  border-top: 3px solid var(--c);
  padding-top: 8px;
  display: flex;
  flex-wrap: wrap;
  align-items: baseline;
  gap: 0 12px;
}
.pair header b {
  font-weight: 600;
}
.pair header small,
.cell-head small {
  font-size: var(--t2);
}
/* Rows are shared: heading, statistics, maps. */
.cell {
  display: grid;
  grid-row: span 4;
  grid-template-rows: subgrid;
  row-gap: 0;
  min-width: 0;
  margin-top: 4px;
}
.cell-head {
  display: flex;
  align-items: baseline;
  gap: 8px;
}
.cell .stats {
  display: flex;
  flex-wrap: wrap;
  gap: 0 12px;
  margin: 2px 0 6px;
}
.cell .stats > div {
  min-width: 38px;
}
.cell .grid {
  max-height: min(336px, 60dvh);
}
.cell[data-state="off"] .stats dd {
  color: var(--ink3);
}
.cell[data-state="off"] .grid canvas {
  opacity: 0.22;
}
.pairs[data-stale~="a"] [data-side="A"] .grid,
.pairs[data-stale~="b"] [data-side="B"] .grid,
.pairs:not([data-stale=""]) [data-side="B − A"] .grid {
  opacity: 0.6;
}
.compare > .readout dl {
  flex-wrap: wrap;
}
@container (max-width: 1340px) {
  .cell .stats > div {
    min-width: 0;
  }
}
@container (max-width: 860px) {
  .sides,
  .cells {
    grid-template-columns: minmax(0, 1fr);
    row-gap: var(--s3);
  }
  .cell {
    grid-row: auto;
    grid-template-rows: none;
  }
  .cell .grid {
    max-height: min(240px, 40dvh);
  }
  #compareToggle {
    order: 9;
    flex: 1 1 100%;
  }
}
@container (max-width: 520px) {
  .compare > .readout {
    grid-template-columns: auto auto minmax(0, 1fr);
  }
  .compare > .readout > canvas {
    width: 40px;
    height: 40px;
  }
  .compare > .readout dl {
    gap: 0 10px;
  }
  .compare > .readout .value dt {
    display: block;
  }
  .compare > .readout .value dd {
    font-size: var(--t4);
  }
}
`);
