//! The WebAssembly artefacts: compiled by cargo, bound by wasm-bindgen, shrunk by wasm-opt, measured against the size budget.
//! In: crate `inception` and a toolchain that can build its standard library. Out: `pkg/dist/wasm/NAME.wasm` with its glue `NAME.js`.

mod artefact;
mod compile;
mod finish;
mod size;
mod toolchain;

use std::fs;

use anyhow::{Context, Result};

pub use artefact::{ARTEFACTS, Artefact};
pub use size::{check_budget, report};
pub use toolchain::Toolchain;

use crate::{paths, process};

/// Builds every artefact whose inputs changed.
pub fn build(toolchain: &Toolchain) -> Result<()> {
    let folder = paths::dist().join("wasm");
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    for artefact in &ARTEFACTS {
        process::step(&format!("wasm artefact {}", artefact.name));
        let raw = compile::compile(toolchain, artefact)?;
        finish::finish(artefact, &raw, &folder)?;
    }
    Ok(())
}
