use super::pipelines::{Kernel, PARAMS};
use super::tiles::Tile;
use super::weights::Weights;
use crate::graph::{Activation, Add, Graph, LayerId, Linear, Lrn, Op, Pool, PoolKind, Shape};
use crate::plan::{Plan, Step};

const WORDS: usize = PARAMS as usize / 4;
const RELU: u32 = 1;
const SECOND: u32 = 2;
const COUNT_PADDING: u32 = 4;

/// The most workgroups along one dimension, by WebGPU's default limits.
const MAX_GROUPS: u32 = 65_535;

/// Stands for the statistics among the arenas.
pub(super) const STATISTICS: usize = usize::MAX;

/// Workgroups for `count` invocations, over two dimensions where one is not enough.
pub(super) fn flat(count: u32, group: u32) -> [u32; 2] {
    let groups = count.div_ceil(group);
    let rows = groups.div_ceil(MAX_GROUPS).max(1);
    [groups.div_ceil(rows), rows]
}

/// The buffers that a call works on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Bound {
    /// Arena of the input.
    pub input: usize,
    /// Arena of the second input; the input's where there is none.
    pub second: usize,
    /// Arena of the output, or [`STATISTICS`].
    pub output: usize,
    /// Index of the weight buffer.
    pub weights: usize,
    /// Whether the picture's levels and their table stand in for weights and factors.
    pub levels: bool,
}

/// One kernel call: what runs, over which buffers, with which parameters.
pub(super) struct Call {
    pub kernel: Kernel,
    pub bound: Bound,
    pub params: Params,
    pub workgroups: [u32; 2],
}

/// The fields of `Params` in shaders/shared/params.wgsl, in their order.
#[derive(Clone, Copy, Default)]
pub(super) struct Params(pub [u32; WORDS]);

impl Params {
    fn set(&mut self, at: usize, values: &[u32]) {
        self.0[at..at + values.len()].copy_from_slice(values);
    }

    /// Base and stride in vec4s, height and width, vec4s of channels.
    pub fn set_output(&mut self, base: u32, stride: u32, size: [u32; 2], quads: u32) {
        self.set(2, &size);
        self.set(6, &[base, stride]);
        self.set(11, &[quads]);
    }
}

/// A layer's view in vec4s.
pub(super) struct Operand {
    pub arena: usize,
    base: u32,
    stride: u32,
    pub shape: Shape,
}

impl Operand {
    /// Parameters of a call of `images` images with this input.
    pub fn params(&self, images: usize) -> Params {
        let mut params = Params::default();
        params.set(0, &[self.shape.h as u32, self.shape.w as u32]);
        params.set(4, &[self.base, self.stride]);
        params.set(10, &[self.shape.c.div_ceil(4) as u32]);
        params.set(26, &[images as u32]);
        params
    }
}

