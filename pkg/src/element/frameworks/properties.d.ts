import type { Device, Inception } from '../../index.js';
import type { Alternatives, InspectorEventMap, InspectorView } from '../index.js';

/** What a template may say of `<inception-inspector>`, as attributes or as properties; the element's own are documented there. */
export interface InspectorProperties {
  src?: string | URL | null | undefined;
  model?: string | URL | null | undefined;
  modelsUrl?: string | URL | null | undefined;
  'models-url'?: string | undefined;
  device?: Device | null | undefined;
  theme?: 'light' | 'dark' | null | undefined;
  hotkeys?: boolean | null | undefined;
  highlight?: 'channels' | 'switches' | null | undefined;
  net?: Inception | null | undefined;
  netTitle?: string | null | undefined;
  view?: Partial<InspectorView> | null | undefined;
  alternatives?: Alternatives | null | undefined;
}

/** A listener for each of the element's events, with that in front of its name by which a framework knows listeners. */
export type InspectorListeners<Prefix extends string> = {
  [Type in keyof InspectorEventMap as `${Prefix}${Type}`]?: ((event: InspectorEventMap[Type]) => void) | null | undefined;
};
