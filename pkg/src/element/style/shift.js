import { sheetFrom } from './sheet.js';

/** Branches that are switched off, and what that changes. */
export const shift = sheetFrom(`
.switch {
  appearance: none;
  position: relative;
  flex: none;
  width: 30px;
  height: 18px;
  margin: 0;
  border-radius: 9px;
  background: var(--line2);
  cursor: pointer;
}
.switch::before {
  content: "";
  position: absolute;
  inset: -3px 0;
  z-index: 1;
}
.switch::after {
  content: "";
  position: absolute;
  inset: 2px auto 2px 2px;
  width: 14px;
  border-radius: 50%;
  background: var(--surface);
  transition: transform 0.12s ease-out;
}
.switch:checked {
  background: var(--c, var(--ink));
}
.switch:checked::after {
  transform: translateX(12px);
}
.lane[data-state="off"] canvas {
  opacity: 0.18;
}
.lane[data-state="off"] .chip,
.lane[data-state="off"] .share > .num {
  text-decoration: line-through;
  color: var(--ink3);
  font-weight: 400;
}
.lane[data-state="off"] .energy,
.lane[data-state="partly"] .energy {
  background: repeating-linear-gradient(135deg, var(--line2) 0 2px, transparent 2px 5px);
}
.lane[data-state="off"] .energy i {
  visibility: hidden;
}
.shift {
  padding: 5px 8px;
  margin-bottom: 6px;
  border-radius: var(--r2);
  background: var(--sunken);
  font-size: var(--t2);
}
.shift button {
  min-height: 24px;
  padding: 1px 8px;
}
#shift[aria-busy="true"] .shift > span {
  opacity: 0.6;
}
.top5 .shifted {
  grid-template-columns: 1fr auto 4.6em;
}
.difference {
  align-self: center;
  text-align: right;
  font-size: var(--t2);
  color: var(--ink3);
}
.shifted .bar {
  overflow: visible;
}
.bar u {
  position: absolute;
  inset: -3px auto -3px var(--p);
  width: 2px;
  margin-left: -1px;
  background: var(--ink);
  box-shadow: 0 0 0 1.5px var(--surface);
}
@media (pointer: coarse) {
  .switch::before {
    inset: -9px -6px;
  }
}
@media (forced-colors: active) {
  .signed i,
  .switch {
    forced-color-adjust: none;
  }
}
`);
