use super::weights::transposed;
use crate::gpu::dispatch::{Bound, Call, Operand, Tiler, operand};
use crate::gpu::ops::pool;
use crate::gpu::params::{Params, SECOND};
use crate::gpu::shader::{Back, Shader};
use crate::gpu::tiles::{Tile, Way, flat};
use crate::gpu::tuning::Tuning;
use crate::graph::{Activation, Graph, LayerId, Op, PoolKind, Shape, Transposed};
use crate::plan::{Pass, Plan, ReversePlan, Storage};

/// The calls of a reverse pass, where those of each step end, and the values of the arena that they need: what a strided
/// convolution gives lies from `end` on, then the parts of sums.
pub(super) fn calls(
    graph: &Graph,
    plan: &Plan,
    (reverse, storages): (&ReversePlan, &[Storage]),
    tuning: &Tuning,
    software: bool,
    end: usize,
) -> (Vec<Call>, Vec<usize>, usize) {
    let groups = reverse.weighted(graph).filter_map(|id| transposed(graph, id)).filter(|t| !t.is_whole());
    let grouped = groups.map(|t| dense(t.shape).len()).max().unwrap_or(0);
    let tiler = Tiler { half: false, scratch: ((end + grouped) / 4) as u32 };
    let caller = Caller { graph, plan, reverse, storages, tuning, software, groups: (end / 4) as u32, tiler };
    let (mut calls, mut ends) = (Vec::new(), Vec::new());
    for step in &reverse.steps {
        calls.extend(caller.step(step.layer, step.pass).unwrap_or_default());
        ends.push(calls.len());
    }
    let scratch = Tiler::scratch(&calls) as usize;
    (calls, ends, end + grouped + 4 * scratch)
}

/// Room for a map of whole vec4s.
fn dense(shape: Shape) -> Shape {
    Shape { c: shape.c.next_multiple_of(4), ..shape }
}

struct Caller<'a> {
    graph: &'a Graph,
    plan: &'a Plan,
    reverse: &'a ReversePlan,
    storages: &'a [Storage],
    tuning: &'a Tuning,
    software: bool,
    /// The first vec4 of what a strided convolution gives.
    groups: u32,
    tiler: Tiler,
}

