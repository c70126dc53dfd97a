//! The thread pool in the browser: rayon's global pool, with the calling worker as its first thread.
//! Every other thread is a worker that the script starts on the same module and memory and that calls [`run_thread`];
//! rayon hands it the pool's closure through a queue in the shared memory.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, PoisonError};

use rayon::{ThreadBuilder, ThreadPoolBuilder};
use wasm_bindgen::prelude::*;

use super::error::coded;

static WAITING: Mutex<VecDeque<ThreadBuilder>> = Mutex::new(VecDeque::new());
static ARRIVED: Condvar = Condvar::new();

/// Builds the pool of `threads` threads, the caller included. The other threads must already have been started:
/// the call returns once each of them has taken its place.
#[wasm_bindgen]
pub fn init_threads(threads: usize) -> Result<(), JsValue> {
    ThreadPoolBuilder::new()
        .num_threads(threads)
        .use_current_thread()
        .spawn_handler(|thread| {
            WAITING.lock().unwrap_or_else(PoisonError::into_inner).push_back(thread);
            ARRIVED.notify_one();
            Ok(())
        })
        .build_global()
        .map_err(|error| coded("internal", &error.to_string()))
}

/// Makes the calling worker a thread of the pool; returns only when the pool ends.
#[wasm_bindgen]
pub fn run_thread() {
    let mut waiting = WAITING.lock().unwrap_or_else(PoisonError::into_inner);
    let thread = loop {
        match waiting.pop_front() {
            Some(thread) => break thread,
            None => waiting = ARRIVED.wait(waiting).unwrap_or_else(PoisonError::into_inner),
        }
    };
    drop(waiting);
    thread.run();
}
