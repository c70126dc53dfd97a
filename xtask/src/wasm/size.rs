//! The sizes of the artefacts and the budget they must keep.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result, bail};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::{ARTEFACTS, ENGINE, TEACH};
use crate::paths;

/// The largest artefact with the glue, in bytes after gzip at level 9.
const BUDGET: usize = 375_000;

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
}

impl Size {
    /// What a server that compresses sends for this artefact.
    pub fn total(&self) -> usize {
        self.wasm_gzip + self.glue_gzip
    }
}

/// Measures every built artefact that pages load, prints a line for each on stdout, and one for what trains heads, which is beside the
/// budget.
pub fn report() -> Result<Vec<Size>> {
    let folder = paths::dist().join("wasm");
    let mut sizes = Vec::new();
    let glue = gzip_length(&read(&folder.join(format!("{ENGINE}.js")))?)?;
    for artefact in ARTEFACTS.iter().filter(|artefact| artefact.glue == ENGINE) {
        let wasm = read(&folder.join(format!("{}.wasm", artefact.name)))?;
        let size = Size { name: artefact.name, wasm: wasm.len(), wasm_gzip: gzip_length(&wasm)?, glue_gzip: glue };
        println!(
            "{:<18} {:>9} bytes, gzip {:>7} + glue {:>6} = {:>7} of {BUDGET}",
            size.name,
            size.wasm,
            size.wasm_gzip,
            size.glue_gzip,
            size.total()
        );
        sizes.push(size);
    }
    let [wasm, glue] = ["wasm", "js"].map(|ending| read(&folder.join(format!("{TEACH}.{ending}"))));
    let (wasm, glue) = (wasm?, gzip_length(&glue?)?);
    let gzip = gzip_length(&wasm)?;
    println!("{TEACH:<18} {:>9} bytes, gzip {gzip:>7} + glue {glue:>6} = {:>7}", wasm.len(), gzip + glue);
    Ok(sizes)
}

/// Fails where the largest artefact with its glue is over the budget.
pub fn check_budget(sizes: &[Size]) -> Result<()> {
    if let Some(size) = sizes.iter().max_by_key(|size| size.total()).filter(|size| size.total() > BUDGET) {
        bail!("{} and its glue take {} bytes after gzip; the budget is {BUDGET}", size.name, size.total());
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
