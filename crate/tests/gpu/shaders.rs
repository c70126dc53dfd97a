//! Every shader against its reference on random shapes.

use crate::common::graphs::CONV;
use crate::common::numbers::weights;
use crate::{device, graph, noise, other_device, relative_error, run};
use inception::gpu::GpuDevice;
use inception::graph::{
    Activation, Add, BatchNorm, Builder, Conv, ConvStyle, LayerId, LayerWeights, Lrn, Op, Operation, Outputs, Padding,
    Pool, PoolKind, Shape, Values,
};
use proptest::prelude::*;
use std::sync::Arc;

#[derive(Clone, Debug)]
struct ConvCase {
    input: Shape,
    /// Channels before and behind the convolution's own in the concatenation that it writes into.
    around: [usize; 2],
    outputs: usize,
    conv: Conv,
    residual: Option<f32>,
    half: bool,
    seed: u64,
}

fn conv_case() -> impl Strategy<Value = ConvCase> {
    let windows = [[1, 1], [3, 3], [5, 5], [7, 7], [1, 7], [7, 1], [1, 3], [3, 1], [2, 4]];
    let geometry = (proptest::sample::select(windows.to_vec()), 1usize..4, 1usize..4, [0usize..4, 0..4, 0..4, 0..4]);
    let sizes = (prop_oneof![1usize..8, 8usize..40], 1usize..13, 1usize..13, 1usize..50);
    let rest = ([0usize..3, 0..3], proptest::option::of(0.1f32..1.0), any::<[bool; 4]>());
    (geometry, sizes, rest, 1u64..1000).prop_map(|((kernel, sy, sx, p), (c, h, w, outputs), rest, seed)| {
        let ([before, behind], residual, [relu, norm, half, bias]) = rest;
        let padding = Padding { top: p[0], left: p[1], bottom: p[2], right: p[3] };
        let (h, w) = (h.max(kernel[0]), w.max(kernel[1]));
        let norm = norm.then_some(BatchNorm { epsilon: 1e-3, gamma: true });
        let outputs = if behind > 0 { outputs.next_multiple_of(4) } else { outputs };
        let conv = Conv { outputs, kernel, stride: [sy, sx], padding, bias, norm, relu };
        ConvCase { input: Shape::new(c, h, w), around: [before * 4, behind * 4], outputs, conv, residual, half, seed }
    })
}

fn conv_weights(seed: u64, conv: &Conv, inputs: usize, outputs: usize, half: bool) -> LayerWeights {
    let fan_in = inputs * conv.kernel[0] * conv.kernel[1];
    let mut made = weights(seed, fan_in, outputs, conv.bias, conv.norm.map(|norm| norm.epsilon));
    if half {
        made.weights.iter_mut().for_each(|v| *v = half::f16::from_f32(*v).to_f32());
    }
    made
}

/// What an operation means.
fn reference(op: &Op, inputs: &[(&[f32], Shape)], weights: &LayerWeights) -> Vec<f32> {
    let inputs: Vec<Values> = inputs.iter().map(|&(values, shape)| Values::from_f32(shape, values)).collect();
    let shapes: Vec<Shape> = inputs.iter().map(|input| input.shape).collect();
    op.reference(&inputs.iter().collect::<Vec<_>>(), weights, op.output(&shapes).unwrap()).to_f32()
}

