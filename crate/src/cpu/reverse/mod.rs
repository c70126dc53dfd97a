//! The reverse pass on the CPU: what the forward run leaves for it, the kernels, and their order.
//! Enters: a run's values, the gradient of a number at one layer. Leaves: its gradient at the layers that were asked for.
//!
//! `graph/ops` says what each operation's reverse means; tests hold the kernels here against that.

mod conv;
mod maxima;
mod pointwise;
mod tape;
mod window;

use super::simd::Isa;
use super::threads::Threads;
use super::view::{ViewMut, ViewRef};
use super::winograd::NoMemory;
use crate::graph::{Activation, FoldError, Graph, LayerId, LayerWeights, Op, PoolKind, Shape};
use crate::plan::{Pass, ReversePlan, View};
pub use conv::ReversedConv;
use std::cell::UnsafeCell;
use std::ops::Range;
use tape::Left;

/// Weights of one layer, ready for the reverse pass.
pub enum Reversed {
    /// Of a convolution, or of a linear layer, which is one over all positions.
    Conv(Box<ReversedConv>),
    /// The factor of each channel.
    Factors(Vec<f32>),
}

impl Reversed {
    /// Folds and packs the weights of an operation; none of one that has none.
    pub fn new(isa: Isa, op: &Op, [input, out]: [Shape; 2], weights: &LayerWeights) -> Result<Option<Self>, FoldError> {
        Ok(Some(match op {
            Op::Conv(_) | Op::Linear(_) => Self::Conv(Box::new(ReversedConv::new(isa, op, [input, out], weights)?)),
            Op::Norm(_) => {
                weights.check(out.c, 0)?;
                Self::Factors(weights.scale_shift(out.c)?.into_iter().map(|(scale, _)| scale as f32).collect())
            }
            Op::Input(_) | Op::Pool(_) | Op::AdaptiveAverage(_) | Op::GlobalAverage | Op::Lrn(_) => return Ok(None),
            Op::Concat | Op::Add(_) | Op::Activation(_) => return Ok(None),
            Op::L2Normalize | Op::Softmax | Op::Sigmoid => return Ok(None),
        }))
    }

    /// Bytes of packed weights.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Conv(conv) => conv.bytes(),
            Self::Factors(factors) => size_of_val(&factors[..]),
        }
    }

    /// Values of memory that a pass through them needs besides.
    fn scratch(&self) -> usize {
        match self {
            Self::Conv(conv) => conv.scratch(),
            Self::Factors(_) => 0,
        }
    }
}

/// Why a reverse pass cannot go on.
pub enum ReverseFault {
    /// The weights of a layer are not prepared for it, or its run has left nothing.
    Unprepared(LayerId),
    /// There is no memory for so many bytes.
    Memory(usize),
}

impl From<NoMemory> for ReverseFault {
    fn from(missing: NoMemory) -> Self {
        Self::Memory(missing.bytes)
    }
}

/// A reverse pass with its memory.
pub struct Backward {
    pub plan: ReversePlan,
    arena: Vec<UnsafeCell<f32>>,
    /// Per layer, what its run has left.
    left: Vec<Option<Left>>,
    /// Gradients that were asked for, `[H,W,C]`, in the order of the plan's list.
    taken: Vec<Vec<f32>>,
    scratch: Vec<f32>,
    isa: Isa,
    /// Whether the ReLU at the end of the number's own layer lets everything through.
    wakes: bool,
}

/// Memory for so many values, zeros.
fn reserved<T: Clone>(length: usize, value: T) -> Result<Vec<T>, ReverseFault> {
    let mut memory = Vec::new();
    memory.try_reserve_exact(length).map_err(|_| ReverseFault::Memory(length.saturating_mul(size_of::<T>())))?;
    memory.resize(length, value);
    Ok(memory)
}

impl Backward {
    /// Takes the memory of a plan.
    pub fn new(isa: Isa, graph: &Graph, plan: ReversePlan) -> Result<Self, ReverseFault> {
        let mut left: Vec<Option<Left>> = graph.layers().iter().map(|_| None).collect();
        for &(id, kept) in &plan.kept {
            let layer = graph.layer(id);
            left[id.index()] = Some(Left::new(kept, graph.read_by(layer), layer)?);
        }
        let mut taken = Vec::new();
        for &id in &plan.gradients.at {
            let is_there = plan.view(id).is_some();
            taken.push(reserved(if is_there { graph.layer(id).shape.len() } else { 0 }, 0.0)?);
        }
        let arena = reserved(plan.arena, 0.0)?.into_iter().map(UnsafeCell::new).collect();
        Ok(Self { plan, arena, left, taken, scratch: Vec::new(), isa, wakes: false })
    }

