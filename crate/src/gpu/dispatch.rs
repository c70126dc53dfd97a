//! Steps of a plan as kernel calls: which buffers, which places in them, which parameters.

use super::invocation::Site;
use super::ops;
use super::params::Params;
use super::shader::Shader;
use super::tiles::flat;
use super::weights::Weights;
use crate::graph::{Graph, LayerId, Shape};
use crate::plan::{Plan, Step};

/// Stands for the statistics among the arenas.
pub(super) const STATISTICS: usize = usize::MAX;

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
    pub shader: Shader,
    pub bound: Bound,
    pub params: Params,
    pub workgroups: [u32; 2],
}

/// A layer's view in vec4s.
pub(super) struct Operand {
    pub arena: usize,
    base: u32,
    stride: u32,
    pub shape: Shape,
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

impl Operand {
    fn quads(&self) -> u32 {
        self.shape.c.div_ceil(4) as u32
    }

    /// Parameters of a call of `images` images that reads this.
    pub fn read(&self, images: usize, params: Params) -> Params {
        Params {
            in_height: self.shape.h as u32,
            in_width: self.shape.w as u32,
            in_base: self.base,
            in_stride: self.stride,
            in_quads: self.quads(),
            images: images as u32,
            ..params
        }
    }

    /// The same of a call that writes this.
    fn written(&self, params: Params) -> Params {
        Params {
            out_height: self.shape.h as u32,
            out_width: self.shape.w as u32,
            out_base: self.base,
            out_stride: self.stride,
            out_quads: self.quads(),
            ..params
        }
    }

    /// The buffers of a call that only writes this: as inputs, another arena, apart from what is written.
    fn alone(&self, plan: &Plan) -> Bound {
        let other = (self.arena + 1) % plan.arenas.len();
        Bound { input: other, second: other, output: self.arena, ..Bound::default() }
    }
}

/// The call that makes the input of pictures in 8-bit levels.
pub(super) fn normalize(plan: &Plan) -> Option<Call> {
    let input = operand(plan, LayerId::new(0))?;
    let params = input.written(input.read(plan.images, Params::default()));
    let bound = Bound { levels: true, ..input.alone(plan) };
    let workgroups = flat((plan.images * input.shape.h * input.shape.w) as u32, 64);
    Some(Call { shader: Shader::Normalize, bound, params, workgroups })
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
    let mut out = operand(plan, id)?;
    let pixels = out.shape.h * out.shape.w;
    out.base += (image * pixels) as u32 * out.stride;
    let params = out.written(out.read(1, Params::default()));
    let workgroups = flat(pixels as u32 * out.quads(), 64);
    Some(Call { shader: Shader::Clear, bound: out.alone(plan), params, workgroups })
}

/// The call of a step; none where there is nothing to compute.
fn call(graph: &Graph, plan: &Plan, weights: &Weights, software: bool, step: &Step) -> Option<Call> {
    let layer = graph.layer(step.layer);
    let (input, out) = (operand(plan, *step.inputs.first()?)?, operand(plan, step.output)?);
    let site = Site {
        input: input.shape,
        output: out.shape,
        images: plan.images as u32,
        residual: step.residual,
        software,
        half: weights.half,
    };
    let invocation = ops::invocation(&layer.op, &site)?;
    let place = weights.places[step.layer.index()];
    let shortcut = step.residual.map(|r| r.shortcut).or(step.inputs.get(1).copied());
    let second = shortcut.and_then(|id| operand(plan, id));
    let other = second.as_ref().unwrap_or(&input);
    let params = Params {
        second_base: other.base,
        second_stride: other.stride,
        weights: place.weights as u32,
        factors: place.factors as u32,
        channels: layer.shape.c as u32,
        ..out.written(input.read(plan.images, invocation.params))
    };
    let bound =
        Bound { input: input.arena, second: other.arena, output: out.arena, weights: place.buffer, ..Bound::default() };
    Some(Call { shader: invocation.shader, bound, params, workgroups: invocation.workgroups })
}
