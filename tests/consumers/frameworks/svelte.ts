import type { SvelteHTMLElements } from 'svelte/elements';
import type { Inception } from 'inception-web';
import type {} from 'inception-web/element/svelte';

type Props = SvelteHTMLElements['inception-inspector'];
declare const net: Inception;

export const props: Props = { class: 'wide', lang: 'zh', net, view: { layer: 'Mixed_4b' }, hotkeys: true, modelsUrl: '/models', 'oninception-result': ({ detail }) => detail.predictions[0]?.label };
export const older: Props = { 'on:inception-load': ({ detail }) => detail.title };
// @ts-expect-error a theme that there is not
export const blue: Props = { theme: 'blue' };
// @ts-expect-error an event that there is not
export const answer: Props = { 'oninception-answer': () => undefined };
