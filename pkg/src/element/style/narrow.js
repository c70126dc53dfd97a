import { sheetFrom } from './sheet.js';

/** What changes where the element is narrow. */
export const narrow = sheetFrom(`
@container (max-width: 1340px) {
  .branches {
    grid-template-columns: 1fr 1fr;
  }
}
@container (max-width: 1100px) {
  .page {
    --rail: 264px;
    padding: var(--s3);
    gap: var(--s3);
  }
  .rail,
  .views {
    gap: var(--s3);
  }
  #network .panel-head {
    flex-wrap: wrap;
  }
  .legend small,
  .facts .opt {
    display: none;
  }
}
@container (max-width: 860px) {
  .page {
    grid-template-columns: minmax(0, 1fr);
    padding: var(--s2);
    gap: var(--s2);
  }
  .rail {
    position: static;
    max-height: none;
    gap: var(--s2);
  }
  .views {
    gap: var(--s2);
  }
  .panel {
    padding: 10px var(--s3) var(--s3);
  }
  .panel-head {
    flex-wrap: wrap;
  }
  .rail .panel-head {
    flex-wrap: nowrap;
  }
  .map-scroll {
    margin: 0 calc(-1 * var(--s3));
    padding: 0 var(--s3) 4px;
    scroll-padding: 0 var(--s3);
    scroll-snap-type: x proximity;
  }
  button {
    min-height: 36px;
  }
  .seg button {
    min-height: 32px;
    padding: 2px 7px;
  }
  .fold {
    min-height: 0;
  }
  .card > button {
    min-height: 32px;
    align-items: center;
  }
  .photo {
    max-width: 480px;
    margin-inline: auto;
  }
  .photo:has(.zone) {
    aspect-ratio: 2;
    max-width: none;
  }
  .branches {
    grid-template-columns: minmax(0, 1fr);
  }
  .branch {
    grid-template-rows: none;
    grid-row: auto;
  }
  .panel-head > .facts:has(> .fact) {
    display: block;
    max-height: none;
  }
  .facts > .fact {
    white-space: normal;
  }
  #network .facts {
    order: 8;
    flex: 1 1 100%;
    white-space: normal;
  }
  .mod-head > h2 {
    flex: 1 0 50%;
    text-align: center;
  }
  .mod-head > .facts {
    order: 7;
    flex: 1 1 100%;
    margin: 0;
    text-align: center;
    white-space: normal;
  }
  .mod-head > .legend,
  .mod-head > #moduleStatus {
    order: 8;
    flex: 1 1 100%;
  }
  .mod-head > .grow {
    display: none;
  }
  .mod-head > #compareToggle,
  .mod-head > #rank,
  .mod-head > .export {
    order: 9;
    flex: 1;
  }
  .mod-head .export > button {
    width: 100%;
  }
}
/* The picture and the answer share a row. */
@container (min-width: 561px) and (max-width: 860px) {
  .rail {
    grid-template-columns: 280px minmax(0, 1fr);
  }
}
`);
