//! From Rust to an unbound `.wasm` file.

use std::path::PathBuf;

use anyhow::Result;

use super::{Artefact, Toolchain};
use crate::{paths, process};

/// What a message of the engine never shows: source locations of panics, fields in derived `Debug` output.
const LEAN: [&str; 2] = ["-Zlocation-detail=none", "-Zfmt-debug=shallow"];

/// Compiles one artefact and returns the file.
pub fn compile(toolchain: &Toolchain, artefact: &Artefact) -> Result<PathBuf> {
    let target = paths::root().join("target/wasm").join(artefact.target);
    let mut flags = vec![format!("-Ctarget-feature={}", artefact.target_features)];
    flags.extend(LEAN.map(String::from));
    flags.extend(artefact.link_arguments.iter().map(|argument| format!("-Clink-arg={argument}")));
    let mut cargo = toolchain.cargo();
    cargo
        .current_dir(paths::root())
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", flags.join(" "))
        // With the crate type named alone cargo optimises across crates; a build that also makes an rlib does not.
        .args(["rustc", "--package", artefact.package, "--lib", "--crate-type", "cdylib", "--profile", "wasm"])
        .args(["--target", "wasm32-unknown-unknown", "-Zbuild-std=std,panic_abort"])
        .arg("-Zbuild-std-features=optimize_for_size")
        .args(["--no-default-features", "--features", artefact.features])
        .arg("--target-dir")
        .arg(&target);
    if artefact.is_fast {
        cargo.arg("--config").arg(format!("profile.wasm.package.{}.opt-level=3", artefact.package));
    }
    process::run(&mut cargo)?;
    let file = format!("{}.wasm", artefact.package.replace('-', "_"));
    Ok(target.join("wasm32-unknown-unknown/wasm").join(file))
}
