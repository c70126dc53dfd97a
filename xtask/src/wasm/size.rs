//! The sizes of the artefacts and the budget they must keep.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result, bail};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::{ARTEFACTS, Artefact, ENGINE, LOOK, PICTURES, TEACH};
use crate::paths;

/// Each artefact that pages load with the glue, in bytes after gzip at level 9.
const BUDGET: usize = 352_500;
/// The same of what decodes rare pictures, which the published page fetches on the first visit and keeps.
const PICTURES_BUDGET: usize = 85_000;

/// What one artefact weighs, in bytes.
pub struct Size {
    /// The artefact's name.
    pub name: &'static str,
    /// The `.wasm` file as it is.
    pub wasm: usize,
    /// The `.wasm` file after gzip.
    pub wasm_gzip: usize,
    /// The glue after gzip.
    pub glue_gzip: usize,
    /// What both together may take after gzip; none for what few visits fetch.
    pub budget: Option<usize>,
}

impl Size {
    /// What a server that compresses sends for this artefact.
    pub fn total(&self) -> usize {
        self.wasm_gzip + self.glue_gzip
    }
}

/// Measures every built artefact that pages load, what decodes rare pictures and what trains heads, and prints a line for each on
/// stdout.
pub fn report() -> Result<Vec<Size>> {
    let is_told = |artefact: &&Artefact| [ENGINE, PICTURES, TEACH, LOOK].contains(&artefact.glue);
    ARTEFACTS.iter().filter(is_told).map(measure).collect()
}

fn measure(artefact: &Artefact) -> Result<Size> {
    let folder = paths::dist().join("wasm");
    let wasm = read(&folder.join(format!("{}.wasm", artefact.name)))?;
    let size = Size {
        name: artefact.name,
        wasm: wasm.len(),
        wasm_gzip: gzip_length(&wasm)?,
        glue_gzip: gzip_length(&read(&folder.join(format!("{}.js", artefact.glue)))?)?,
        budget: match artefact.glue {
            ENGINE => Some(BUDGET),
            PICTURES => Some(PICTURES_BUDGET),
            _ => None,
        },
    };
    println!(
        "{:<18} {:>9} bytes, gzip {:>7} + glue {:>6} = {:>7}{}",
        size.name,
        size.wasm,
        size.wasm_gzip,
        size.glue_gzip,
        size.total(),
        size.budget.map_or_else(String::new, |budget| format!(" of {budget}"))
    );
    Ok(size)
}

/// Fails where an artefact with its glue is over its budget.
pub fn check_budget(sizes: &[Size]) -> Result<()> {
    let is_over = |size: &&Size| size.budget.is_some_and(|budget| size.total() > budget);
    if let Some(size) = sizes.iter().filter(is_over).max_by_key(|size| size.total()) {
        let budget = size.budget.unwrap_or_default();
        bail!("{} and its glue take {} bytes after gzip; the budget is {budget}", size.name, size.total());
    }
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}; `cargo xtask build` makes it", path.display()))
}

fn gzip_length(bytes: &[u8]) -> Result<usize> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}
