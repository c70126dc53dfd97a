//! Buffers that give their memory back when they are dropped, and the count of those that are alive.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// What is alive on a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct GpuMemory {
    /// Number of buffers.
    pub buffers: usize,
    /// Their bytes.
    pub bytes: u64,
}

/// The count of a device's buffers.
#[derive(Default)]
pub(super) struct Ledger {
    buffers: AtomicUsize,
    bytes: AtomicU64,
}

impl Ledger {
    pub fn read(&self) -> GpuMemory {
        GpuMemory { buffers: self.buffers.load(Ordering::Relaxed), bytes: self.bytes.load(Ordering::Relaxed) }
    }
}

/// Bytes of a buffer for f32 values: no buffer is smaller than a vec4.
pub(super) fn size(values: usize) -> u64 {
    (values as u64).saturating_mul(4).max(SMALLEST)
}

const SMALLEST: u64 = 16;

/// A buffer, destroyed at once when it is dropped: browsers would wait for their garbage collector.
pub(super) struct Buffer {
    buffer: wgpu::Buffer,
    ledger: Arc<Ledger>,
}

impl Buffer {
    /// A buffer.
    pub fn new(
        device: &wgpu::Device,
        ledger: &Arc<Ledger>,
        label: &str,
        bytes: u64,
        usage: wgpu::BufferUsages,
    ) -> Self {
        let size = bytes.max(SMALLEST);
        let description = wgpu::BufferDescriptor { label: Some(label), size, usage, mapped_at_creation: false };
        let buffer = device.create_buffer(&description);
        ledger.buffers.fetch_add(1, Ordering::Relaxed);
        ledger.bytes.fetch_add(size, Ordering::Relaxed);
        Self { buffer, ledger: ledger.clone() }
    }
}

impl Deref for Buffer {
    type Target = wgpu::Buffer;

    fn deref(&self) -> &wgpu::Buffer {
        &self.buffer
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        self.ledger.buffers.fetch_sub(1, Ordering::Relaxed);
        self.ledger.bytes.fetch_sub(self.buffer.size(), Ordering::Relaxed);
        self.buffer.destroy();
    }
}
