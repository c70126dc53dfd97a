//! The content filter, an Inception-v3 that tells photos from drawings and both from what is not for everybody: taken from the
//! npm package nsfwjs and converted to our own format. The page does without; the tests take it as a TF.js model and as a
//! second network with weights of its own.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use flate2::read::GzDecoder;
use serde_json::{Value, json};
use sha2::{Digest, Sha512};

use super::{catalog, js_literal};
use crate::{npm, paths, process, stamp};

/// The model's entry in the catalog, which says where it is kept and what it is called.
const ID: &str = "nsfw-inception-v3";
const PACKAGE: &str = "nsfwjs@4.4.0";
const ARCHIVE: &str = "nsfwjs-4.4.0.tgz";
/// The registry's own integrity value of that version.
const SHA512: &str = "krC1fgeTLXtZwgdpKJ0jm7hqv0gTSRQQRL+FhOaxaJ9Wj92t42BO3csO2odwgTAgZgf2RvkwPtp0R8Aa7dc+MA==";
/// The model's folder in the archive; every file there is a script that holds one JSON value or one base64 string.
const FOLDER: &str = "package/dist/models/inception_v3";
const LICENSE: &str = "package/LICENSE";
/// What the file calls itself; its digest depends on it.
const TITLE: &str = "Content safety: Inception-v3 (nsfwjs)";
const LABELS: &str = "Drawing,Hentai,Neutral,Porn,Sexy";

/// Where the model is kept.
pub fn file() -> Result<PathBuf> {
    Ok(paths::root().join("models").join(catalog::entry(ID)?.url))
}

/// Makes the model file, unless it is there with the digest that the catalog gives.
pub fn set_up() -> Result<()> {
    process::step("content filter");
    let entry = catalog::entry(ID)?;
    let file = paths::root().join("models").join(&entry.url);
    if file.exists() && stamp::sha256_of_file(&file) == entry.sha256 {
        process::note("already converted");
        return Ok(());
    }
    let source = unpacked()?;
    // As the tests are compiled, which need most of it afterwards.
    let mut convert = Command::new("cargo");
    convert
        .current_dir(paths::root())
        .args(["run", "--quiet", "--profile", "test", "--package", "inception", "--", "convert"])
        .arg(source.join("model.json"))
        .arg("--out")
        .arg(&file)
        .args(["--title", TITLE, "--labels", LABELS, "--source", &entry.source, "--license", &entry.license]);
    process::run(&mut convert)?;
    match entry.sha256 {
        Some(wanted) if stamp::sha256_of_file(&file).as_ref() != Some(&wanted) => {
            bail!("{} was converted, but its SHA-256 is not the catalog's {wanted}", file.display())
        }
        _ => Ok(()),
    }
}

/// The model as TF.js keeps it on a server, `model.json` and its shards, in a folder.
pub fn unpacked() -> Result<PathBuf> {
    unpack(&fetch()?)
}

/// The licence that the model was published under, which goes with every copy.
pub fn license() -> Result<String> {
    let mut archive = tar::Archive::new(GzDecoder::new(File::open(fetch()?)?));
    for entry in archive.entries()? {
        let mut entry = entry?;
        if entry.path()? == Path::new(LICENSE) {
            let mut text = String::new();
            entry.read_to_string(&mut text)?;
            return Ok(text);
        }
    }
    bail!("{PACKAGE} has no {LICENSE}")
}

/// Downloads the package, unless a copy with the right digest is there already.
fn fetch() -> Result<PathBuf> {
    let archive = paths::cache().join(ARCHIVE);
    if verify(&archive).is_err() {
        fs::create_dir_all(paths::cache())?;
        process::run(npm::npm().args(["pack", PACKAGE, "--loglevel=error", "--pack-destination"]).arg(paths::cache()))?;
        verify(&archive)?;
    }
    Ok(archive)
}

fn verify(archive: &Path) -> Result<()> {
    let bytes = fs::read(archive).with_context(|| format!("cannot read {}", archive.display()))?;
    if BASE64_STANDARD.encode(Sha512::digest(&bytes)) != SHA512 {
        bail!("{} does not have the digest of {PACKAGE}", archive.display());
    }
    Ok(())
}

/// Writes the model as TF.js keeps it on a server, `model.json` and its shards, and returns the folder.
fn unpack(archive: &Path) -> Result<PathBuf> {
    let folder = paths::cache().join("nsfwjs");
    fs::create_dir_all(&folder)?;
    let mut found = 0;
    for entry in tar::Archive::new(GzDecoder::new(File::open(archive)?)).entries()? {
        let mut entry = entry?;
        let path = entry.path()?.into_owned();
        let Some(name) = path.strip_prefix(FOLDER).ok().and_then(Path::to_str).map(str::to_owned) else { continue };
        let Some(name) = name.strip_suffix(".min.js") else { continue };
        let mut script = String::new();
        entry.read_to_string(&mut script)?;
        let read = if name == "model" { model_json(&script) } else { shard(&script) };
        let bytes = read.with_context(|| format!("{PACKAGE}: {name} is not what was expected"))?;
        let file = if name == "model" { "model.json" } else { name };
        fs::write(folder.join(file), bytes).with_context(|| format!("cannot write {file}"))?;
        found += 1;
    }
    if found != 7 {
        bail!("{PACKAGE} holds {found} files of the model; 7 were expected");
    }
    Ok(folder)
}

/// The object that the script exports, as JSON.
fn model_json(script: &str) -> Result<Vec<u8>> {
    let exported = js_literal::parse(exported(script)?)?;
    let (Some(topology), Some(manifest)) = (exported.get("modelTopology"), exported.get("weightsManifest")) else {
        bail!("there is no modelTopology or no weightsManifest");
    };
    let model: Value = json!({ "format": "layers-model", "modelTopology": topology, "weightsManifest": manifest });
    Ok(serde_json::to_vec(&model)?)
}

/// The bytes whose base64 form the script exports.
fn shard(script: &str) -> Result<Vec<u8>> {
    let quoted = exported(script)?.strip_prefix('"').and_then(|text| text.split('"').next());
    Ok(BASE64_STANDARD.decode(quoted.context("the script does not export a string")?)?)
}

/// What follows `exports=` inside the script's wrapper, whose own first lines assign to `module.exports`.
fn exported(script: &str) -> Result<&str> {
    let start = script.rfind(".exports=").context("the script exports nothing")?;
    Ok(&script[start + ".exports=".len()..])
}
