import { ACCEPTED_PICTURES } from '../client/pictures/picture-formats.js';

/** What does not change in the element; texts are filled in by `view/texts.js`. */
const HTML = `
<div class="page">
  <aside class="rail">
    <section class="panel" aria-labelledby="h-image">
      <div class="panel-head"><h2 id="h-image" data-text="image"></h2><span class="muted num name" id="imageMeta"></span><button class="whole" id="whole" data-text="whole" aria-pressed="false" hidden></button></div>
      <div class="photo" id="photo">
        <div id="photoContent"></div>
        <canvas id="wholePicture" role="img" hidden></canvas>
        <canvas class="layer" id="camLayer" role="img" hidden></canvas>
        <canvas class="layer" id="channelLayer" width="560" height="560" aria-hidden="true" hidden></canvas>
        <svg class="layer empty" id="fieldLayer" preserveAspectRatio="none" aria-hidden="true"></svg>
        <div class="layer" id="cropFrame" aria-hidden="true" hidden></div>
      </div>
      <p class="caption" id="fieldNote"></p>
      <div id="imageNote" aria-live="polite"></div>
      <slot name="sources"><button id="choose" data-text="upload"></button></slot>
      <input type="file" id="pictureFile" accept="${ACCEPTED_PICTURES}" multiple hidden>
    </section>
    <section class="panel" aria-labelledby="h-answer">
      <div class="panel-head"><h2 id="h-answer" data-text="answer"></h2><span class="muted num" id="answerTime"></span><slot name="classes"></slot></div>
      <div id="shift" aria-live="polite" hidden></div>
      <div id="answer"></div>
      <div class="explain" id="explain" hidden></div>
      <div id="halfway"></div>
      <slot name="notes"><div id="movedNote" aria-live="polite"></div></slot>
      <div id="runStatus" aria-live="polite"></div>
      <slot name="offer"></slot>
    </section>
  </aside>

  <div class="views">
    <slot name="work"></slot>
    <section class="panel" id="network" aria-labelledby="h-net" tabindex="-1">
      <div class="panel-head">
        <h2 id="h-net" data-text="network"></h2><span class="muted num facts" id="networkFacts"></span><span class="muted facts" id="followed" role="status"></span><span class="grow"></span>
        <span class="legend" id="mapLegend"></span>
        <button id="times" aria-expanded="false" aria-controls="map"></button>
        <div class="seg" id="zoom" role="group" data-label="zoom"><button id="zoomOut" data-label="zoomOut">−</button><button id="fit" data-text="fit"></button><button id="zoomIn" data-label="zoomIn">+</button></div>
        <button class="primary" id="run"><svg viewBox="0 0 10 10" width="9" height="9" aria-hidden="true"><path d="M2 1v8l7-4z" fill="currentColor"/></svg><span data-text="run"></span></button>
      </div>
      <div id="loadStatus" aria-live="polite"></div>
      <div class="map-scroll" id="mapScroll" tabindex="0" role="region" data-label="network"><div class="map" id="map"></div></div>
    </section>

    <section class="panel" id="moduleView" aria-labelledby="h-mod" hidden>
      <div class="panel-head mod-head">
        <button class="icon small" id="previousModule" data-label="prev">‹</button>
        <h2 id="h-mod" lang="en"></h2><small class="muted" id="paperName" lang="en"></small>
        <button class="icon small" id="nextModule" data-label="next">›</button>
        <span class="muted num facts" id="moduleFacts"></span>
        <span class="grow"></span>
        <div id="moduleStatus" aria-live="polite"></div>
        <button id="compareToggle" aria-expanded="false" aria-controls="compare" data-text="compare"></button>
        <button id="rank" aria-expanded="false" aria-controls="ranking" data-text="rank"></button>
        <div class="export" id="export">
          <button id="exportToggle" aria-haspopup="menu" aria-expanded="false" aria-controls="exportMenu"></button>
          <div class="export-menu" id="exportMenu" role="menu" tabindex="-1" hidden></div>
        </div>
      </div>
      <div class="ranking" id="ranking" aria-live="polite" hidden></div>
      <dialog class="large" id="large" tabindex="-1"></dialog>
      <div class="toolbar" id="toolbar" role="toolbar"></div>
      <div class="branches" id="branches"></div>
      <div id="stem" hidden></div>
      <div id="head" hidden></div>
      <p class="muted" id="moduleEmpty" data-text="stEmpty" hidden></p>
      <div class="readout" id="readout"></div>
    </section>
    <section class="panel compare" id="compare" aria-labelledby="h-compare" hidden></section>
    <slot name="foot"></slot>
  </div>
</div>
`;

/** @returns {DocumentFragment} */
export function markup() {
  const template = document.createElement('template');
  template.innerHTML = HTML;
  return template.content;
}
