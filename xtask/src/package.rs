//! The npm package's `dist` folder: the hand-written JavaScript and the catalog beside the built WebAssembly.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::files::{copy, copy_folder, read, write};
use crate::{npm, paths, process};

/// Scripts that pages ask for by themselves: each is written with all modules that it imports, so that it takes one request instead of
/// a chain of them. Node.js and the element's own modules import the single ones, which stay beside them.
const BUNDLED: [&str; 6] = ["in-thread.js", "index.js", "page-engine.js", "teach.js", "teach-worker.js", "worker.js"];

/// Copies `pkg/src` into `pkg/dist`, what pages ask for in one file each, and the catalog with the class names it refers to into
/// `pkg/dist/models`.
pub fn assemble() -> Result<()> {
    process::step("package");
    let dist = paths::dist();
    clear(&dist)?;
    copy_folder(&paths::root().join("pkg/src"), &dist)?;
    bundle(&dist)?;
    let models = dist.join("models");
    fs::create_dir_all(&models).with_context(|| format!("cannot create {}", models.display()))?;
    let own = paths::root().join("models");
    copy(&own.join("catalog.json"), &models.join("catalog.json"))?;
    write_lines(&own.join("imagenet1k.json"), &models.join("imagenet1k.txt"))?;
    write_catalog(&models, |_| true)
}

/// Writes a list of class names one a line, which no bundler takes for a module.
fn write_lines(json: &Path, file: &Path) -> Result<()> {
    let names: Vec<String> =
        serde_json::from_str(&read(json)?).with_context(|| format!("{} is no list of names", json.display()))?;
    write(file, &format!("{}\n", names.join("\n")))
}

/// Writes of the catalog in a folder the entries that are wanted, each with whether its file lies there.
pub fn write_catalog(models: &Path, is_wanted: impl Fn(&Value) -> bool) -> Result<()> {
    let file = models.join("catalog.json");
    let cannot = || format!("{} is not a list of models", file.display());
    let mut entries: Vec<Value> = serde_json::from_str(&read(&file)?).with_context(cannot)?;
    for entry in &mut entries {
        let url = entry["url"].as_str().with_context(cannot)?;
        entry["offline"] = models.join(url).is_file().into();
    }
    entries.retain(is_wanted);
    write(&file, &format!("{:#}\n", Value::from(entries)))
}

/// Removes what an earlier build left in the folder, all but the artefacts, which are made before.
fn clear(dist: &Path) -> Result<()> {
    for entry in fs::read_dir(dist).with_context(|| format!("cannot read {}", dist.display()))? {
        let path = entry?.path();
        let removed = match path.is_dir() {
            _ if path.ends_with("wasm") => Ok(()),
            true => fs::remove_dir_all(&path),
            false => fs::remove_file(&path),
        };
        removed.with_context(|| format!("cannot remove {}", path.display()))?;
    }
    Ok(())
}

/// Writes the modules that stay single into a copy of `pkg/dist` without their comments: the documentation is in the declarations.
pub fn strip(dist: &Path) -> Result<()> {
    let source = paths::root().join("pkg/src");
    let mut modules = scripts(&source)?;
    modules.retain(|path| !BUNDLED.iter().any(|bundled| *path == source.join(bundled)));
    process::run(
        npm::tool(paths::root(), "esbuild")
            .current_dir(source)
            .args(modules)
            .args([
                "--format=esm",
                "--target=es2022",
                "--charset=utf8",
                "--log-level=warning",
                "--allow-overwrite",
                "--outbase=.",
            ])
            .arg(format!("--outdir={}", dist.display())),
    )
}

/// Every script in a folder and below.
fn scripts(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        match path.is_dir() {
            true => found.extend(scripts(&path)?),
            false if path.extension().is_some_and(|ending| ending == "js") => found.push(path),
            false => {}
        }
    }
    Ok(found)
}

fn bundle(dist: &Path) -> Result<()> {
    process::run(
        npm::tool(paths::root(), "esbuild")
            .current_dir(dist)
            .args(BUNDLED)
            .args([
                "--bundle",
                "--format=esm",
                "--target=es2022",
                "--external:./page-engine.js",
                "--external:./teach.js",
            ])
            .args(["--minify", "--log-level=warning", "--allow-overwrite"])
            .arg(format!("--outdir={}", dist.display())),
    )
}
