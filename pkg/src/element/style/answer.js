import { sheetFrom } from './sheet.js';

/** The five most likely classes, the heads half way, the state of the run. */
export const answer = sheetFrom(`
.top5 {
  display: grid;
  gap: 1px;
}
.top5 li {
  display: grid;
  grid-template-columns: 1fr auto;
  gap: 0 8px;
  padding: 1px 0 4px;
}
.top5 .label {
  min-width: 0;
  overflow-wrap: anywhere;
}
.top5 .p {
  font-variant-numeric: tabular-nums;
  font-weight: 600;
}
.top5 .empty {
  color: transparent;
}
.bar {
  grid-column: 1 / -1;
  height: 6px;
  border-radius: 3px;
  background: var(--track);
  position: relative;
  margin-top: 2px;
  overflow: hidden;
}
.bar i {
  position: absolute;
  inset: 0 auto 0 0;
  width: var(--p);
  border-radius: 3px;
  background: var(--ink);
}
.stale {
  opacity: 0.6;
}
.bar:has(.from) {
  overflow: visible;
}
.bar u.from {
  opacity: 0.55;
}
#none {
  display: grid;
  margin: 0 0 8px;
}
#none small {
  font-size: var(--t2);
  color: var(--ink2);
}
.none .top5 button {
  color: var(--ink3);
}
.none .top5 .bar i {
  background: var(--line2);
}
.half {
  margin-top: 8px;
  padding-top: 8px;
  border-top: 1px solid var(--line);
}
.half p {
  font-size: var(--t2);
  color: var(--ink3);
}
.steps {
  margin-top: 8px;
  position: relative;
}
.steps::before {
  content: "";
  position: absolute;
  left: 4px;
  top: 8px;
  bottom: 10px;
  width: 1px;
  background: var(--line2);
}
.steps li {
  display: grid;
  grid-template-columns: 9px 1fr auto;
  gap: 0 9px;
  padding-bottom: 7px;
  position: relative;
}
.steps li:last-child {
  padding-bottom: 0;
}
.steps li::before {
  content: "";
  width: 9px;
  height: 9px;
  border-radius: 50%;
  background: var(--surface);
  border: 2px solid var(--ink2);
  margin-top: 5px;
}
.steps li:last-child::before {
  background: var(--ink);
  border-color: var(--ink);
}
.steps b {
  font-weight: 600;
}
.steps small {
  grid-column: 2 / -1;
  color: var(--ink3);
  font-size: var(--t2);
}
#runStatus {
  display: grid;
}
#runStatus > :not(.note) {
  margin-top: var(--s2);
}
#runStatus:not(:empty) + slot {
  display: none;
}
.top5 button,
.top5 .row-space {
  display: grid;
  grid-template-columns: 1fr auto;
  gap: 0 8px;
  width: calc(100% + 12px);
  margin: 0 -6px;
  padding: 2px 6px 5px;
  min-height: 0;
  border: 0;
  background: none;
  text-align: left;
  white-space: normal;
  font-size: var(--t3);
}
.top5 button:hover:enabled,
.top5 [aria-checked="true"] {
  background: var(--sunken);
}
.top5 .together .label::before {
  content: "▸";
  display: inline-block;
  width: 14px;
  color: var(--ink3);
}
.top5 .together[aria-expanded="true"] .label::before {
  content: "▾";
}
.top5 .apart {
  padding-left: 20px;
}
.top5 li {
  display: block;
  padding: 0;
}
@container (max-width: 860px) {
  .top5 button {
    min-height: 36px;
  }
}
`);
