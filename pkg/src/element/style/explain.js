import { sheetFrom } from './sheet.js';

/** Why an answer came about: a class's map over the picture, and contributions. */
export const explain = sheetFrom(`
.explain {
  margin-top: 8px;
  padding-top: 8px;
  border-top: 1px solid var(--line);
}
.explain h3,
.why-title {
  display: flex;
  flex-wrap: wrap;
  gap: 2px 6px;
  align-items: center;
}
/* As high with a tag as without. */
.why-title {
  min-height: 24px;
}
.why-class {
  display: flex;
  gap: 6px;
  margin-top: 4px;
}
.why-class > select {
  flex: 1;
  min-width: 0;
}
.why-class > #whyHead {
  flex: 0 1 auto;
  max-width: 50%;
}
.why {
  display: grid;
  gap: 6px;
  margin-top: 6px;
  font-size: var(--t2);
}
.why .seg {
  display: flex;
}
.why .seg button {
  flex: 1 1 auto;
  padding: 2px 4px;
}
.why-options {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 6px;
  min-height: 28px;
  color: var(--ink2);
}
.why-options > .seg {
  flex: 1;
}
.why-options > select {
  max-width: 150px;
}
#whyMinus {
  flex: 1;
  min-width: 0;
  max-width: none;
}
/* Three lines, so that nothing moves when another way is chosen. */
.why-sentence {
  min-height: calc(3 * 1.4em);
  color: var(--ink2);
}
.why-status .note {
  margin-top: 0;
}
.why-scale {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 2px 8px;
  color: var(--ink2);
}
.why-scale .ramp {
  flex: 1;
  min-width: 60px;
  height: 8px;
  border: 1px solid var(--line);
  border-radius: 2px;
  background: var(--ramp);
  forced-color-adjust: none;
}
.explain-row {
  display: flex;
  align-items: center;
  gap: 10px;
  margin-top: 4px;
}
.explain-row > span {
  font-size: var(--t2);
  color: var(--ink2);
}
.explain-row input {
  flex: 1;
  min-width: 0;
}
.explain-row output {
  font-size: var(--t2);
  width: 36px;
  text-align: right;
}
.contributions-title {
  margin-top: 10px;
}
.contributions {
  margin-top: 2px;
  display: grid;
  font-size: var(--t2);
  font-variant-numeric: tabular-nums;
}
.contributions li > * {
  display: grid;
  grid-template-columns: minmax(0, 1fr) 48px 56px;
  align-items: center;
  gap: 8px;
  width: 100%;
  min-height: 24px;
  padding: 1px 0;
  text-align: left;
}
.contributions button {
  border: 0;
  border-radius: 4px;
  background: none;
}
.contributions button:hover {
  background: var(--sunken);
}
.contributions .name {
  min-width: 0;
  overflow: hidden;
  text-overflow: ellipsis;
  white-space: nowrap;
}
.contributions .amount {
  text-align: right;
}
/* Zero is in the middle; positive amounts grow to the right. */
.contributions .signed {
  position: relative;
  height: 8px;
  background: linear-gradient(var(--line2), var(--line2)) center / 1px 100% no-repeat;
}
.contributions .signed i {
  position: absolute;
  inset: 1px auto 1px var(--from);
  width: var(--size);
  background: var(--c, var(--ink2));
  forced-color-adjust: none;
}
.contributions .sum {
  border-top: 1px solid var(--line);
  padding-top: 3px;
  font-weight: 600;
}
@container (max-width: 860px) {
  .contributions li > * {
    min-height: 36px;
  }
}
`);