/// input -> [before, convolution, behind] concatenated -> 1x1 that reads the convolution's channels and adds them.
fn check_conv(device: Arc<GpuDevice>, case: &ConvCase) -> Result<(), TestCaseError> {
    let ConvCase { input, around: [before, behind], outputs, conv, residual, half, seed } = case;
    let p = conv.padding;
    let size = |len: usize, pad: usize, axis: usize| (len + pad - conv.kernel[axis]) / conv.stride[axis] + 1;
    let (h, w) = (size(input.h, p.top + p.bottom, 0), size(input.w, p.left + p.right, 1));
    let shape = |c| Shape::new(c, h, w);
    let plain = Conv {
        outputs: *outputs,
        kernel: [1, 1],
        stride: [1, 1],
        padding: Padding::default(),
        bias: true,
        norm: None,
        relu: residual.is_none() && conv.relu,
    };
    let mut layers = vec![(Op::Conv(*conv), &[0][..])];
    let mut parts = vec![1];
    for &channels in [before, behind].into_iter().filter(|&&c| c > 0) {
        layers.push((Op::Conv(Conv { outputs: channels, ..*conv }), &[0][..]));
        parts.push(layers.len());
    }
    if *before > 0 {
        parts.swap(0, 1);
    }
    layers.push((Op::Concat, &parts));
    layers.push((Op::Conv(plain), &[1][..]));
    let second = layers.len();
    let shortcut = [1, second];
    let sum = [second + 1];
    let relu = Op::Activation(if conv.relu { Activation::Relu } else { Activation::Identity });
    if let Some(scale) = residual {
        layers.push((Op::Add(Add { scale: *scale }), &shortcut));
        layers.push((relu.clone(), &sum));
    }
    let graph = graph(*input, &layers);
    let image = noise(seed + 6, input.len());
    let convs = graph.layers().iter().enumerate().filter_map(|(i, layer)| {
        let Op::Conv(conv) = &layer.op else { return None };
        let from = graph.read_by(layer).c;
        Some((i, conv_weights(seed + 20 * (i as u64 - 1), conv, from, layer.shape.c, *half)))
    });
    let convs: Vec<(usize, LayerWeights)> = convs.collect();
    let given: Vec<(usize, &LayerWeights)> = convs.iter().map(|(i, w)| (*i, w)).collect();
    let mut keep: Vec<usize> = convs.iter().map(|(i, _)| *i).filter(|&i| i != second).collect();
    keep.push(layers.len());
    let found = run(device, &graph, *half, &given, &image, &keep);
    let close = |what: &str, found: &[f32], wanted: &[f32]| {
        let error = relative_error(found, wanted);
        prop_assert!(error < 2e-5, "{what}: error {error}");
        Ok(())
    };
    for ((layer, found), (_, weights)) in keep.iter().zip(&found).zip(&convs).take(keep.len() - 1) {
        let wanted = reference(&graph.layers()[*layer].op, &[(&image, *input)], weights);
        close(&format!("layer {layer}"), found, &wanted)?;
    }
    let (first, last) = (&found[0], &found[found.len() - 1]);
    let (_, weights) = &convs[convs.len() - 1];
    let mut wanted = reference(&Op::Conv(plain), &[(first, shape(*outputs))], weights);
    if let Some(scale) = residual {
        let terms = [(&first[..], shape(*outputs)), (&wanted[..], shape(*outputs))];
        let sum = reference(&Op::Add(Add { scale: *scale }), &terms, &LayerWeights::NONE);
        wanted = reference(&relu, &[(&sum, shape(*outputs))], &LayerWeights::NONE);
    }
    close("the convolution that follows", last, &wanted)
}

