//! Weights files on disk.

use crate::{Failure, Source, progress};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use inception::checkpoints::{CheckpointError, SourceFile};
use inception::{Error, LoadOptions, Loader, Session};
use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::path::{Component, Path, PathBuf};

/// How gzip begins (RFC 1952).
const GZIP: [u8; 3] = [0x1f, 0x8b, 8];
/// The most bytes that a compressed file may hold: no network of the family has a tenth of it.
const MOST_UNPACKED: u64 = 4 << 30;

/// The model that the repository holds.
pub const DEFAULT_MODEL: &str = "googlenet-imagenet";

/// A file's bytes, or one line that names it.
pub fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|e| format!("{}: {e}", path.display()).into())
}

/// The bytes of a regular file: a pipe or a device may never end.
pub fn read_regular(path: &Path) -> std::io::Result<Vec<u8>> {
    match path.metadata()?.is_file() {
        true => std::fs::read(path),
        false => Err(std::io::Error::other("it is no regular file")),
    }
}

/// Fails where `path` is not to be written to: a folder, what may not be written, or in a folder that there is not. What is there
/// already may be overwritten where `is_alike` finds the file to be of the kind that is written; an empty file may.
pub fn check_output(path: &Path, kind: &str, is_alike: impl FnOnce(&Path) -> bool) -> Result<(), Failure> {
    let named = |what: String| Err(Failure::from(format!("{}: {what}", path.display())));
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
        return named(format!("there is no folder {}", folder.display()));
    }
    let probed = match path.metadata() {
        Ok(data) if data.is_dir() => return named("it is a folder; name a file in it".into()),
        Ok(data) if !data.is_file() => return Ok(()),
        Ok(data) if data.len() > 0 && !is_alike(path) => {
            return named(format!(
                "there is a file already, and it is no {kind}; name another one, or remove it first"
            ));
        }
        Ok(_) => OpenOptions::new().append(true).open(path).map(|_| ()),
        // A link to what there is not yet.
        Err(_) if path.is_symlink() => return Ok(()),
        Err(_) => OpenOptions::new().write(true).create_new(true).open(path).and_then(|_| std::fs::remove_file(path)),
    };
    probed.or_else(|e| named(format!("it cannot be written: {e}")))
}

/// Fails where a file that is written is one that is read.
pub fn check_apart(out: &Path, inputs: &[PathBuf]) -> Result<(), Failure> {
    match inputs.iter().any(|input| is_same(input, out)) {
        true => Err(format!("{}: it is read from and cannot be written to; name another file", out.display()).into()),
        false => Ok(()),
    }
}

/// Whether two paths are of one file, which is there.
fn is_same(a: &Path, b: &Path) -> bool {
    #[cfg(unix)]
    if let (Ok(a), Ok(b)) = (a.metadata(), b.metadata()) {
        use std::os::unix::fs::MetadataExt;
        return (a.dev(), a.ino()) == (b.dev(), b.ino());
    }
    a.canonicalize().is_ok_and(|a| b.canonicalize().is_ok_and(|b| a == b))
}

/// Whether a file begins with these bytes.
pub fn begins_with(path: &Path, wanted: &[u8]) -> bool {
    let mut found = vec![0; wanted.len()];
    std::fs::File::open(path).is_ok_and(|mut file| file.read_exact(&mut found).is_ok()) && found == wanted
}

/// Whether a file begins as safetensors do, or is compressed.
pub fn is_safetensors(path: &Path) -> bool {
    let Ok(mut file) = std::fs::File::open(path) else { return false };
    let (mut begin, length) = ([0; 9], file.metadata().map_or(0, |data| data.len()));
    (file.read_exact(&mut begin).is_ok() && is_header(&begin, length)) || begins_with(path, &GZIP)
}

/// Whether a file of that length with these first nine bytes begins as safetensors do.
pub fn is_header(begin: &[u8], length: u64) -> bool {
    let [a, b, c, d, e, f, g, h, b'{'] = *begin else { return false };
    u64::from_le_bytes([a, b, c, d, e, f, g, h]) < length
}

