//! Every way of every kind of wave, timed on the device: what tuning chooses by.

use super::dispatch::{Bound, Call, Dispatcher};
use super::error::GpuError;
use super::executor::Gpu;
use super::params::Params;
use super::shader::Shader;
use super::tiles::{Product, Tile};

/// Places of the weights among which a call goes round while it is measured, so that it does not find them in a cache where a
/// run would not.
const ROTATION: usize = 4;

/// A wave, as a call of a run has it, and its ways.
struct Trial {
    products: Vec<Product>,
    ways: Vec<Vec<Call>>,
}

impl Gpu {
    /// One wave of each kind in the plan in force that has not been tried, in order.
    fn trials(&self) -> Vec<Trial> {
        // Without a clock of the device's own, times are those of the browser's waits.
        if !self.device.has_timestamps() {
            return vec![];
        }
        let (first, end) = (self.plan.arena + self.statistics.values, self.calls.values);
        let dispatcher = Dispatcher {
            graph: &self.graph,
            plan: &self.plan,
            places: &self.weights.places,
            tuning: &self.tuning,
            software: self.device.is_software(),
            scratch: (first / 4) as u32,
        };
        let mut trials: Vec<Trial> = vec![];
        for call in self.calls.all() {
            let products: Vec<Product> = call.tasks.iter().map(Params::product).collect();
            let is_shared = matches!(call.shader, Shader::Conv { tile: Tile::Shared(_) | Tile::Winograd(_), .. });
            let is_new = trials.iter().all(|trial| trial.products != products)
                && !self.tuning.knows(&products, self.weights.places.half);
            if is_shared && is_new {
                trials.push(Trial { products, ways: dispatcher.ways(call, ((end - first) / 4) as u32) });
            }
        }
        trials
    }

    /// How many ways there are to be tried.
    pub fn ways(&self) -> usize {
        self.trials().iter().map(|trial| trial.ways.len()).sum()
    }

    /// How many of them there are of each kind of wave, in order.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn ways_of_kinds(&self) -> Vec<usize> {
        self.trials().iter().map(|trial| trial.ways.len()).collect()
    }

    /// The kernel of each of them; nothing where there is no memory for it.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn way_kernels(&self) -> Vec<String> {
        let name = |calls: &Vec<Call>| calls.first().map_or(String::new(), super::count::kernel);
        self.trials().iter().flat_map(|trial| &trial.ways).map(name).collect()
    }

    /// The calls of a way, of those that [`Gpu::ways`] counts, on one part of the weights after another, and how many are
    /// one round; none of what needs more memory than the plan has.
    pub(super) fn way(&self, place: usize) -> (Vec<Call>, usize) {
        let way = self.trials().into_iter().flat_map(|trial| trial.ways).nth(place).unwrap_or_default();
        let mut calls = Vec::with_capacity(ROTATION * way.len());
        for turn in 0..ROTATION {
            for call in &way {
                let tasks = call.tasks.iter().map(|task| self.turned(task, call, turn)).collect();
                calls.push(Call { tasks, ..call.clone() });
            }
        }
        (calls, way.len())
    }

    /// Parameters of a task on other weights of the same length.
    fn turned(&self, task: &Params, call: &Call, turn: usize) -> Params {
        let room = match call.bound {
            Bound::Weights(buffer) => self.weights.places.room(buffer),
            Bound::Picture | Bound::Reversed(_) | Bound::Identity => 0,
        };
        let room = room.saturating_sub(4 * task.depth * task.out_quads);
        let weights =
            (u64::from(task.weights) + u64::from(room) * turn as u64 / ROTATION as u64) % u64::from(room.max(1));
        Params { weights: if turn == 0 { task.weights } else { weights as u32 }, ..*task }
    }

    /// Takes the times of all ways, of those without one infinity; gives how many kinds of waves now go another way than
    /// predicted.
    pub fn take_ways(&mut self, times: &[f64]) -> Result<usize, GpuError> {
        let (mut rest, mut changed) = (times, 0);
        for trial in self.trials() {
            let Some((own, others)) = rest.split_at_checked(trial.ways.len()) else { break };
            changed += usize::from(self.tuning.take(&trial.products, self.weights.places.half, own));
            rest = others;
        }
        self.retile()?;
        Ok(changed)
    }
}
