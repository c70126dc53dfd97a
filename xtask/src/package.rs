//! The npm package's `dist` folder: the hand-written JavaScript and the catalog beside the built WebAssembly.

use std::fs;

use anyhow::{Context, Result};

use crate::files::{copy, copy_folder};
use crate::{paths, process};

/// Copies `pkg/src` into `pkg/dist`, and the catalog with the class names it refers to into `pkg/dist/models`.
pub fn assemble() -> Result<()> {
    process::step("package");
    let dist = paths::dist();
    copy_folder(&paths::root().join("pkg/src"), &dist)?;
    let models = dist.join("models");
    fs::create_dir_all(&models).with_context(|| format!("cannot create {}", models.display()))?;
    for name in ["catalog.json", "imagenet1k.json"] {
        copy(&paths::root().join("models").join(name), &models.join(name))?;
    }
    Ok(())
}
