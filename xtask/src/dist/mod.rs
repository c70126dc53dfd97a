//! What is published: the npm packages as tarballs, and the page as a static site.

mod packages;
mod site;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::{paths, process};

/// Makes everything that is published in `out`; the package has to be built and the offline model to be there.
pub fn dist(out: &Path) -> Result<()> {
    process::step("npm packages to publish");
    for tarball in packages::pack(out)? {
        println!("{}", tarball.display());
    }
    site(out)
}

/// Makes the page's static site in `out/site`, of the package and the models that are there.
pub fn site(out: &Path) -> Result<()> {
    process::step("site to publish");
    println!("{}", site::make(out)?.display());
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