    /// Bytes of its memory.
    pub fn bytes(&self) -> usize {
        let left = self.left.iter().flatten().map(Left::bytes).sum::<usize>();
        let taken = self.taken.iter().map(Vec::len).sum::<usize>();
        (self.arena.len() + taken + self.scratch.capacity()) * size_of::<f32>() + left
    }

    /// Notes what is needed of a layer whose step has just run.
    pub fn note(&mut self, threads: &Threads, graph: &Graph, id: LayerId, input: ViewRef, output: ViewRef) {
        if let Some(left) = &mut self.left[id.index()] {
            left.note(threads, self.isa, &graph.layer(id).op, input, output);
        }
    }

    /// Begins a pass with the number's gradient at the layer that it is a function of, `[H,W,C]`. Where it `wakes`, the ReLU at
    /// the end of that layer lets everything through.
    ///
    /// # Panics
    /// If it has another length.
    pub fn seed(&mut self, values: &[f32], wakes: bool) {
        self.wakes = wakes;
        if let Some(view) = self.plan.view(self.plan.gradients.of) {
            // SAFETY: `&mut self` keeps everything else out.
            let mut to = unsafe { self.view_mut(view) };
            let pixels = values.chunks_exact(view.shape.c);
            assert_eq!(values.len(), view.shape.len());
            pixels.enumerate().for_each(|(pixel, values)| to.channels(pixel).copy_from_slice(values));
        }
        self.taken.iter_mut().for_each(|taken| taken.fill(0.0));
    }

    /// A gradient that was asked for, after the pass; none of a layer that was not. No values where the number does not depend
    /// on the layer.
    pub fn taken(&self, id: LayerId) -> Option<&[f32]> {
        let place = self.plan.gradients.at.iter().position(|&at| at == id)?;
        Some(&self.taken[place])
    }

    /// Runs steps of the pass.
    pub fn run(
        &mut self,
        threads: &Threads,
        graph: &Graph,
        reversed: &[Option<Reversed>],
        steps: Range<usize>,
    ) -> Result<(), ReverseFault> {
        let wanted = reversed.iter().flatten().map(Reversed::scratch).max().unwrap_or(0);
        if self.scratch.len() < wanted {
            self.scratch = reserved(wanted, 0.0)?;
        }
        steps.into_iter().try_for_each(|index| self.step(threads, graph, reversed, index))
    }

    fn step(
        &mut self,
        threads: &Threads,
        graph: &Graph,
        reversed: &[Option<Reversed>],
        index: usize,
    ) -> Result<(), ReverseFault> {
        let step = self.plan.steps[index];
        let (layer, unprepared) = (graph.layer(step.layer), ReverseFault::Unprepared(step.layer));
        let Some(view) = self.plan.view(step.layer) else { return Ok(()) };
        let left = self.left[step.layer.index()].as_ref();
        match step.pass {
            Pass::Take => {
                let places = self.plan.gradients.at.iter().enumerate().filter(|(_, id)| **id == step.layer);
                for (place, _) in places {
                    let mut to = std::mem::take(&mut self.taken[place]);
                    let from = self.view(view);
                    let pixels = to.chunks_exact_mut(view.shape.c).enumerate();
                    pixels.for_each(|(pixel, to)| to.copy_from_slice(from.channels(pixel)));
                    self.taken[place] = to;
                }
            }
            Pass::Relu { own: true } if self.wakes => {}
            Pass::Relu { .. } => {
                let Some(Left::Positive(bits)) = left else { return Err(unprepared) };
                // SAFETY: `&mut self` keeps everything else out.
                bits.mask(threads, unsafe { self.view_mut(view) });
            }
            Pass::Through { input, first } => {
                let Some([part, to]) = self.plan.passed(graph, step.layer, input) else { return Ok(()) };
                let (mut scratch, from) = (std::mem::take(&mut self.scratch), self.view(part));
                // SAFETY: the plan gives what is written a range of the arena that the step does not read.
                let to = unsafe { self.view_mut(to) };
                let weights = reversed[step.layer.index()].as_ref();
                let call = Call { threads, isa: self.isa, from, to, first, input };
                let done = through(&layer.op, weights, left, call, &mut scratch);
                self.scratch = scratch;
                done.map_err(|fault| fault.unwrap_or(unprepared))?;
            }
        }
        Ok(())
    }

