/**
 * The inspector with its types for Vue's templates: `<inception-inspector :model="…" @inception-result="…" />`. Vue is to be told that it is no component of
 * its own: `isCustomElement: (tag) => tag === 'inception-inspector'` in the options of its compiler.
 * @module inception-web/element/vue
 */
import type { HTMLAttributes, ReservedProps } from 'vue';
import type { InspectorEventMap } from '../index.js';
import type { InspectorProperties } from './properties.js';

export * from '../index.js';

/** `inception-result` as Vue calls it in props: `onInceptionResult`. */
type Listeners = {
  [Type in keyof InspectorEventMap as Type extends `inception-${infer Name}` ? `onInception${Capitalize<Name>}` : never]?: ((event: InspectorEventMap[Type]) => void) | undefined;
};

declare module 'vue' {
  interface GlobalComponents {
    'inception-inspector': new () => { $props: HTMLAttributes & ReservedProps & InspectorProperties & Listeners };
  }
}
