//! The entries of `models/catalog.json`, as far as setting up needs them.

use std::fs;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::paths;

/// One model of the catalog.
pub struct Entry {
    /// Where its file is, relative to `models/`.
    pub url: String,
    /// The file's digest, where it is known.
    pub sha256: Option<String>,
    /// The licence of its weights.
    pub license: String,
    /// Where the weights come from.
    pub source: String,
}

/// The entry of the model `id`.
pub fn entry(id: &str) -> Result<Entry> {
    let file = paths::root().join("models/catalog.json");
    let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let entries: Vec<Value> =
        serde_json::from_str(&text).with_context(|| format!("{} is not a list", file.display()))?;
    let found = entries.iter().find(|entry| entry["id"] == id).with_context(|| format!("the catalog lacks {id}"))?;
    let field = |name: &str| found[name].as_str().map(str::to_owned);
    let required = |name: &str| field(name).with_context(|| format!("catalog entry {id} has no {name}"));
    Ok(Entry {
        url: required("url")?,
        sha256: field("sha256"),
        license: required("license")?,
        source: required("source")?,
    })
}
