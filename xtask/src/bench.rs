//! Speed and memory as Markdown tables: the engine natively, in the browser, and beside others there.

use std::process::Command;

use anyhow::{Context, Result};
use clap::ValueEnum;
use serde_json::Value;

use crate::{npm, package, paths, process, setup, wasm};

/// Where the engine is measured.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Where {
    /// The command line's own `bench`, on the CPU
    Native,
    /// The package in a browser, on the CPU, and where the time goes
    Browser,
    /// Beside nsfwjs, TF.js and onnxruntime-web in the same browser, with the same weights; installs them
    Peers,
    /// Every form of Inception-v3's convolutions in a browser, one by one; only where it is named
    Forms,
    /// Training a head in a browser, and features of images beside whole answers; only where it is named
    Teach,
    /// Gradients in a browser beside answers, and a picture that grows by them; only where it is named
    Gradients,
    /// On the GPU, natively and in Chromium, or on what plays one; only where it is named
    Gpu,
}

/// Whose JavaScript and WebAssembly are measured.
#[derive(Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Browser {
    /// V8: Chrome, Edge, and others made of Chromium
    #[default]
    Chromium,
    /// SpiderMonkey
    Firefox,
    /// JavaScriptCore, Safari's, in Debian's WebKitGTK
    Webkit,
}

impl Browser {
    fn name(self) -> &'static str {
        match self {
            Self::Chromium => "chromium",
            Self::Firefox => "firefox",
            Self::Webkit => "webkit",
        }
    }
}

const CPU: [Where; 3] = [Where::Native, Where::Browser, Where::Peers];

const NETWORKS: [&str; 4] = ["inception-v3", "googlenet-torchvision", "inception-v4", "inception-resnet-v2"];

/// Options of `inception bench`, and how a row names them.
type Place = (&'static [&'static str], &'static str);

const THREADS: [Place; 2] = [(&["--threads", "1"], "1 thread"), (&["--threads", "2"], "2 threads")];

/// Measures where asked, or on the CPU everywhere where nothing is named, and prints Markdown; every figure is a median over
/// `runs` runs after the first.
pub fn bench(only: &[Where], runs: u32, browser: Browser) -> Result<()> {
    let wanted = |place| if only.is_empty() { CPU.contains(&place) } else { only.contains(&place) };
    if wanted(Where::Native) {
        native("Natively", &THREADS, runs)?;
    }
    if wanted(Where::Browser) {
        in_browser("tests/bench/browser.mjs", runs, browser)?;
    }
    if wanted(Where::Peers) {
        peers(runs, browser)?;
    }
    if wanted(Where::Forms) {
        wasm::build_kernel_checks(&setup::for_build()?)?;
        in_browser("tests/bench/forms.mjs", runs, browser)?;
    }
    if wanted(Where::Teach) {
        in_browser("tests/bench/teach.mjs", runs, browser)?;
    }
    if wanted(Where::Gradients) {
        in_browser("tests/bench/gradients.mjs", runs, browser)?;
    }
    if wanted(Where::Gpu) {
        on_this_machine(runs)?;
        in_browser("tests/bench/webgpu.mjs", runs, Browser::Chromium)?;
    }
    Ok(())
}

fn native(title: &str, places: &[Place], runs: u32) -> Result<()> {
    process::step("native bench");
    built()?;
    println!("### {title}\n");
    println!("`inception bench` with random weights, auxiliary heads included: medians of {runs} runs.\n");
    println!(
        "| network               | where     | warm ms | fastest ms | first run ms | load ms | GFLOP/s | peak memory / weights |"
    );
    println!(
        "| --------------------- | --------- | ------: | ---------: | -----------: | ------: | ------: | --------------------: |"
    );
    for network in NETWORKS {
        for &(options, place) in places {
            process::note(&format!("{network}, {place}"));
            let report = report(network, options, runs)?;
            let figure = |name: &str| report[name].as_f64().with_context(|| format!("there is no {name} in {report}"));
            println!(
                "| {network:<21} | {place:<9} | {:>7.1} | {:>10.1} | {:>12.1} | {:>7.1} | {:>7.1} | {:>21.2} |",
                figure("median_ms")?,
                figure("min_ms")?,
                figure("first_ms")?,
                figure("load_ms")?,
                figure("gflops")?,
                figure("peak_memory_bytes")? / figure("weights_f32_bytes")?,
            );
        }
    }
    println!();
    Ok(())
}

/// The report of the page `bench.html` of a native build, with the GPU tuned and not; as JSON and Markdown in `target/xtask/bench`.
fn on_this_machine(runs: u32) -> Result<()> {
    process::step("this machine, natively");
    built()?;
    let folder = paths::cache().join("bench");
    std::fs::create_dir_all(&folder)?;
    let out = folder.join("measured.json");
    let mut inception = Command::new(paths::root().join("target/release/inception"));
    process::run(
        inception.current_dir(paths::root()).args(["measure", "--runs", &runs.max(5).to_string(), "--out"]).arg(&out),
    )?;
    println!("### This machine, natively\n");
    let mut node = Command::new("node");
    print!("{}", process::capture(node.current_dir(paths::root()).arg("tests/bench/report.mjs").arg(&out))?);
    Ok(())
}

/// Builds the command line.
fn built() -> Result<()> {
    process::run(Command::new("cargo").current_dir(paths::root()).args([
        "build",
        "--quiet",
        "--release",
        "--package",
        "inception",
    ]))
}

/// What `inception bench --json` says.
fn report(network: &str, options: &[&str], runs: u32) -> Result<Value> {
    let mut inception = Command::new(paths::root().join("target/release/inception"));
    inception.args(["bench", "--json", "--model", network, "--runs", &runs.to_string()]);
    let output = process::capture(inception.args(options))?;
    serde_json::from_str(&output).context("`inception bench --json` did not print JSON")
}

fn in_browser(path: &str, runs: u32, browser: Browser) -> Result<()> {
    for_browser(browser)?;
    process::step("browser bench");
    script(path, runs, browser)
}

fn peers(runs: u32, browser: Browser) -> Result<()> {
    for_browser(browser)?;
    process::step("peers");
    setup::unpacked_content_filter()?;
    process::run(npm::npm().current_dir(paths::root().join("tests/peers")).args([
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
    ]))?;
    script("tests/peers/bench.mjs", runs, browser)
}

fn for_browser(browser: Browser) -> Result<()> {
    wasm::build(&setup::for_build()?)?;
    package::assemble()?;
    setup::for_page(&[])?;
    setup::for_tests()?;
    match browser {
        Browser::Chromium => Ok(()),
        Browser::Firefox | Browser::Webkit => setup::for_engines(),
    }
}

fn script(path: &str, runs: u32, browser: Browser) -> Result<()> {
    let mut node = Command::new("node");
    node.current_dir(paths::root()).arg(path).args(["--runs", &runs.to_string(), "--browser", browser.name()]);
    print!("{}", process::capture(&mut node)?);
    Ok(())
}
