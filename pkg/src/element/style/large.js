import { sheetFrom } from './sheet.js';

/** A channel in a dialog, as wide as the window. */
export const large = sheetFrom(`
.large {
  max-width: 1180px;
  width: calc(100vw - 32px);
  color: var(--ink);
  box-shadow: var(--shadow);
}
.large::backdrop {
  background: #0009;
}
.large h2 {
  min-width: 0;
  overflow: hidden;
  text-overflow: ellipsis;
  flex: 0 1 auto;
}
.trio {
  display: grid;
  grid-template-columns: repeat(3, minmax(0, 1fr));
  gap: var(--s4);
  margin-bottom: var(--s3);
}
.trio figure {
  margin: 0;
  min-width: 0;
}
.trio figure > canvas {
  display: block;
  width: 100%;
  aspect-ratio: 1;
  height: auto;
  border-radius: var(--r2);
  background: var(--sunken);
}
.trio .photo {
  max-width: none;
}
.trio figcaption {
  font-size: var(--t2);
  color: var(--ink2);
  margin-top: 6px;
}
@media (max-width: 860px) {
  .trio {
    grid-template-columns: minmax(0, 1fr);
  }
}
@media (max-width: 520px) {
  .large .panel-head {
    flex-wrap: nowrap;
    gap: 6px;
  }
}
`);
