//! Pools over windows, and over everything.

use std::fmt;

use inception::cpu::{Isa, Threads, pool};
use inception::graph::{LayerWeights, Op, Operation, Padding, Pool, PoolKind, Shape};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::numbers::relative_error;
use crate::storage::{Margins, Storage, margins, sizes};
use crate::{error_of_means, hold};

/// Of the largest value; see [`error_of_means`] for means of a whole map.
const TOLERANCE: f32 = 1e-6;

#[derive(Clone)]
struct Case {
    input: Shape,
    spec: Pool,
    /// Of input and output.
    margins: [Margins; 2],
    seed: u64,
}

impl fmt::Debug for Case {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        let Pool { kind, kernel, stride, padding: p } = self.spec;
        let kind = match kind {
            PoolKind::Max => "maximum",
            PoolKind::Average { count_padding: true } => "average with padding",
            PoolKind::Average { count_padding: false } => "average without padding",
        };
        formatter
            .debug_struct("Pool")
            .field("input_chw", &sizes(self.input))
            .field("kind", &kind)
            .field("kernel", &kernel)
            .field("stride", &stride)
            .field("padding_top_left_bottom_right", &[p.top, p.left, p.bottom, p.right])
            .field("margins", &self.margins)
            .field("seed", &self.seed)
            .finish()
    }
}

fn cases() -> impl Strategy<Value = Case> {
    let kind = prop_oneof![
        Just(PoolKind::Max),
        Just(PoolKind::Average { count_padding: true }),
        Just(PoolKind::Average { count_padding: false }),
    ];
    let window = (kind, 1usize..6, 1usize..4, 0usize..3, 0usize..3);
    let input = (1usize..20, 1usize..12, 1usize..12);
    (window, input, [margins(), margins()], 1u64..1000).prop_map(|(window, (c, h, w), margins, seed)| {
        let (kind, kernel, stride, top, bottom) = window;
        let (top, bottom) = (top.min(kernel - 1), bottom.min(kernel - 1));
        let padding = Padding { top, left: top, bottom, right: bottom };
        let spec = Pool { kind, kernel: [kernel; 2], stride: [stride; 2], padding };
        Case { input: Shape::new(c, h.max(kernel), w.max(kernel)), spec, margins, seed }
    })
}

pub fn windows(runner: &mut TestRunner) -> Result<(), String> {
    hold(runner, &cases(), |Case { input, spec, margins, seed }| {
        let out = spec.output(&[*input]).map_err(|error| error.to_string())?;
        let source = Storage::new(*seed, *input, margins[0]);
        let blank = Storage::new(seed + 1, out, margins[1]);
        let wanted = blank.with(&spec.reference(&[&source.values()], &LayerWeights::NONE, out));
        for isa in Isa::available() {
            let mut found = blank.copy();
            pool(&Threads::new(3), isa, spec, source.view(), found.view_mut());
            equal(&format!("{isa:?}"), &found, &wanted, &blank)?;
        }
        Ok(())
    })
}

pub fn global_average(runner: &mut TestRunner) -> Result<(), String> {
    hold(runner, &cases(), |Case { input, margins, seed, .. }| {
        let source = Storage::new(*seed, *input, margins[0]);
        let out = Shape::vector(input.c);
        let blank = Storage::new(seed + 1, out, margins[1]);
        let wanted = blank.with(&Op::GlobalAverage.reference(&[&source.values()], &LayerWeights::NONE, out));
        let mut found = blank.copy();
        inception::cpu::average(source.view(), found.view_mut());
        if found.is_touched_outside(&blank) {
            return Err("wrote outside its view".into());
        }
        let error = error_of_means(&found.data, &wanted.data, input.h * input.w);
        if error >= TOLERANCE { Err(format!("error {error}")) } else { Ok(()) }
    })
}

fn equal(what: &str, found: &Storage, wanted: &Storage, blank: &Storage) -> Result<(), String> {
    if found.is_touched_outside(blank) {
        return Err(format!("{what}: wrote outside its view"));
    }
    let error = relative_error(&found.data, &wanted.data);
    if error >= TOLERANCE { Err(format!("{what}: error {error}")) } else { Ok(()) }
}