pub(super) fn operand(plan: &Plan, id: LayerId) -> Option<Operand> {
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

/// The call that makes the input of pictures in 8-bit levels.
pub(super) fn normalize(plan: &Plan) -> Option<Call> {
    let input = operand(plan, LayerId::new(0))?;
    let mut params = input.params(plan.images);
    let pixels = input.shape.h * input.shape.w;
    params.set_output(input.base, input.stride, [input.shape.h as u32, input.shape.w as u32], 1);
    // The input is the one view that the call does not read: another arena keeps it apart from what is written.
    let other = (input.arena + 1) % plan.arenas.len();
    let bound = Bound { input: other, second: other, output: input.arena, levels: true, ..Bound::default() };
    let workgroups = flat((plan.images * pixels) as u32, 64);
    Some(Call { kernel: Kernel::Normalize, bound, params, workgroups })
}

/// The calls of a step: what it computes, unless it is switched off for every image, then zeros for those where it is.
pub(super) fn calls(graph: &Graph, plan: &Plan, weights: &Weights, software: bool, step: &Step) -> Vec<Call> {
    let all_off = step.off.len() == plan.images;
    let computed = if all_off { None } else { call(graph, plan, weights, software, step) };
    let zeros = step.off.iter().filter_map(|&image| clear(plan, step.output, image));
    computed.into_iter().chain(zeros).collect()
}

/// Zeros in one image's output of a layer.
fn clear(plan: &Plan, id: LayerId, image: usize) -> Option<Call> {
    let out = operand(plan, id)?;
    let Shape { c, h, w } = out.shape;
    let mut params = out.params(1);
    let base = out.base + (image * h * w) as u32 * out.stride;
    params.set_output(base, out.stride, [h as u32, w as u32], c.div_ceil(4) as u32);
    let other = (out.arena + 1) % plan.arenas.len();
    let bound = Bound { input: other, second: other, output: out.arena, ..Bound::default() };
    Some(Call { kernel: Kernel::Clear, bound, params, workgroups: flat((h * w * c.div_ceil(4)) as u32, 64) })
}

/// The call of a step; none where there is nothing to compute.
fn call(graph: &Graph, plan: &Plan, weights: &Weights, software: bool, step: &Step) -> Option<Call> {
    let layer = graph.layer(step.layer);
    let input = operand(plan, *step.inputs.first()?)?;
    let shortcut = step.residual.map(|r| r.shortcut).or(step.inputs.get(1).copied());
    let second = shortcut.and_then(|id| operand(plan, id));
    let out = operand(plan, step.output)?;
    let images = plan.images as u32;
    let (pixels, quads) = (images * (out.shape.h * out.shape.w) as u32, out.shape.c.div_ceil(4) as u32);
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
        let tile = Tile::choose(software, pixels, quads);
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
        Op::Linear(Linear { relu: on, .. }) => {
            Work { kernel_size: [input.shape.h, input.shape.w], flags: relu(*on), ..conv() }
        }
        Op::Pool(Pool { kind, kernel, stride, padding }) => Work {
            kernel_size: *kernel,
            stride: *stride,
            start: [padding.top, padding.left],
            flags: if *kind == (PoolKind::Average { count_padding: true }) { COUNT_PADDING } else { 0 },
            ..plain(Kernel::Pool { max: *kind == PoolKind::Max })
        },
        Op::GlobalAverage | Op::AdaptiveAverage(_) => plain(Kernel::Average),
        &Op::Lrn(Lrn { size, alpha, beta, bias }) => {
            Work { kernel_size: [1, size], reals: [alpha, beta, bias], ..plain(Kernel::Lrn) }
        }
        Op::Add(Add { scale }) => Work { flags: SECOND, reals: [*scale, 0.0, 0.0], ..plain(Kernel::Add) },
        Op::Activation(Activation::Relu) => Work { flags: RELU, ..plain(Kernel::Add) },
        Op::Activation(activation) => {
            let (flags, number) = activation.coded();
            Work { flags, reals: [number, 0.0, 0.0], ..plain(Kernel::Activation) }
        }
        Op::Norm(_) => plain(Kernel::Norm),
        Op::L2Normalize => Work { workgroups: [images, 1], ..plain(Kernel::L2) },
        Op::Softmax => Work { workgroups: [images, 1], ..plain(Kernel::Softmax) },
        Op::Sigmoid => {
            let flags = if input.shape.c < out.shape.c { SECOND } else { 0 };
            Work { workgroups: [images, 1], flags, ..plain(Kernel::Sigmoid) }
        }
        Op::Input(_) | Op::Concat => return None,
    };
    let place = weights.places[step.layer.index()];
    let other = second.as_ref().unwrap_or(&input);
    let [kernel, stride, start] = [work.kernel_size, work.stride, work.start].map(|pair| pair.map(|v| v as u32));
    let mut params = input.params(plan.images);
    params.set_output(out.base, out.stride, [out.shape.h as u32, out.shape.w as u32], quads);
    params.set(8, &[other.base, other.stride]);
    params.set(12, &[kernel, stride, start].concat());
    params.set(18, &[place.weights as u32, place.factors as u32, layer.shape.c as u32, work.flags]);
    params.set(22, &work.reals.map(f32::to_bits));
    let bound =
        Bound { input: input.arena, second: other.arena, output: out.arena, weights: place.buffer, ..Bound::default() };
    Some(Call { kernel: work.kernel, bound, params, workgroups: work.workgroups })
}
