import { useRef, useState } from 'preact/hooks';
import type { Inception } from 'inception-web';
import type { InceptionInspector } from 'inception-web/element/preact';

export function App({ net }: { net: Inception | null }) {
  const ref = useRef<InceptionInspector>(null);
  const [label, setLabel] = useState<string | null>(null);
  return (
    <>
      <inception-inspector ref={ref} className="wide" style={{ height: 800 }} lang="zh" net={net} view={{ layer: 'Mixed_4b' }} hotkeys modelsUrl="/models"
        oninception-result={({ detail }) => setLabel(detail.predictions[0]?.label ?? null)}
        oninception-error={(event) => console.error(event.detail.error.code)}>
        <p slot="notes">{label}</p>
      </inception-inspector>
      <inception-inspector model="inception-v3" src={new URL('https://example.org/cat.jpg')} device="cpu" theme="dark" models-url="/models" />
      {/* @ts-expect-error a theme that there is not */}
      <inception-inspector theme="blue" />
      {/* @ts-expect-error a network is loaded, not named */}
      <inception-inspector net="inception-v3" />
      {/* @ts-expect-error a result has no feature maps */}
      <inception-inspector oninception-result={({ detail }) => detail.layers} />
    </>
  );
}
