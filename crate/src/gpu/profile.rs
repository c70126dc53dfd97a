//! How long calls take.

use super::device::{GpuDevice, in_parts};
use super::error::GpuError;
use super::recorded::Dispatch;
use web_time::Instant;

/// Milliseconds of `repeats` rounds in a pass of its own, each of the next `round` of the dispatches, which come anew after the
/// last: by timestamps where the device has them, else from the submission until the device says that it is done.
pub(super) async fn time(
    device: &GpuDevice,
    repeats: u32,
    dispatches: &[Dispatch],
    round: usize,
) -> Result<f64, GpuError> {
    let clock = device.has_timestamps().then(|| Clock::new(device));
    let writes = clock.as_ref().map(|clock| wgpu::ComputePassTimestampWrites {
        query_set: &clock.queries,
        beginning_of_pass_write_index: Some(0),
        end_of_pass_write_index: Some(1),
    });
    let mut encoder = device.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    let description = wgpu::ComputePassDescriptor { label: None, timestamp_writes: writes };
    let mut pass = encoder.begin_compute_pass(&description);
    for dispatch in dispatches.iter().cycle().take(repeats as usize * round) {
        dispatch.record(&mut pass, dispatch.workgroups);
    }
    drop(pass);
    if let Some(clock) = &clock {
        encoder.resolve_query_set(&clock.queries, 0..2, &clock.resolved, 0);
        encoder.copy_buffer_to_buffer(&clock.resolved, 0, &clock.staging, 0, BYTES);
    }
    let start = Instant::now();
    device.queue.submit([encoder.finish()]);
    device.wait(device.done()).await?;
    let elapsed = start.elapsed().as_secs_f64() * 1e3;
    let Some(clock) = clock else { return Ok(elapsed) };
    let mut ticks = [0u64; 2];
    let mut take = |_, bytes: &[u8]| bytemuck::cast_slice_mut(&mut ticks).copy_from_slice(bytes);
    device.read(&clock.staging, &mut in_parts(BYTES as usize), &mut take).await?;
    Ok(ticks[1].saturating_sub(ticks[0]) as f64 * f64::from(device.queue.get_timestamp_period()) / 1e6)
}

/// Bytes of two timestamps.
const BYTES: u64 = 16;

struct Clock {
    queries: wgpu::QuerySet,
    resolved: super::buffers::Buffer,
    staging: super::buffers::Buffer,
}

impl Clock {
    fn new(device: &GpuDevice) -> Self {
        let description = wgpu::QuerySetDescriptor { label: None, ty: wgpu::QueryType::Timestamp, count: 2 };
        let (from, to) = (wgpu::BufferUsages::COPY_SRC, wgpu::BufferUsages::COPY_DST);
        Self {
            queries: device.device.create_query_set(&description),
            resolved: device.buffer("timestamps", BYTES, wgpu::BufferUsages::QUERY_RESOLVE | from),
            staging: device.buffer("timestamps read", BYTES, wgpu::BufferUsages::MAP_READ | to),
        }
    }
}
