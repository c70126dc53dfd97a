//! What is published: the npm packages as tarballs, the pages of their API, and the page as a static site.

mod api;
mod packages;
mod site;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::setup::Extra;
use crate::{paths, process};

/// Makes everything that is published in `out`; the package has to be built.
pub fn dist(out: &Path) -> Result<()> {
    packages(out)?;
    api(out)?;
    site(out)
}

/// Packs the npm packages into `out`.
pub fn packages(out: &Path) -> Result<()> {
    process::step("npm packages to publish");
    for tarball in packages::pack(out)? {
        println!("{}", tarball.display());
    }
    Ok(())
}

/// Makes the page's static site in `out/site`, of the package that is built.
pub fn site(out: &Path) -> Result<()> {
    process::step("site to publish");
    println!("{}", site::make(out, &[])?.display());
    Ok(())
}

/// Makes the same in `out/site` with further models, and returns the folder.
pub fn demo_site(out: &Path, with: &[Extra]) -> Result<PathBuf> {
    process::step("the page as it is published");
    site::make(out, with)
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
