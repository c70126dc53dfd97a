//! Where things are in the repository.

use std::path::{Path, PathBuf};

/// The repository's root.
pub fn root() -> &'static Path {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest)
}

/// Downloads, stamps and other things that the chores keep between calls.
pub fn cache() -> PathBuf {
    root().join("target/xtask")
}

/// The built npm package.
pub fn dist() -> PathBuf {
    root().join("pkg/dist")
}
