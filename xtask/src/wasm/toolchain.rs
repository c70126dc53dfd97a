//! A Rust toolchain that can build the standard library for `wasm32-unknown-unknown`.
//! The threaded artefact needs the standard library compiled with atomics, so every artefact is built with `build-std`.

use std::path::Path;
use std::process::Command;

use crate::process;

/// Variables that cargo and rustup set for the programs they start and that would lead another toolchain's cargo astray.
const INHERITED: [&str; 10] = [
    "CARGO",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_TARGET_DIR",
    "LD_LIBRARY_PATH",
    "RUSTC",
    "RUSTC_WRAPPER",
    "RUSTDOC",
    "RUSTFLAGS",
    "RUSTUP_TOOLCHAIN",
    "RUST_RECURSION_COUNT",
];

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

    /// A cargo command for crate `inception` that builds the standard library as well.
    pub fn cargo(&self) -> Command {
        let program = match self {
            Self::Rustup => "cargo",
            Self::Debian => "/usr/bin/cargo",
        };
        let mut cargo = Command::new(program);
        for variable in INHERITED {
            cargo.env_remove(variable);
        }
        cargo.env("RUSTC_BOOTSTRAP", "1").env("CARGO_INCREMENTAL", "0");
        if let Self::Debian = self {
            cargo.env("RUSTC", "/usr/bin/rustc").env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", "wasm-ld-22");
        }
        cargo
    }
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
