//! The reverse pass on the GPU: the calls of its steps, the weights that they read, and what comes back.
//! Enters: a plan, weights layer by layer, the gradient of a number at one layer. Leaves: its gradient at the layers that were
//! asked for.
//!
//! The activations that it reads stay in the arena after a run. Convolutions go back by the kernels and tiles of the forward
//! pass; every other operation by a shader of its own.

mod calls;
mod weights;

use super::buffers::{Buffer, size};
use super::calls::within;
use super::device::GpuDevice;
use super::dispatch::Call;
use super::error::GpuError;
use super::memory::room;
use super::recorded::{Dispatch, PASS};
use super::tuning::Tuning;
use crate::graph::{Graph, LayerId};
use crate::plan::{Gradients, Pass, Plan, ReversePlan, Storage};
use std::ops::Range;
pub(super) use weights::Reversed;

/// A reverse pass with its calls, and the copies of what is read back.
pub(super) struct Reverse {
    pub plan: ReversePlan,
    /// The plan's storages at their places in the arena, behind all that a run needs.
    storages: Vec<Storage>,
    /// Of all steps, one after another.
    pub calls: Vec<Call>,
    /// Where each step's calls end.
    ends: Vec<usize>,
    /// Values of the arena that a run and this need.
    pub values: usize,
    /// The calls with their pipelines and bindings, and the buffer of their parameters, once all weights are there.
    pub recorded: Option<(Vec<Dispatch>, Buffer)>,
    /// What is read back, in the order of the plan's list.
    takes: Vec<Take>,
    staging: Buffer,
    /// Gradients that were asked for, `[H,W,C]`, in the order of the plan's list.
    taken: Vec<Vec<f32>>,
    /// Whether the ReLU at the end of the number's own layer lets everything through.
    wakes: bool,
    /// Steps that are not submitted yet.
    pub due: Range<usize>,
}

/// A gradient that is read back.
struct Take {
    id: LayerId,
    /// Its place among those that were asked for, of which not all are read back.
    values: usize,
    /// Its bytes in the buffer that is read.
    bytes: Range<usize>,
}

impl Reverse {
    /// Plans a pass after runs of a plan that needs an arena of so many values.
    pub fn new(
        device: &GpuDevice,
        graph: &Graph,
        (plan, gradients): (&Plan, &Gradients),
        tuning: &Tuning,
        arena: usize,
    ) -> Result<Self, GpuError> {
        let reverse = ReversePlan::new(graph, gradients, 4);
        let moved = |storage: &Storage| Storage { offset: storage.offset + arena, ..*storage };
        let storages: Vec<Storage> = reverse.storages.iter().map(moved).collect();
        let end = arena.saturating_add(reverse.arena);
        let (calls, ends, values) = calls::calls(graph, plan, (&reverse, &storages), tuning, device.is_software(), end);
        let (mut takes, mut taken, mut end) = (vec![], vec![], 0usize);
        for &id in &gradients.at {
            let length = match reverse.view(id) {
                None => 0,
                Some(view) => {
                    let bytes = 4 * storages[view.storage].image_len();
                    takes.push(Take { id, values: taken.len(), bytes: end..end + bytes });
                    end += bytes;
                    view.shape.len()
                }
            };
            taken.push(room(length)?);
        }
        within(1, end / 4, device.buffer_limit())?;
        let usage = wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST;
        let staging = device.buffer("gradients", size(end / 4), usage);
        Ok(Self {
            plan: reverse,
            storages,
            calls,
            ends,
            values,
            recorded: None,
            takes,
            staging,
            taken,
            wakes: false,
            due: 0..0,
        })
    }

    /// Begins a pass with the number's gradient at the layer that it is a function of, `[H,W,C]`.
    pub fn seed(&mut self, device: &GpuDevice, arena: &Buffer, values: &[f32], wakes: bool) {
        (self.wakes, self.due) = (wakes, 0..0);
        let Some(view) = self.plan.view(self.plan.gradients.of) else { return };
        let storage = &self.storages[view.storage];
        let mut padded = vec![0.0f32; storage.image_len()];
        let pixels = padded.chunks_exact_mut(storage.stride).zip(values.chunks_exact(view.shape.c));
        pixels.for_each(|(padded, values)| padded[..values.len()].copy_from_slice(values));
        device.queue.write_buffer(arena, storage.offset as u64 * 4, bytemuck::cast_slice(&padded));
    }

    /// The steps that are due, with what is read back copied as soon as it is there.
    pub fn encode(&mut self, arena: &Buffer, encoder: &mut wgpu::CommandEncoder) {
        let due = std::mem::take(&mut self.due);
        let Some((recorded, _)) = &self.recorded else { return };
        let mut pass = None;
        for place in due {
            let (step, begin) = (self.plan.steps[place], if place == 0 { 0 } else { self.ends[place - 1] });
            match step.pass {
                Pass::Relu { own: true } if self.wakes => {}
                Pass::Take => {
                    pass = None;
                    for Take { id, bytes, .. } in self.takes.iter().filter(|take| take.id == step.layer) {
                        let Some(view) = self.plan.view(*id) else { continue };
                        let from = self.storages[view.storage].offset as u64 * 4;
                        encoder.copy_buffer_to_buffer(
                            arena,
                            from,
                            &self.staging,
                            bytes.start as u64,
                            bytes.len() as u64,
                        );
                    }
                }
                Pass::Relu { .. } | Pass::Through { .. } => {
                    for dispatch in &recorded[begin..self.ends[place]] {
                        let pass = pass.get_or_insert_with(|| encoder.begin_compute_pass(&PASS).forget_lifetime());
                        dispatch.record(pass, dispatch.workgroups);
                    }
                }
            }
        }
    }

    /// Reads what has been copied.
    pub async fn read(&mut self, device: &GpuDevice) -> Result<(), GpuError> {
        let Self { takes, taken, plan, storages, .. } = self;
        let mut next = takes.iter();
        let mut take = |_, bytes: &[u8]| {
            let Some((own, view)) = next.next().and_then(|own| Some((own, plan.view(own.id)?))) else { return };
            let pixels = bytemuck::cast_slice::<u8, f32>(bytes).chunks_exact(storages[view.storage].stride);
            for (to, from) in taken[own.values].chunks_exact_mut(view.shape.c).zip(pixels) {
                to.copy_from_slice(&from[view.channel..view.channel + view.shape.c]);
            }
        };
        device.read(&self.staging, &mut takes.iter().map(|take| take.bytes.clone()), &mut take).await
    }

    /// A gradient that was asked for, after [`Reverse::read`]; none of a layer that was not. No values where the number does not
    /// depend on the layer.
    pub fn taken(&self, id: LayerId) -> Option<&[f32]> {
        let place = self.plan.gradients.at.iter().position(|&at| at == id)?;
        Some(&self.taken[place])
    }
}
