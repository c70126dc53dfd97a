//! Pictures with the classes that they show: a folder for each class, or a table of labels.

use crate::pictures::{Class, classes, in_folder};
use crate::records::csv_record;
use crate::{Failure, files};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

/// Between two labels in a table.
const BETWEEN: char = ';';
/// Pictures that a note names.
const NAMED: usize = 3;

/// Pictures with their labels.
#[derive(Default)]
pub struct Examples {
    /// The classes, sorted.
    pub labels: Vec<String>,
    /// The pictures, each with its classes.
    pub pictures: Vec<(PathBuf, Vec<u32>)>,
    /// Pictures that show none of the classes.
    pub none: Vec<PathBuf>,
    /// Copies of pictures that are left out.
    pub copies: usize,
    /// Pictures in the folder that the table does not name.
    pub unlisted: usize,
}

impl Examples {
    /// As [`Examples::of_folders`], with every picture once. With `several` one that lies in several folders has all their labels.
    pub fn in_folders(folder: &Path, none: Option<&Path>, several: bool) -> Result<Self, Failure> {
        let mut examples = Self::of_folders(folder, none)?;
        examples.merge(folder, several);
        examples.tell_contradictions(folder);
        Ok(examples)
    }

    /// A folder for each class in `folder`, called as the class is. `none` is a folder of pictures that show none of them: one
    /// in `folder`, or another.
    pub fn of_folders(folder: &Path, none: Option<&Path>) -> Result<Self, Failure> {
        let none = none.map(|none| none_folder(folder, none)).transpose()?;
        let same = |path: &Path| match (path.canonicalize(), &none) {
            (Ok(path), Some(none)) => none.canonicalize().is_ok_and(|none| none == path),
            _ => false,
        };
        let own = classes(folder, |path| !same(path))?;
        let mut examples = Self::default();
        for (class, Class { name, pictures }) in own.into_iter().enumerate() {
            examples.labels.push(name);
            examples.pictures.extend(pictures.into_iter().map(|path| (path, vec![class as u32])));
        }
        examples.none = none.as_deref().map(in_folder).transpose()?.unwrap_or_default();
        Ok(examples)
    }

    /// The pictures that a table names by their paths in `folder`: rows `file,labels`, several labels with `;` between them.
    pub fn in_table(folder: &Path, table: &Path, none: Option<&Path>, several: bool) -> Result<Self, Failure> {
        let in_table = |what: String| Failure::from(format!("{}: {what}", table.display()));
        let mut bytes = files::read(table)?;
        if bytes.last().is_some_and(|&last| last != b'\n') {
            bytes.push(b'\n');
        }
        let text = std::str::from_utf8(&bytes).map_err(|_| in_table("it is no UTF-8 text".into()))?;
        let (mut rest, mut rows, mut number) = (text.trim_start_matches('\u{feff}').as_bytes(), BTreeMap::new(), 0);
        while let Some((fields, after)) = csv_record(rest) {
            rest = after;
            number += 1;
            let (file, labels) = match fields.as_slice() {
                [file, ..] if number == 1 && file.eq_ignore_ascii_case("file") => continue,
                [empty] if empty.is_empty() => continue,
                [file, labels] if !file.is_empty() => (file, labels),
                _ => {
                    let found = fields.len();
                    return Err(in_table(format!("row {number} has {found} field(s); a row is `file,label;label`")));
                }
            };
            let labels: BTreeSet<String> =
                labels.split(BETWEEN).map(|l| l.trim().to_owned()).filter(|l| !l.is_empty()).collect();
            if labels.len() != 1 && !several {
                let found = labels.len();
                return Err(in_table(format!(
                    "{file} has {found} labels; with --multi-label a picture may have any number"
                )));
            }
            if rows.insert(folder.join(file), labels).is_some() {
                return Err(in_table(format!("{file} has two rows; give it one, with `{BETWEEN}` between its labels")));
            }
        }
        if !rest.is_empty() {
            return Err(in_table("its last row has an open quotation mark".into()));
        }
        let labels: BTreeSet<&String> = rows.values().flatten().collect();
        if labels.is_empty() {
            return Err(in_table("it has no label; a row is `file,label;label`".into()));
        }
        let labels: Vec<String> = labels.into_iter().cloned().collect();
        let place = |label: &String| labels.binary_search(label).ok().map(|place| place as u32);
        let none = none.map(|none| in_folder(&none_folder(folder, none)?)).transpose()?.unwrap_or_default();
        let listed: BTreeSet<&PathBuf> = rows.keys().chain(&none).collect();
        let unlisted = in_folder(folder)?.iter().filter(|path| !listed.contains(path)).count();
        let pictures = rows.iter().map(|(file, own)| (file.clone(), own.iter().filter_map(place).collect())).collect();
        let examples = Self { pictures, none, unlisted, labels, copies: 0 };
        examples.tell_contradictions(folder);
        Ok(examples)
    }

