//! What the other chores need and a fresh machine lacks. Each step looks first and does nothing where nothing is missing.

mod apt;
mod catalog;
mod content_filter;
mod js_literal;
mod node;
mod rust;
mod samples;
mod system;

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::ValueEnum;

use crate::wasm::Toolchain;
use crate::{paths, process};
use system::System;

/// What can be had beside the model of the repository.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Extra {
    /// The content filter of nsfwjs, 22 MB from npm: photo or drawing, and for whom
    Nsfw,
}

/// Debian packages that only tests use: a browser, and a Vulkan driver that needs no GPU.
const FOR_TESTS: [&str; 2] = ["chromium", "mesa-vulkan-drivers"];

/// Debian packages of the other browser engines, which a smaller part of the tests runs in.
const FOR_ENGINES: [&str; 3] = ["firefox-esr", "webkit2gtk-driver", "xvfb"];

/// What building the package needs: a Rust toolchain for wasm and the npm packages.
pub fn for_build() -> Result<Toolchain> {
    let toolchain = rust::set_up()?;
    node::set_up()?;
    Ok(toolchain)
}

/// What the page shows beside the repository's own: sample photos, and what is asked for.
pub fn for_page(with: &[Extra]) -> Result<()> {
    samples::set_up();
    if with.contains(&Extra::Nsfw) {
        content_filter::set_up()?;
    }
    Ok(())
}

/// What making the API pages needs.
pub fn for_api(folder: &Path) -> Result<()> {
    node::install(folder, "npm-api")
}

/// The file of the page's model, which the repository holds.
pub fn page_model() -> PathBuf {
    paths::root().join("models/googlenet-imagenet.safetensors")
}

/// The file of the content filter, once `for_page` or `for_tests` has made it.
pub fn content_filter() -> Result<PathBuf> {
    content_filter::file()
}

/// The text of the content filter's licence.
pub fn content_filter_license() -> Result<String> {
    content_filter::license()
}

/// The folder of the content filter as TF.js keeps it on a server: `model.json` and its shards.
pub fn unpacked_content_filter() -> Result<PathBuf> {
    content_filter::unpacked()
}

/// What the tests need beyond the page: a browser, and a second model.
pub fn for_tests() -> Result<()> {
    process::step("browser and drivers for the tests");
    let system = System::this();
    match system {
        System::Debian => apt::install(&FOR_TESTS, system.needs_for_tests().trim_end_matches('.'))?,
        _ => process::note(system.needs_for_tests()),
    }
    content_filter::set_up()
}

/// The browser engines beside Chromium's, where they may be installed: tests say what they do without.
pub fn for_engines() -> Result<()> {
    process::step("other browser engines");
    match System::this() {
        System::Debian => apt::install(&FOR_ENGINES, "Part of the tests runs in Firefox and WebKit, too"),
        _ => {
            process::note(
                "Firefox is taken where it is installed; FIREFOX names another. WebKit's driver is Debian's alone.",
            );
            Ok(())
        }
    }
}
