//! How long the device is at a run.

use futures_channel::oneshot;
use web_time::Instant;

/// The time from the end of a run's first submission to its results. Both are told by the device, so what it takes to
/// tell cancels out, however slowly a browser does.
#[derive(Default)]
pub(super) struct Stopwatch {
    first: Option<oneshot::Receiver<Instant>>,
    ms: Option<f64>,
}

impl Stopwatch {
    /// A run begins with a submission of which `first` will tell the end.
    pub fn start(&mut self, first: oneshot::Receiver<Instant>) {
        (self.first, self.ms) = (Some(first), None);
    }

    /// The device may be idle in the midst of the run: its time cannot be told.
    pub fn give_up(&mut self) {
        self.first = None;
    }

    /// The results are here. The end of the first submission that has not been told yet comes with them.
    pub fn stop(&mut self) {
        let Some(mut first) = self.first.take() else { return };
        let begun = first.try_recv().ok().flatten();
        self.ms = Some(begun.map_or(0.0, |begun| begun.elapsed().as_secs_f64() * 1e3));
    }

    /// Milliseconds of the last run, where they can be told.
    pub fn ms(&self) -> Option<f64> {
        self.ms
    }
}
