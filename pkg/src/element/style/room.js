import { sheetFrom } from './sheet.js';

/** What changes where there is much room, and where the window is low. */
export const room = sheetFrom(`
@container (min-width: 1440px) {
  .map:not(.wide) {
    --thumb: 44px;
  }
}
@container (min-width: 2200px) {
  .page {
    --rail: 400px;
  }
  .map:not(.wide) {
    --thumb: 72px;
  }
}
@container (max-width: 1240px) {
  .page {
    --rail: 264px;
  }
}
@container (max-width: 1179px) {
  .map,
  .map.long {
    --least: 78px;
  }
}
@container (max-width: 860px) {
  .map,
  .map.long {
    --least: 112px;
    --least-end: 88px;
  }
}
/* The maps of a module are on the first screen of 1366 × 768. */
@media (max-height: 800px) {
  @container (min-width: 861px) {
    .page {
      padding-top: 10px;
      gap: 10px 12px;
    }
    .views {
      gap: 10px;
    }
    #network {
      padding-block: 6px 8px;
    }
    #network .panel-head {
      margin-bottom: 4px;
    }
    .map-scroll {
      padding-bottom: 2px;
    }
    .map:not(.wide) {
      --thumb: 30px;
      --lane-space: 3px;
    }
    .map > .stage {
      height: 18px;
      line-height: 18px;
    }
    .stage::after {
      margin-block: 9px 8px;
    }
    .card > button {
      height: 23px;
      min-height: 23px;
      padding-block: 2px;
    }
    .lane .chip:not(.last) {
      display: none;
    }
    .map:not(.wide) .end canvas {
      max-width: 40px;
    }
    .end {
      gap: 1px;
      line-height: 14px;
    }
    .energy {
      height: 3px;
    }
  }
}
`);
