import { sheetFrom } from './sheet.js';

/** All branches by what switching each off changes. */
export const ranking = sheetFrom(`
.ranking {
  margin-top: var(--s3);
  padding: 10px 12px;
  border-radius: var(--r2);
  background: var(--sunken);
  font-size: var(--t2);
}
.ranking ol {
  columns: 340px;
  column-gap: var(--s5);
  margin-top: 6px;
}
.ranking li {
  display: grid;
  grid-template-columns: minmax(0, 11em) minmax(48px, 1fr) 5.5em;
  gap: 12px;
  align-items: center;
  break-inside: avoid;
}
.ranking li button {
  min-height: 24px;
  padding: 1px 4px;
  border-color: transparent;
  background: none;
  text-align: left;
  overflow: hidden;
  text-overflow: ellipsis;
}
.ranking li .num {
  text-align: right;
}
.ranking .note {
  margin: 0;
}
.ranking > .more {
  margin-top: 6px;
}
.signed {
  position: relative;
  height: 6px;
  border-radius: 3px;
  background: var(--track);
}
.signed::after {
  content: "";
  position: absolute;
  inset: -4px auto -4px 50%;
  width: 1px;
  background: var(--ink2);
}
.signed i {
  position: absolute;
  inset-block: 0;
  width: var(--part);
  background: var(--c);
}
.signed .fall {
  right: 50%;
  border-radius: 3px 0 0 3px;
}
.signed .rise {
  left: 50%;
  border-radius: 0 3px 3px 0;
}
`);
