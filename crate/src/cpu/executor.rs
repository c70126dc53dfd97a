use super::conv::PackedConv;
use super::fold::{FoldError, LayerWeights};
use super::parallel::Pool;
use super::simd::Isa;
use super::view::{Epilogue, ViewMut, ViewRef};
use super::winograd::Winograd;
use super::{kernels, pool};
use crate::graph::{Graph, LayerId, Op, Shape};
use crate::image::Levels;
use crate::plan::{Memory, Plan, Request, Step, View};
use std::cell::UnsafeCell;
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
}

/// Weights of one layer, ready to run.
enum Prepared {
    Conv(PackedConv),
    Winograd(Winograd),
    Affine(Vec<(f32, f32)>),
}

/// A network on the CPU: packed weights, the plan's arena, threads.
pub struct Cpu {
    graph: Arc<Graph>,
    plan: Plan,
    layers: Vec<Option<Prepared>>,
    arena: Vec<UnsafeCell<f32>>,
    pool: Pool,
    isa: Isa,
}

impl Cpu {
    /// A network without weights yet; see [`Cpu::prepare`].
    pub fn new(graph: Arc<Graph>, pool: Pool) -> Self {
        Self::with_isa(graph, pool, Isa::detect())
    }

    /// The same on a given instruction set, for tests of each.
    pub fn with_isa(graph: Arc<Graph>, pool: Pool, isa: Isa) -> Self {
        let layers = (0..graph.layers.len()).map(|_| None).collect();
        let plan = Plan::new(&graph, &Request::default(), Memory::CPU);
        Self { graph, plan, layers, arena: Vec::new(), pool, isa }
    }

    /// Takes the arena, for the first run or another plan.
    fn reserve(&mut self) -> Result<(), CpuError> {
        let wanted = self.arena_len();
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
        self.plan.arenas.iter().fold(0, |sum, &len| sum.saturating_add(len))
    }

    /// Takes memory for the arena that was needed for something else so far.
    pub fn lend(&mut self, mut memory: Vec<f32>) {
        memory.clear();
        // The memory itself becomes that of the result.
        self.arena = memory.into_iter().map(UnsafeCell::new).collect();
    }

    /// Number of threads that kernels run on.
    pub fn threads(&self) -> usize {
        self.pool.threads()
    }

    /// Bytes of packed weights.
    pub fn weight_bytes(&self) -> usize {
        let bytes = |l: &Option<Prepared>| match l {
            Some(Prepared::Conv(c)) => c.bytes(),
            Some(Prepared::Winograd(w)) => w.bytes(),
            Some(Prepared::Affine(f)) => size_of_val(&f[..]),
            None => 0,
        };
        self.layers.iter().map(bytes).sum()
    }

    /// Folds and packs the weights of one layer.
    pub fn prepare(&mut self, id: LayerId, weights: &LayerWeights) -> Result<(), CpuError> {
        let layer = self.graph.layer(id);
        let channels = layer.shape.c;
        let input = layer.inputs.first().map_or(layer.shape, |&i| self.graph.layer(i).shape);
        let prepared = match &layer.op {
            Op::Conv(conv) => match super::choice::form(conv, input.c, layer.shape) {
                Some(form) => Winograd::new(self.isa, conv, form, [input.c, channels], weights).map(Prepared::Winograd),
                None => PackedConv::conv(self.isa, conv, input.c, channels, weights).map(Prepared::Conv),
            },
            Op::Linear { .. } => PackedConv::linear(self.isa, input, channels, weights).map(Prepared::Conv),
            _ => weights.check(channels, 0).and_then(|()| weights.scale_shift(channels)).map(|factors| {
                Prepared::Affine(factors.into_iter().map(|(scale, shift)| (scale as f32, shift as f32)).collect())
            }),
        };
        let named = |source| CpuError::Weights { layer: layer.name.clone(), source };
        self.layers[id.index()] = Some(prepared.map_err(named)?);
        Ok(())
    }

    /// The schedule in force.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Plans anew. A plan for which there is no memory leaves the old one in force; its arena is taken again by the next run.
    pub fn replan(&mut self, request: &Request) -> Result<(), CpuError> {
        let old = std::mem::replace(&mut self.plan, Plan::new(&self.graph, request, Memory::CPU));
        self.reserve().inspect_err(|_| self.plan = old)
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
            self.reserve()?;
        }
        if let Some(view) = self.plan.view(LayerId::new(0)) {
            let at = self.plan.storages[view.storage].offset;
            self.arena[at..at + wanted].iter_mut().zip(values).for_each(|(cell, value)| *cell.get_mut() = value);
        }
        Ok(())
    }

    /// Runs steps of the plan.
    pub fn run(&mut self, steps: std::ops::Range<usize>) {
        steps.for_each(|index| self.step(index));
    }

    /// Runs one step of the plan.
    fn step(&mut self, index: usize) {
        let step = &self.plan.steps[index];
        let Some(out) = self.plan.view(step.output) else { return };
        for image in 0..self.plan.images {
            // SAFETY: the plan gives every storage that is alive during a step its own range of the arena, and no step
            // reads channels that it writes; `&mut self` keeps everything else out.
            let out = unsafe { self.view_mut(out, image) };
            match step.off.contains(&image) {
                true => kernels::clear(out),
                false => self.kernel(step, image, out),
            }
        }
    }

    fn kernel(&self, step: &Step, image: usize, mut out: ViewMut) {
        let layer = self.graph.layer(step.layer);
        let input = |i: usize| self.view(step.inputs[i], image);
        match (&layer.op, &self.layers[step.layer.index()]) {
            (Op::Conv(conv), Some(prepared)) => {
                let residual = step.residual.map(|r| (self.view(r.shortcut, image), r.scale));
                let epilogue = Epilogue { residual, relu: step.residual.map_or(conv.relu, |r| r.relu) };
                match prepared {
                    Prepared::Conv(packed) => packed.run(&self.pool, input(0), out, epilogue),
                    Prepared::Winograd(winograd) => winograd.run(&self.pool, input(0), out, epilogue),
                    Prepared::Affine(_) => {}
                }
            }
            (Op::Linear { relu, .. }, Some(Prepared::Conv(packed))) => {
                packed.run(&self.pool, input(0), out, Epilogue { residual: None, relu: *relu });
            }
            (Op::Norm(_), Some(Prepared::Affine(factors))) => kernels::affine(factors, input(0), out),
            (Op::Pool(p), _) => pool::pool(&self.pool, self.isa, p, input(0), out),
            (Op::AdaptiveAverage { .. }, _) => kernels::adaptive_average(input(0), out),
            (Op::GlobalAverage, _) => kernels::global_average(input(0), out),
            (&Op::Lrn { size, alpha, beta, bias }, _) => {
                kernels::lrn(&self.pool, [size as f32, alpha, beta, bias], input(0), out);
            }
            (Op::Add { scale }, _) => kernels::add(*scale, input(0), input(1), out),
            (&Op::Activation(activation), _) => kernels::activate(activation, input(0), out),
            (Op::L2Normalize, _) => kernels::l2_normalize(input(0), out),
            (Op::Softmax, _) => kernels::softmax(input(0).channels(0), out.channels(0)),
            (Op::Sigmoid, _) => kernels::sigmoid(input(0).channels(0), out.channels(0)),
            (Op::Input | Op::Concat, _) | (Op::Conv(_) | Op::Linear { .. } | Op::Norm(_), _) => {}
        }
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