    fn view(&self, view: View) -> ViewRef<'_> {
        let storage = &self.plan.storages[view.storage];
        // SAFETY: only `seed` and `step`, which have `&mut self`, write values.
        unsafe { ViewRef::of_cells(&self.arena[storage.range()], view.channel, storage.stride, view.shape) }
    }

    /// # Safety
    /// Nothing else may access the view's values while it is in use.
    unsafe fn view_mut(&self, view: View) -> ViewMut<'_> {
        let storage = &self.plan.storages[view.storage];
        // SAFETY: by the caller's promise.
        unsafe { ViewMut::of_cells(&self.arena[storage.range()], view.channel, storage.stride, view.shape) }
    }
}

/// What a pass through an operation runs on.
struct Call<'a> {
    threads: &'a Threads,
    isa: Isa,
    /// The gradient at its output; of a concatenation, the input's part of it.
    from: ViewRef<'a>,
    /// The gradient at one of its inputs.
    to: ViewMut<'a>,
    /// Nothing has come there yet.
    first: bool,
    /// Which input.
    input: usize,
}

/// Passes a gradient through an operation; an error of nothing where its weights, or what its run leaves, are not there.
fn through(
    op: &Op,
    weights: Option<&Reversed>,
    left: Option<&Left>,
    call: Call,
    scratch: &mut [f32],
) -> Result<(), Option<ReverseFault>> {
    let Call { threads, isa, from, to, first, input } = call;
    match (op, weights, left) {
        (Op::Conv(_) | Op::Linear(_), Some(Reversed::Conv(conv)), _) => {
            conv.run(threads, from, to, first, scratch).map_err(|missing| Some(missing.into()))?;
        }
        (Op::Norm(_), Some(Reversed::Factors(factors)), _) => {
            pointwise::scaled(threads, from, to, first, 1.0, Some(factors));
        }
        (Op::Pool(pool), _, Some(Left::Maxima(places))) => maxima::back(threads, isa, pool, places, from, to, first),
        (Op::Pool(pool), _, Some(Left::Input(values))) => maxima::back_to(pool, values, from, to, first),
        (Op::Pool(pool), _, None) if pool.kind != PoolKind::Max => window::means(threads, pool, from, to, first),
        (Op::AdaptiveAverage(_) | Op::GlobalAverage, ..) => window::average(from, to, first),
        (Op::Lrn(lrn), _, Some(Left::Input(values))) => pointwise::lrn(threads, lrn, values, from, to, first),
        (Op::Add(add), ..) => {
            let factor = if input == 0 { 1.0 } else { add.scale };
            pointwise::scaled(threads, from, to, first, factor, None);
        }
        (Op::Activation(activation), _, Some(Left::Input(values))) => {
            pointwise::vector(values, from, to, first, &|x, g| {
                x.iter().zip(g).map(|(&x, g)| g * activation.slope(x)).collect()
            });
        }
        // What ReLU lets through is decided before.
        (Op::Activation(Activation::Relu | Activation::Identity) | Op::Concat, ..) => {
            pointwise::scaled(threads, from, to, first, 1.0, None);
        }
        (Op::L2Normalize, _, Some(Left::Input(values))) => {
            pointwise::vector(values, from, to, first, &crate::graph::L2Normalize::back);
        }
        (Op::Softmax, _, Some(Left::Input(values))) => {
            pointwise::vector(values, from, to, first, &crate::graph::Softmax::back);
        }
        (Op::Sigmoid, _, Some(Left::Input(values))) => {
            pointwise::vector(values, from, to, first, &crate::graph::Sigmoid::back);
        }
        (Op::Conv(_) | Op::Linear(_) | Op::Norm(_) | Op::Pool(_) | Op::Lrn(_) | Op::Activation(_), ..) => {
            return Err(None);
        }
        (Op::L2Normalize | Op::Softmax | Op::Sigmoid, ..) => return Err(None),
        // It reads nothing.
        (Op::Input(_), ..) => {}
    }
    Ok(())
}
