//! The two npm packages: the engine without weights, and the offline model with its address.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use super::fresh_folder;
use crate::files::{copy, copy_folder};
use crate::{paths, process, setup};

const LICENSES: [&str; 2] = ["LICENSE-MIT", "LICENSE-APACHE"];

/// Packs both packages into `out` and returns the tarballs, the engine's first.
pub fn pack(out: &Path) -> Result<[PathBuf; 2]> {
    std::fs::create_dir_all(out).with_context(|| format!("cannot create {}", out.display()))?;
    let (root, stage) = (paths::root(), paths::cache().join("packages"));
    fresh_folder(&stage)?;

    let engine = stage.join("inception-web");
    copy_folder(&paths::dist(), &engine.join("dist"))?;
    for name in ["package.json", "README.md"] {
        copy(&root.join("pkg").join(name), &engine.join(name))?;
    }
    for name in LICENSES {
        copy(&root.join(name), &engine.join(name))?;
    }

    let model = stage.join("inception-web-nsfw");
    copy_folder(&root.join("pkg/nsfw"), &model)?;
    let weights = setup::offline_model()?;
    let name = weights.file_name().context("the offline model has no name")?;
    copy(&weights, &model.join(name))?;
    let license = model.join("LICENSE");
    std::fs::write(&license, setup::model_license()?).with_context(|| format!("cannot write {}", license.display()))?;

    Ok([tarball(&engine, out)?, tarball(&model, out)?])
}

/// `npm pack` of a folder.
fn tarball(package: &Path, out: &Path) -> Result<PathBuf> {
    let mut pack = Command::new("npm");
    pack.current_dir(package).args(["pack", "--json", "--loglevel=error", "--pack-destination"]).arg(out);
    let told: Value = serde_json::from_str(&process::capture(&mut pack)?).context("npm pack did not answer in JSON")?;
    let name = told[0]["filename"].as_str().context("npm pack did not name the tarball")?;
    Ok(out.join(name))
}
