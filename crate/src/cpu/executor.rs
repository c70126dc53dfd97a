use super::ops::{self, Call, Fault, Prepared};
use super::reverse::{Backward, ReverseFault, Reversed};
use super::simd::Isa;
use super::threads::Threads;
use super::view::{ViewMut, ViewRef};
use crate::graph::{FoldError, Graph, LayerId, LayerWeights, Shape};
use crate::image::Levels;
use crate::plan::{Layout, Plan, Request, ReversePlan, View};
use std::cell::UnsafeCell;
use std::ops::Range;
use std::sync::Arc;

/// Why a network cannot be prepared for, or run on, the CPU.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CpuError {
    /// A layer's weights do not fold.
    #[error("{layer}: {source}")]
    Weights {
        /// The layer.
        layer: String,
        /// What is wrong.
        source: FoldError,
    },
    /// Memory was refused.
    #[error("{bytes} bytes for activations")]
    OutOfMemory {
        /// The size asked for.
        bytes: usize,
    },
    /// The input has another length than the network's.
    #[error("the input has {found} values, the network takes {wanted}")]
    Input {
        /// Height x width x 3.
        wanted: usize,
        /// The length found.
        found: usize,
    },
    /// A layer's weights have not been prepared.
    #[error("the weights of {layer} are not there")]
    Unprepared {
        /// The layer.
        layer: String,
    },
}

/// A network on the CPU: packed weights, the plan's arena, threads.
pub struct Cpu {
    graph: Arc<Graph>,
    plan: Plan,
    layers: Vec<Option<Prepared>>,
    /// Weights for reverse passes, of the layers that one has asked for.
    reversed: Vec<Option<Reversed>>,
    backward: Option<Box<Backward>>,
    arena: Vec<UnsafeCell<f32>>,
    threads: Threads,
    isa: Isa,
}

impl Cpu {
    /// A network without weights yet; see [`Cpu::prepare`].
    pub fn new(graph: Arc<Graph>, threads: Threads) -> Self {
        Self::with_isa(graph, threads, Isa::detect())
    }

    /// The same on a given instruction set, for tests of each.
    pub fn with_isa(graph: Arc<Graph>, threads: Threads, isa: Isa) -> Self {
        let layers = (0..graph.layers().len()).map(|_| None).collect();
        let reversed = (0..graph.layers().len()).map(|_| None).collect();
        let plan = Plan::new(&graph, &Request::default(), Layout::CPU);
        Self { graph, plan, layers, reversed, backward: None, arena: Vec::new(), threads, isa }
    }

    /// Takes an arena of so many values in place of the one that is there: there may not be room for both.
    fn reserve(&mut self, wanted: usize) -> Result<(), CpuError> {
        if self.arena.len() == wanted {
            return Ok(());
        }
        if !self.arena.is_empty() || self.arena.capacity() < wanted {
            self.arena = Vec::new();
            self.arena
                .try_reserve_exact(wanted)
                .map_err(|_| CpuError::OutOfMemory { bytes: wanted.saturating_mul(size_of::<f32>()) })?;
        }
        self.arena.resize_with(wanted, || UnsafeCell::new(0.0));
        Ok(())
    }

    /// Values of the arena.
    pub fn arena_len(&self) -> usize {
        self.plan.arena
    }

    /// Takes memory for the arena that was needed for something else so far.
    pub fn lend(&mut self, mut memory: Vec<f32>) {
        memory.clear();
        // The memory itself becomes that of the result.
        self.arena = memory.into_iter().map(UnsafeCell::new).collect();
    }

    /// Number of threads that kernels run on.
    pub fn threads(&self) -> usize {
        self.threads.count()
    }

    /// Bytes of packed weights.
    pub fn weight_bytes(&self) -> usize {
        let reversed = self.reversed.iter().flatten().map(Reversed::bytes).sum::<usize>();
        self.layers.iter().flatten().map(Prepared::bytes).sum::<usize>() + reversed
    }

    /// Folds and packs the weights of one layer.
    pub fn prepare(&mut self, id: LayerId, weights: &LayerWeights) -> Result<(), CpuError> {
        let layer = self.graph.layer(id);
        let shapes = [self.graph.read_by(layer), layer.shape];
        let named = |source| CpuError::Weights { layer: layer.name.clone(), source };
        self.layers[id.index()] = Prepared::new(self.isa, &layer.op, shapes, weights).map_err(named)?;
        Ok(())
    }