/// Convolutions that read one input at once, one of them through a pool, in each way that they may go.
fn check_ways(
    device: Arc<GpuDevice>,
    input: Shape,
    convs: &[(usize, usize)],
    pool: Option<[bool; 2]>,
    half: bool,
    seed: u64,
) -> Result<(), TestCaseError> {
    let style = ConvStyle { bias: true, norm: None };
    let mut builder = Builder::new("test", input, style).unwrap();
    builder.within(Some("module".into()));
    let mut layers = vec![];
    for (i, &(outputs, window)) in convs.iter().enumerate() {
        let (kernel, padding) = [
            ([1, 1], Padding::default()),
            ([3, 3], Padding::symmetric([1, 1])),
            ([1, 7], Padding::symmetric([0, 3])),
            ([7, 1], Padding::symmetric([3, 0])),
        ][window];
        let conv = Conv { outputs, kernel, stride: [1, 1], padding, bias: true, norm: None, relu: i % 2 == 0 };
        layers.push(builder.push(format!("conv {i}"), Op::Conv(conv), vec![LayerId::new(0)]).unwrap());
    }
    if let Some([max, count_padding]) = pool {
        let kind = if max { PoolKind::Max } else { PoolKind::Average { count_padding } };
        let pool = Pool { kind, kernel: [3, 3], stride: [1, 1], padding: Padding::symmetric([1, 1]) };
        let pooled = builder.push("pool", Op::Pool(pool), vec![LayerId::new(0)]).unwrap();
        let conv = Conv { outputs: 70, kernel: [1, 1], padding: Padding::default(), ..CONV };
        layers.push(builder.push("behind the pool", Op::Conv(conv), vec![pooled]).unwrap());
    }
    let last = layers[layers.len() - 1];
    let graph = Arc::new(builder.finish(Outputs::features(last)).unwrap());
    let made = |&id: &LayerId| {
        let Op::Conv(conv) = &graph.layer(id).op else { panic!() };
        let read = graph.read_by(graph.layer(id)).c;
        (id.index(), conv_weights(seed + 20 * id.index() as u64, conv, read, conv.outputs, half))
    };
    let weights: Vec<(usize, LayerWeights)> = layers.iter().map(made).collect();
    let given: Vec<(usize, &LayerWeights)> = weights.iter().map(|(i, w)| (*i, w)).collect();
    let image = noise(seed, input.len());
    let of =
        |id: LayerId| weights.iter().find(|(i, _)| *i == id.index()).map_or(LayerWeights::NONE, |(_, w)| w.clone());
    let wanted = graph.reference(&image, of);
    let mut gpu = crate::prepared(device, &graph, half, &given);
    gpu.configure(&crate::request(&layers, 1)).unwrap();
    let pixels = input.h * input.w;
    let ways = gpu.ways();
    prop_assert!(if pixels > 4 { ways >= 6 } else { true }, "{ways} ways");
    for way in 0..ways.max(1) {
        let times: Vec<f64> = (0..ways).map(|i| if i == way { 1.0 } else { 2.0 }).collect();
        gpu.tune("").unwrap();
        gpu.take_ways(&times).unwrap();
        prop_assert_eq!(gpu.ways(), 0, "all are known");
        gpu.set_input(&image).unwrap();
        crate::complete(&mut gpu).unwrap();
        for id in &layers {
            let error = relative_error(&crate::dense(&gpu, id.index(), 0), &wanted[id.index()].to_f32());
            prop_assert!(error < 2e-5, "way {way}, {}: error {error}", graph.layer(*id).name);
        }
    }
    Ok(())
}

/// A convolution of 3x3, 1x7 or 7x1, and one with a residual sum behind it, in each of the ways of both.
#[derive(Clone, Debug)]
struct WinogradCase {
    input: Shape,
    /// Of the first; the second has it turned.
    kernel: [usize; 2],
    outputs: usize,
    /// Rows and columns of padding of the first convolution.
    around: [usize; 4],
    residual: bool,
    relu: bool,
    half: bool,
    images: usize,
    seed: u64,
}

fn winograd_case() -> impl Strategy<Value = WinogradCase> {
    let kernel = prop_oneof![Just([3, 3]), Just([1, 7]), Just([7, 1])];
    let sizes = (prop_oneof![1usize..8, 8usize..40], 0usize..17, 0usize..17, 1usize..150);
    (kernel, sizes, [0usize..3, 0..3, 0..3, 0..3], any::<[bool; 3]>(), 1usize..4, 1u64..1000).prop_map(
        |(kernel, (c, h, w, outputs), around, [residual, relu, half], images, seed)| WinogradCase {
            input: Shape::new(c, h + kernel[0], w + kernel[1]),
            kernel,
            outputs,
            around,
            residual,
            relu,
            half,
            images,
            seed,
        },
    )
}

