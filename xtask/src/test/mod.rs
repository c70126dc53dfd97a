//! Every check of the project, part by part. A part that fails does not stop the others; the last lines are the summary.

mod outcome;
mod parts;
#[cfg(test)]
mod uses;
mod watch;

use std::time::Instant;

use anyhow::{Result, bail};
use clap::ValueEnum;

use crate::process;
use outcome::Outcome;

/// A part of the checks, in the order in which they run.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// Everything that the other parts need is installed
    Setup,
    /// The Rust code is formatted
    Rustfmt,
    /// Clippy has nothing to say
    Clippy,
    /// The tests of the Rust crates
    Native,
    /// The WebAssembly artefacts and the package are built
    Wasm,
    /// The largest artefact with its glue keeps its size budget
    Size,
    /// The JavaScript agrees with its type declarations
    Types,
    /// The page, the package and its kernels in Chromium
    Browser,
    /// The package and the page in Firefox and WebKit, in short
    Engines,
    /// The packed packages as their users meet them: npm, types, the examples, the API pages
    Consumers,
}

/// Runs the parts asked for, or all where none is named; fails where a part failed.
pub fn test(only: &[Part], all_consumers: bool) -> Result<()> {
    let mut summary = Vec::new();
    let mut total = Outcome::default();
    for part in Part::value_variants().iter().filter(|part| only.is_empty() || only.contains(part)) {
        process::step(part.title());
        let start = Instant::now();
        let outcome = part.run(all_consumers).unwrap_or_else(|error| Outcome::failure(format!("{error:#}")));
        let seconds = start.elapsed().as_secs_f64();
        summary.push(format!("{:<16} {seconds:7.1} s  {outcome}", part.title()));
        total.add(&outcome);
    }
    println!("\nsummary");
    for skipped in &total.skipped_tests {
        println!("{skipped}");
    }
    for line in summary {
        println!("{line}");
    }
    println!("{} passed, {} failed, {} skipped", total.passed, total.failed, total.skipped);
    if total.failed > 0 {
        bail!("not every check passed");
    }
    Ok(())
}

impl Part {
    fn title(self) -> &'static str {
        match self {
            Self::Setup => "setup",
            Self::Rustfmt => "rustfmt",
            Self::Clippy => "clippy",
            Self::Native => "native tests",
            Self::Wasm => "wasm builds",
            Self::Size => "size budget",
            Self::Types => "JavaScript types",
            Self::Browser => "browser tests",
            Self::Engines => "other engines",
            Self::Consumers => "consumer tests",
        }
    }

    fn run(self, all_consumers: bool) -> Result<Outcome> {
        match self {
            Self::Setup => parts::setup(),
            Self::Rustfmt => parts::rustfmt(),
            Self::Clippy => parts::clippy(),
            Self::Native => parts::native(),
            Self::Wasm => parts::wasm(),
            Self::Size => parts::size(),
            Self::Types => parts::types(),
            Self::Browser => parts::browser(),
            Self::Engines => parts::engines(),
            Self::Consumers => parts::consumers(all_consumers),
        }
    }
}
