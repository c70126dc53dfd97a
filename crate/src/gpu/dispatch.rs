use super::pipelines::{Kernel, PARAMS};
use super::tiles::Tile;
use super::weights::Weights;
use crate::graph::{Graph, LayerId, Op, Pool, PoolKind, Shape};
use crate::plan::{Plan, Step};

const WORDS: usize = PARAMS as usize / 4;
const RELU: u32 = 1;
const SECOND: u32 = 2;
const COUNT_PADDING: u32 = 4;

/// The most workgroups along one dimension, by WebGPU's default limits.
const MAX_GROUPS: u32 = 65_535;

/// Workgroups for `count` invocations, over two dimensions where one is not enough.
pub(super) fn flat(count: u32, group: u32) -> [u32; 2] {
    let groups = count.div_ceil(group);
    let rows = groups.div_ceil(MAX_GROUPS).max(1);
    [groups.div_ceil(rows), rows]
}

/// One kernel call: what runs, over which buffers, with which parameters.
pub(super) struct Call {
    pub kernel: Kernel,
    /// Arenas of the input, of the second input (the input's where there is none) and of the output.
    pub arenas: [usize; 3],
    /// Index of the weight buffer.
    pub weights: usize,
    /// The fields of `Params` in shaders/shared/params.wgsl.
    pub params: [u32; WORDS],
    pub workgroups: [u32; 2],
}

/// A layer's view in vec4s.
struct Operand {
    arena: usize,
    base: u32,
    stride: u32,
    shape: Shape,
}

fn operand(plan: &Plan, id: LayerId) -> Option<Operand> {
    let view = plan.view(id)?;
    let storage = &plan.storages[view.storage];
    Some(Operand {
        arena: storage.arena,
        base: ((storage.offset + view.channel) / 4) as u32,
        stride: (storage.stride / 4) as u32,
        shape: view.shape,
    })
}

/// What of a call depends on the operation.
struct Work {
    kernel: Kernel,
    workgroups: [u32; 2],
    kernel_size: [usize; 2],
    stride: [usize; 2],
    start: [usize; 2],
    flags: u32,
    reals: [f32; 3],
}

/// The call of a step; none where there is nothing to compute.
pub(super) fn call(graph: &Graph, plan: &Plan, weights: &Weights, software: bool, step: &Step) -> Option<Call> {
    let layer = graph.layer(step.layer);
    let input = operand(plan, *step.inputs.first()?)?;
    let shortcut = step.residual.map(|r| r.shortcut).or(step.inputs.get(1).copied());
    let second = shortcut.and_then(|id| operand(plan, id));
    let out = operand(plan, step.output)?;
    let (pixels, quads) = ((out.shape.h * out.shape.w) as u32, out.shape.c.div_ceil(4) as u32);
    let plain = |kernel| Work {
        kernel,
        workgroups: flat(pixels * quads, 64),
        kernel_size: [1, 1],
        stride: [1, 1],
        start: [0, 0],
        flags: 0,
        reals: [0.0; 3],
    };
    let relu = |on: bool| if on { RELU } else { 0 };
    let conv = || {
        let tile = Tile::choose(software, pixels);
        let kernel = Kernel::Conv { tile, half: weights.half };
        Work { workgroups: tile.workgroups(pixels, quads), ..plain(kernel) }
    };
    let work = match &layer.op {
        Op::Conv(c) => Work {
            kernel_size: c.kernel,
            stride: c.stride,
            start: [c.padding.top, c.padding.left],
            flags: relu(step.residual.map_or(c.relu, |r| r.relu)) | step.residual.map_or(0, |_| SECOND),
            reals: [step.residual.map_or(1.0, |r| r.scale), 0.0, 0.0],
            ..conv()
        },
        Op::Linear { relu: on, .. } => Work { kernel_size: [input.shape.h, input.shape.w], flags: relu(*on), ..conv() },
        Op::Pool(Pool { kind, kernel, stride, padding }) => Work {
            kernel_size: *kernel,
            stride: *stride,
            start: [padding.top, padding.left],
            flags: if *kind == (PoolKind::Average { count_padding: true }) { COUNT_PADDING } else { 0 },
            ..plain(Kernel::Pool { max: *kind == PoolKind::Max })
        },
        Op::GlobalAverage | Op::AdaptiveAverage { .. } => plain(Kernel::Average),
        &Op::Lrn { size, alpha, beta, bias } => {
            Work { kernel_size: [1, size], reals: [alpha, beta, bias], ..plain(Kernel::Lrn) }
        }
        Op::Add { scale } => Work { flags: SECOND, reals: [*scale, 0.0, 0.0], ..plain(Kernel::Add) },
        Op::Activation { .. } => Work { flags: RELU, ..plain(Kernel::Add) },
        Op::Norm(_) => plain(Kernel::Norm),
        Op::L2Normalize => Work { workgroups: [1, 1], ..plain(Kernel::L2) },
        Op::Softmax => Work { workgroups: [1, 1], ..plain(Kernel::Softmax) },
        Op::Input | Op::Concat => return None,
    };
    let place = weights.places[step.layer.index()];
    let other = second.as_ref().unwrap_or(&input);
    let sizes = [input.shape.h, input.shape.w, out.shape.h, out.shape.w].map(|v| v as u32);
    let [kernel, stride, start] = [work.kernel_size, work.stride, work.start].map(|pair| pair.map(|v| v as u32));
    let mut params = [0; WORDS];
    let fields = sizes
        .into_iter()
        .chain([input.base, input.stride, out.base, out.stride, other.base, other.stride])
        .chain([input.shape.c.div_ceil(4) as u32, quads])
        .chain(kernel.into_iter().chain(stride).chain(start))
        .chain([place.weights as u32, place.factors as u32, layer.shape.c as u32, work.flags])
        .chain(work.reals.map(f32::to_bits));
    params.iter_mut().zip(fields).for_each(|(word, value)| *word = value);
    let arenas = [input.arena, other.arena, out.arena];
    Some(Call { kernel: work.kernel, arenas, weights: place.buffer, params, workgroups: work.workgroups })
}
