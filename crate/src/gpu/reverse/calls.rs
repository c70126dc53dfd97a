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
        caller.step(step.layer, step.pass, &mut calls);
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
    /// Adds the calls of a step; none where there is nothing to compute.
    fn step(&self, id: LayerId, pass: Pass, calls: &mut Vec<Call>) -> Option<()> {
        match pass {
            Pass::Take => None,
            Pass::Relu { .. } => {
                let mut params = Params { images: 1, ..Params::default() };
                Operand::new(self.storages, self.reverse.view(id)?).written(&mut params);
                operand(self.plan, id)?.read_second(&mut params);
                calls.push(each(Back::Relu, Bound::Identity, params, id));
                Some(())
            }
            Pass::Through { input, first } => {
                let [from, to] = self.reverse.passed(self.graph, id, input)?;
                let [from, to] = [from, to].map(|view| Operand::new(self.storages, view));
                let flags = if first { 0 } else { SECOND };
                self.through(id, input, &from, &to, flags, calls)
            }
        }
    }

    /// Passes a gradient through a layer.
    fn through(
        &self,
        id: LayerId,
        input: usize,
        from: &Operand,
        to: &Operand,
        flags: u32,
        calls: &mut Vec<Call>,
    ) -> Option<()> {
        let layer = self.graph.layer(id);
        let mut params = Params::default();
        let back = match &layer.op {
            Op::Input(_) => return None,
            Op::Conv(_) | Op::Linear(_) => {
                self.product(id, &transposed(self.graph, id)?, from, to, flags, calls);
                return Some(());
            }
            Op::Pool(pool) => {
                params = Params { flags: pool::flags(pool.kind), ..pool::window(pool) };
                match pool.kind {
                    PoolKind::Max => {
                        let given = operand(self.plan, id)?;
                        (params.third_base, params.third_stride) = (given.base, given.stride);
                        Back::MaxPool
                    }
                    PoolKind::Average { .. } => Back::AveragePool,
                }
            }
            Op::AdaptiveAverage(_) | Op::GlobalAverage => Back::Average,
            Op::Lrn(lrn) => {
                (params.kernel_width, params.reals) = (lrn.size as u32, [lrn.alpha, lrn.beta]);
                params.third_real = lrn.bias;
                Back::Lrn
            }
            Op::Add(add) => {
                params.reals[0] = if input == 0 { 1.0 } else { add.scale };
                Back::Scaled
            }
            // What ReLU lets through is decided before.
            Op::Activation(Activation::Relu | Activation::Identity) | Op::Concat | Op::Norm(_) => {
                params.reals[0] = 1.0;
                Back::Scaled
            }
            Op::Activation(activation) => {
                (params.kernel_width, params.reals[0]) = activation.coded();
                Back::Activation
            }
            Op::L2Normalize => Back::L2Normalize,
            Op::Softmax => Back::Softmax,
            Op::Sigmoid => Back::Sigmoid,
        };
        (params.flags, params.channels) = (flags | params.flags, to.shape.c as u32);
        from.read(1, &mut params);
        to.written(&mut params);
        if back.reads() {
            operand(self.plan, *layer.inputs.first()?)?.read_second(&mut params);
        }
        let bound = if let Op::Norm(_) = layer.op { Bound::Reversed(id) } else { Bound::Identity };
        calls.push(each(back, bound, params, id));
        Some(())
    }

    /// A convolution of the gradient; where it gives groups of positions, these are written out after it.
    fn product(
        &self,
        id: LayerId,
        transposed: &Transposed,
        from: &Operand,
        to: &Operand,
        flags: u32,
        calls: &mut Vec<Call>,
    ) {
        let Transposed { axes: [down, across], block, ref conv, shape, .. } = *transposed;
        let is_whole = transposed.is_whole();
        let (grouped, quads) = (dense(shape), (dense(shape).c / 4) as u32);
        let groups = Operand { base: self.groups, stride: quads, shape: grouped };
        let given = if is_whole { to } else { &groups };
        let mut params = Params::window(conv.kernel, [1, 1], conv.padding);
        from.read(1, &mut params);
        given.read_second(&mut params);
        given.written(&mut params);
        params.flags = if is_whole { flags } else { 0 };
        (params.reals[0], params.channels) = (1.0, shape.c as u32);
        params.depth = (conv.kernel[0] * conv.kernel[1]) as u32 * from.quads();
        let product = params.product();
        let way = match (self.software, product.is_vector()) {
            (true, _) => Way::whole(Tile::software(product)),
            (false, true) => Way::whole(Tile::Vector),
            (false, false) => self.tuning.way(&[product], self.tiler.half),
        };
        calls.extend(self.tiler.calls(Bound::Reversed(id), &[(id, params)], &way));
        if !is_whole {
            let mut scattered = Params {
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
            given.read(1, &mut scattered);
            to.written(&mut scattered);
            calls.push(each(Back::Scatter, Bound::Identity, scattered, id));
        }
    }
}

/// A call with an invocation for each vec4 of what it writes; of one workgroup, where that goes over all values.
fn each(back: Back, bound: Bound, params: Params, id: LayerId) -> Call {
    let workgroups = match back.is_whole() {
        true => [1, 1],
        false => flat(params.out_height * params.out_width * params.out_quads, 64),
    };
    Call { bound, ..Call::new(Shader::Back(back), params, workgroups, vec![id]) }
}
