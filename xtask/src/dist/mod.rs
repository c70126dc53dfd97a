//! What is published: the npm packages as tarballs, and the pages of their API.

mod api;
mod packages;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::{paths, process};

/// Makes everything that is published in `out`; the package has to be built and the offline model to be there.
pub fn dist(out: &Path) -> Result<()> {
    packages(out)?;
    api(out)
}

/// Packs both npm packages into `out`.
pub fn packages(out: &Path) -> Result<()> {
    process::step("npm packages to publish");
    for tarball in packages::pack(out)? {
        println!("{}", tarball.display());
    }
    Ok(())
}

/// Makes the pages of the package's API in `out/api`.
pub fn api(out: &Path) -> Result<()> {
    process::step("API pages");
    println!("{}", api::make(out)?.display());
    Ok(())
}

/// Where `dist` puts things unless it is told otherwise.
pub fn default_folder() -> PathBuf {
    paths::root().join("target/dist")
}

/// An empty folder of this name, whatever was there before.
fn fresh_folder(folder: &Path) -> Result<()> {
    if folder.exists() {
        std::fs::remove_dir_all(folder).with_context(|| format!("cannot empty {}", folder.display()))?;
    }
    std::fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))
}
