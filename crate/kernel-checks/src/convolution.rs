//! Convolutions: direct ones, and every form that they can be transformed to.

use std::fmt;

use inception::cpu::{Epilogue, Isa, PackedConv, Threads, ViewMut, ViewRef, Winograd};
use inception::graph::{Activation, Add, Conv, LayerWeights, Operation, Padding, Shape};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::numbers::weights;
use crate::storage::{Margins, Storage, margins, sizes};
use crate::{error_of_sums, hold, up_to};

/// See [`error_of_sums`].
const TOLERANCE: f32 = 2e-5;
/// How many threads share the work: the browser's checks have none but the page's own.
const THREADS: &[usize] = if cfg!(target_arch = "wasm32") { &[1] } else { &[1, 3] };
/// Kernels that transforms exist for.
const TRANSFORMED: [[usize; 2]; 10] = [[3, 3], [3, 5], [5, 3], [5, 5], [1, 3], [3, 1], [1, 5], [5, 1], [1, 7], [7, 1]];
/// The same for an axis with stride 2: each makes three to five taps of half the size.
const DEEP: std::ops::Range<usize> = 5..11;

#[derive(Clone)]
struct Case {
    input: Shape,
    outputs: usize,
    conv: Conv,
    /// Of input, output and residual.
    margins: [Margins; 3],
    residual: Option<f32>,
    norm: bool,
    seed: u64,
}

impl fmt::Debug for Case {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        let Conv { kernel, stride, padding: p, relu, .. } = self.conv;
        formatter
            .debug_struct("Convolution")
            .field("input_chw", &sizes(self.input))
            .field("outputs", &self.outputs)
            .field("kernel", &kernel)
            .field("stride", &stride)
            .field("padding_top_left_bottom_right", &[p.top, p.left, p.bottom, p.right])
            .field("margins", &self.margins)
            .field("residual", &self.residual)
            .field("norm", &self.norm)
            .field("relu", &relu)
            .field("seed", &self.seed)
            .finish()
    }
}

impl Case {
    /// The same with another kernel, stride and channels, and an input that the kernel fits into.
    fn with(self, kernel: [usize; 2], stride: [usize; 2], channels: usize, outputs: usize) -> Self {
        let input = Shape::new(channels, self.input.h.max(kernel[0]), self.input.w.max(kernel[1]));
        Self { input, outputs, conv: Conv { outputs, kernel, stride, ..self.conv }, ..self }
    }
}

fn cases() -> impl Strategy<Value = Case> {
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
    let geometry = (window, [1usize..4, 1usize..4], [0usize..4, 0usize..4, 0usize..4, 0usize..4]);
    let sizes = (prop_oneof![1usize..8, 8..up_to(40)], 1..up_to(13), 1..up_to(13), 1..up_to(50));
    let rest = ([margins(), margins(), margins()], proptest::option::of(0.1f32..1.0), any::<bool>(), any::<bool>());
    (geometry, sizes, rest, 1u64..1000).prop_map(|((kernel, stride, p), (c, h, w, outputs), rest, seed)| {
        let padding = Padding { top: p[0], left: p[1], bottom: p[2], right: p[3] };
        let (margins, residual, relu, norm) = rest;
        let conv = Conv { outputs, kernel, stride, padding, bias: true, norm: None, relu };
        let case = Case { input: Shape::new(c, h, w), outputs, conv, margins, residual, norm, seed };
        case.with(kernel, stride, c, outputs)
    })
}

/// Kernels and channels that the transformed forms take.
fn transformed_cases() -> impl Strategy<Value = Case> {
    let plain =
        (proptest::sample::select(&TRANSFORMED[..]), 1..up_to(9)).prop_map(|(kernel, c)| (kernel, [1, 1], 8 * c));
    let deep = ([DEEP, DEEP], 1..up_to(9)).prop_map(|(kernel, c)| (kernel, [2, 2], c));
    (cases(), prop_oneof![3 => plain, 1 => deep], 1..up_to(13))
        .prop_map(|(case, (kernel, stride, c), outputs)| case.with(kernel, stride, c, 8 * outputs))
}

/// A kernel that is ready to run, with the name that a failure is told under.
type Run<'a> = (String, Box<dyn Fn(&Threads, ViewRef, ViewMut, Epilogue) + 'a>);

pub fn direct(runner: &mut TestRunner) -> Result<(), String> {
    hold(runner, &cases(), |case| {
        compare(case, |isa, weights| {
            let packed = PackedConv::conv(isa, &case.conv, case.input.c, weights);
            let packed = packed.map_err(|error| error.to_string())?;
            let run: Run = (
                "direct".to_owned(),
                Box::new(move |threads, input, out, epilogue| packed.run(threads, input, out, epilogue)),
            );
            Ok(vec![run])
        })
    })
}

pub fn transformed(runner: &mut TestRunner) -> Result<(), String> {
    hold(runner, &transformed_cases(), |case| {
        let forms = Winograd::forms(&case.conv, case.input.c);
        if forms.is_empty() {
            return Err("there is no form for it".to_owned());
        }
        compare(case, |isa, weights| {
            let run = |form: &[usize; 2]| -> Result<Run, String> {
                let winograd = Winograd::new(isa, &case.conv, *form, case.input.c, weights);
                let winograd = winograd.map_err(|error| error.to_string())?;
                Ok((
                    format!("form {form:?}"),
                    Box::new(move |threads, input, out, epilogue| {
                        assert_eq!(winograd.run(threads, input, out, epilogue), Ok(()))
                    }),
                ))
            };
            forms.iter().map(run).collect()
        })
    })
}

/// Runs each kernel that `kernels` makes of the case's weights, and its reference.
fn compare<'a>(
    case: &Case,
    kernels: impl Fn(Isa, &LayerWeights) -> Result<Vec<Run<'a>>, String>,
) -> Result<(), String> {
    let Case { input: i, outputs, conv, margins, residual, norm, seed } = case;
    let out = conv.output(&[*i]).map_err(|error| error.to_string())?;
    let depth = i.c * conv.kernel[0] * conv.kernel[1];
    let weights = weights(*seed, depth, *outputs, true, norm.then_some(1e-3));
    let source = Storage::new(seed + 6, *i, margins[0]);
    let shortcut = Storage::new(seed + 7, out, margins[2]);
    let blank = Storage::new(seed + 8, out, margins[1]);
    let input = source.view();
    let epilogue = Epilogue { residual: residual.map(|scale| (shortcut.view(), scale)), relu: conv.relu };

    let plain = Conv { relu: false, ..*conv };
    let mut values = plain.reference(&[&source.values()], &weights, out);
    if let Some(scale) = *residual {
        values = Add { scale }.reference(&[&shortcut.values(), &values], &LayerWeights::NONE, out);
    }
    let relu = if conv.relu { Activation::Relu } else { Activation::Identity };
    let wanted = blank.with(&relu.reference(&[&values], &LayerWeights::NONE, out));

    for isa in Isa::available() {
        for (name, run) in kernels(isa, &weights)? {
            for &threads in THREADS {
                let mut found = blank.copy();
                run(&Threads::new(threads), input, found.view_mut(), epilogue);
                if found.is_touched_outside(&blank) {
                    return Err(format!("{isa:?}, {name}, {threads} threads: wrote outside its view"));
                }
                let error = error_of_sums(&found.data, &wanted.data, depth);
                if error >= TOLERANCE {
                    return Err(format!("{isa:?}, {name}, {threads} threads: error {error}"));
                }
            }
        }
    }
    Ok(())
}
