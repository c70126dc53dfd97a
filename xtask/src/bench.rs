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
    /// Beside nsfwjs on TF.js's wasm backend in the same Chromium, with the same weights; installs them
    Peers,
}

const NETWORKS: [&str; 2] = ["inception-v3", "googlenet"];

/// Where the network runs: options of `inception bench`, and how a row names them.
const PLACES: [(&[&str], &str); 3] =
    [(&["--threads", "1"], "1 thread"), (&["--threads", "2"], "2 threads"), (&["--device", "gpu"], "GPU")];

/// Measures where asked, or everywhere where nothing is named; every figure is a median over `runs` runs after the first.
pub fn bench(only: &[Where], runs: u32) -> Result<()> {
    let wanted = |place| only.is_empty() || only.contains(&place);
    if wanted(Where::Native) {
        native(runs)?;
    }
    if wanted(Where::Browser) {
        browser(runs)?;
    }
    if wanted(Where::Peers) {
        peers(runs)?;
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
    println!(
        "native             where       median ms    first ms     load ms   GFLOP/s   peak MB   peak / f32 weights"
    );
    for network in NETWORKS {
        for (options, place) in PLACES {
            let mut inception = Command::new(paths::root().join("target/release/inception"));
            inception.args(["bench", "--json", "--model", network, "--runs", &runs.to_string()]);
            let output = match process::capture(inception.args(options)) {
                Err(error) if options.contains(&"gpu") => {
                    println!("{network:<18} {place:<9} not measured: {error}");
                    continue;
                }
                output => output?,
            };
            let report: Value = serde_json::from_str(&output).context("`inception bench --json` did not print JSON")?;
            let figure = |name: &str| report[name].as_f64().with_context(|| format!("there is no {name} in {report}"));
            let peak = figure("peak_memory_bytes")?;
            println!(
                "{network:<18} {place:<9} {:>11.1} {:>11.1} {:>11.1} {:>9.1} {:>9.1} {:>20.2}",
                figure("median_ms")?,
                figure("first_ms")?,
                figure("load_ms")?,
                figure("gflops")?,
                peak / 1e6,
                peak / figure("weights_f32_bytes")?,
            );
            if let Some(adapter) = report["adapter"].as_str() {
                println!("{:<18} {adapter}", "");
            }
        }
    }
    Ok(())
}

fn browser(runs: u32) -> Result<()> {
    for_chromium()?;
    process::step("browser bench");
    script("tests/browser/bench.mjs", runs)
}

fn peers(runs: u32) -> Result<()> {
    for_chromium()?;
    process::step("peers");
    setup::unpacked_model()?;
    let mut npm = Command::new("npm");
    npm.current_dir(paths::root().join("tests/peers"));
    process::run(npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]))?;
    script("tests/peers/bench.mjs", runs)
}

fn for_chromium() -> Result<()> {
    wasm::build(&setup::for_build()?)?;
    package::assemble()?;
    setup::for_page()?;
    setup::for_tests()
}

fn script(path: &str, runs: u32) -> Result<()> {
    let mut node = Command::new("node");
    node.current_dir(paths::root()).arg(path).args(["--runs", &runs.to_string()]);
    print!("{}", process::capture(&mut node)?);
    Ok(())
}
