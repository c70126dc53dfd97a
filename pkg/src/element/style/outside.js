import { sheetFrom } from './sheet.js';

/** The stem and the head as views of their own. */
export const outside = sheetFrom(`
:host {
  --b-1: var(--ink2);
}
.stem-view,
.head-view {
  --c: var(--ink2);
}
.stem-view > header,
.head-view > header {
  border-top: 3px solid var(--c);
  padding-top: 8px;
  display: flex;
  flex-wrap: wrap;
  align-items: baseline;
  gap: 2px 12px;
}
.stem-view b,
.head-view b {
  font-weight: 600;
}
.lesson {
  font-size: var(--t2);
  color: var(--ink2);
}
.stem-view > .note {
  margin-block: var(--s2) 0;
  font-size: var(--t2);
  color: var(--ink2);
}
.head-view > .lesson {
  margin-block: 4px 12px;
}
.head-parts {
  display: grid;
  grid-template-columns: 220px minmax(0, 1fr);
  gap: var(--s5);
  align-items: start;
}
.head-parts figure {
  margin: 0;
}
.head-parts canvas {
  display: block;
  width: 100%;
  aspect-ratio: 1;
  border-radius: var(--r2);
  background: var(--sunken);
  image-rendering: pixelated;
}
.head-parts figcaption {
  margin-top: 6px;
  font-size: var(--t2);
  color: var(--ink2);
}
.score {
  padding: 10px 12px;
  border-radius: var(--r2);
  background: var(--sunken);
  font-size: var(--t2);
}
.score li {
  display: grid;
  grid-template-columns: minmax(0, 9em) minmax(48px, 1fr) 5em;
  gap: 12px;
  align-items: center;
  min-height: 20px;
}
.score ol {
  margin-top: 6px;
}
.score li > .num {
  text-align: end;
  font-weight: 600;
}
.score .name {
  overflow: hidden;
  text-overflow: ellipsis;
  white-space: nowrap;
}
.score .sum {
  border-top: 1px solid var(--line2);
  margin-top: 4px;
  padding-top: 4px;
}
@container (max-width: 860px) {
  .head-parts {
    grid-template-columns: minmax(0, 1fr);
  }
  .head-parts canvas {
    max-width: 200px;
  }
}
`);
