//! A Rust toolchain that can build the standard library for `wasm32-unknown-unknown`.
//! The threaded artefact needs the standard library compiled with atomics, so every artefact is built with `build-std`.

use std::path::Path;
use std::process::Command;

use crate::process;

/// Variables that would replace the flags given here.
const FLAGS: [&str; 2] = ["CARGO_ENCODED_RUSTFLAGS", "RUSTFLAGS"];
/// Variables that cargo and rustup set for the programs they start and that would lead another toolchain's cargo astray.
const TOOLCHAIN: [&str; 6] = ["CARGO", "LD_LIBRARY_PATH", "RUSTC", "RUSTC_WRAPPER", "RUSTDOC", "RUSTUP_TOOLCHAIN"];

/// Where the compiler comes from.
pub enum Toolchain {
    /// The default toolchain of rustup, with its component `rust-src`.
    Rustup,
    /// Debian's `rustc-web`, `cargo-web`, `rust-web-src` and `lld-22`.
    Debian,
}

impl Toolchain {
    /// The first toolchain that is complete.
    pub fn find() -> Option<Self> {
        if has_rustup_source() {
            Some(Self::Rustup)
        } else if has_debian() {
            Some(Self::Debian)
        } else {
            None
        }
    }

    /// Its name for messages.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Rustup => "rustup's toolchain with rust-src",
            Self::Debian => "Debian's rustc-web",
        }
    }

    /// A cargo command that may use unstable options, without which the standard library cannot be built.
    pub fn cargo(&self) -> Command {
        let mut cargo = match self {
            Self::Rustup => Command::new("cargo"),
            Self::Debian => debian_cargo(),
        };
        for variable in FLAGS {
            cargo.env_remove(variable);
        }
        cargo.env("RUSTC_BOOTSTRAP", "1").env("CARGO_INCREMENTAL", "0");
        cargo
    }
}

fn debian_cargo() -> Command {
    let mut cargo = Command::new("/usr/bin/cargo");
    for variable in TOOLCHAIN {
        cargo.env_remove(variable);
    }
    cargo.env("RUSTC", "/usr/bin/rustc").env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", "wasm-ld-22");
    cargo
}

fn has_rustup_source() -> bool {
    let Ok(sysroot) = process::capture(Command::new("rustc").args(["--print", "sysroot"])) else {
        return false;
    };
    let sysroot = Path::new(sysroot.trim());
    sysroot != Path::new("/usr") && sysroot.join("lib/rustlib/src/rust/library/Cargo.toml").exists()
}

fn has_debian() -> bool {
    ["/usr/bin/cargo", "/usr/bin/rustc", "/usr/bin/wasm-ld-22", "/usr/lib/rustlib/src/rust/library/Cargo.toml"]
        .iter()
        .all(|path| Path::new(path).exists())
}
