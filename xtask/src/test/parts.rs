//! What each part runs.

use std::process::Command;

use anyhow::{Result, bail};

use super::outcome::Outcome;
use super::watch::{ClosingLine, Libtest, watch};
use crate::{dist, npm, package, paths, process, setup, wasm};

/// The folders, or configurations, whose JavaScript is checked against type declarations.
const TYPED: [&str; 5] = ["pkg", "pkg/tsconfig.element.json", "pkg/tsconfig.node.json", "www", "www/service-worker"];

pub fn setup() -> Result<Outcome> {
    setup::for_build()?;
    setup::for_page(&[])?;
    setup::for_tests()?;
    Ok(Outcome::pass())
}

pub fn rustfmt() -> Result<Outcome> {
    process::run(cargo().args(["fmt", "--all", "--check"]))?;
    Ok(Outcome::pass())
}

pub fn clippy() -> Result<Outcome> {
    process::run(cargo().args(["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"]))?;
    Ok(Outcome::pass())
}

pub fn native() -> Result<Outcome> {
    watch(cargo().args(["test", "--workspace", "--no-fail-fast", "--", "--show-output"]), Libtest::default())
}

pub fn wasm() -> Result<Outcome> {
    let stale = wasm::build(&setup::for_build()?)?;
    if let Some(file) = stale.first() {
        bail!(
            "{} was not what the engine's code says; it has been written anew and belongs into the next commit",
            file.display()
        );
    }
    package::assemble()?;
    Ok(Outcome::pass())
}

pub fn size() -> Result<Outcome> {
    wasm::check_budget(&wasm::report()?)?;
    Ok(Outcome::pass())
}

/// The types, and which of the package's scripts imports which.
pub fn types() -> Result<Outcome> {
    process::run(Command::new("node").current_dir(paths::root()).arg("tests/rooms.mjs"))?;
    for project in TYPED {
        process::run(npm::tool(paths::root(), "tsc").args(["--noEmit", "--project"]).arg(paths::root().join(project)))?;
    }
    Ok(Outcome::pass())
}

pub fn browser() -> Result<Outcome> {
    wasm::build_kernel_checks(&setup::for_build()?)?;
    watch(Command::new("node").current_dir(paths::root()).arg("tests/browser/run.mjs"), ClosingLine)
}

/// What cannot be installed here is skipped, test by test.
pub fn engines() -> Result<Outcome> {
    if let Err(error) = setup::for_engines() {
        process::note(&format!("{error:#}"));
    }
    watch(Command::new("node").current_dir(paths::root()).arg("tests/engines/run.mjs"), ClosingLine)
}

/// The apps of the common set-ups, or all of them.
pub fn consumers(all: bool) -> Result<Outcome> {
    let out = dist::default_folder();
    dist::packages(&out)?;
    dist::api(&out)?;
    let chosen = if all { &["--all"][..] } else { &[] };
    watch(Command::new("node").current_dir(paths::root()).arg("tests/consumers/run.mjs").args(chosen), ClosingLine)
}

fn cargo() -> Command {
    let mut cargo = Command::new("cargo");
    cargo.current_dir(paths::root());
    cargo
}
