//! What the other chores need and a fresh machine lacks. Each step looks first and does nothing where nothing is missing.

mod apt;
mod catalog;
mod js_literal;
mod model;
mod node;
mod rust;
mod samples;

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::process;
use crate::wasm::Toolchain;

/// Debian packages that only tests use: a browser, and a Vulkan driver that needs no GPU.
const FOR_TESTS: [&str; 2] = ["chromium", "mesa-vulkan-drivers"];

/// What building the package needs: a Rust toolchain for wasm and the npm packages.
pub fn for_build() -> Result<Toolchain> {
    let toolchain = rust::set_up()?;
    node::set_up()?;
    Ok(toolchain)
}

/// What the page shows when it opens: the offline model and sample photos.
pub fn for_page() -> Result<()> {
    model::set_up()?;
    samples::set_up();
    Ok(())
}

/// What making the API pages needs.
pub fn for_api(folder: &Path) -> Result<()> {
    node::install(folder, "npm-api")
}

/// The file of the offline model, once `for_page` has made it.
pub fn offline_model() -> Result<PathBuf> {
    model::file()
}

/// The text of the offline model's licence.
pub fn model_license() -> Result<String> {
    model::license()
}

/// The folder of the offline model as TF.js keeps it on a server: `model.json` and its shards.
pub fn unpacked_model() -> Result<PathBuf> {
    model::unpacked()
}

/// What the tests need beyond the page.
pub fn for_tests() -> Result<()> {
    process::step("browser and drivers for the tests");
    apt::install(&FOR_TESTS)
}