    /// The schedule in force.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Plans anew. Where there is no memory for the plan, the old one stays in force and has its arena again.
    pub fn configure(&mut self, request: &Request) -> Result<(), CpuError> {
        let plan = Plan::new(&self.graph, request, Layout::CPU);
        let backward = match &request.gradients {
            Some(gradients) => {
                let plan = ReversePlan::new(&self.graph, gradients, Layout::CPU.lanes);
                Some(Box::new(Backward::new(self.isa, &self.graph, plan).map_err(|fault| self.told(fault))?))
            }
            None => None,
        };
        let held = self.arena.len();
        if let Err(refused) = self.reserve(plan.arena) {
            // What was just given back is there; if not, the next run asks again.
            _ = self.reserve(held);
            return Err(refused);
        }
        (self.plan, self.backward) = (plan, backward);
        Ok(())
    }

    fn told(&self, fault: ReverseFault) -> CpuError {
        match fault {
            ReverseFault::Unprepared(id) => CpuError::Unprepared { layer: self.graph.layer(id).name.clone() },
            ReverseFault::Memory(bytes) => CpuError::OutOfMemory { bytes },
        }
    }

    /// The reverse pass that is planned.
    pub fn reverse_plan(&self) -> Option<&ReversePlan> {
        self.backward.as_ref().map(|backward| &backward.plan)
    }

    /// Bytes of memory of the reverse pass, without weights.
    pub fn reverse_bytes(&self) -> usize {
        self.backward.as_ref().map_or(0, |backward| backward.bytes())
    }

    /// The layers whose weights the planned reverse pass lacks.
    pub fn unreversed(&self) -> Vec<LayerId> {
        let is_prepared = |id: LayerId| self.reversed[id.index()].is_some();
        self.reverse_plan().map_or(Vec::new(), |plan| plan.unprepared(&self.graph, &is_prepared))
    }

    /// Folds and packs the weights of one layer for reverse passes.
    pub fn prepare_reverse(&mut self, id: LayerId, weights: &LayerWeights) -> Result<(), CpuError> {
        let layer = self.graph.layer(id);
        let shapes = [self.graph.read_by(layer), layer.shape];
        let named = |source| CpuError::Weights { layer: layer.name.clone(), source };
        self.reversed[id.index()] = Reversed::new(self.isa, &layer.op, shapes, weights).map_err(named)?;
        Ok(())
    }

    /// Begins the planned reverse pass of the run that has ended, with the gradient at the layer that it is of, `[H,W,C]`.
    /// Where it `wakes`, the ReLU at that layer's own end lets everything through.
    pub fn seed(&mut self, values: &[f32], wakes: bool) -> Result<(), CpuError> {
        let Some(backward) = &mut self.backward else { return Ok(()) };
        let wanted = self.graph.layer(backward.plan.gradients.of).shape.len();
        if values.len() != wanted {
            return Err(CpuError::Input { wanted, found: values.len() });
        }
        backward.seed(values, wakes);
        Ok(())
    }

    /// Runs steps of the reverse pass.
    ///
    /// # Errors
    /// A layer whose weights are not prepared for it, or no memory for intermediate values.
    pub fn run_reverse(&mut self, steps: Range<usize>) -> Result<(), CpuError> {
        let Some(backward) = &mut self.backward else { return Ok(()) };
        let done = backward.run(&self.threads, &self.graph, &self.reversed, steps);
        done.map_err(|fault| self.told(fault))
    }

    /// A gradient that was asked for, `[H,W,C]`, after the pass; no values where the number does not depend on the layer.
    pub fn gradient(&self, id: LayerId) -> Option<&[f32]> {
        self.backward.as_ref()?.taken(id)
    }

    /// Copies the normalised images, NHWC, to their place.
    pub fn set_input(&mut self, input: &[f32]) -> Result<(), CpuError> {
        self.place_input(input.len(), input.iter().copied())
    }

    /// Normalises pictures of the input's size in 8-bit levels, `[height, width, 3]` in the network's channel order, by a
    /// table of values.
    pub fn set_levels(&mut self, levels: &[u8], table: &Levels) -> Result<(), CpuError> {
        let values = levels.iter().enumerate().map(|(i, &level)| table[usize::from(level)][i % 3]);
        self.place_input(levels.len(), values)
    }

