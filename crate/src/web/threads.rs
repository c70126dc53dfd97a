//! Threads in the browser: every one but the engine's own is a worker that the script starts on the same module and memory and
//! that calls [`run_thread`].

use wasm_bindgen::prelude::*;

use crate::cpu::Threads;

/// Waits until all of `threads` but the caller, which must already have been started, have taken their place.
#[wasm_bindgen]
pub fn init_threads(threads: usize) {
    Pool::gather(threads.saturating_sub(1));
}

/// From now on at most so many of the threads run kernels; the others sleep.
#[wasm_bindgen]
pub fn limit_threads(threads: usize) {
    Pool::new(0).limit(threads);
}

/// Makes the calling worker one of those that run kernels; does not return.
#[wasm_bindgen]
pub fn run_thread() {
    Pool::join();
}