    /// How many pictures, of those that `is_counted`, each class has.
    pub fn count(&self, is_counted: impl Fn(usize) -> bool) -> Vec<usize> {
        let mut counts = vec![0; self.labels.len()];
        let counted = self.pictures.iter().enumerate().filter(|(picture, _)| is_counted(*picture));
        counted.flat_map(|(_, (_, labels))| labels).for_each(|&label| counts[label as usize] += 1);
        counts
    }

    /// Says how many pictures of none of the classes are those of a class, too, by their content.
    fn tell_contradictions(&self, folder: &Path) {
        if self.none.is_empty() {
            return;
        }
        let labelled = self.pictures.iter().filter(|(_, labels)| !labels.is_empty()).map(|(path, _)| path);
        let own = labelled.clone().count();
        let contents = contents(labelled.chain(&self.none));
        let (own, none) = contents.split_at(own);
        let own: HashMap<(u64, u64), usize> =
            own.iter().enumerate().filter_map(|(at, own)| Some(((*own)?, at))).collect();
        let both: Vec<&PathBuf> = self
            .none
            .iter()
            .zip(none)
            .filter_map(|(path, content)| content.filter(|content| own.contains_key(content)).map(|_| path))
            .collect();
        if !both.is_empty() {
            let named: Vec<String> = both.iter().take(NAMED).map(|path| path.display().to_string()).collect();
            eprintln!(
                "note: {}: {} picture(s) of none of the classes are pictures of a class, too, and both cannot be right: {}",
                folder.display(),
                both.len(),
                named.join("; ")
            );
        }
    }

    /// Finds pictures that are there several times, by their content. Copies of a picture with the same label are left out;
    /// with `several` one in several folders becomes one picture with all their labels, without it that is said.
    fn merge(&mut self, folder: &Path, several: bool) {
        let mut first: HashMap<(u64, u64), usize> = HashMap::new();
        let mut merged: Vec<(PathBuf, Vec<u32>)> = Vec::with_capacity(self.pictures.len());
        let mut contradictions = Vec::new();
        let mut copies = contents(self.pictures.iter().map(|(path, _)| path)).into_iter();
        for (path, labels) in std::mem::take(&mut self.pictures) {
            let at = copies.next().flatten().map(|content| *first.entry(content).or_insert(merged.len()));
            match at.filter(|&at| at < merged.len()) {
                None => merged.push((path, labels)),
                Some(at) if merged[at].1 == labels => self.copies += 1,
                Some(at) if several => {
                    let own = &mut merged[at].1;
                    own.extend(labels.iter().filter(|label| !own.contains(label)).copied().collect::<Vec<_>>());
                }
                Some(at) => {
                    contradictions.push(format!("{} and {}", merged[at].0.display(), path.display()));
                    merged.push((path, labels));
                }
            }
        }
        self.pictures = merged;
        if !contradictions.is_empty() {
            let (count, named) = (contradictions.len(), contradictions[..contradictions.len().min(NAMED)].join("; "));
            let folder = folder.display();
            eprintln!(
                "note: {folder}: {count} picture(s) lie in two classes, which cannot both be right: {named}. With --multi-label a picture has all of its folders' labels"
            );
        }
    }
}

/// The folder behind `--none`: one in the folder of classes by its name, or another.
fn none_folder(folder: &Path, none: &Path) -> Result<PathBuf, Failure> {
    let within = folder.join(none);
    match [&within, none].into_iter().find(|path| path.is_dir()) {
        Some(found) => Ok(found.to_path_buf()),
        None => {
            Err(format!("--none {}: there is no such folder, and none in {}", none.display(), folder.display()).into())
        }
    }
}

/// Length and hash of the content of each file that has the length of another; none of the others and of what cannot be read.
fn contents<'a>(paths: impl Iterator<Item = &'a PathBuf> + Clone) -> Vec<Option<(u64, u64)>> {
    let length = |path: &PathBuf| path.metadata().map_or(0, |data| data.len());
    let mut lengths: HashMap<u64, usize> = HashMap::new();
    paths.clone().for_each(|path| *lengths.entry(length(path)).or_default() += 1);
    let content = |path: &PathBuf| {
        let length = length(path);
        let bytes = if lengths[&length] > 1 { files::read_regular(path).ok()? } else { return None };
        let mut hasher = DefaultHasher::new();
        bytes.hash(&mut hasher);
        Some((length, hasher.finish()))
    };
    paths.map(content).collect()
}
