//! The npm package's `dist` folder: the hand-written JavaScript and the catalog beside the built WebAssembly.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::files::{copy, copy_folder};
use crate::{npm, paths, process};

/// Copies `pkg/src` into `pkg/dist`, with the worker's modules in one file, and the catalog with the class names it refers to into `pkg/dist/models`.
pub fn assemble() -> Result<()> {
    process::step("package");
    let dist = paths::dist();
    copy_folder(&paths::root().join("pkg/src"), &dist)?;
    bundle_worker(&dist)?;
    let models = dist.join("models");
    fs::create_dir_all(&models).with_context(|| format!("cannot create {}", models.display()))?;
    for name in ["catalog.json", "imagenet1k.json"] {
        copy(&paths::root().join("models").join(name), &models.join(name))?;
    }
    Ok(())
}

/// Writes the worker's script with all modules that it imports, so that starting it takes one request instead of a chain of them.
fn bundle_worker(dist: &Path) -> Result<()> {
    process::run(
        npm::tool(paths::root(), "esbuild")
            .current_dir(paths::root().join("pkg/src"))
            .args(["worker.js", "--bundle", "--format=esm", "--target=es2022", "--external:./wasm/*"])
            .args(["--minify-whitespace", "--log-level=warning", "--allow-overwrite"])
            .arg(format!("--outfile={}", dist.join("worker.js").display())),
    )
}
