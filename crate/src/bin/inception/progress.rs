//! Bars on stderr, only where it is a terminal.

use indicatif::{ProgressBar, ProgressStyle};

fn bar(total: usize, template: &str) -> ProgressBar {
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(total as u64).with_style(style)
}

/// A bar that counts layers.
pub fn layers(message: &'static str, total: usize) -> ProgressBar {
    bar(total, "{msg} {wide_bar} {pos}/{len} layers").with_message(message)
}

/// A bar that counts runs.
pub fn runs(total: usize) -> ProgressBar {
    bar(total, "{wide_bar} {pos}/{len} runs")
}

/// A bar of what is done of a training, in percent.
pub fn training() -> ProgressBar {
    bar(100, "training {wide_bar} {pos} %")
}

/// A bar that counts pictures, with rate and time left, or with the rate alone where nobody knows how many there are; none
/// unless `shown`.
pub fn pictures(total: Option<usize>, shown: bool) -> ProgressBar {
    let counted = match total {
        Some(total) => bar(total, "{wide_bar} {pos}/{len} pictures, {per_sec}, {eta} left"),
        None => bar(0, "{pos} pictures, {per_sec}"),
    };
    if shown { counted } else { ProgressBar::hidden() }
}
