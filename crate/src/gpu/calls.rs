//! All calls of a plan, and the room that they need.

use super::dispatch::{Call, Dispatcher, Tiler, normalize};
use super::error::GpuError;
use super::params::Params;
use super::shader::Shader;
use super::statistics::Statistics;
use super::tuning::Tuning;
use super::weights::Places;
use crate::graph::{Graph, LayerId};
use crate::plan::{Layout, Plan, Request, Step};
use std::ops::Range;

/// A plan that kernels can follow: every layer owns whole vec4s of its storage, and no more is bound than `limit` bytes.
pub(super) fn planned(graph: &Graph, request: &Request, software: bool, limit: u64) -> Result<Plan, GpuError> {
    let plan = Plan::new(graph, request, if software { Layout::SOFTWARE_GPU } else { Layout::GPU });
    for (i, layer) in graph.layers().iter().enumerate() {
        let Some(view) = plan.view(LayerId::new(i)) else { continue };
        let end = view.channel + view.shape.c;
        let is_last = end == plan.storages[view.storage].shape.c;
        let edges = [view.channel, if is_last { 0 } else { end }];
        if let Some(channel) = edges.into_iter().find(|c| c % 4 != 0) {
            return Err(GpuError::Unaligned { layer: layer.name.clone(), channel });
        }
    }
    within(plan.images, plan.arena, limit)?;
    Ok(plan)
}

/// That so many values of the activations of `images` images fit into one binding.
pub(super) fn within(images: usize, values: usize, limit: u64) -> Result<(), GpuError> {
    let wanted = (values as u64).saturating_mul(4);
    let what = || format!("{images} image(s) and the layers kept of them");
    if wanted > limit { Err(GpuError::Limit { what: what(), wanted, limit }) } else { Ok(()) }
}

/// Vec4s of the arena for parts of sums, so that there is room to try other ways of dividing them: 4 MB.
const LEAST_SCRATCH: u32 = 1 << 18;

/// The most vec4s that [`Calls::idle`] writes.
const IDLE: u32 = 8;

/// What runs at once.
pub(super) struct Wave {
    /// The steps.
    pub steps: Range<usize>,
    /// What computes them, and the statistics of the kept layers that are whole with them.
    pub calls: Vec<Call>,
    /// Storages to be copied out of the arena then: nothing holds their place any longer.
    pub filled: Vec<usize>,
}

/// Every call of a run, in order.
pub(super) struct Calls {
    /// From the picture's levels to the input.
    pub normalize: Option<Call>,
    pub waves: Vec<Wave>,
    /// Each step by itself, to be measured.
    pub alone: Vec<Vec<Call>>,
    /// Values of the arena: activations, then statistics, then parts of sums.
    pub values: usize,
}

impl Calls {
    pub fn new(
        graph: &Graph,
        plan: &Plan,
        places: &Places,
        tuning: &Tuning,
        software: bool,
        statistics: &Statistics,
    ) -> Self {
        let first = plan.arena + statistics.values;
        let dispatcher = Dispatcher { graph, plan, places, tuning, software, scratch: (first / 4) as u32 };
        let of_storages = statistics.calls(plan, (plan.arena / 4) as u32);
        let held: Vec<_> = plan.held.iter().filter_map(|&storage| Some((storage, plan.filled(storage)?))).collect();
        let mut begin = 0;
        let wave = |steps: &[Step]| {
            let range = begin..begin + steps.len();
            begin = range.end;
            let filled: Vec<usize> = held.iter().filter(|(_, step)| range.contains(step)).map(|held| held.0).collect();
            let kept = of_storages.iter().filter(|(storage, _)| filled.contains(storage)).map(|(_, call)| call.clone());
            Wave { calls: dispatcher.wave(steps).into_iter().chain(kept).collect(), filled, steps: range }
        };
        let waves: Vec<Wave> = plan.steps.chunk_by(|a, b| a.wave == b.wave).map(wave).collect();
        let alone: Vec<Vec<Call>> = plan.steps.chunks(1).map(|step| dispatcher.wave(step)).collect();
        let every = waves.iter().map(|wave| &wave.calls).chain(&alone);
        let least = if software { IDLE } else { LEAST_SCRATCH };
        let scratch = every.map(|calls| Tiler::scratch(calls)).max().unwrap_or(0).max(least);
        Self { normalize: normalize(plan), waves, alone, values: first + 4 * scratch as usize }
    }

    /// Those of a run of so many images that keeps nothing.
    ///
    /// # Errors
    /// More activations than `limit` bytes.
    pub fn plain(
        graph: &Graph,
        images: usize,
        places: &Places,
        tuning: &Tuning,
        software: bool,
        limit: u64,
    ) -> Result<Self, GpuError> {
        let plan = planned(graph, &Request { images, ..Request::default() }, software, limit)?;
        Ok(Self::new(graph, &plan, places, tuning, software, &Statistics::default()))
    }

    /// A call of one workgroup without anything to do, which writes at most the vec4s that [`Calls::values`] ends with.
    pub fn idle(&self, shader: Shader) -> Call {
        let out_base = (self.values / 4) as u32 - IDLE;
        Call::new(shader, Params { out_base, out_quads: 1, ..Params::default() }, [1, 1], vec![])
    }

    /// All of a run.
    pub fn all(&self) -> Vec<&Call> {
        self.normalize.iter().chain(self.waves.iter().flat_map(|wave| &wave.calls)).collect()
    }
}
