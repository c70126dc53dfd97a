//! The WebAssembly artefacts: compiled by cargo, bound by wasm-bindgen, shrunk by wasm-opt, measured against the size budget.
//! In: crate `inception` and a toolchain that can build its standard library. Out: `pkg/dist/wasm/NAME.wasm`, and the script between
//! it and JavaScript (glue), one for all artefacts that pages load.
//! The checks of the kernels, which only tests load, are made the same way.

mod artefact;
mod compile;
mod finish;
mod glue;
mod names;
mod size;
mod toolchain;
mod types;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

pub use artefact::{ARTEFACTS, Artefact, ENGINE, LOOK, PICTURES, TEACH};
pub use size::{check_budget, report};
pub use toolchain::Toolchain;

use crate::{paths, process};
use artefact::KERNEL_CHECKS;

/// Builds every artefact that ships and whose inputs changed, and writes what their scripts are called with; gives the files of
/// these types that were not what the code says.
pub fn build(toolchain: &Toolchain) -> Result<Vec<PathBuf>> {
    let scripts = build_into(toolchain, &ARTEFACTS, &paths::dist().join("wasm"))?;
    scripts.into_iter().filter_map(|(name, of_artefacts)| types::write(name, &of_artefacts).transpose()).collect()
}

/// Builds the checks of the kernels that the browser tests run.
pub fn build_kernel_checks(toolchain: &Toolchain) -> Result<()> {
    build_into(toolchain, &KERNEL_CHECKS, &paths::cache().join("kernels")).map(drop)
}

/// The scripts of wasm-bindgen that each of ours was made of.
type Scripts<'a> = BTreeMap<&'a str, Vec<PathBuf>>;

fn build_into<'a>(toolchain: &Toolchain, artefacts: &'a [Artefact], folder: &Path) -> Result<Scripts<'a>> {
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let mut scripts = Scripts::new();
    for (artefact, script) in artefacts.iter().zip(made(toolchain, artefacts, folder)) {
        scripts.entry(artefact.glue).or_default().push(script?);
    }
    process::step("glue");
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        // Those of an earlier build may have other names.
        if path.extension().is_some_and(|ending| ending == "js") {
            fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
        }
    }
    for (name, of_artefacts) in &scripts {
        glue::write(of_artefacts, &folder.join(format!("{name}.js")))?;
    }
    Ok(scripts)
}

/// Makes artefacts and gives their scripts, in order. Those of one target folder, which cargo locks, one after another, and the
/// folders side by side: most of the time goes into optimising whole crates, on one core each.
fn made(toolchain: &Toolchain, artefacts: &[Artefact], folder: &Path) -> Vec<Result<PathBuf>> {
    let make = |artefact: &Artefact| {
        process::step(&format!("wasm artefact {}", artefact.name));
        finish::finish(artefact, &compile::compile(toolchain, artefact)?, folder)
    };
    let mut targets: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (i, artefact) in artefacts.iter().enumerate() {
        targets.entry(artefact.target).or_default().push(i);
    }
    let mut made: BTreeMap<usize, Result<PathBuf>> = std::thread::scope(|scope| {
        let of_target = |target: Vec<usize>| {
            scope.spawn(move || target.into_iter().map(|i| (i, make(&artefacts[i]))).collect::<Vec<_>>())
        };
        let at_work: Vec<_> = targets.into_values().map(of_target).collect();
        at_work.into_iter().filter_map(|target| target.join().ok()).flatten().collect()
    });
    (0..artefacts.len()).map(|i| made.remove(&i).unwrap_or_else(|| bail!("a build came to no end"))).collect()
}
