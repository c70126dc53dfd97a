//! The kernels on small inputs, for browsers: they compile a function well only after it has run for a while, which may
//! just as well be while the weights are still on their way.

use super::direct::PackedConv;
use super::ops::pool;
use super::simd::Isa;
use super::threads::Threads;
use super::view::{Epilogue, ViewMut, ViewRef};
use super::winograd::Winograd;
use crate::graph::LayerWeights;
use crate::graph::{Conv, Padding, PoolKind, Shape};

/// Kernels whose every form is run.
const KERNELS: [[usize; 2]; 5] = [[1, 1], [3, 3], [1, 3], [5, 5], [1, 7]];
const CHANNELS: usize = 32;
/// Runs of each form: some milliseconds in a browser that has only just begun to compile.
const REPEATS: usize = 8;
/// The number of parts of a warm-up.
pub const PARTS: usize = KERNELS.len();

/// Runs one part, some milliseconds long.
pub fn warm_up(part: usize) {
    let (isa, threads) = (Isa::detect(), Threads::new(1));
    let Some(&kernel) = KERNELS.get(part) else { return };
    let shape = Shape::new(CHANNELS, 14, 14);
    let same = |[h, w]: [usize; 2]| Padding { top: h / 2, left: w / 2, bottom: h / 2, right: w / 2 };
    let conv =
        Conv { outputs: CHANNELS, kernel, stride: [1, 1], padding: same(kernel), bias: false, norm: None, relu: true };
    let weights = vec![0.0; kernel[0] * kernel[1] * CHANNELS * CHANNELS];
    let weights = LayerWeights { weights, biases: None, norm: None };
    let source = vec![0.0; shape.len()];
    let mut result = vec![0.0; shape.len()];
    let input = ViewRef::dense(&source, shape);
    let epilogue = Epilogue { residual: None, relu: true };
    for _ in 0..REPEATS {
        if let Ok(packed) = PackedConv::conv(isa, &conv, CHANNELS, &weights) {
            packed.run(&threads, input, ViewMut::dense(&mut result, shape), epilogue);
        }
        for form in Winograd::forms(&conv, CHANNELS) {
            if let Ok(winograd) = Winograd::new(isa, &conv, form, CHANNELS, &weights) {
                _ = winograd.run(&threads, input, ViewMut::dense(&mut result, shape), epilogue);
            }
        }
        for kind in [PoolKind::Max, PoolKind::Average { count_padding: false }] {
            let window = crate::graph::Pool { kind, kernel: [3, 3], stride: [1, 1], padding: same([3, 3]) };
            pool(&threads, isa, &window, input, ViewMut::dense(&mut result, shape));
        }
    }
}