    fn place_input(&mut self, found: usize, values: impl Iterator<Item = f32>) -> Result<(), CpuError> {
        let wanted = self.graph.input().len().saturating_mul(self.plan.images);
        if found != wanted {
            return Err(CpuError::Input { wanted, found });
        }
        if self.arena.is_empty() {
            self.reserve(self.arena_len())?;
        }
        if let Some(view) = self.plan.view(LayerId::new(0)) {
            let at = self.plan.storages[view.storage].offset;
            self.arena[at..at + wanted].iter_mut().zip(values).for_each(|(cell, value)| *cell.get_mut() = value);
        }
        Ok(())
    }

    /// Runs steps of the plan.
    ///
    /// # Errors
    /// A layer whose weights are not there, or no memory for intermediate values.
    pub fn run(&mut self, steps: Range<usize>) -> Result<(), CpuError> {
        steps.into_iter().try_for_each(|index| self.step(index))
    }

    /// Runs one step of the plan.
    fn step(&mut self, index: usize) -> Result<(), CpuError> {
        let step = &self.plan.steps[index];
        let Some(out) = self.plan.view(step.output) else { return Ok(()) };
        for image in 0..self.plan.images {
            // SAFETY: the plan gives every storage that is alive during a step its own range of the arena, and no step
            // reads channels that it writes; `&mut self` keeps everything else out.
            let mut out = unsafe { self.view_mut(out, image) };
            if step.off.contains(&image) {
                (0..out.shape.h * out.shape.w).for_each(|pixel| out.channels(pixel).fill(0.0));
                continue;
            }
            let layer = self.graph.layer(step.layer);
            let view = |id: &LayerId| self.view(*id, image);
            let unprepared = || CpuError::Unprepared { layer: layer.name.clone() };
            let call = Call {
                threads: &self.threads,
                isa: self.isa,
                input: step.inputs.first().map(view).ok_or_else(unprepared)?,
                second: step.inputs.get(1).map(view),
                residual: step.residual.map(|r| (view(&r.shortcut), r.scale, r.relu)),
                out,
            };
            ops::run(&layer.op, self.layers[step.layer.index()].as_ref(), call).map_err(|fault| match fault {
                Fault::Unprepared => unprepared(),
                Fault::Memory(bytes) => CpuError::OutOfMemory { bytes },
            })?;
        }
        self.note(index);
        Ok(())
    }

    /// Notes what the reverse pass needs of a step that has run.
    fn note(&mut self, index: usize) {
        let Some(mut backward) = self.backward.take() else { return };
        let step = &self.plan.steps[index];
        if let Some(input) = step.inputs.first() {
            let (input, output) = (self.view(*input, 0), self.view(step.output, 0));
            backward.note(&self.threads, &self.graph, step.layer, input, output);
            if step.output != step.layer {
                backward.note(&self.threads, &self.graph, step.output, input, output);
            }
        }
        self.backward = Some(backward);
    }

    /// An image's storage in the arena, and the distance between its pixels.
    fn storage(&self, view: View, image: usize) -> (&[UnsafeCell<f32>], usize) {
        let storage = &self.plan.storages[view.storage];
        (&self.arena[storage.image(image)], storage.stride)
    }

    /// # Safety
    /// Nothing else may access the view's values while it is in use.
    unsafe fn view_mut(&self, view: View, image: usize) -> ViewMut<'_> {
        let (cells, stride) = self.storage(view, image);
        // SAFETY: by the caller's promise.
        unsafe { ViewMut::of_cells(cells, view.channel, stride, view.shape) }
    }

    /// The output of a layer for one image, NHWC. After a run it holds for the graph's outputs and kept layers only; a
    /// layer that was fused away has an empty view.
    pub fn view(&self, id: LayerId, image: usize) -> ViewRef<'_> {
        let none = View { storage: 0, channel: 0, shape: Shape::new(0, 0, 0) };
        let view = self.plan.view(id).unwrap_or(none);
        let (cells, stride) = self.storage(view, image);
        // SAFETY: only `step`, which has `&mut self`, writes values, and the plan lets it write nothing that it reads.
        unsafe { ViewRef::of_cells(cells, view.channel, stride, view.shape) }
    }
}
