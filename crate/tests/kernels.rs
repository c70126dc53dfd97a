//! Every CPU kernel against its scalar twin, on random shapes, strides, padding and views, for each instruction set
//! that this machine has, on one thread and on three.
#![allow(clippy::unwrap_used)]

mod common;

use common::numbers::{noise, relative_error, weights};
use inception::cpu::{
    Epilogue, Isa, LayerWeights, PackedConv, Pool as Threads, ViewMut, ViewRef, Winograd, lrn, pool, scalar,
};
use inception::graph::{Conv, Padding, Pool, PoolKind, Shape};
use proptest::prelude::*;

/// A channel range inside a wider storage: `before` channels, the view, `after` channels.
#[derive(Clone, Copy, Debug)]
struct Margins {
    before: usize,
    after: usize,
}

fn margins() -> impl Strategy<Value = Margins> {
    (0usize..6, 0usize..6).prop_map(|(before, after)| Margins { before, after })
}

fn storage(shape: Shape, m: Margins) -> (usize, usize) {
    let stride = shape.c + m.before + m.after;
    (stride, stride * shape.h * shape.w)
}

/// Where a kernel wrote outside its view.
fn outside(data: &[f32], before: &[f32], stride: usize, m: Margins, channels: usize) -> bool {
    let inside = |i: usize| (m.before..m.before + channels).contains(&(i % stride));
    data.iter().zip(before).enumerate().any(|(i, (a, b))| !inside(i) && a != b)
}

#[derive(Clone, Debug)]
struct ConvCase {
    input: Shape,
    outputs: usize,
    conv: Conv,
    margins: [Margins; 3],
    residual: Option<f32>,
    norm: bool,
    seed: u64,
}

fn conv_case() -> impl Strategy<Value = ConvCase> {
    let window = prop_oneof![
        Just([1, 1]),
        Just([3, 3]),
        Just([5, 5]),
        Just([7, 7]),
        Just([1, 7]),
        Just([7, 1]),
        Just([1, 3]),
        Just([3, 1]),
        Just([2, 4])
    ];
    let geometry = (window, 1usize..4, 1usize..4, (0usize..4, 0usize..4, 0usize..4, 0usize..4));
    let sizes = (prop_oneof![1usize..8, 8usize..40], 1usize..13, 1usize..13, 1usize..50);
    let rest = (margins(), margins(), margins(), proptest::option::of(0.1f32..1.0), any::<bool>(), any::<bool>());
    (geometry, sizes, rest, 1u64..1000).prop_map(|((kernel, sy, sx, p), (c, h, w, outputs), rest, seed)| {
        let padding = Padding { top: p.0, left: p.1, bottom: p.2, right: p.3 };
        let (h, w) = (h.max(kernel[0]), w.max(kernel[1]));
        let (a, b, d, residual, relu, norm) = rest;
        let conv = Conv { kernel, stride: [sy, sx], padding, bias: true, norm: None, relu };
        ConvCase { input: Shape::new(c, h, w), outputs, conv, margins: [a, b, d], residual, norm, seed }
    })
}

type Run<'a> = Box<dyn Fn(&Threads, ViewRef, ViewMut, Epilogue) + 'a>;

fn check_conv(case: &ConvCase) -> Result<(), TestCaseError> {
    check(case, 2e-5, |isa, weights| {
        let packed = PackedConv::conv(isa, &case.conv, case.input.c, case.outputs, weights).unwrap();
        vec![Box::new(move |threads, input, out, epilogue| packed.run(threads, input, out, epilogue))]
    })
}

/// Each form that the convolution can be transformed to.
fn check_winograd(case: &ConvCase) -> Result<(), TestCaseError> {
    let channels = [case.input.c, case.outputs];
    let forms = Winograd::forms(&case.conv, channels[0], channels[1]);
    prop_assert!(!forms.is_empty());
    check(case, 2e-5, |isa, weights| {
        let run = |form: &[usize; 2]| -> Run<'_> {
            let winograd = Winograd::new(isa, &case.conv, *form, channels, weights).unwrap();
            Box::new(move |threads, input, out, epilogue| winograd.run(threads, input, out, epilogue))
        };
        forms.iter().map(run).collect()
    })
}

/// Runs each kernel that `kernels` makes of the case's weights, and its twin.
fn check<'a>(
    case: &ConvCase,
    tolerance: f32,
    kernels: impl Fn(Isa, &LayerWeights) -> Vec<Run<'a>>,
) -> Result<(), TestCaseError> {
    let ConvCase { input: i, outputs, conv, margins, residual, norm, seed } = case;
    let p = conv.padding;
    let size = |len: usize, pad: usize, axis: usize| (len + pad - conv.kernel[axis]) / conv.stride[axis] + 1;
    let out = Shape::new(*outputs, size(i.h, p.top + p.bottom, 0), size(i.w, p.left + p.right, 1));
    let depth = i.c * conv.kernel[0] * conv.kernel[1];
    let weights = weights(*seed, depth, *outputs, true, norm.then_some(1e-3));
    let (in_stride, in_len) = storage(*i, margins[0]);
    let (out_stride, out_len) = storage(out, margins[1]);
    let (other_stride, other_len) = storage(out, margins[2]);
    let source = noise(seed + 6, in_len);
    let other = noise(seed + 7, other_len);
    let input = ViewRef::new(&source, margins[0].before, in_stride, *i);
    let shortcut = ViewRef::new(&other, margins[2].before, other_stride, out);
    let epilogue = Epilogue { residual: residual.map(|scale| (shortcut, scale)), relu: conv.relu };

    let blank = noise(seed + 8, out_len);
    let mut wanted = blank.clone();
    let factors = weights.scale_shift(*outputs).unwrap();
    let view = ViewMut::new(&mut wanted, margins[1].before, out_stride, out);
    scalar::conv(conv, &weights.weights, &factors, input, view, epilogue);

    for isa in Isa::available() {
        for (index, run) in kernels(isa, &weights).into_iter().enumerate() {
            for threads in [1, 3] {
                let mut found = blank.clone();
                let view = ViewMut::new(&mut found, margins[1].before, out_stride, out);
                run(&Threads::new(threads), input, view, epilogue);
                prop_assert!(!outside(&found, &blank, out_stride, margins[1], out.c), "{isa:?} wrote outside its view");
                let error = relative_error(&found, &wanted);
                prop_assert!(error < tolerance, "{isa:?}, kernel {index}, {threads} threads: error {error}");
            }
        }
    }
    Ok(())
}

