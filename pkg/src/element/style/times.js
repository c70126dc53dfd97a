import { sheetFrom } from './sheet.js';

/** The strip of bars below the map. */
export const times = sheetFrom(`
.map > .time-head {
  grid-row: calc(3 + var(--rows));
  grid-column: 1 / -1;
  margin-top: var(--s2);
  padding-top: var(--s2);
  border-top: 1px solid var(--line);
  font-size: var(--t2);
  color: var(--ink3);
}
.map:not(.timed) > :is(.time, .time-head) {
  display: none;
}
.stick {
  position: sticky;
  left: 0;
  display: inline-flex;
  align-items: center;
  gap: 8px;
}
.map > .time {
  grid-row: calc(4 + var(--rows));
  display: flex;
  flex-direction: column;
  padding-top: var(--s2);
  font-size: var(--t1);
  line-height: 1.35;
  color: var(--ink3);
  white-space: nowrap;
}
.time > div {
  display: flex;
  flex-direction: column;
  justify-content: flex-end;
  gap: 1px;
  height: 50px;
  margin-bottom: 3px;
  border-bottom: 1px solid var(--line2);
}
.time i {
  flex: none;
  height: var(--height);
  background: var(--c);
}
.time i:first-child {
  border-radius: 2px 2px 0 0;
}
.time b {
  font-size: var(--t2);
  font-weight: 600;
  color: var(--ink);
}
@media (forced-colors: active) {
  .time i {
    forced-color-adjust: none;
  }
}
`);
