//! The Rust toolchain for WebAssembly.

use std::process::Command;

use anyhow::{Result, bail};

use super::apt;
use super::system::System;
use crate::process;
use crate::wasm::Toolchain;

/// Debian's own Rust for the web: compiler, cargo, sources of the standard library, linker.
const DEBIAN: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "lld-22"];

/// Finds a toolchain that can build the standard library for wasm; asks rustup for the sources, then Debian for a toolchain.
pub fn set_up() -> Result<Toolchain> {
    process::step("Rust for WebAssembly");
    if let Some(toolchain) = Toolchain::find() {
        process::note(toolchain.name());
        return Ok(toolchain);
    }
    process::note("rustup component add rust-src");
    if !process::succeeds(Command::new("rustup").args(["component", "add", "rust-src"])) {
        apt::install(
            &DEBIAN,
            "There is no rustup that adds the sources of Rust's standard library, which the engine is built with",
        )?;
    }
    match Toolchain::find() {
        Some(toolchain) => Ok(toolchain),
        None => {
            let needs = System::this().needs();
            bail!("no Rust toolchain here can build the standard library for wasm32-unknown-unknown. {needs}")
        }
    }
}
