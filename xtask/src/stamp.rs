//! Digests, and stamps that remember which inputs a finished step was made from.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::paths;

/// The SHA-256 of some bytes in lower-case hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// Bytes in lower-case hexadecimal.
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The SHA-256 of a file, or `None` where it cannot be read.
pub fn sha256_of_file(path: &Path) -> Option<String> {
    fs::read(path).ok().map(|bytes| sha256(&bytes))
}

/// True where the step `name` was last finished with the inputs that `key` stands for.
pub fn is_fresh(name: &str, key: &str) -> bool {
    fs::read_to_string(file(name)).is_ok_and(|recorded| recorded == key)
}

/// Remembers that the step `name` is finished for `key`.
pub fn record(name: &str, key: &str) -> Result<()> {
    let file = file(name);
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    }
    fs::write(&file, key).with_context(|| format!("cannot write {}", file.display()))
}

fn file(name: &str) -> PathBuf {
    paths::cache().join("stamps").join(name)
}
