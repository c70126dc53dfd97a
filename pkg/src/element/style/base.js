import { sheetFrom } from './sheet.js';

/** What every part is made of: text, buttons, notes, progress. */
export const base = sheetFrom(`
* {
  box-sizing: border-box;
}
html,
:host {
  background: var(--bg);
  color: var(--ink);
  font: 400 var(--t3) / 1.4 var(--font);
  -webkit-font-smoothing: antialiased;
}
h1,
h2,
h3,
p,
ol,
ul,
dl,
dd {
  margin: 0;
  padding: 0;
}
ol,
ul {
  list-style: none;
}
h1,
h2 {
  font-size: var(--t4);
  font-weight: 600;
  letter-spacing: -0.01em;
  white-space: nowrap;
}
h3 {
  font-size: var(--t2);
  font-weight: 600;
  color: var(--ink2);
}
button,
input {
  font: inherit;
  color: inherit;
}
button {
  background: var(--surface);
  border: 1px solid var(--line);
  border-radius: var(--r2);
  padding: 4px 10px;
  min-height: 28px;
  font-size: var(--t2);
  cursor: pointer;
  white-space: nowrap;
}
button:hover:enabled {
  border-color: var(--line2);
}
button:disabled {
  cursor: default;
  opacity: 0.5;
}
:focus-visible {
  outline: 2px solid var(--focus);
  outline-offset: 2px;
}
[hidden] {
  display: none !important;
}
.num {
  font-variant-numeric: tabular-nums;
}
.muted {
  color: var(--ink3);
}
.grow {
  flex: 1;
}
button.primary {
  background: var(--ink);
  color: var(--bg);
  border-color: var(--ink);
  display: inline-flex;
  gap: 6px;
  align-items: center;
  font-weight: 600;
}
.icon {
  width: 32px;
  min-height: 32px;
  padding: 0;
  display: inline-grid;
  place-items: center;
  border-color: transparent;
  background: none;
}
.icon.small {
  width: 28px;
  min-height: 28px;
  font-size: 20px;
  line-height: 1;
  color: var(--ink2);
}
.seg {
  display: inline-flex;
  background: var(--track);
  border-radius: var(--r2);
  padding: 2px;
}
.seg button {
  border: 0;
  background: none;
  padding: 2px 9px;
  min-height: 24px;
  border-radius: 4px;
  color: var(--ink2);
}
.seg button[aria-checked="true"] {
  background: var(--surface);
  color: var(--ink);
  font-weight: 600;
  box-shadow: 0 1px 2px #0003;
}
.tag {
  font-size: var(--t1);
  font-weight: 400;
  color: var(--ink3);
  border: 1px solid var(--line);
  border-radius: 99px;
  padding: 0 6px;
  white-space: nowrap;
}
.row {
  display: flex;
  justify-content: space-between;
  gap: 12px;
  align-items: center;
}
.row > span {
  min-width: 0;
  overflow-wrap: anywhere;
}
.row > button {
  flex: none;
}
.note {
  border-left: 3px solid var(--c, var(--line2));
  background: var(--sunken);
  border-radius: 0 var(--r2) var(--r2) 0;
  padding: 8px 12px;
  margin-top: var(--s2);
}
.note .detail.apart {
  display: block;
}
.note summary {
  cursor: pointer;
}
.note ul {
  margin: var(--s2) 0 0;
  padding-left: 1.2em;
  list-style: disc;
}
.note.bad {
  --c: var(--bad);
}
.note.warn {
  --c: var(--warn);
}
.progress {
  height: 6px;
  border-radius: 3px;
  background: var(--track);
  overflow: hidden;
  margin: 8px 0;
}
.progress i {
  display: block;
  height: 100%;
  width: var(--done, 30%);
  background: var(--ink);
  border-radius: 3px;
}
.progress.unknown i {
  animation: slide 1.2s ease-in-out infinite alternate;
}
@keyframes slide {
  to {
    margin-left: 70%;
  }
}
@media (prefers-reduced-motion: reduce) {
  *,
  *::before,
  *::after {
    transition: none !important;
    animation: none !important;
    scroll-behavior: auto !important;
  }
}
`);
