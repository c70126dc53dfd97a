//! The plan of a reverse pass: which gradients are computed in which order, where each lies, and what the forward run has to
//! leave for it. Reverse mode as in Griewank and Walther 2008, "Evaluating derivatives", chapter 3.
//!
//! Only layers between those that are asked for and the one whose gradient is asked have a gradient. That of a
//! concatenation's part is a channel range of the whole; a residual sum and its shortcut have one in common, since the
//! sum passes its own on as it is.

use super::{Storage, View, arena};
use crate::graph::{Activation, Graph, LayerId, Op, PoolKind, Shape};
use std::ops::Range;

/// Which gradients are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gradients {
    /// The layer that the number is a function of.
    pub of: LayerId,
    /// The layers at which the gradient is wanted; the first of all is the network's input.
    pub at: Vec<LayerId>,
}

/// What the forward run leaves of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Which of its outputs are positive.
    Positive,
    /// Which place of its window each maximum comes from.
    Maxima,
    /// What it reads.
    Input,
}

/// What a step of the reverse pass does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    /// The gradient at a layer that is asked for is whole.
    Take,
    /// It stops where the ReLU at the layer's end gave zero.
    Relu {
        /// The layer's values are the number's own: of its layer, or of one that it joins.
        own: bool,
    },
    /// It goes through the layer to one of those that it reads, by its place among them: the first that comes there, or
    /// another, which is added.
    Through {
        /// Place among the layer's inputs.
        input: usize,
        /// Nothing has come there yet.
        first: bool,
    },
}

/// A step of the reverse pass.
#[derive(Clone, Copy, Debug)]
pub struct ReverseStep {
    /// The layer whose gradient is read.
    pub layer: LayerId,
    /// What is done with it.
    pub pass: Pass,
    /// Counts modules, and single layers outside of modules.
    pub group: usize,
}

/// A schedule of a reverse pass with places for everything it writes.
#[derive(Clone, Debug)]
pub struct ReversePlan {
    /// What was asked for.
    pub gradients: Gradients,
    /// In order of execution.
    pub steps: Vec<ReverseStep>,
    /// What the gradients lie in.
    pub storages: Vec<Storage>,
    /// The gradient at each layer; none where none is computed.
    pub views: Vec<Option<View>>,
    /// What the forward run leaves.
    pub kept: Vec<(LayerId, Kept)>,
    /// Length of the arena in values.
    pub arena: usize,
}

impl ReversePlan {
    /// Plans a reverse pass whose pixels are a multiple of so many values apart.
    pub fn new(graph: &Graph, gradients: &Gradients, lanes: usize) -> Self {
        let between = between(graph, gradients);
        let mut steps = Vec::new();
        let mut shapes = Vec::new();
        let mut views: Vec<Option<View>> = vec![None; graph.layers().len()];
        let mut kept = Vec::new();
        let mut groups: Vec<&str> = Vec::new();
        let mut own = vec![false; graph.layers().len()];
        own[gradients.of.index()] = true;
        for (index, layer) in graph.layers().iter().enumerate().rev().filter(|(index, _)| between[*index]) {
            let id = LayerId::new(index);
            let name = layer.module.as_deref().unwrap_or(&layer.name);
            if groups.last() != Some(&name) {
                groups.push(name);
            }
            let group = groups.len() - 1;
            let mut step = |pass| steps.push(ReverseStep { layer: id, pass, group });
            let mut stored = |shape: Shape| {
                shapes.push(shape);
                View { storage: shapes.len() - 1, channel: 0, shape }
            };
            let view = *views[index].get_or_insert_with(|| stored(layer.shape));
            if gradients.at.contains(&id) {
                step(Pass::Take);
            }
            let wanted = |input: &LayerId| between[input.index()];
            if !layer.inputs.iter().any(wanted) {
                continue;
            }
            if ends_in_relu(&layer.op) {
                step(Pass::Relu { own: own[index] });
            }
            if own[index] && layer.op.is_alias() {
                layer.inputs.iter().for_each(|input| own[input.index()] = true);
            }
            kept.extend(needed(&layer.op).map(|what| (id, what)));
            let mut channel = view.channel;
            // Backwards: a sum's shortcut takes its gradient over when the residual has had it.
            let mut inputs: Vec<(usize, LayerId, View)> = Vec::new();
            for (place, &input) in layer.inputs.iter().enumerate() {
                let part = View { storage: view.storage, channel, shape: graph.layer(input).shape };
                channel += if matches!(layer.op, Op::Concat) { part.shape.c } else { 0 };
                inputs.push((place, input, part));
            }
            for (place, input, part) in inputs.into_iter().rev().filter(|(_, input, _)| wanted(input)) {
                let at = &mut views[input.index()];
                match at {
                    None if passes_on(&layer.op, place) => *at = Some(part),
                    None => {
                        *at = Some(stored(part.shape));
                        step(Pass::Through { input: place, first: true });
                    }
                    Some(_) => step(Pass::Through { input: place, first: false }),
                }
            }
        }
        let sized = |shape: Shape| Storage { shape, images: 1, stride: shape.c.next_multiple_of(lanes), offset: 0 };
        let mut storages: Vec<Storage> = shapes.into_iter().map(sized).collect();
        let lives = lifetimes(graph, gradients, &steps, &views, storages.len());
        let sizes: Vec<usize> = storages.iter().map(|storage| storage.range().len()).collect();
        let (offsets, arena) = arena::place(&sizes, &lives);
        storages.iter_mut().zip(offsets).for_each(|(storage, offset)| storage.offset = offset);
        Self { gradients: gradients.clone(), steps, storages, views, kept, arena }
    }

