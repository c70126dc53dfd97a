//! What the threads of a team share, as the standard library has it. `crate/team-model` has loom's in its place.

pub(super) use std::hint::spin_loop;
pub(super) use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
pub(super) use std::sync::{Condvar, Mutex, MutexGuard};

/// Rounds of waiting, somewhat less than a millisecond, before a thread goes to sleep.
pub(super) const ROUNDS: u32 = if cfg!(target_arch = "wasm32") { 1 << 18 } else { 1 << 14 };

/// A cell as loom has it, which sees how long each access takes.
pub(super) struct UnsafeCell<T>(std::cell::UnsafeCell<T>);

impl<T> UnsafeCell<T> {
    pub const fn new(value: T) -> Self {
        Self(std::cell::UnsafeCell::new(value))
    }

    pub fn with<R>(&self, read: impl FnOnce(*const T) -> R) -> R {
        read(self.0.get())
    }

    pub fn with_mut<R>(&self, write: impl FnOnce(*mut T) -> R) -> R {
        write(self.0.get())
    }
}
