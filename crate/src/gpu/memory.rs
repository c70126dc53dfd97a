use super::buffers::{Buffer, size};
use super::calls::within;
use super::device::{GpuDevice, in_parts};
use super::error::GpuError;
use super::statistics::Statistics;
use crate::plan::Plan;

/// Per storage, where it lies among the results, and the values of all.
fn places(plan: &Plan) -> (Vec<Option<usize>>, usize) {
    let mut places = vec![None; plan.storages.len()];
    let mut held = 0;
    for &storage in &plan.held {
        places[storage] = Some(held);
        held += plan.storages[storage].range().len();
    }
    (places, held)
}

/// Activations on the device, and the copies of what is read back.
pub(super) struct Memory {
    pub arena: Buffer,
    staging: Buffer,
    /// The values of held storages, one after another, then the statistics.
    pub host: Vec<f32>,
    /// Per storage, its first value in `host`.
    pub places: Vec<Option<usize>>,
    /// First value of the statistics in `host`.
    pub statistics_at: usize,
}

/// Memory for values that are read back.
pub(super) fn room(values: usize) -> Result<Vec<f32>, GpuError> {
    let mut room = Vec::new();
    let refused = |_| GpuError::OutOfMemory { reason: format!("{} bytes for results", values * 4) };
    room.try_reserve_exact(values).map_err(refused)?;
    room.resize(values, 0.0);
    Ok(room)
}

impl Memory {
    /// Buffers for a plan, whose calls need an arena of so many values.
    pub fn new(device: &GpuDevice, plan: &Plan, values: usize, statistics: &Statistics) -> Result<Self, GpuError> {
        let (places, held) = places(plan);
        let results = held + statistics.values;
        within(plan.images, values, device.binding_limit())?;
        within(plan.images, results, device.buffer_limit())?;
        let (from, to) = (wgpu::BufferUsages::COPY_SRC, wgpu::BufferUsages::COPY_DST);
        let arena = device.buffer("activations", size(values), wgpu::BufferUsages::STORAGE | from | to);
        let staging = device.buffer("results", size(results), wgpu::BufferUsages::MAP_READ | to);
        Ok(Self { arena, staging, host: room(results)?, places, statistics_at: held })
    }

    /// Whether these buffers, made for another plan, suit this one as well.
    pub fn suits(&self, plan: &Plan, values: usize, statistics: &Statistics) -> bool {
        let (places, held) = places(plan);
        self.arena.size() == size(values)
            && (places, held) == (self.places.clone(), self.statistics_at)
            && self.host.len() == held + statistics.values
    }

    /// Copies a held storage out of the arena.
    pub fn copy(&self, plan: &Plan, storage: usize, encoder: &mut wgpu::CommandEncoder) {
        let Some(place) = self.places[storage] else { return };
        let storage = &plan.storages[storage];
        let (from, bytes) = (storage.offset as u64 * 4, storage.range().len() as u64 * 4);
        encoder.copy_buffer_to_buffer(&self.arena, from, &self.staging, place as u64 * 4, bytes);
    }

    /// Submits what has been encoded, copies the statistics after that, and reads all that has been copied.
    pub async fn read_back(
        &mut self,
        device: &GpuDevice,
        plan: &Plan,
        mut encoder: wgpu::CommandEncoder,
    ) -> Result<(), GpuError> {
        let (at, bytes) = (self.statistics_at as u64 * 4, (self.host.len() - self.statistics_at) as u64 * 4);
        if bytes > 0 {
            encoder.copy_buffer_to_buffer(&self.arena, plan.arena as u64 * 4, &self.staging, at, bytes);
        }
        device.queue.submit([encoder.finish()]);
        let host: &mut [u8] = bytemuck::cast_slice_mut(&mut self.host);
        if host.is_empty() {
            return device.wait(device.done()).await.map(drop);
        }
        let mut parts = in_parts(host.len());
        device.read(&self.staging, &mut parts, &mut |range, bytes| host[range].copy_from_slice(bytes)).await
    }
}