    /// Where the gradient at a layer lies, if it is computed.
    pub fn view(&self, id: LayerId) -> Option<View> {
        self.views[id.index()]
    }

    /// The gradient that passes through a layer to one of those that it reads, and the one there: of a concatenation, the
    /// input's part of it.
    pub fn passed(&self, graph: &Graph, id: LayerId, input: usize) -> Option<[View; 2]> {
        let layer = graph.layer(id);
        let (mut from, to) = (self.view(id)?, self.view(layer.inputs[input])?);
        if matches!(layer.op, Op::Concat) {
            from.channel += layer.inputs[..input].iter().map(|&id| graph.layer(id).shape.c).sum::<usize>();
            from.shape = to.shape;
        }
        Some([from, to])
    }

    /// The layers whose weights the pass reads and that have none for it yet.
    pub fn unprepared(&self, graph: &Graph, is_prepared: &dyn Fn(LayerId) -> bool) -> Vec<LayerId> {
        let mut missing: Vec<LayerId> = self.weighted(graph).filter(|&id| !is_prepared(id)).collect();
        missing.dedup();
        missing
    }

    /// The layers whose weights the pass reads.
    pub fn weighted<'a>(&'a self, graph: &'a Graph) -> impl Iterator<Item = LayerId> + 'a {
        let through = self.steps.iter().filter(|step| matches!(step.pass, Pass::Through { .. }));
        through.map(|step| step.layer).filter(|&id| graph.params_read(graph.layer(id)) > 0)
    }
}

/// The layers whose values the reverse pass reads, where they are not noted while the run goes on.
pub(super) fn read(graph: &Graph, gradients: &Gradients) -> Vec<LayerId> {
    let between = between(graph, gradients);
    let mut read = Vec::new();
    for (id, layer) in graph.public().filter(|(id, _)| between[id.index()]) {
        match needed(&layer.op) {
            Some(Kept::Positive) => read.push(id),
            Some(Kept::Maxima | Kept::Input) => read.extend([id, layer.inputs[0]]),
            None => {}
        }
    }
    read
}

/// Layers that depend on one that is asked for, and that the number depends on.
fn between(graph: &Graph, Gradients { of, at }: &Gradients) -> Vec<bool> {
    let mut depends = vec![false; graph.layers().len()];
    for (index, layer) in graph.layers().iter().enumerate() {
        depends[index] = at.contains(&LayerId::new(index)) || layer.inputs.iter().any(|input| depends[input.index()]);
    }
    depends.into_iter().zip(graph.needed(*of)).map(|(depends, needed)| depends && needed).collect()
}

/// Whether a layer's last act is a ReLU.
fn ends_in_relu(op: &Op) -> bool {
    match op {
        Op::Conv(conv) => conv.relu,
        Op::Linear(linear) => linear.relu,
        Op::Activation(activation) => *activation == Activation::Relu,
        Op::Input(_) | Op::Pool(_) | Op::AdaptiveAverage(_) | Op::GlobalAverage | Op::Lrn(_) | Op::Concat => false,
        Op::Add(_) | Op::Norm(_) | Op::L2Normalize | Op::Softmax | Op::Sigmoid => false,
    }
}

/// Windows of so many places, or fewer, are noted by the place of their maximum.
const PLACES: usize = 1 << u8::BITS;

/// What the reverse pass has to know of a layer's run.
fn needed(op: &Op) -> Option<Kept> {
    match op {
        Op::Pool(pool) if pool.kind != PoolKind::Max => None,
        Op::Pool(pool) => Some(if pool.kernel[0] * pool.kernel[1] <= PLACES { Kept::Maxima } else { Kept::Input }),
        Op::Activation(Activation::Identity) => None,
        Op::Conv(_) | Op::Linear(_) | Op::Activation(Activation::Relu) => ends_in_relu(op).then_some(Kept::Positive),
        Op::Lrn(_) | Op::Activation(_) | Op::L2Normalize | Op::Softmax | Op::Sigmoid => Some(Kept::Input),
        Op::Input(_) | Op::AdaptiveAverage(_) | Op::GlobalAverage | Op::Concat | Op::Add(_) | Op::Norm(_) => None,
    }
}

/// Whether the gradient at one of a layer's inputs is the layer's own, or a part of it.
fn passes_on(op: &Op, input: usize) -> bool {
    match op {
        Op::Concat | Op::Activation(Activation::Identity | Activation::Relu) => true,
        Op::Add(_) => input == 0,
        Op::Input(_) | Op::Conv(_) | Op::Pool(_) | Op::AdaptiveAverage(_) | Op::GlobalAverage | Op::Lrn(_) => false,
        Op::Activation(_) | Op::Linear(_) | Op::Norm(_) | Op::L2Normalize | Op::Softmax | Op::Sigmoid => false,
    }
}

/// First and one past the last step during which each storage holds something.
fn lifetimes(
    graph: &Graph,
    gradients: &Gradients,
    steps: &[ReverseStep],
    views: &[Option<View>],
    storages: usize,
) -> Vec<Range<usize>> {
    let mut lives = vec![Range { start: usize::MAX, end: 0 }; storages];
    let mut touch = |id: LayerId, time: usize| {
        if let Some(view) = views[id.index()] {
            let life = &mut lives[view.storage];
            *life = life.start.min(time)..life.end.max(time + 1);
        }
    };
    touch(gradients.of, 0);
    for (time, step) in steps.iter().enumerate() {
        touch(step.layer, time);
        if let Pass::Through { input, .. } = step.pass {
            touch(graph.layer(step.layer).inputs[input], time);
        }
    }
    lives
}
