use super::error::GpuError;
use super::pipelines::Pipelines;
use std::sync::{Arc, Mutex, PoisonError};

/// The first thing that went wrong since it was last asked for.
#[derive(Default)]
struct Trouble(Mutex<Option<GpuError>>);

impl Trouble {
    fn report(&self, error: GpuError) {
        let mut first = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match (&*first, &error) {
            (Some(GpuError::Lost { .. }), _) => {}
            (Some(_), GpuError::Lost { .. }) | (None, _) => *first = Some(error),
            (Some(_), _) => {}
        }
    }

    /// A lost device stays lost; other errors are told once.
    fn take(&self) -> Option<GpuError> {
        let mut first = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*first {
            Some(lost @ GpuError::Lost { .. }) => Some(lost.clone()),
            _ => first.take(),
        }
    }
}

/// An open device with WebGPU's default limits, and the pipelines made on it so far.
pub struct GpuDevice {
    pub(super) device: wgpu::Device,
    pub(super) queue: wgpu::Queue,
    pub(super) pipelines: Pipelines,
    name: String,
    software: bool,
    trouble: Arc<Trouble>,
}

impl GpuDevice {
    /// Opens the fastest adapter; a software adapter only where there is no other.
    pub fn open() -> Result<Arc<Self>, GpuError> {
        Self::open_with(None)
    }

    /// The same with the convolution tiles of software adapters, or of all others, for tests of each.
    pub fn open_with(software: Option<bool>) -> Result<Arc<Self>, GpuError> {
        let mut description = wgpu::InstanceDescriptor::new_without_display_handle();
        description.backends = wgpu::Backends::PRIMARY;
        description.flags = wgpu::InstanceFlags::empty();
        let instance = wgpu::Instance::new(description);
        let options = wgpu::RequestAdapterOptions {
            power_preference: wgpu::PowerPreference::HighPerformance,
            ..wgpu::RequestAdapterOptions::default()
        };
        let refused = |e: &dyn std::fmt::Display| GpuError::NoAdapter { reason: e.to_string() };
        let adapter = pollster::block_on(instance.request_adapter(&options)).map_err(|e| refused(&e))?;
        let wanted = wgpu::DeviceDescriptor::default();
        let (device, queue) = pollster::block_on(adapter.request_device(&wanted)).map_err(|e| refused(&e))?;
        let trouble = Arc::new(Trouble::default());
        let reported = trouble.clone();
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| reported.report(error.into())));
        let reported = trouble.clone();
        device.set_device_lost_callback(move |_, reason| reported.report(GpuError::Lost { reason }));
        let info = adapter.get_info();
        let software = software.unwrap_or(info.device_type == wgpu::DeviceType::Cpu);
        let pipelines = Pipelines::new(&device);
        Ok(Arc::new(Self { device, queue, pipelines, name: info.name, software, trouble }))
    }

    /// What the adapter calls itself.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// True where the processor plays the GPU (lavapipe, SwiftShader, WARP).
    pub fn is_software(&self) -> bool {
        self.software
    }

    /// Gives the device up; whatever runs on it fails with [`GpuError::Lost`].
    pub fn destroy(&self) {
        self.device.destroy();
    }

    /// Bytes that one storage binding can hold.
    pub(super) fn binding_limit(&self) -> u64 {
        self.device.limits().max_storage_buffer_binding_size
    }

    /// The error that the device reported since the last check, if any.
    pub(super) fn check(&self) -> Result<(), GpuError> {
        self.trouble.take().map_or(Ok(()), Err)
    }

    /// Waits until all that was submitted is done.
    pub(super) fn wait(&self) -> Result<(), GpuError> {
        let polled = self.device.poll(wgpu::PollType::wait_indefinitely());
        self.check()?;
        polled.map(drop).map_err(|e| GpuError::Lost { reason: e.to_string() })
    }
}
