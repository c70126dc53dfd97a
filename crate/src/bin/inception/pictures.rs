//! Which pictures a command runs on: files, folders, or paths on standard input.

use crate::{Failure, files};
use std::io::{BufRead, Result as Read};
use std::path::{Path, PathBuf};

/// What the names of pictures end in.
const ENDINGS: [&str; 8] = ["jpg", "jpeg", "jpe", "jfif", "png", "webp", "gif", "bmp"];

/// Files and folders, or a list on standard input.
#[derive(clap::Args)]
pub struct Given {
    /// Pictures (JPEG, PNG, WebP, GIF or BMP), and folders of pictures, looked through to the bottom; links are
    /// followed, but not to a folder that is being looked through
    #[arg(value_name = "FILE|FOLDER", required_unless_present = "stdin")]
    pub pictures: Vec<PathBuf>,
    /// Read the pictures' paths from standard input, one a line
    #[arg(long, conflicts_with = "pictures")]
    pub stdin: bool,
    /// Each path on standard input ends with NUL, as `find -print0` writes them
    #[arg(long, requires = "stdin")]
    null: bool,
}

/// Paths of pictures, and how many there are where that is known before they are read.
pub struct Paths {
    pub count: Option<usize>,
    pub paths: Box<dyn Iterator<Item = Read<PathBuf>> + Send>,
}

impl From<Vec<PathBuf>> for Paths {
    fn from(paths: Vec<PathBuf>) -> Self {
        Self { count: Some(paths.len()), paths: Box::new(paths.into_iter().map(Ok)) }
    }
}

impl Given {
    /// The only picture, where one file is given and nothing else.
    pub fn single(&self) -> Option<&Path> {
        match self.pictures.as_slice() {
            [path] if !path.is_dir() => Some(path),
            _ => None,
        }
    }

    /// Every picture in order of input. Standard input is read as far as pictures are asked for.
    pub fn paths(&self) -> Result<Paths, Failure> {
        if self.stdin {
            return Ok(Paths { count: None, paths: Box::new(on_stdin(if self.null { 0 } else { b'\n' })) });
        }
        let mut found = Vec::new();
        for path in &self.pictures {
            match path.is_dir() {
                true => found.extend(in_folder(path)?),
                false => found.push(path.clone()),
            }
        }
        Ok(found.into())
    }
}

/// The paths on standard input. An empty line is none.
fn on_stdin(end: u8) -> impl Iterator<Item = Read<PathBuf>> + Send {
    let mut line = Vec::new();
    std::iter::from_fn(move || {
        loop {
            line.clear();
            match std::io::stdin().lock().read_until(end, &mut line) {
                Err(error) => return Some(Err(error)),
                Ok(0) => return None,
                Ok(_) => {}
            }
            line.pop_if(|last| *last == end);
            if end == b'\n' {
                line.pop_if(|last| *last == b'\r');
            }
            if !line.is_empty() {
                return Some(Ok(path(&line)));
            }
        }
    })
}

#[cfg(unix)]
fn path(bytes: &[u8]) -> PathBuf {
    <std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(bytes).into()
}

#[cfg(not(unix))]
fn path(bytes: &[u8]) -> PathBuf {
    String::from_utf8_lossy(bytes).into_owned().into()
}

/// Every picture in a folder and the folders in it, sorted by name, without hidden ones. Links are followed, but not to a folder
/// that is being looked through.
///
/// # Errors
/// A folder that cannot be read, or one without a picture.
pub fn in_folder(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    in_folder_of(folder, &mut Vec::new())
}

/// The same for a folder in others, which are being looked through.
fn in_folder_of(folder: &Path, within: &mut Vec<PathBuf>) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    collect(folder, within, &mut found)?;
    match found.is_empty() {
        true => Err(format!("{}: there is no picture in this folder", folder.display()).into()),
        false => Ok(found),
    }
}

fn collect(folder: &Path, within: &mut Vec<PathBuf>, found: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let real = real(folder)?;
    if within.contains(&real) {
        return Ok(());
    }
    within.push(real);
    for path in entries(folder)? {
        if path.is_dir() {
            collect(&path, within, found)?;
        } else if is_picture(&path) {
            found.push(path);
        }
    }
    within.pop();
    Ok(())
}

/// A folder's path without links.
fn real(folder: &Path) -> Result<PathBuf, Failure> {
    folder.canonicalize().map_err(|e| format!("{}: {e}", folder.display()).into())
}

/// Whether a file is called like a picture.
fn is_picture(path: &Path) -> bool {
    let ending = path.extension().unwrap_or_default();
    ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known))
}

/// What a folder holds, sorted by name, without what is hidden.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let named = |e| format!("{}: {e}", folder.display());
    let entries = folder.read_dir().map_err(named)?.collect::<Result<Vec<_>, _>>().map_err(named)?;
    let shown = |name: &std::ffi::OsStr| !name.as_encoded_bytes().starts_with(b".");
    let mut paths: Vec<_> = entries.iter().filter(|e| shown(&e.file_name())).map(|e| e.path()).collect();
    paths.sort();
    Ok(paths)
}

/// A class as a folder shows it.
pub struct Class {
    /// The folder's name.
    pub name: String,
    /// The pictures in it, sorted.
    pub pictures: Vec<PathBuf>,
}

/// The classes of a folder: each folder in it that `is_class` is one, by its name; a link to the folder itself is
/// none. Pictures beside them are left out, which is said on stderr.
///
/// # Errors
/// A folder that cannot be read, one without folders, a class without a picture, and a name that is no text.
pub fn classes(folder: &Path, is_class: impl Fn(&Path) -> bool) -> Result<Vec<Class>, Failure> {
    let (folders, files): (Vec<_>, Vec<_>) = entries(folder)?.into_iter().partition(|path| path.is_dir());
    let whole = real(folder)?;
    let is_whole = |path: &PathBuf| real(path).is_ok_and(|path| path == whole);
    let folders: Vec<PathBuf> = folders.into_iter().filter(|path| is_class(path) && !is_whole(path)).collect();
    let unreadable: Vec<String> = folders
        .iter()
        .filter_map(|path| path.file_name().filter(|name| name.to_str().is_none()))
        .map(|name| format!("{name:?}"))
        .collect();
    if !unreadable.is_empty() {
        let named = unreadable.join(", ");
        return Err(format!(
            "{}: a class is called as its folder, and the name of {named} is no UTF-8 text; rename it",
            folder.display()
        )
        .into());
    }
    let class = |path: PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Class { name, pictures: in_folder_of(&path, &mut vec![whole.clone()])? })
    };
    let beside = files.iter().filter(|path| is_picture(path)).count();
    if beside > 0 {
        eprintln!("note: {}: {beside} picture(s) beside the folders of classes are left out", folder.display());
    }
    let classes = folders.into_iter().map(class).collect::<Result<Vec<_>, Failure>>()?;
    match classes.is_empty() {
        true => Err(format!("{}: it has no folder in it; each class is a folder of pictures", folder.display()).into()),
        false => Ok(classes),
    }
}

/// The most pixels of a picture.
const MAX_PIXELS: u64 = 100_000_000;

/// Reads a picture; fails with one line that names the file.
pub fn picture(path: &Path) -> Result<inception::image::Rgb8, Failure> {
    decoded(path).map_err(|e| format!("{}: {e}", path.display()).into())
}

/// The same, with an error that does not name the file.
pub fn decoded(path: &Path) -> Result<inception::image::Rgb8, String> {
    inception::image::decode(&files::read_regular(path).map_err(|e| e.to_string())?, MAX_PIXELS)
        .map_err(|e| e.to_string())
}
