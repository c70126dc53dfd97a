import { sheetFrom } from './sheet.js';

/** Words with an explanation, and the explanation over everything else. */
export const term = sheetFrom(`
.term {
  position: relative;
  min-height: 0;
  padding: 0;
  border: 0;
  border-radius: 2px;
  background: none;
  color: inherit;
  font: inherit;
  letter-spacing: inherit;
  cursor: help;
  text-decoration-line: underline;
  text-decoration-style: dotted;
  text-decoration-color: var(--line2);
  text-underline-offset: 3px;
}
.term::after {
  content: "";
  position: absolute;
  inset: -6px -3px;
}
.term:hover,
.term[aria-expanded="true"] {
  color: var(--ink);
  text-decoration-color: var(--ink);
}
.explanation {
  position: fixed;
  inset: auto;
  left: var(--x);
  top: var(--y);
  width: min(340px, 100vw - 24px);
  margin: 0;
  padding: 10px 12px;
  border: 1px solid var(--line2);
  border-radius: var(--r2);
  background: var(--surface);
  color: var(--ink);
  box-shadow: var(--shadow);
  font: 400 var(--t3) / 1.4 var(--font);
  letter-spacing: normal;
  text-align: start;
  text-transform: none;
  white-space: normal;
}
.explanation b {
  display: block;
  margin-bottom: 4px;
  font-weight: 600;
}
.explanation p {
  color: var(--ink2);
}
/* Room for what reaches beyond the line. */
.panel-head > .facts {
  padding-block: 5px;
}
/* What a page points out. */
:host([highlight="channels"]) .branch:first-child .grid,
:host([highlight="switches"]) .card[data-on="true"] > button + .lane .switch {
  outline: 2px dashed var(--focus);
  outline-offset: 3px;
  border-radius: var(--r2);
}
@media (pointer: coarse) {
  .term::after {
    inset: -10px -4px;
  }
}
`);
