//! Weights files on disk.

use crate::{Failure, Source, progress};
use inception::checkpoints::SourceFile;
use inception::{LoadOptions, Loader, Session};
use std::path::{Path, PathBuf};

/// The model that the repository holds.
pub const DEFAULT_MODEL: &str = "googlenet-imagenet";

/// A file's bytes, or one line that names it.
pub fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|e| format!("{}: {e}", path.display()).into())
}

/// Writes a file, or fails with one line that names it.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    std::fs::write(path, bytes).map_err(|e| format!("{}: {e}", path.display()).into())
}

fn source(path: &Path) -> Result<SourceFile, Failure> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(SourceFile { name, bytes: read(path)?.into() })
}

/// One weights file; of a TF.js layers model (`model.json` or its folder) the shards beside it as well.
pub fn weights(path: &Path) -> Result<Vec<SourceFile>, Failure> {
    let path = if path.is_dir() { &path.join("model.json") } else { path };
    let first = source(path)?;
    let json = match path.extension().is_some_and(|e| e == "json") {
        true => serde_json::from_slice(first.bytes.head()).unwrap_or_default(),
        false => serde_json::Value::Null,
    };
    let groups = json["weightsManifest"].as_array().into_iter().flatten();
    let paths = groups.flat_map(|g| g["paths"].as_array().into_iter().flatten()).filter_map(|p| p.as_str());
    let folder = path.parent().unwrap_or(Path::new("."));
    let shards = paths.map(|p| source(&folder.join(p))).collect::<Result<Vec<_>, _>>()?;
    Ok(std::iter::once(first).chain(shards).collect())
}

/// The file behind `--model`: a path, or the id of a model in the models folder.
fn locate(model: Option<&str>, folder: &Path) -> Result<PathBuf, Failure> {
    let id = model.unwrap_or(DEFAULT_MODEL);
    let path = Path::new(id);
    if path.exists() {
        return Ok(path.into());
    }
    let file = folder.join(format!("{id}.safetensors"));
    match file.exists() {
        true => Ok(file),
        false => {
            Err(format!("there is no file {id}, and no {} either; `--models` names another folder", file.display())
                .into())
        }
    }
}

/// Loads the model behind `--model`, with a bar in layers.
pub fn load(model: Option<&str>, source: &Source, backend: LoadOptions) -> Result<Session, Failure> {
    open(&locate(model, &source.models)?, source, backend)
}

/// Loads a weights file, with a bar in layers.
pub fn open(path: &Path, source: &Source, backend: LoadOptions) -> Result<Session, Failure> {
    let Source { network, preprocess, activation, .. } = source.clone();
    let options = LoadOptions { network, preprocess, activation, ..backend };
    prepare(Loader::new(weights(path)?, options)?)
}

/// Prepares all layers, with a bar.
pub fn prepare(mut loader: Loader) -> Result<Session, Failure> {
    let bar = progress::layers("preparing", loader.total());
    while loader.advance()? < loader.total() {
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(loader.finish()?)
}

/// Class names: the checkpoint's own, or the list it names in the models folder.
pub fn labels(session: &Session, folder: &Path) -> Option<Vec<String>> {
    let info = session.info();
    let listed = |name: &String| {
        let bytes = std::fs::read(folder.join(format!("{name}.json"))).ok()?;
        serde_json::from_slice(&bytes).ok()
    };
    info.labels.clone().or_else(|| info.labels_name.as_ref().and_then(listed)).or_else(|| match info.classes {
        1000 | 1001 => listed(&"imagenet1k".to_string()),
        _ => None,
    })
}
