import type { Inception } from 'inception-web';
import type { InceptionInspector } from 'inception-web/element/solid';

export function App(props: { net: Inception | null }) {
  let inspector: InceptionInspector | undefined;
  return (
    <>
      <inception-inspector ref={inspector} class="wide" lang="zh" net={props.net} view={{ layer: 'Mixed_4b' }} hotkeys modelsUrl="/models"
        on:inception-result={({ detail }) => console.log(detail.predictions[0]?.label)}>
        <p slot="notes">here</p>
      </inception-inspector>
      {/* @ts-expect-error a theme that there is not */}
      <inception-inspector theme="blue" />
      {/* @ts-expect-error a result has no feature maps */}
      <inception-inspector on:inception-result={({ detail }) => detail.layers} />
    </>
  );
}
