//! What is written while pictures run: whole records, whatever ends the program.

use crate::Failure;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long Ctrl-C waits for a record that is being written.
const PATIENCE: Duration = Duration::from_secs(2);
/// The exit code of a program that Ctrl-C ends.
const INTERRUPTED: i32 = 130;

/// A writer that Ctrl-C and SIGTERM end between two records.
pub struct Output<W>(Arc<Mutex<W>>);

impl<W: Send + 'static> Output<W> {
    /// Takes Ctrl-C and SIGTERM over: `end` completes what is written so far, then the program ends.
    pub fn new(writer: W, end: fn(&mut W)) -> Result<Self, Failure> {
        let writer = Arc::new(Mutex::new(writer));
        let shared = writer.clone();
        ctrlc::set_handler(move || {
            let start = Instant::now();
            while start.elapsed() < PATIENCE {
                if let Ok(mut writer) = shared.try_lock() {
                    end(&mut writer);
                    std::process::exit(INTERRUPTED);
                }
                std::thread::sleep(Duration::from_millis(5));
            }
            std::process::exit(INTERRUPTED);
        })?;
        Ok(Self(writer))
    }

    /// Writes one record.
    pub fn write<T>(&self, record: impl FnOnce(&mut W) -> T) -> T {
        record(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
