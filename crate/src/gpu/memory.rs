use super::buffers::{Buffer, size};
use super::device::GpuDevice;
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
    pub arenas: Vec<Buffer>,
    /// Statistics of kept layers.
    pub statistics: Buffer,
    staging: Buffer,
    /// The values of held storages, one after another, then the statistics.
    pub host: Vec<f32>,
    /// Per storage, its first value in `host`.
    pub places: Vec<Option<usize>>,
    /// First value of the statistics in `host`.
    pub statistics_at: usize,
}

impl Memory {
    /// Buffers for a plan.
    pub fn new(device: &GpuDevice, plan: &Plan, statistics: &Statistics) -> Result<Self, GpuError> {
        let (places, held) = places(plan);
        let results = held + statistics.values;
        let bound = plan.arenas.iter().copied().map(|values| (values, device.binding_limit()));
        for (values, limit) in bound.chain([(results, device.buffer_limit())]) {
            let wanted = values as u64 * 4;
            if wanted > limit {
                let what = format!("{} image(s) and the layers kept of them", plan.images);
                return Err(GpuError::Limit { what, wanted, limit });
            }
        }
        let (storage, from, to) =
            (wgpu::BufferUsages::STORAGE, wgpu::BufferUsages::COPY_SRC, wgpu::BufferUsages::COPY_DST);
        let buffer = |label, values: usize, usage| device.buffer(label, size(values), usage);
        let arenas = plan.arenas.iter().map(|&values| buffer("activations", values, storage | from | to)).collect();
        let on_device = buffer("statistics", statistics.values, storage | from);
        let staging = buffer("results", results, wgpu::BufferUsages::MAP_READ | to);
        let mut host = Vec::new();
        let refused = |_| GpuError::OutOfMemory { reason: format!("{} bytes for results", results * 4) };
        host.try_reserve_exact(results).map_err(refused)?;
        host.resize(results, 0.0);
        Ok(Self { arenas, statistics: on_device, staging, host, places, statistics_at: held })
    }

    /// Whether these buffers, made for another plan, suit this one as well.
    pub fn suits(&self, plan: &Plan, statistics: &Statistics) -> bool {
        let arenas = self.arenas.iter().map(|arena| arena.size());
        let (places, held) = places(plan);
        arenas.eq(plan.arenas.iter().map(|&values| size(values)))
            && (places, held) == (self.places.clone(), self.statistics_at)
            && self.host.len() == held + statistics.values
    }

    /// Submits what has been encoded, and copies the held storages and the statistics to the host after that.
    pub async fn read_back(
        &mut self,
        device: &GpuDevice,
        plan: &Plan,
        mut encoder: wgpu::CommandEncoder,
    ) -> Result<(), GpuError> {
        for (storage, place) in plan.storages.iter().zip(&self.places) {
            let Some(place) = place else { continue };
            let (from, bytes) = (storage.offset as u64 * 4, storage.range().len() as u64 * 4);
            encoder.copy_buffer_to_buffer(&self.arenas[storage.arena], from, &self.staging, *place as u64 * 4, bytes);
        }
        let (at, bytes) = (self.statistics_at as u64 * 4, (self.host.len() - self.statistics_at) as u64 * 4);
        if bytes > 0 {
            encoder.copy_buffer_to_buffer(&self.statistics, 0, &self.staging, at, bytes);
        }
        device.queue.submit([encoder.finish()]);
        let host: &mut [u8] = bytemuck::cast_slice_mut(&mut self.host);
        if host.is_empty() {
            return device.wait(device.done()).await.map(drop);
        }
        device.read(&self.staging, host.len() as u64, |bytes| host.copy_from_slice(bytes)).await
    }
}
