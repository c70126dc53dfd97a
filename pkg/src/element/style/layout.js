import { sheetFrom } from './sheet.js';

/** The panels side by side. */
export const layout = sheetFrom(`
:host {
  display: block;
  container-type: inline-size;
  min-width: min(320px, 100%);
  letter-spacing: normal;
  text-align: start;
  text-transform: none;
  white-space: normal;
}
/* Where a face for Chinese stands in for a Latin one, its ’ and · are narrow in English. */
:host(:lang(en)) {
  font-variant-east-asian: proportional-width;
}
:host([hidden]) {
  display: none;
}
.page {
  display: grid;
  grid-template-columns: var(--rail) minmax(0, 1fr);
  gap: var(--s4);
  padding: var(--s4) var(--s5) var(--s5);
  max-width: var(--page);
  margin: 0 auto;
  align-items: start;
}
.rail {
  position: sticky;
  top: calc(var(--inception-top, 0px) + var(--s4));
  display: grid;
  gap: var(--s4);
  max-height: calc(100dvh - var(--inception-top, 0px) - 2 * var(--s4));
  overflow-y: auto;
  scrollbar-width: thin;
  border-radius: var(--r3);
}
.views {
  display: grid;
  gap: var(--s4);
  min-width: 0;
}
.panel {
  background: var(--surface);
  border: 1px solid var(--line);
  border-radius: var(--r3);
  padding: var(--s3) var(--s4) var(--s4);
  min-width: 0;
  scroll-margin-top: calc(var(--inception-top, 0px) + var(--s4));
}
.panel-head {
  display: flex;
  align-items: center;
  gap: 6px var(--s3);
  min-height: 32px;
  margin-bottom: var(--s2);
}
.panel-head > * {
  flex: none;
}
.panel-head > .grow {
  flex: 1 0 0;
}
.panel-head > .facts {
  font-size: var(--t2);
  flex: 0 1 auto;
  min-width: 0;
  overflow: hidden;
  text-overflow: ellipsis;
  white-space: nowrap;
}
/* What has no room goes to a second line, which is not seen. */
.panel-head > :has(> .fact) {
  display: flex;
  flex: 0 1 auto;
  flex-wrap: wrap;
  row-gap: 12px;
  min-width: 0;
  max-height: calc(1lh + 10px);
  overflow: hidden;
}
.fact {
  overflow: hidden;
  text-overflow: ellipsis;
  white-space: pre;
}
.fact:has(.term) {
  overflow: visible;
}
.rail .panel {
  padding-block: var(--s2) var(--s3);
}
.rail .panel-head {
  justify-content: space-between;
  font-size: var(--t2);
  margin-bottom: var(--s1);
}
.rail .panel-head > .name {
  flex: 0 1 auto;
  min-width: 0;
  display: flex;
  white-space: pre;
}
.rail .panel-head > .name > span {
  min-width: 0;
  overflow: hidden;
  text-overflow: ellipsis;
}
@container (min-width: 2200px) {
  .page {
    --rail: 400px;
  }
}
/* What a low window can do without. */
@media (max-height: 800px) and (min-width: 861px) {
  .page {
    gap: 10px 12px;
    padding-top: 10px;
  }
  .views {
    gap: 10px;
  }
  #moduleView {
    padding-top: 6px;
  }
}
@media (forced-colors: active) {
  .bar i,
  .concat i,
  .progress i,
  .energy i,
  .norms i,
  .branch header {
    forced-color-adjust: none;
  }
}
`);