fn check_winograd(device: Arc<GpuDevice>, case: &WinogradCase) -> Result<(), TestCaseError> {
    let WinogradCase { input, kernel, outputs, around: [top, left, bottom, right], residual, relu, half, images, seed } =
        *case;
    let turned = [kernel[1], kernel[0]];
    let first = Conv { outputs, kernel, padding: Padding { top, left, bottom, right }, relu, ..CONV };
    let padding = Padding::symmetric(turned.map(|taps| taps / 2));
    let second = Conv { kernel: turned, padding, relu: relu && !residual, ..first };
    let mut layers = vec![(Op::Conv(first), &[0][..]), (Op::Conv(second), &[1][..])];
    if residual {
        layers.push((Op::Add(Add { scale: 0.3 }), &[1, 2]));
        layers.push((Op::Activation(if relu { Activation::Relu } else { Activation::Identity }), &[3]));
    }
    let graph = graph(input, &layers);
    let made = |id: usize, from: usize, conv: &Conv| (id, conv_weights(seed + id as u64, conv, from, outputs, half));
    let weights = [made(1, input.c, &first), made(2, outputs, &second)];
    let given: Vec<(usize, &LayerWeights)> = weights.iter().map(|(i, w)| (*i, w)).collect();
    let mut gpu = crate::prepared(device, &graph, half, &given);
    let last = LayerId::new(layers.len());
    let pixels = images * (input.h + top + bottom + 1 - kernel[0]) * (input.w + left + right + 1 - kernel[1]);
    gpu.configure(&crate::request(&[last], images)).unwrap();
    let image = noise(seed, images * input.len());
    let of =
        |id: LayerId| weights.iter().find(|(i, _)| *i == id.index()).map_or(LayerWeights::NONE, |(_, w)| w.clone());
    let wanted: Vec<Vec<f32>> =
        image.chunks(input.len()).map(|image| graph.reference(image, of)[last.index()].to_f32()).collect();
    let kernels = gpu.way_kernels();
    let forms: &[&str] = if kernel == [3, 3] { &["F(2x2", "F(4x4"] } else { &["F(4, 7)"] };
    prop_assert!(pixels <= 4 || forms.iter().all(|form| kernels.iter().any(|k| k.starts_with(form))), "{kernels:?}");
    for way in (0..kernels.len()).filter(|&way| kernels[way].starts_with("F(")) {
        let times: Vec<f64> = (0..kernels.len()).map(|i| if i == way { 1.0 } else { 2.0 }).collect();
        gpu.tune("").unwrap();
        gpu.take_ways(&times).unwrap();
        gpu.set_input(&image).unwrap();
        crate::complete(&mut gpu).unwrap();
        for (at, wanted) in wanted.iter().enumerate() {
            let error = relative_error(&crate::dense(&gpu, last.index(), at), wanted);
            prop_assert!(error < 2e-5, "{}, image {at}: error {error}", kernels[way]);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn convolutions_equal_their_reference(case in conv_case()) {
        let Some(device) = device("convolutions_equal_their_reference") else { return Ok(()) };
        check_conv(device, &case)?;
    }

    #[test]
    fn tiles_of_other_adapters_equal_the_reference(case in conv_case()) {
        let Some(device) = other_device("tiles_of_other_adapters_equal_the_reference") else { return Ok(()) };
        check_conv(device, &case)?;
    }

    #[test]
    fn pools_equal_their_reference(
        (c, h, w, kernel, stride) in (1usize..20, 1usize..12, 1usize..12, 1usize..6, 1usize..4),
        kind in prop_oneof![
            Just(PoolKind::Max),
            Just(PoolKind::Average { count_padding: true }),
            Just(PoolKind::Average { count_padding: false }),
        ],
        (top, bottom) in (0usize..3, 0usize..3),
        seed in 1u64..1000,
    ) {
        let Some(device) = device("pools_equal_their_reference") else { return Ok(()) };
        let (top, bottom) = (top.min(kernel - 1), bottom.min(kernel - 1));
        let padding = Padding { top, left: top, bottom, right: bottom };
        let spec = Pool { kind, kernel: [kernel; 2], stride: [stride; 2], padding };
        let (h, w) = (h.max(kernel), w.max(kernel));
        let (pixel, input) = (Shape::new(3, h, w), Shape::new(c, h, w));
        let first = Conv {
            outputs: c, kernel: [1, 1], stride: [1, 1], padding: Padding::default(), bias: true, norm: None, relu: false,
        };
        let graph = graph(pixel, &[
            (Op::Conv(first), &[0]),
            (Op::Pool(spec), &[1]),
            (Op::GlobalAverage, &[1]),
        ]);
        let weights = conv_weights(seed, &first, 3, c, false);
        let found = run(device, &graph, false, &[(1, &weights)], &noise(seed + 9, pixel.len()), &[1, 2, 3]);
        let wanted = reference(&Op::Pool(spec), &[(&found[0], input)], &LayerWeights::NONE);
        prop_assert!(relative_error(&found[1], &wanted) < 1e-6);
        let wanted = reference(&Op::GlobalAverage, &[(&found[0], input)], &LayerWeights::NONE);
        let largest = found[0].iter().fold(0.0f32, |m, v| m.max(v.abs()));
        prop_assert!(found[2].iter().zip(&wanted).all(|(a, b)| (a - b).abs() < 1e-6 * largest));
    }

    #[test]
    fn lrn_equals_its_reference(
        (c, h, w) in (1usize..40, 1usize..6, 1usize..6),
        half in 0usize..4,
        beta in prop_oneof![Just(0.75f32), 0.2f32..1.5],
        seed in 1u64..1000,
    ) {
        let Some(device) = device("lrn_equals_its_reference") else { return Ok(()) };
        let pixel = Shape::new(3, h, w);
        let shape = Shape::new(c, h, w);
        let first = Conv {
            outputs: c, kernel: [1, 1], stride: [1, 1], padding: Padding::default(), bias: true, norm: None, relu: false,
        };
        let (size, alpha, beta, bias) = (2 * half + 1, 1e-2, beta, 1.0);
        let lrn = Op::Lrn(Lrn { size, alpha, beta, bias });
        let graph = graph(pixel, &[(Op::Conv(first), &[0]), (lrn.clone(), &[1])]);
        let weights = conv_weights(seed, &first, 3, c, false);
        let image: Vec<f32> = noise(seed + 9, pixel.len()).into_iter().map(|v| v * 200.0).collect();
        let found = run(device, &graph, false, &[(1, &weights)], &image, &[1, 2]);
        let wanted = reference(&lrn, &[(&found[0], shape)], &LayerWeights::NONE);
        prop_assert!(relative_error(&found[1], &wanted) < 1e-5);
    }
}

proptest! {
    // Each case goes every way, some twenty.
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn winograd_equals_the_reference(case in winograd_case()) {
        let Some(device) = crate::tiled_device("winograd_equals_the_reference") else { return Ok(()) };
        check_winograd(device, &case)?;
    }

    #[test]
    fn waves_equal_their_references_in_every_way(
        (c, h, w) in (1usize..40, 1usize..20, 1usize..20),
        convs in proptest::collection::vec((1usize..150, 0usize..4), 1..5),
        pool in proptest::option::of(any::<[bool; 2]>()),
        half in any::<bool>(),
        seed in 1u64..1000,
    ) {
        let name = "waves_equal_their_references_in_every_way";
        let Some(device) = crate::tiled_device(name) else { return Ok(()) };
        check_ways(device, Shape::new(c, h, w), &convs, pool, half, seed)?;
    }
}
