import { sheetFrom } from './sheet.js';

const LIGHT = `
  color-scheme: light;
  --bg: #f5f5f2;
  --surface: #fff;
  --sunken: #f1f0ec;
  --track: #e9e8e3;
  --line: #e4e3dd;
  --line2: #8d8c84;
  --ink: #191917;
  --ink2: #53524c;
  --ink3: #6d6c65;
  --focus: #0a5fd0;
  --warn: #9a5b00;
  --bad: #b3261e;
  --b0: #0b5cad;
  --b1: #e06c10;
  --b2: #009e73;
  --b3: #d070b0;
  --b4: #6b4a00;
  --b5: #4a4a55;
  --shadow: 0 1px 2px #0000000a, 0 6px 20px #0000001f;
`;

const DARK = `
  color-scheme: dark;
  --bg: #0f0f11;
  --surface: #18181b;
  --sunken: #101013;
  --track: #2c2c31;
  --line: #2b2b30;
  --line2: #77767c;
  --ink: #f3f2ee;
  --ink2: #bab9b3;
  --ink3: #96958f;
  --focus: #6db3ff;
  --warn: #f0b35a;
  --bad: #ff8a80;
  --b0: #4aa3f0;
  --b1: #f08a43;
  --b2: #7be8c4;
  --b3: #d97fb8;
  --b4: #f5e07a;
  --b5: #74747e;
  --shadow: 0 1px 2px #0006, 0 6px 20px #0008;
`;

/** Type, space and colours, for the element and for the page around it. */
export const tokens = sheetFrom(`
:root,
:host {
  --font: -apple-system, BlinkMacSystemFont, "Segoe UI", Roboto, Ubuntu, Cantarell, "Noto Sans", "DejaVu Sans Condensed", system-ui, sans-serif;
  --t1: 10px;
  --t2: 11.5px;
  --t3: 13px;
  --t4: 15px;
  --t5: 18px;
  --s1: 4px;
  --s2: 8px;
  --s3: 12px;
  --s4: 16px;
  --s5: 24px;
  --r1: 3px;
  --r2: 6px;
  --r3: 10px;
  --rail: 312px;
  --page: 1920px;
}
:root:lang(zh),
:host(:lang(zh)) {
  --font: -apple-system, BlinkMacSystemFont, "Segoe UI", Roboto, Ubuntu, Cantarell, "Noto Sans", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", system-ui, sans-serif;
}
@media (min-width: 2200px) {
  :root,
  :host {
    --page: 2720px;
  }
}
:root,
:host {${LIGHT}}
@media (prefers-color-scheme: dark) {
  :host(:not([theme="light"])) {${DARK}}
}
:root[data-theme="dark"],
:host([theme="dark"]) {${DARK}}
`);
