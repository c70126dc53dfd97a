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
