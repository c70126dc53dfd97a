//! One convolution of each kind that Inception-v3 spends its time in, on one thread, for each instruction set.
#![allow(missing_docs)]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use inception::cpu::{Epilogue, Isa, PackedConv, Threads, ViewMut, ViewRef};
use inception::graph::{LayerWeights, Op};
use inception::networks;

const LAYERS: [&str; 5] = [
    "Conv2d_1a_3x3",
    "Conv2d_2b_3x3",
    "Mixed_5b/Branch_1/Conv2d_0b_5x5",
    "Mixed_6b/Branch_0/Conv2d_0a_1x1",
    "Mixed_6e/Branch_1/Conv2d_0b_1x7",
];

fn values(len: usize) -> Vec<f32> {
    (0..len).map(|i| (i % 17) as f32 / 8.0 - 1.0).collect()
}

fn convolutions(c: &mut Criterion) {
    let Some(network) = networks::find("inception-v3") else { return };
    let Ok(graph) = network.build(&network.options()) else { return };
    let pool = Threads::new(1);
    for name in LAYERS {
        let Some(layer) = graph.find(name).map(|id| graph.layer(id)) else { continue };
        let Op::Conv(conv) = &layer.op else { continue };
        let input = graph.layer(layer.inputs[0]).shape;
        let depth = input.c * conv.kernel[0] * conv.kernel[1];
        let biases = conv.bias.then(|| vec![0.0; layer.shape.c]);
        let weights = LayerWeights { weights: values(depth * layer.shape.c), biases, norm: None };
        let source = values(input.len());
        let mut out = vec![0.0; layer.shape.len()];
        let mut group = c.benchmark_group(name);
        group.throughput(Throughput::Elements(2 * graph.layer_macs(layer)));
        for isa in Isa::available() {
            let Ok(packed) = PackedConv::conv(isa, conv, input.c, &weights) else { continue };
            group.bench_function(format!("{isa:?}"), |b| {
                b.iter(|| {
                    let to = ViewMut::dense(&mut out, layer.shape);
                    packed.run(&pool, ViewRef::dense(&source, input), to, Epilogue::default());
                });
            });
        }
    }
}

criterion_group!(benches, convolutions);
criterion_main!(benches);
