//! Speed and memory: the engine natively, then in the browser.

use std::process::Command;

use anyhow::{Context, Result};
use clap::ValueEnum;
use serde_json::Value;

use crate::{package, paths, process, setup, wasm};

/// Where the engine is measured.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Where {
    /// The command line's own `bench`
    Native,
    /// The package in Chromium
    Browser,
}

const NETWORKS: [&str; 2] = ["inception-v3", "googlenet"];
const THREADS: [usize; 2] = [1, 2];

/// Measures where asked, or everywhere where nothing is named; every figure is a median over `runs` runs after the first.
pub fn bench(only: &[Where], runs: u32) -> Result<()> {
    let wanted = |place| only.is_empty() || only.contains(&place);
    if wanted(Where::Native) {
        native(runs)?;
    }
    if wanted(Where::Browser) {
        browser(runs)?;
    }
    Ok(())
}

fn native(runs: u32) -> Result<()> {
    process::step("native bench");
    process::run(Command::new("cargo").current_dir(paths::root()).args([
        "build",
        "--quiet",
        "--release",
        "--package",
        "inception",
    ]))?;
    println!("native             threads   median ms    first ms     load ms   GFLOP/s   peak MB   peak / f32 weights");
    for network in NETWORKS {
        for threads in THREADS {
            let mut inception = Command::new(paths::root().join("target/release/inception"));
            inception.args(["bench", "--json", "--model", network]);
            let output =
                process::capture(inception.args(["--threads", &threads.to_string(), "--runs", &runs.to_string()]))?;
            let report: Value = serde_json::from_str(&output).context("`inception bench --json` did not print JSON")?;
            let figure = |name: &str| report[name].as_f64().with_context(|| format!("there is no {name} in {report}"));
            let peak = figure("peak_memory_bytes")?;
            println!(
                "{network:<18} {threads:>7} {:>11.1} {:>11.1} {:>11.1} {:>9.1} {:>9.1} {:>20.2}",
                figure("median_ms")?,
                figure("first_ms")?,
                figure("load_ms")?,
                figure("gflops")?,
                peak / 1e6,
                peak / figure("weights_f32_bytes")?,
            );
        }
    }
    Ok(())
}

fn browser(runs: u32) -> Result<()> {
    wasm::build(&setup::for_build()?)?;
    package::assemble()?;
    setup::for_page()?;
    setup::for_tests()?;
    process::step("browser bench");
    let output = process::capture(
        Command::new("node")
            .current_dir(paths::root())
            .arg("tests/browser/bench.mjs")
            .args(["--runs", &runs.to_string()]),
    )?;
    print!("{output}");
    Ok(())
}