impl Caller<'_> {
    /// The calls of a step; none where there is nothing to compute.
    fn step(&self, id: LayerId, pass: Pass) -> Option<Vec<Call>> {
        match pass {
            Pass::Take => None,
            Pass::Relu { .. } => {
                let gradient = Operand::new(self.storages, self.reverse.view(id)?);
                let params =
                    beside(gradient.written(Params { images: 1, ..Params::default() }), operand(self.plan, id)?);
                Some(vec![each(Back::Relu, Bound::Identity, params, id)])
            }
            Pass::Through { input, first } => {
                let [from, to] = self.reverse.passed(self.graph, id, input)?;
                let [from, to] = [from, to].map(|view| Operand::new(self.storages, view));
                let flags = if first { 0 } else { SECOND };
                self.through(id, input, from, to, flags)
            }
        }
    }

    /// Passes a gradient through a layer.
    fn through(&self, id: LayerId, input: usize, from: Operand, to: Operand, flags: u32) -> Option<Vec<Call>> {
        let layer = self.graph.layer(id);
        let plain = Params::default();
        let scaled = |factor: f32| (Back::Scaled, Params { reals: [factor, 0.0], ..plain });
        let (back, params) = match &layer.op {
            Op::Input(_) => return None,
            Op::Conv(_) | Op::Linear(_) => {
                return Some(self.product(id, &transposed(self.graph, id)?, from, to, flags));
            }
            Op::Pool(pool) => {
                let window = Params { flags: pool::flags(pool.kind), ..pool::window(pool) };
                match pool.kind {
                    PoolKind::Max => {
                        let given = operand(self.plan, id)?;
                        (Back::MaxPool, Params { third_base: given.base, third_stride: given.stride, ..window })
                    }
                    PoolKind::Average { .. } => (Back::AveragePool, window),
                }
            }
            Op::AdaptiveAverage(_) | Op::GlobalAverage => (Back::Average, plain),
            Op::Lrn(lrn) => {
                let (kernel_width, reals) = (lrn.size as u32, [lrn.alpha, lrn.beta]);
                (Back::Lrn, Params { kernel_width, reals, third_real: lrn.bias, ..plain })
            }
            Op::Add(add) => scaled(if input == 0 { 1.0 } else { add.scale }),
            // What ReLU lets through is decided before.
            Op::Activation(Activation::Relu | Activation::Identity) | Op::Concat | Op::Norm(_) => scaled(1.0),
            Op::Activation(activation) => {
                let (kernel_width, number) = activation.coded();
                (Back::Activation, Params { kernel_width, reals: [number, 0.0], ..plain })
            }
            Op::L2Normalize => (Back::L2Normalize, plain),
            Op::Softmax => (Back::Softmax, plain),
            Op::Sigmoid => (Back::Sigmoid, plain),
        };
        let params = Params { flags: flags | params.flags, channels: to.shape.c as u32, ..params };
        let mut params = to.written(from.read(1, params));
        if back.reads() {
            params = beside(params, operand(self.plan, *layer.inputs.first()?)?);
        }
        let bound = if let Op::Norm(_) = layer.op { Bound::Reversed(id) } else { Bound::Identity };
        Some(vec![each(back, bound, params, id)])
    }

    /// A convolution of the gradient; where it gives groups of positions, these are written out after it.
    fn product(&self, id: LayerId, transposed: &Transposed, from: Operand, to: Operand, flags: u32) -> Vec<Call> {
        let Transposed { axes: [down, across], block, ref conv, shape, .. } = *transposed;
        let is_whole = transposed.is_whole();
        let (grouped, quads) = (dense(shape), (dense(shape).c / 4) as u32);
        let given = if is_whole { to } else { Operand { base: self.groups, stride: quads, shape: grouped } };
        let params = Params {
            flags: if is_whole { flags } else { 0 },
            reals: [1.0, 0.0],
            depth: (conv.kernel[0] * conv.kernel[1]) as u32 * from.quads(),
            second_base: given.base,
            second_stride: given.stride,
            channels: shape.c as u32,
            ..Params::window(conv.kernel, [1, 1], conv.padding)
        };
        let params = given.written(from.read(1, params));
        let product = params.product();
        let way = match (self.software, product.is_vector()) {
            (true, _) => Way::whole(Tile::software(product)),
            (false, true) => Way::whole(Tile::Vector),
            (false, false) => self.tuning.way(&[product], self.tiler.half),
        };
        let mut calls = self.tiler.calls(Bound::Reversed(id), &[(id, params)], &way);
        if !is_whole {
            let scattered = Params {
                flags,
                stride_y: down.stride as u32,
                stride_x: across.stride as u32,
                top: down.padding as u32,
                left: across.padding as u32,
                kernel_height: down.first as u32,
                kernel_width: across.first as u32,
                third_stride: (block / 4) as u32,
                ..Params::default()
            };
            calls.push(each(Back::Scatter, Bound::Identity, to.written(given.read(1, scattered)), id));
        }
        calls
    }
}

/// Parameters of a call that reads another map besides.
fn beside(params: Params, other: Operand) -> Params {
    Params { second_base: other.base, second_stride: other.stride, ..params }
}

/// A call with an invocation for each vec4 of what it writes; of one workgroup, where that goes over all values.
fn each(back: Back, bound: Bound, params: Params, id: LayerId) -> Call {
    let workgroups = match back.is_whole() {
        true => [1, 1],
        false => flat(params.out_height * params.out_width * params.out_quads, 64),
    };
    Call { bound, ..Call::new(Shader::Back(back), params, workgroups, vec![id]) }
}
