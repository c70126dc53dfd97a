//! The npm package's `dist` folder: the hand-written JavaScript and the catalog beside the built WebAssembly.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

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

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("cannot create {}", to.display()))?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let path = entry?.path();
        let Some(name) = path.file_name() else { continue };
        if path.is_dir() {
            copy_folder(&path, &to.join(name))?;
        } else {
            copy(&path, &to.join(name))?;
        }
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to).map(drop).with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))
}
