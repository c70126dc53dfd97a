//! The WebAssembly artefacts: compiled by cargo, bound by wasm-bindgen, shrunk by wasm-opt, measured against the size budget.
//! In: crate `inception` and a toolchain that can build its standard library. Out: `pkg/dist/wasm/NAME.wasm` with its glue `NAME.js`.
//! The checks of the kernels, which only tests load, are made the same way.

mod artefact;
mod compile;
mod finish;
mod size;
mod toolchain;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

pub use artefact::{ARTEFACTS, Artefact};
pub use size::{check_budget, report};
pub use toolchain::Toolchain;

use crate::{paths, process};
use artefact::KERNEL_CHECKS;

/// Builds every artefact that ships and whose inputs changed.
pub fn build(toolchain: &Toolchain) -> Result<()> {
    build_into(toolchain, &ARTEFACTS, &paths::dist().join("wasm"))
}

/// Builds the checks of the kernels that the browser tests run.
pub fn build_kernel_checks(toolchain: &Toolchain) -> Result<()> {
    build_into(toolchain, &KERNEL_CHECKS, &paths::cache().join("kernels"))
}

fn build_into(toolchain: &Toolchain, artefacts: &[Artefact], folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    for artefact in artefacts {
        process::step(&format!("wasm artefact {}", artefact.name));
        let raw = compile::compile(toolchain, artefact)?;
        finish::finish(artefact, &raw, folder)?;
    }
    Ok(())
}
