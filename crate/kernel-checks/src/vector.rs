//! Local response normalisation, and linear layers.

use inception::cpu::{Epilogue, Isa, PackedConv, Threads, ViewMut, ViewRef};
use inception::graph::{LayerWeights, Lrn, Operation, Shape, Values};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::numbers::{noise, relative_error, weights};
use crate::{error_of_sums, hold};

/// Of the largest value; see also [`error_of_sums`].
const TOLERANCE: f32 = 1e-5;

pub fn lrn(runner: &mut TestRunner) -> Result<(), String> {
    let cases = ([1usize..40, 1usize..6, 1usize..6], 0usize..4, prop_oneof![Just(0.75f32), 0.1f32..2.0], 1u64..1000);
    hold(runner, &cases, |&([c, h, w], half, beta, seed)| {
        let shape = Shape::new(c, h, w);
        let source: Vec<f32> = noise(seed, shape.len()).into_iter().map(|v| v * 200.0).collect();
        let mut found = vec![0.0; shape.len()];
        let lrn = Lrn { size: 2 * half + 1, alpha: 1e-2, beta, bias: 1.0 };
        let input = ViewRef::dense(&source, shape);
        let wanted = lrn.reference(&[&Values::from_f32(shape, &source)], &LayerWeights::NONE, shape).to_f32();
        inception::cpu::lrn(&Threads::new(2), &lrn, input, ViewMut::dense(&mut found, shape));
        within(relative_error(&found, &wanted), "lrn")
    })
}

/// A linear layer's weights read their input in CHW order, though it lies in NHWC.
pub fn linear(runner: &mut TestRunner) -> Result<(), String> {
    let cases = ([1usize..20, 1usize..5, 1usize..5], 1usize..50, 1u64..1000);
    hold(runner, &cases, |&([c, h, w], outputs, seed)| {
        let input = Shape::new(c, h, w);
        let weights = weights(seed, input.len(), outputs, true, None);
        let nhwc = noise(seed + 6, input.len());
        let chw = |i: usize| nhwc[i % (h * w) * c + i / (h * w)];
        let biases = weights.biases.as_deref().unwrap_or_default();
        let sum = |row: &[f32]| row.iter().enumerate().map(|(i, v)| f64::from(*v) * f64::from(chw(i))).sum::<f64>();
        let rows = weights.weights.chunks(input.len()).zip(biases);
        let wanted: Vec<f32> = rows.map(|(row, bias)| (sum(row) + f64::from(*bias)) as f32).collect();
        for isa in Isa::available() {
            let packed = PackedConv::linear(isa, input, outputs, &weights).map_err(|error| error.to_string())?;
            let mut found = vec![0.0; outputs];
            let out = ViewMut::dense(&mut found, Shape::vector(outputs));
            packed.run(&Threads::new(1), ViewRef::dense(&nhwc, input), out, Epilogue::default());
            within(error_of_sums(&found, &wanted, input.len()), &format!("{isa:?}"))?;
        }
        Ok(())
    })
}

fn within(error: f32, what: &str) -> Result<(), String> {
    if error >= TOLERANCE { Err(format!("{what}: error {error}")) } else { Ok(()) }
}
