//! Node.js and the npm packages that the chores use.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::apt;
use super::system::System;
use crate::{npm, paths, process, stamp};

/// The oldest Node.js that the npm packages run on.
const OLDEST: u32 = 20;

/// Sees that Node.js is there, then installs exactly what `package-lock.json` lists.
pub fn set_up() -> Result<()> {
    process::step("npm packages");
    if !process::succeeds(npm::npm().arg("--version")) {
        apt::install(&["nodejs", "npm"], "Node.js and npm run the tools that build the package")?;
    }
    let version = process::capture(Command::new("node").arg("--version"))?;
    let version = version.trim();
    let major = version.trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
    if major.is_none_or(|major| major < OLDEST) {
        bail!("Node.js {OLDEST} or later is needed; `node --version` says {version}. {}", System::this().needs());
    }
    install(paths::root(), "npm")
}

/// Installs exactly what a folder's `package-lock.json` lists, unless the stamp says that it is there.
pub fn install(folder: &Path, stamp: &str) -> Result<()> {
    let lock = folder.join("package-lock.json");
    let key = stamp::sha256_of_file(&lock).with_context(|| format!("cannot read {}", lock.display()))?;
    if folder.join("node_modules/.package-lock.json").exists() && stamp::is_fresh(stamp, &key) {
        process::note("already installed");
        return Ok(());
    }
    process::run(npm::npm().current_dir(folder).args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]))?;
    stamp::record(stamp, &key)
}