/// What is wrong with a file, with its name.
pub fn named(path: &Path, error: &impl std::fmt::Display) -> String {
    let said = error.to_string();
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    match said.contains(&*name) {
        true => said,
        false => format!("{}: {said}", path.display()),
    }
}

/// Writes a file, or fails with one line that names it; one whose name ends in `.gz` is compressed.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let written = match path.extension().is_some_and(|ending| ending == "gz") {
        false => std::fs::write(path, bytes),
        true => std::fs::File::create(path).and_then(|file| {
            let mut packer = GzEncoder::new(file, Compression::best());
            packer.write_all(bytes)?;
            packer.finish().map(|_| ())
        }),
    };
    written.map_err(|e| format!("{}: {e}", path.display()).into())
}

/// One file of a model.
fn source(path: &Path) -> Result<SourceFile, Failure> {
    let (name, bytes) = unpacked(path)?;
    Ok(SourceFile { name, bytes: bytes.into() })
}

/// Name and bytes of a file, as they were before gzip.
pub fn unpacked(path: &Path) -> Result<(String, Vec<u8>), Failure> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let bytes = read(path)?;
    if !bytes.starts_with(&GZIP) {
        return Ok((name, bytes));
    }
    let mut whole = Vec::new();
    let unpacked = GzDecoder::new(&bytes[..]).take(MOST_UNPACKED + 1).read_to_end(&mut whole);
    unpacked.map_err(|e| format!("{}: it is compressed and damaged or cut short ({e})", path.display()))?;
    if whole.len() as u64 > MOST_UNPACKED {
        return Err(format!("{}: it holds more than {} GiB", path.display(), MOST_UNPACKED >> 30).into());
    }
    let name = name.strip_suffix(".gz").unwrap_or(&name).to_owned();
    Ok((name, whole))
}

/// What the names of models end in.
const ENDINGS: [&str; 13] =
    ["safetensors", "onnx", "h5", "hdf5", "keras", "pt", "pth", "bin", "ckpt", "pb", "index", "caffemodel", "gz"];
/// Files of a folder that are named in an error.
const NAMED: usize = 8;

/// The file of a model, where a folder or the common part of several names is given.
fn first_of(path: &Path) -> Result<PathBuf, Failure> {
    let index = PathBuf::from(format!("{}.index", path.display()));
    if !path.is_dir() {
        return Ok(if !path.exists() && index.exists() { index } else { path.into() });
    }
    let known = ["model.json", "saved_model.pb"].map(|name| path.join(name));
    if let Some(found) = known.into_iter().find(|file| file.exists()) {
        return Ok(found);
    }
    let entries = path.read_dir().map_err(|e| format!("{}: {e}", path.display()))?;
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.sort();
    let is_model = |file: &&PathBuf| {
        let ending = file.extension().unwrap_or_default();
        file.is_file() && ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known))
    };
    let mut models: Vec<&PathBuf> = files.iter().filter(is_model).collect();
    // Hubs publish the same weights in both.
    let [new, old] = ["model.safetensors", "pytorch_model.bin"].map(|name| path.join(name));
    if models.contains(&&new) {
        models.retain(|file| **file != old);
    }
    let said = match models.as_slice() {
        [only] => return Ok((*only).clone()),
        [] if files.is_empty() => "the folder is empty".to_owned(),
        [] => format!("the folder holds no model that is known by its name: {}", listed(&files)),
        several => format!("the folder holds several models, so name one of them: {}", listed(several.iter().copied())),
    };
    Err(format!("{}: {said}", path.display()).into())
}

/// Names of files, the first of them where they are many.
fn listed<'a>(files: impl IntoIterator<Item = &'a PathBuf>) -> String {
    let names = files.into_iter().map(|file| file.file_name().unwrap_or_default().to_string_lossy());
    let mut names: Vec<_> = names.take(NAMED + 1).collect();
    if names.len() > NAMED {
        names[NAMED] = "...".into();
    }
    names.join(", ")
}

