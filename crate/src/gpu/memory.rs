use super::device::GpuDevice;
use super::error::GpuError;
use crate::plan::Plan;
use std::sync::mpsc;

/// Activations on the device, and the copies of what is read back.
pub(super) struct Memory {
    pub arenas: Vec<wgpu::Buffer>,
    staging: wgpu::Buffer,
    /// The values of held storages, one after another.
    pub host: Vec<f32>,
    /// Per storage, its first value in `host`.
    pub places: Vec<Option<usize>>,
}

impl Memory {
    /// Buffers for a plan.
    pub fn new(device: &GpuDevice, plan: &Plan) -> Result<Self, GpuError> {
        let buffer = |label, values: usize, usage| {
            let size = (values * 4).max(16) as u64;
            device.device.create_buffer(&wgpu::BufferDescriptor {
                label: Some(label),
                size,
                usage,
                mapped_at_creation: false,
            })
        };
        let limit = device.binding_limit();
        if let Some(wanted) = plan.arenas.iter().map(|&values| values as u64 * 4).find(|&bytes| bytes > limit) {
            return Err(GpuError::Limit { what: "keeping these activations".into(), wanted, limit });
        }
        let usage = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC | wgpu::BufferUsages::COPY_DST;
        let arenas = plan.arenas.iter().map(|&values| buffer("activations", values, usage)).collect();
        let mut places = vec![None; plan.storages.len()];
        let mut held = 0;
        for &storage in &plan.held {
            places[storage] = Some(held);
            held += plan.storages[storage].range().len();
        }
        let staging = buffer("results", held, wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST);
        let mut host = Vec::new();
        let refused = |_| GpuError::OutOfMemory { reason: format!("{} bytes for results", held * 4) };
        host.try_reserve_exact(held).map_err(refused)?;
        host.resize(held, 0.0);
        device.check()?;
        Ok(Self { arenas, staging, host, places })
    }

    /// Copies the held storages to the host, after all that was submitted.
    pub fn read_back(&mut self, device: &GpuDevice, plan: &Plan) -> Result<(), GpuError> {
        if self.host.is_empty() {
            return device.wait();
        }
        let mut encoder = device.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        for (storage, place) in plan.storages.iter().zip(&self.places) {
            let Some(place) = place else { continue };
            let (from, bytes) = (storage.offset as u64 * 4, storage.range().len() as u64 * 4);
            encoder.copy_buffer_to_buffer(&self.arenas[storage.arena], from, &self.staging, *place as u64 * 4, bytes);
        }
        device.queue.submit([encoder.finish()]);
        let (told, mapped) = mpsc::sync_channel(1);
        let whole = self.staging.slice(..self.host.len() as u64 * 4);
        whole.map_async(wgpu::MapMode::Read, move |result| drop(told.send(result)));
        device.wait()?;
        let failed = |reason: String| GpuError::Refused { reason };
        mapped.recv().map_err(|e| failed(e.to_string()))?.map_err(|e| failed(e.to_string()))?;
        let bytes = whole.get_mapped_range().map_err(|e| failed(e.to_string()))?;
        bytemuck::cast_slice_mut(&mut self.host).copy_from_slice(&bytes);
        drop(bytes);
        self.staging.unmap();
        device.check()
    }
}
