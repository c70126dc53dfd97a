#[cfg(not(target_arch = "wasm32"))]
use super::adapter::Adapter;
use super::buffers::{Buffer, GpuMemory, Ledger};
use super::error::{GpuError, in_one_line};
use super::pipelines::Pipelines;
use futures_channel::oneshot;
use std::ops::Range;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use web_time::Instant;

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

/// The first error of calls that were watched, once the device has worked through them.
pub(super) type Verdict = Pin<Box<dyn Future<Output = Option<GpuError>>>>;

/// The most bytes that a storage binding is asked to hold, where the adapter offers more than WebGPU's default.
const MOST_BINDING: u64 = 1 << 30;

/// An open device, and the pipelines made on it so far.
///
/// It works within WebGPU's default limits, except that buffers may be as large as the adapter allows, up to 1 GiB:
/// keeping every layer of a large network, or many images at once, asks for that.
pub struct GpuDevice {
    pub(super) device: wgpu::Device,
    pub(super) queue: wgpu::Queue,
    pub(super) pipelines: Pipelines,
    pub(super) ledger: Arc<Ledger>,
    name: String,
    #[cfg(not(target_arch = "wasm32"))]
    adapter: Adapter,
    software: bool,
    timestamps: bool,
    trouble: Arc<Trouble>,
}

impl GpuDevice {
    /// Opens the fastest adapter; a software adapter only where there is no other. `software` overrides what the
    /// adapter says of itself, which chooses the convolution tiles.
    pub async fn open(software: Option<bool>) -> Result<Arc<Self>, GpuError> {
        let mut description = wgpu::InstanceDescriptor::new_without_display_handle();
        description.backends = wgpu::Backends::PRIMARY;
        description.flags = wgpu::InstanceFlags::empty();
        let instance = wgpu::Instance::new(description);
        let options = wgpu::RequestAdapterOptions {
            power_preference: wgpu::PowerPreference::HighPerformance,
            ..wgpu::RequestAdapterOptions::default()
        };
        let refused = |reason: String| GpuError::NoAdapter { reason: in_one_line(&reason) };
        let adapter = instance.request_adapter(&options).await.map_err(|e| refused(e.to_string()))?;
        let offered = adapter.limits();
        let mut limits = wgpu::Limits::default();
        let binding = offered.max_storage_buffer_binding_size.min(MOST_BINDING);
        limits.max_storage_buffer_binding_size = limits.max_storage_buffer_binding_size.max(binding);
        limits.max_buffer_size = limits.max_buffer_size.max(offered.max_buffer_size.min(MOST_BINDING));
        let wanted = wgpu::DeviceDescriptor {
            required_features: adapter.features() & wgpu::Features::TIMESTAMP_QUERY,
            required_limits: limits,
            ..wgpu::DeviceDescriptor::default()
        };
        let timestamps = !wanted.required_features.is_empty();
        let (device, queue) = adapter.request_device(&wanted).await.map_err(|e| refused(e.to_string()))?;
        let trouble = Arc::new(Trouble::default());
        let reported = trouble.clone();
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| reported.report(error.into())));
        let reported = trouble.clone();
        device.set_device_lost_callback(move |_, reason| reported.report(GpuError::Lost { reason }));
        let info = adapter.get_info();
        let software = software.unwrap_or(info.device_type == wgpu::DeviceType::Cpu);
        let pipelines = Pipelines::new(&device);
        let ledger = Arc::default();
        Ok(Arc::new(Self {
            device,
            queue,
            pipelines,
            ledger,
            name: info.name,
            #[cfg(not(target_arch = "wasm32"))]
            adapter: Adapter::of(&adapter, software),
            software,
            timestamps,
            trouble,
        }))
    }

    /// What the adapter says of itself.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn adapter(&self) -> &Adapter {
        &self.adapter
    }

    /// What the adapter calls itself; nothing in browsers.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Number of kernels that have been compiled.
    pub fn kernels(&self) -> usize {
        self.pipelines.count()
    }

    /// True where the processor plays the GPU (lavapipe, SwiftShader, WARP).
    pub fn is_software(&self) -> bool {
        self.software
    }

    /// Whether the device measures time by itself.
    pub fn has_timestamps(&self) -> bool {
        self.timestamps
    }

    /// The buffers that are alive.
    pub fn memory(&self) -> GpuMemory {
        self.ledger.read()
    }

    /// Gives the device up; whatever runs on it fails with [`GpuError::Lost`].
    pub fn destroy(&self) {
        self.device.destroy();
    }

    /// Submits nothing: some browsers then look at once for what the device has finished.
    #[cfg(target_arch = "wasm32")]
    pub fn nudge(&self) {
        self.queue.submit([]);
    }

    /// Bytes that one storage binding can hold.
    pub(super) fn binding_limit(&self) -> u64 {
        self.device.limits().max_storage_buffer_binding_size.min(self.buffer_limit())
    }

    /// Bytes that one buffer can hold.
    pub(super) fn buffer_limit(&self) -> u64 {
        self.device.limits().max_buffer_size
    }

    /// A new buffer; whether there was memory for it shows in the verdict of [`GpuDevice::watched`].
    pub(super) fn buffer(&self, label: &str, bytes: u64, usage: wgpu::BufferUsages) -> Buffer {
        Buffer::new(&self.device, &self.ledger, label, bytes, usage)
    }

    /// Does `work`, and gives its value and what the device will say of it.
    pub(super) fn watched<T>(&self, work: impl FnOnce() -> T) -> (T, Verdict) {
        let scopes = self.scopes();
        let value = work();
        (value, verdict(scopes))
    }

    /// Begins to listen for what is wrong with a call, for lack of memory, and for all else.
    fn scopes(&self) -> [wgpu::ErrorScopeGuard; 3] {
        let filters = [wgpu::ErrorFilter::Validation, wgpu::ErrorFilter::OutOfMemory, wgpu::ErrorFilter::Internal];
        filters.map(|filter| self.device.push_error_scope(filter))
    }

    /// The error that the device reported since the last check, if any.
    pub(super) fn check(&self) -> Result<(), GpuError> {
        self.trouble.take().map_or(Ok(()), Err)
    }

    /// Drives the device until it is idle, where it does not drive itself as in browsers.
    fn poll(&self) -> Result<(), GpuError> {
        let polled = self.device.poll(wgpu::PollType::wait_indefinitely());
        self.check()?;
        polled.map(drop).map_err(|e| GpuError::Lost { reason: e.to_string() })
    }

    /// Ends when all that was submitted so far is done, with the time at which the device told so.
    pub(super) fn done(&self) -> oneshot::Receiver<Instant> {
        let (told, done) = oneshot::channel();
        self.queue.on_submitted_work_done(move || _ = told.send(Instant::now()));
        done
    }

    /// Waits for `event`, which the device sends.
    pub(super) async fn wait<T>(&self, event: oneshot::Receiver<T>) -> Result<T, GpuError> {
        self.poll()?;
        let value = event.await.map_err(|_| silent());
        self.check()?;
        value
    }

    /// Maps a buffer, lets `take` read some ranges of its bytes one after another, and unmaps it. Browsers hold a copy of each range
    /// while it is read.
    pub(super) async fn read(
        &self,
        buffer: &Buffer,
        ranges: &mut dyn Iterator<Item = Range<usize>>,
        take: &mut dyn FnMut(Range<usize>, &[u8]),
    ) -> Result<(), GpuError> {
        let (told, mapped) = oneshot::channel();
        buffer.slice(..).map_async(wgpu::MapMode::Read, move |result| drop(told.send(result)));
        let polled = self.poll();
        if let Err(GpuError::Lost { .. }) = polled {
            return polled;
        }
        // A mapping that fails without another error is how a lost device shows first.
        let Ok(Ok(())) = mapped.await else { return polled.and_then(|()| self.check()).and(Err(silent())) };
        let mut taken = polled;
        while taken.is_ok()
            && let Some(range) = ranges.next()
        {
            match buffer.slice(range.start as u64..range.end as u64).get_mapped_range() {
                Ok(bytes) => take(range, &bytes),
                Err(_) => taken = Err(silent()),
            }
        }
        // Whatever else went wrong: a buffer that stays mapped could never be read again.
        buffer.unmap();
        taken.and(self.check())
    }
}