/// Kernels and sizes that the transformed forms take.
fn winograd_case() -> impl Strategy<Value = ConvCase> {
    let kernel =
        prop_oneof![Just([3, 3]), Just([5, 5]), Just([1, 7]), Just([7, 1]), Just([1, 3]), Just([3, 1]), Just([3, 5])];
    (conv_case(), kernel, 1usize..9, 1usize..13).prop_map(|(case, kernel, c, outputs)| {
        let conv = Conv { kernel, stride: [1, 1], ..case.conv };
        let (h, w) = (case.input.h.max(kernel[0]), case.input.w.max(kernel[1]));
        ConvCase { input: Shape::new(8 * c, h, w), outputs: 8 * outputs, conv, ..case }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn transformed_convolutions_equal_their_twin(case in winograd_case()) {
        check_winograd(&case)?;
    }

    #[test]
    fn convolutions_equal_their_twin(case in conv_case()) {
        check_conv(&case)?;
    }

    #[test]
    fn pools_equal_their_twin(
        (c, h, w, kernel, stride) in (1usize..20, 1usize..12, 1usize..12, 1usize..6, 1usize..4),
        kind in prop_oneof![
            Just(PoolKind::Max),
            Just(PoolKind::Average { count_padding: true }),
            Just(PoolKind::Average { count_padding: false }),
        ],
        (top, bottom) in (0usize..3, 0usize..3),
        m in (margins(), margins()),
        seed in 1u64..1000,
    ) {
        let (top, bottom) = (top.min(kernel - 1), bottom.min(kernel - 1));
        let padding = Padding { top, left: top, bottom, right: bottom };
        let spec = Pool { kind, kernel: [kernel; 2], stride: [stride; 2], padding };
        let (h, w) = (h.max(kernel), w.max(kernel));
        let size = |len: usize| (len + top + bottom - kernel) / stride + 1;
        let (input, out) = (Shape::new(c, h, w), Shape::new(c, size(h), size(w)));
        let (in_stride, in_len) = storage(input, m.0);
        let (out_stride, out_len) = storage(out, m.1);
        let source = noise(seed, in_len);
        let view = ViewRef::new(&source, m.0.before, in_stride, input);
        let blank = noise(seed + 1, out_len);
        let mut wanted = blank.clone();
        scalar::pool(&spec, view, ViewMut::new(&mut wanted, m.1.before, out_stride, out));
        for isa in Isa::available() {
            let mut found = blank.clone();
            pool(&Threads::new(3), isa, &spec, view, ViewMut::new(&mut found, m.1.before, out_stride, out));
            prop_assert!(relative_error(&found, &wanted) < 1e-6, "{isa:?}");
            prop_assert!(!outside(&found, &blank, out_stride, m.1, c), "{isa:?} wrote outside its view");
        }
    }

    #[test]
    fn lrn_equals_its_twin(
        (c, h, w) in (1usize..40, 1usize..6, 1usize..6),
        half in 0usize..4,
        beta in prop_oneof![Just(0.75f32), 0.1f32..2.0],
        seed in 1u64..1000,
    ) {
        let shape = Shape::new(c, h, w);
        let source: Vec<f32> = noise(seed, shape.len()).into_iter().map(|v| v * 200.0).collect();
        let (mut wanted, mut found) = (vec![0.0; shape.len()], vec![0.0; shape.len()]);
        let parameters = [(2 * half + 1) as f32, 1e-2, beta, 1.0];
        scalar::lrn(parameters, ViewRef::dense(&source, shape), ViewMut::dense(&mut wanted, shape));
        lrn(&Threads::new(2), parameters, ViewRef::dense(&source, shape), ViewMut::dense(&mut found, shape));
        prop_assert!(relative_error(&found, &wanted) < 1e-5);
    }
}

#[test]
fn linear_reads_its_input_in_chw_order() {
    let input = Shape::new(3, 2, 2);
    let nhwc: Vec<f32> = (0..12).map(|v| v as f32).collect();
    let mut weights = vec![0.0; 12];
    let (channel, y, x) = (2, 0, 1);
    weights[channel * 4 + y * 2 + x] = 1.0;
    let weights = LayerWeights { weights, biases: Some(vec![0.5]), norm: None };
    for isa in Isa::available() {
        let packed = PackedConv::linear(isa, input, 1, &weights).unwrap();
        let mut out = [0.0];
        let to = ViewMut::dense(&mut out, Shape::vector(1));
        packed.run(&Threads::new(1), ViewRef::dense(&nhwc, input), to, Epilogue::default());
        assert_eq!(out[0], nhwc[(y * 2 + x) * 3 + channel] + 0.5);
    }
}
