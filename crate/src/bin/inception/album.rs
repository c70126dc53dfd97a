//! A folder of pictures of what channels look for: what they were made by, and which of them are there.

use crate::features::flat;
use crate::{Failure, files, passes};
use image::RgbaImage;
use inception::Session;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The file that says what a folder's pictures were made by.
const NOTE: &str = "pictures.json";

/// What changes a picture.
pub struct Settings {
    pub size: usize,
    pub steps: u32,
    pub seed: u64,
    pub half: bool,
}

/// What pictures were made by.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Note {
    /// Digest of the network's body.
    backbone: String,
    half: bool,
    /// How the network reads colours, in words.
    colors: String,
    size: usize,
    steps: u32,
    seed: u64,
    /// Of each layer behind the body, the digest of what it is made of.
    heads: BTreeMap<String, String>,
}

impl Note {
    fn new(model: &Session, settings: &Settings) -> Result<Self, Failure> {
        let &Settings { size, steps, seed, half } = settings;
        let info = model.info();
        let pre = &info.preprocess;
        // Sizes and filters have no part.
        let colors = format!(
            "{}, scale {}, mean {:?}, std {:?}{}",
            serde_json::to_value(pre.channels)?.as_str().unwrap_or_default(),
            pre.scale,
            pre.mean,
            pre.std,
            if pre.standardize { ", standardized" } else { "" },
        );
        Ok(Self { backbone: info.backbone.digest.clone(), half, colors, size, steps, seed, heads: BTreeMap::new() })
    }

    /// What another one says otherwise, as the command line calls it.
    fn differences(&self, other: &Self) -> Vec<&'static str> {
        let differences = [
            ("model", self.backbone != other.backbone),
            ("--half", self.half != other.half),
            ("--preprocess", self.colors != other.colors),
            ("--size", self.size != other.size),
            ("--steps", self.steps != other.steps),
            ("--seed", self.seed != other.seed),
        ];
        differences.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
    }
}

/// A folder of pictures that were made in one way.
pub struct Album {
    folder: PathBuf,
    note: Note,
    /// Whether the folder has this note.
    is_noted: bool,
}

impl Album {
    /// Opens the folder, which is made where it does not exist, for pictures of these layers.
    ///
    /// # Errors
    /// Pictures there that were made in another way, or of which nothing says how; a note that cannot be read.
    pub fn open(folder: &Path, model: &Session, settings: &Settings, layers: &[String]) -> Result<Self, Failure> {
        let named = |what: String| Failure::from(format!("{}: {what}", folder.display()));
        std::fs::create_dir_all(folder).map_err(|e| named(e.to_string()))?;
        let path = folder.join(NOTE);
        files::check_output(&path, "note", |_| true)?;
        let own = Note::new(model, settings)?;
        let found = match files::read_regular(&path) {
            Ok(bytes) => Some(serde_json::from_slice::<Note>(&bytes).map_err(|e| {
                format!(
                    "{}: it cannot be read ({e}), so nothing says how the pictures beside it were made; choose another folder",
                    path.display()
                )
            })?),
            Err(e) if e.kind() == ErrorKind::NotFound => None,
            Err(e) => return Err(format!("{}: {e}", path.display()).into()),
        };
        let differences = found.as_ref().map(|found| found.differences(&own)).unwrap_or_default();
        if !differences.is_empty() {
            let differences = differences.join(", ");
            return Err(named(format!(
                "the pictures there were made with another {differences}: choose another folder"
            )));
        }
        let pictures = pictures(folder)?;
        let is_of = |stem: &str, layer: &str| {
            let rest = stem.strip_prefix(&flat(layer)).map(|rest| rest.strip_prefix('_').unwrap_or(rest));
            rest.is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()))
        };
        let unknown = || {
            named(
                "the folder holds pictures of which nothing says how they were made; choose another folder".to_owned(),
            )
        };
        let is_any = |stem: &String| model.graph().public().any(|(_, layer)| is_of(stem, &layer.name));
        if found.is_none() && pictures.iter().any(is_any) {
            return Err(unknown());
        }
        let mut note = found.clone().unwrap_or(own);
        for layer in layers {
            let Some(digest) = model.head_digest(layer)? else { continue };
            match note.heads.get(layer) {
                Some(other) if *other != digest => {
                    return Err(named(format!(
                        "the pictures of {layer} there are of another classifier: choose another folder"
                    )));
                }
                None if pictures.iter().any(|stem| is_of(stem, layer)) => return Err(unknown()),
                _ => note.heads.insert(layer.clone(), digest),
            };
        }
        Ok(Self { folder: folder.into(), is_noted: found.as_ref() == Some(&note), note })
    }

    /// Where the picture of a channel lies.
    pub fn path(&self, layer: &str, channel: usize) -> PathBuf {
        self.folder.join(format!("{}_{channel:04}.png", flat(layer)))
    }

    /// The picture of a channel; none where there is none that is whole and of the right size.
    pub fn picture(&self, layer: &str, channel: usize) -> Option<RgbaImage> {
        let bytes = files::read_regular(&self.path(layer, channel)).ok()?;
        let picture = image::load_from_memory_with_format(&bytes, image::ImageFormat::Png).ok()?.to_rgba8();
        let size = self.note.size as u32;
        (picture.dimensions() == (size, size)).then_some(picture)
    }

    /// Writes the picture of a channel, before the first what they are made by.
    pub fn save(&mut self, layer: &str, channel: usize, rgba: &[u8]) -> Result<(), Failure> {
        if !self.is_noted {
            files::write(&self.folder.join(NOTE), &serde_json::to_vec(&self.note)?)?;
            self.is_noted = true;
        }
        passes::save(&self.path(layer, channel), rgba, [self.note.size; 2])
    }
}

/// The names of the PNG files in a folder, without their ending.
fn pictures(folder: &Path) -> Result<Vec<String>, Failure> {
    let named = |e| format!("{}: {e}", folder.display());
    let entries = folder.read_dir().map_err(named)?.collect::<Result<Vec<_>, _>>().map_err(named)?;
    let names = entries.into_iter().filter_map(|entry| entry.file_name().into_string().ok());
    Ok(names.filter_map(|name| Some(name.strip_suffix(".png")?.to_owned())).collect())
}
