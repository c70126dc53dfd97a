//! Reverse passes of a network on the GPU.

use super::dispatch::Call;
use super::error::GpuError;
use super::executor::Gpu;
use crate::graph::{LayerId, LayerWeights};
use crate::plan::ReversePlan;
use std::ops::Range;

impl Gpu {
    /// The reverse pass that is planned.
    pub fn reverse_plan(&self) -> Option<&ReversePlan> {
        self.reverse.as_ref().map(|reverse| &reverse.plan)
    }

    /// The layers whose weights the planned reverse pass lacks.
    pub fn unreversed(&self) -> Vec<LayerId> {
        let is_prepared = |id: LayerId| self.reversed.as_ref().is_some_and(|reversed| reversed.has(id));
        self.reverse_plan().map_or(Vec::new(), |plan| plan.unprepared(&self.graph, &is_prepared))
    }

    /// Uploads the weights of one layer for reverse passes, as f32.
    pub fn prepare_reverse(&mut self, id: LayerId, weights: &LayerWeights) -> Result<(), GpuError> {
        let Some(reversed) = &mut self.reversed else { return Ok(()) };
        let (done, verdict) = self.device.watched(|| reversed.upload(&self.device, &self.graph, id, weights));
        self.verdicts.push(verdict);
        if let Some(reverse) = &mut self.reverse {
            reverse.recorded = None;
        }
        done.and(self.check())
    }

    /// Begins the planned reverse pass of the run that has ended, with the gradient at the layer that it is of, `[H,W,C]`.
    /// Where it `wakes`, the ReLU at that layer's own end lets everything through.
    pub fn seed(&mut self, values: &[f32], wakes: bool) -> Result<(), GpuError> {
        if let Some(&id) = self.unreversed().first() {
            return Err(GpuError::Unprepared { layer: self.graph.layer(id).name.clone() });
        }
        let Some(mut reverse) = self.reverse.take() else { return Ok(()) };
        let wanted = self.graph.layer(reverse.plan.gradients.of).shape.len();
        if values.len() == wanted {
            reverse.seed(&self.device, &self.memory.arena, values, wakes);
            if reverse.recorded.is_none() {
                let calls: Vec<&Call> = reverse.calls.iter().collect();
                let (recorded, verdict) = self.device.watched(|| self.dispatches(&calls));
                self.verdicts.push(verdict);
                reverse.recorded = Some(recorded);
            }
        }
        self.reverse = Some(reverse);
        if values.len() == wanted { self.check() } else { Err(GpuError::Input { wanted, found: values.len() }) }
    }

    /// Takes the next steps of the reverse pass. They are submitted by [`Gpu::settled`] or [`Gpu::read_gradients`].
    pub fn run_reverse(&mut self, steps: Range<usize>) -> Result<(), GpuError> {
        if let Some(reverse) = &mut self.reverse {
            let begin = if reverse.due.is_empty() { steps.start } else { reverse.due.start };
            reverse.due = begin..steps.end;
        }
        self.check()
    }

    /// Submits what is due, waits for all of the reverse pass and reads the gradients that were asked for back.
    pub async fn read_gradients(&mut self) -> Result<(), GpuError> {
        self.judge().await?;
        let mut encoder = self.encoder();
        let Some(reverse) = &mut self.reverse else { return Ok(()) };
        reverse.encode(&self.memory.arena, &mut encoder);
        self.device.queue.submit([encoder.finish()]);
        reverse.read(&self.device).await
    }

    /// A gradient that was asked for, `[H,W,C]`, after [`Gpu::read_gradients`]; no values where the number does not depend on
    /// the layer.
    pub fn gradient(&self, id: LayerId) -> Option<&[f32]> {
        self.reverse.as_ref()?.taken(id)
    }

    /// Bytes of the memory for activations and what is read back of them, and of that of the reverse pass.
    pub fn memory(&self) -> [usize; 2] {
        let run = self.calls.values * size_of::<f32>();
        [run, self.reverse.as_ref().map_or(0, |reverse| reverse.values * size_of::<f32>() - run)]
    }
}
