import type { GlobalComponents } from 'vue';
import type { Inception } from 'inception-web';
import type {} from 'inception-web/element/vue';

type Props = InstanceType<GlobalComponents['inception-inspector']>['$props'];
declare const net: Inception;

export const props: Props = { class: 'wide', lang: 'zh', net, view: { layer: 'Mixed_4b' }, hotkeys: true, modelsUrl: '/models', onInceptionResult: ({ detail }) => detail.predictions[0]?.label };
// @ts-expect-error a theme that there is not
export const blue: Props = { theme: 'blue' };
// @ts-expect-error an event that there is not
export const answer: Props = { onInceptionAnswer: () => undefined };
