//! The npm packages: the engine without weights, and one for each model with its address.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use super::fresh_folder;
use crate::files::{copy, copy_folder, write};
use crate::{npm, package, paths, process, setup};

const LICENSES: [&str; 2] = ["LICENSE-MIT", "LICENSE-APACHE"];

/// Packs the packages into `out` and returns the tarballs, the engine's first. That of the content filter is made where its
/// model is there.
pub fn pack(out: &Path) -> Result<Vec<PathBuf>> {
    std::fs::create_dir_all(out).with_context(|| format!("cannot create {}", out.display()))?;
    let stage = paths::cache().join("packages");
    fresh_folder(&stage)?;
    let mut tarballs = vec![tarball(&engine(&stage)?, out)?];
    tarballs.push(tarball(&model(&stage, "googlenet", &setup::page_model())?, out)?);
    let filter = setup::content_filter()?;
    if filter.is_file() {
        let package = model(&stage, "nsfw", &filter)?;
        write(&package.join("LICENSE"), &setup::content_filter_license()?)?;
        tarballs.push(tarball(&package, out)?);
    } else {
        process::note("without inception-web-nsfw: `cargo xtask setup --with nsfw` makes its model");
    }
    Ok(tarballs)
}

/// The engine's package, without weights.
fn engine(stage: &Path) -> Result<PathBuf> {
    let (root, engine) = (paths::root(), stage.join("inception-web"));
    copy_folder(&paths::dist(), &engine.join("dist"))?;
    package::strip(&engine.join("dist"))?;
    for name in ["package.json", "README.md"] {
        copy(&root.join("pkg").join(name), &engine.join(name))?;
    }
    for name in LICENSES {
        copy(&root.join(name), &engine.join(name))?;
    }
    Ok(engine)
}

/// The package of one model: the folder `name` of the source, with the weights in it.
fn model(stage: &Path, name: &str, weights: &Path) -> Result<PathBuf> {
    let package = stage.join(format!("inception-web-{name}"));
    copy_folder(&paths::root().join("pkg").join(name), &package)?;
    let file = weights.file_name().with_context(|| format!("{} is no file", weights.display()))?;
    copy(weights, &package.join(file))?;
    Ok(package)
}

/// `npm pack` of a folder.
fn tarball(package: &Path, out: &Path) -> Result<PathBuf> {
    let mut pack = npm::npm();
    pack.current_dir(package).args(["pack", "--json", "--loglevel=error", "--pack-destination"]).arg(out);
    let told: Value = serde_json::from_str(&process::capture(&mut pack)?).context("npm pack did not answer in JSON")?;
    let name = told[0]["filename"].as_str().context("npm pack did not name the tarball")?;
    Ok(out.join(name))
}