/// The first so many bytes of a buffer, in parts of a few MB.
pub(super) fn in_parts(bytes: usize) -> impl Iterator<Item = Range<usize>> {
    (0..bytes).step_by(PART).map(move |start| start..bytes.min(start + PART))
}

/// Bytes that are read at once.
const PART: usize = 4 << 20;

/// Ends what [`GpuDevice::scopes`] began: what the device will have heard. Lack of memory comes first: invalid calls may be
/// what follows from it.
fn verdict([validation, memory, internal]: [wgpu::ErrorScopeGuard; 3]) -> Verdict {
    let (internal, memory, validation) = (internal.pop(), memory.pop(), validation.pop());
    Box::pin(async move {
        let (internal, memory, validation) = (internal.await, memory.await, validation.await);
        memory.or(internal).or(validation).map(GpuError::from)
    })
}

/// A device that is gone tells nothing more.
fn silent() -> GpuError {
    GpuError::Lost { reason: "it no longer answers".into() }
}

impl Drop for GpuDevice {
    fn drop(&mut self) {
        self.device.destroy();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gpu::buffers::size;

    /// What a browser copies of a buffer at once stays small, however much is read of it.
    #[test]
    fn parts_are_a_few_megabytes_and_leave_nothing_out() {
        for bytes in [0, 16, PART, 2 * PART + 12] {
            let parts: Vec<_> = in_parts(bytes).collect();
            assert!(parts.iter().all(|part| part.len() <= PART && part.start.is_multiple_of(8)), "{parts:?}");
            assert_eq!(parts.iter().cloned().flatten().count(), bytes);
            assert!(parts.is_sorted_by_key(|part| part.start));
        }
    }

    /// An error that is no loss is told, and the buffer can be read afterwards.
    #[test]
    fn a_buffer_is_not_left_mapped_where_something_else_went_wrong() {
        let device = match pollster::block_on(GpuDevice::open(None)) {
            Ok(device) => device,
            Err(error) => return println!("skipped: {error}"),
        };
        let usage = wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST;
        let buffer = device.buffer("results", size(4), usage);
        let told = GpuError::OutOfMemory { reason: "as a test wants it".into() };
        device.trouble.report(told.clone());
        let mut taken = 0;
        let mut read =
            || pollster::block_on(device.read(&buffer, &mut in_parts(16), &mut |_, bytes| taken += bytes.len()));
        assert_eq!([read(), read()], [Err(told), Ok(())]);
        assert_eq!(taken, 16);
    }
}
