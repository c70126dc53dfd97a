//! From an unbound `.wasm` file to the artefact that ships: wasm-bindgen, then wasm-opt.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

use super::{Artefact, names};
use crate::{npm, paths, process, stamp};

/// What wasm-opt does: LLVM has done the work already, and higher levels compress worse; sets and parameters that nothing reads,
/// and code that stands twice, are almost one per cent.
/// Functions in the order of their names, those of a module side by side, compress by 1 % better.
const OPTIMISATION: [&str; 7] = [
    "--rse",
    "--dae-optimizing",
    "--code-folding",
    "-O1",
    "--reorder-functions-by-name",
    "--strip-producers",
    "--strip-target-features",
];
/// Raised when the code below changes what it makes of the same input.
const RECIPE: &str = "6";

/// Writes `NAME.wasm` into `folder`, unless it is there and was made from the same input; gives the path of its script as wasm-bindgen
/// writes it.
pub fn finish(artefact: &Artefact, raw: &Path, folder: &Path) -> Result<PathBuf> {
    let wasm = folder.join(format!("{}.wasm", artefact.name));
    let bound = paths::cache().join("bindgen").join(artefact.name);
    let glue = bound.join(format!("{}.js", artefact.glue));
    let input = fs::read(raw).with_context(|| format!("cannot read {}", raw.display()))?;
    let key = [
        RECIPE,
        &OPTIMISATION.join(" "),
        &artefact.all_proposals().collect::<Vec<_>>().join(","),
        &stamp::sha256(&input),
    ]
    .join("\n");
    if wasm.exists() && glue.exists() && stamp::is_fresh(artefact.name, &key) {
        process::note("unchanged");
        return Ok(glue);
    }
    bind(artefact, input, &bound)?;
    let module = bound.join(format!("{}_bg.wasm", artefact.glue));
    let shorter = fs::read(&module).with_context(|| format!("cannot read {}", module.display()))?;
    fs::write(&module, names::shorten_module(&shorter)?)
        .with_context(|| format!("cannot write {}", module.display()))?;
    optimise(artefact, &module, &wasm)?;
    stamp::record(artefact.name, &key)?;
    Ok(glue)
}

fn bind(artefact: &Artefact, input: Vec<u8>, folder: &Path) -> Result<()> {
    process::note("wasm-bindgen");
    Bindgen::new()
        .input_bytes(artefact.glue, input)
        .out_name(artefact.glue)
        .web(true)?
        .typescript(true)
        .omit_default_module_path(true)
        .generate(folder)
        .context("wasm-bindgen failed")
}

/// Writes a script without its names, which are a third of it.
pub fn minify(input: &Path, output: &Path) -> Result<()> {
    process::run(
        npm::tool(paths::root(), "esbuild")
            .arg(input)
            .args(["--minify", "--format=esm", "--target=es2022", "--log-level=warning", "--allow-overwrite"])
            .arg(format!("--outfile={}", output.display())),
    )
}

fn optimise(artefact: &Artefact, input: &Path, output: &Path) -> Result<()> {
    let proposals = artefact.all_proposals().map(|name| OsString::from(format!("--enable-{name}")));
    process::run(
        npm::tool(paths::root(), "wasm-opt")
            .args(OPTIMISATION)
            .arg("--mvp-features")
            .args(proposals)
            .arg(input)
            .arg("-o")
            .arg(output),
    )
}
