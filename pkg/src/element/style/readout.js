import { sheetFrom } from './sheet.js';

/** The bar that reads a value. It is as high as its hint, so that nothing moves when it comes. */
export const readout = sheetFrom(`
.readout {
  --height: 76px;
  display: flex;
  align-items: center;
  gap: var(--s4);
  height: var(--height);
  margin: var(--s4) calc(-1 * var(--s4)) calc(-1 * var(--s4));
  padding: 10px var(--s4);
  border-radius: 0 0 var(--r3) var(--r3);
}
.readout:not([data-state="hint"]) {
  position: sticky;
  bottom: 0;
  z-index: 3;
  translate: 0 calc(-1 * var(--lift, 0px));
  border-top: 1px solid var(--line);
  background: var(--surface);
  box-shadow: var(--shadow);
}
.readout[data-state="read"] {
  pointer-events: none;
}
.readout > canvas {
  flex: none;
  width: 56px;
  height: 56px;
  border-radius: var(--r1);
  background: var(--sunken);
}
.readout .who {
  flex: none;
  min-width: 172px;
}
.readout .who b {
  display: block;
  font-size: var(--t4);
}
.readout .who span {
  color: var(--ink2);
}
.key {
  display: inline-block;
  width: 9px;
  height: 9px;
  border-radius: 2px;
  background: var(--c);
  margin-right: 6px;
  forced-color-adjust: none;
}
.readout dl {
  display: flex;
  gap: 4px 22px;
  min-width: 0;
}
.readout dt {
  font-size: var(--t1);
  color: var(--ink3);
  white-space: nowrap;
}
.readout dd {
  font-variant-numeric: tabular-nums;
  font-weight: 600;
  white-space: nowrap;
}
.readout .value dt {
  min-width: 84px;
}
.readout .value dd {
  font-size: var(--t5);
  line-height: 1.1;
}
.readout .acts {
  margin-left: auto;
  display: flex;
  gap: 8px;
  align-items: center;
  flex: none;
}
.spoken {
  position: absolute;
  width: 1px;
  height: 1px;
  overflow: hidden;
  clip-path: inset(50%);
  white-space: nowrap;
}
@container (max-width: 1480px) {
  .readout .acts .wide {
    display: none;
  }
  .readout {
    gap: var(--s3);
  }
  .readout .who {
    min-width: 140px;
  }
  .readout dl {
    gap: 4px 14px;
  }
}
@container (max-width: 1180px) {
  .readout .opt {
    display: none;
  }
}
@container (max-width: 1000px) {
  #saveChannel {
    display: none;
  }
}
@container (max-width: 860px) {
  .readout {
    gap: 8px;
    margin: var(--s3) calc(-1 * var(--s3)) calc(-1 * var(--s3));
    padding: 8px var(--s3);
  }
  .readout:not([data-state="hint"]) {
    box-shadow: 0 -6px 20px #0000001a;
  }
  .readout .who {
    flex: 1 1 0;
    min-width: 0;
    overflow: hidden;
  }
  .readout .who b {
    font-size: var(--t3);
    white-space: nowrap;
  }
  .readout .who span {
    font-size: var(--t2);
    display: block;
    white-space: nowrap;
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .readout .value dt {
    min-width: 0;
  }
}
@container (max-width: 520px) {
  .readout {
    display: grid;
    grid-template-columns: auto auto minmax(0, 1fr) auto;
    gap: 0 8px;
  }
  .readout > canvas,
  .readout .acts {
    grid-row: 1 / 3;
  }
  .readout .who {
    grid-area: 1 / 3;
  }
  .readout dl {
    grid-area: 2 / 3;
  }
  .readout .who span,
  .readout .value dt {
    display: none;
  }
  .readout:not(:has(> canvas:not([hidden]))) {
    display: block;
  }
}
`);