/// The files that go with this one by their names: the variables of a SavedModel, the data of a TensorFlow checkpoint.
fn beside(first: &Path) -> Result<Vec<PathBuf>, Failure> {
    let folder = first.parent().unwrap_or(Path::new("."));
    let name = first.file_name().unwrap_or_default().to_string_lossy();
    let (folder, stem) = match name.strip_suffix(".index") {
        Some(stem) => (folder.to_path_buf(), stem.to_owned()),
        None if name == "saved_model.pb" => (folder.join("variables"), "variables".to_owned()),
        None => return Ok(vec![]),
    };
    let Ok(entries) = folder.read_dir() else { return Ok(vec![]) };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let other = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let part = other.strip_prefix(&stem).unwrap_or_default();
        if path != first && (part == ".index" || part.starts_with(".data-")) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// The files of a model that are known before one of them is read.
pub fn parts(model: &Path) -> Result<Vec<PathBuf>, Failure> {
    let first = first_of(model)?;
    let others = beside(&first)?;
    Ok(std::iter::once(first).chain(others).collect())
}

/// Whether timm's `config.json` may lie beside such a file.
fn is_of_hub(model: &Path) -> bool {
    let ending = model.extension().unwrap_or_default();
    ["safetensors", "bin", "pth", "pt"].iter().any(|known| ending.eq_ignore_ascii_case(known))
}

/// Opens the weights at a path with all the files that go with them: a file, what it names beside it, or a model's folder.
pub fn opened<T>(path: &Path, open: impl Fn(Vec<SourceFile>) -> Result<T, Error>) -> Result<T, Failure> {
    let mut paths = parts(path)?;
    let first = paths[0].clone();
    // Of a folder from a hub, what says how pictures are prepared.
    let config = path.join("config.json");
    if paths.len() == 1 && is_of_hub(&first) && config.exists() {
        paths.push(config);
    }
    loop {
        let files = paths.iter().map(|path| source(path)).collect::<Result<Vec<_>, _>>()?;
        let error = match open(files) {
            Ok(opened) => return Ok(opened),
            Err(error) => error,
        };
        let Error::Checkpoint(CheckpointError::MissingShard { name }) = &error else { return Err(error.into()) };
        let shard = first.parent().unwrap_or(Path::new(".")).join(name);
        // A file may name what lies beside it or below, nothing else.
        let is_below =
            Path::new(name).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        if !is_below || paths.contains(&shard) || !shard.exists() {
            return Err(error.into());
        }
        paths.push(shard);
    }
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

/// The files of the model behind `--model` that are known before one of them is read.
pub fn model_parts(model: Option<&str>, folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    parts(&locate(model, folder)?)
}

/// Loads the model behind `--model`, with a bar in layers.
pub fn load(model: Option<&str>, source: &Source, backend: LoadOptions) -> Result<Session, Failure> {
    open(&locate(model, &source.models)?, source, backend)
}

/// The same without a bar, for threads.
pub fn load_quietly(model: Option<&str>, source: &Source, backend: LoadOptions) -> Result<Session, Failure> {
    let path = locate(model, &source.models)?;
    let options = source.options(backend);
    Ok(opened(&path, |files| Loader::new(files, options.clone()))?.finish()?)
}

/// Loads a weights file, with a bar in layers.
pub fn open(path: &Path, source: &Source, backend: LoadOptions) -> Result<Session, Failure> {
    let options = source.options(backend);
    prepare(opened(path, |files| Loader::new(files, options.clone()))?)
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
    let listed = |name: &str| {
        let bytes = std::fs::read(folder.join(format!("{name}.json"))).ok()?;
        serde_json::from_slice(&bytes).ok()
    };
    info.labels
        .clone()
        .or_else(|| info.labels_name.as_deref().and_then(listed))
        .or_else(|| info.usual_labels.and_then(listed))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::ENDINGS;

    /// Files that are a model's by themselves, or that its other files belong to, have the same endings in the package.
    #[test]
    fn endings_are_the_packages() {
        let script = include_str!("../../../../pkg/src/client/model-formats.js");
        let lists =
            script.lines().filter(|line| line.contains("WHOLE_ENDINGS = [") || line.contains("PARTED_ENDINGS = ["));
        let mut wanted: Vec<&str> = lists.flat_map(|line| line.split('\'').skip(1).step_by(2)).collect();
        wanted.extend(["bin", "gz"]);
        let mut found = ENDINGS.to_vec();
        wanted.sort();
        found.sort();
        assert_eq!(found, wanted);
    }
}
