//! `inception evaluate`: how often a model is right, on a folder with a folder for each class.

use crate::classify::{Labels, answer};
use crate::pictures::{Paths, classes};
use crate::records::field;
use crate::runs::Runs;
use crate::{Backend, Failure, Source, files};
use inception::Session;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// The most classes of a confusion matrix that is printed.
const MOST_PRINTED: usize = 30;
/// How many labels an error suggests.
const SUGGESTED: usize = 3;
/// Answers among which the right one may be.
const TOP: usize = 5;

#[derive(clap::Args)]
pub struct Evaluate {
    /// A folder with a folder of pictures for each class, called as the class is
    folder: PathBuf,
    /// Model id in the models folder, or a weights file
    #[arg(long, value_name = "ID|FILE")]
    model: Option<String>,
    /// Names of the model's classes in their order, instead of its own: one a line, or a list in JSON
    #[arg(long, value_name = "FILE")]
    labels_file: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Print a row of CSV for each class
    #[arg(long, conflicts_with = "json")]
    csv: bool,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    backend: Backend,
}

impl Evaluate {
    pub fn run(&self) -> Result<(), Failure> {
        let folders = classes(&self.folder)?;
        let names = self.labels_file.as_deref().map(read_labels).transpose()?;
        let runs = Runs::open(self.model.as_deref(), &self.source, &self.backend)?;
        runs.tell();
        let info = runs.info().clone();
        if let (Some(file), Some(names)) = (&self.labels_file, &names)
            && names.len() != info.classes
            && names.len() + info.class_offset != info.classes
        {
            let (found, wanted) = (names.len(), info.classes);
            return Err(format!("{}: {found} names for {wanted} classes", file.display()).into());
        }
        let models = self.source.models.clone();
        let labels = runs.ask(move |session| Labels::of(session, &models, names))?;
        let mut report = Report::new(info.title.clone(), info.classes > TOP);
        for folder in &folders {
            let index = class(&folder.name, &labels).map_err(|e| format!("{}: {e}", self.folder.display()))?;
            if let Some(other) = report.classes.iter().find(|class| class.index == index) {
                let (one, two) = (&other.folder, &folder.name);
                return Err(format!("{}: the folders {one} and {two} are the same class", self.folder.display()).into());
            }
            report.add_class(&folder.name, index);
        }
        let sizes = folders.iter().map(|folder| folder.pictures.len());
        let actual: Vec<usize> = sizes.enumerate().flat_map(|(class, size)| std::iter::repeat_n(class, size)).collect();
        let pictures: Vec<PathBuf> = folders.into_iter().flat_map(|folder| folder.pictures).collect();
        let ranked = move |session: &Session, image| {
            let best = answer(session, image, &labels, TOP)?;
            Ok(best.into_iter().map(|row| row.index).collect::<Vec<_>>())
        };
        let done = runs.run(Paths::from(pictures), true, ranked, |done| {
            if let Ok(ranked) = done.answer {
                report.count(actual[done.index], &ranked);
            }
            Ok(())
        })?;
        report.end(done.failed);
        match (self.json, self.csv) {
            (true, _) => say!("{}", serde_json::to_string(&report)?),
            (_, true) => say!("{}", report.csv().trim_end()),
            _ => say!("{}", report.table().trim_end()),
        }
        done.end()
    }
}

/// Names of classes from a file: a list in JSON, or one a line.
fn read_labels(path: &Path) -> Result<Vec<String>, Failure> {
    let bytes = files::read(path)?;
    let text = String::from_utf8(bytes).map_err(|_| format!("{}: it is no UTF-8 text", path.display()))?;
    if text.trim_start().starts_with('[') {
        return serde_json::from_str(&text).map_err(|e| format!("{}: {e}", path.display()).into());
    }
    Ok(text.trim_end().lines().map(|line| line.trim().to_owned()).collect())
}

/// The first of a label's synonyms: `tench` of `tench, Tinca tinca`.
fn first_synonym(label: &str) -> &str {
    label.split(',').next().unwrap_or_default().trim()
}

/// The class that a folder is called like: exactly, or but for case, or by the first of its synonyms.
fn class(name: &str, labels: &Labels) -> Result<usize, String> {
    let lower = name.to_lowercase();
    let rules: [&dyn Fn(&str) -> bool; 3] =
        [&|label| label == name, &|label| label.to_lowercase() == lower, &|label| {
            first_synonym(label).to_lowercase() == first_synonym(&lower)
        }];
    for rule in rules {
        let found: Vec<usize> = labels.iter().filter(|(_, label)| rule(label)).map(|(index, _)| index).collect();
        match found.as_slice() {
            [] => {}
            [only] => return Ok(*only),
            several => {
                return Err(format!(
                    "the folder {name} may be any of the classes {several:?}; give each class a name of its own with --labels-file"
                ));
            }
        }
    }
    let mut near: Vec<(usize, &str)> =
        labels.iter().map(|(_, label)| (distance(&lower, &first_synonym(label).to_lowercase()), label)).collect();
    near.sort();
    let near: Vec<&str> = near.into_iter().take(SUGGESTED).map(|(_, label)| label).collect();
    Err(match near.is_empty() {
        true => format!(
            "the model has no names for its classes, so the folder {name} is none; give them with --labels-file"
        ),
        false => format!(
            "no class of the model is called like the folder {name}; the nearest are {}. Rename the folder, or give names with --labels-file",
            near.join("; ")
        ),
    })
}

/// Levenshtein's distance between two words, in characters.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

/// One class of the report.
#[derive(Serialize)]
struct ClassReport {
    /// The folder's name.
    folder: String,
    /// The class of the model.
    index: usize,
    /// Pictures that could be read.
    count: usize,
    /// Of its pictures, the share that is answered with it.
    recall: Option<f64>,
    /// Of the pictures that are answered with it, the share that is its own.
    precision: Option<f64>,
}

/// What came of it.
#[derive(Serialize)]
struct Report {
    model: String,
    /// Pictures that could be read.
    pictures: usize,
    /// Pictures that could not.
    unreadable: usize,
    /// Share of pictures whose first answer is right.
    accuracy: Option<f64>,
    /// Share of pictures that have the right answer among the first five; none for a model of five classes or fewer.
    top5: Option<f64>,
    classes: Vec<ClassReport>,
    /// Per class how often its pictures are answered with each of `classes`, last with none of them.
    confusion: Vec<Vec<usize>>,
    #[serde(skip)]
    among_top: Option<usize>,
}

fn share(part: usize, of: usize) -> Option<f64> {
    (of > 0).then(|| part as f64 / of as f64)
}

/// A share for people.
fn percent(share: Option<f64>) -> String {
    share.map_or("-".into(), |share| format!("{:.2} %", share * 100.0))
}

impl Report {
    fn new(model: String, has_top: bool) -> Self {
        let (classes, confusion) = (vec![], vec![]);
        let among_top = has_top.then_some(0);
        Self { model, pictures: 0, unreadable: 0, accuracy: None, top5: None, classes, confusion, among_top }
    }

    fn add_class(&mut self, folder: &str, index: usize) {
        self.classes.push(ClassReport { folder: folder.into(), index, count: 0, recall: None, precision: None });
        self.confusion = vec![vec![0; self.classes.len() + 1]; self.classes.len()];
    }

    /// Counts a picture of a class by the classes of the model that it is answered with, the likeliest first; with none at
    /// all it counts as another class.
    fn count(&mut self, class: usize, ranked: &[usize]) {
        let place = |index: &usize| self.classes.iter().position(|class| class.index == *index);
        let predicted = ranked.first().and_then(place).unwrap_or(self.classes.len());
        self.confusion[class][predicted] += 1;
        if let Some(among) = &mut self.among_top {
            *among += usize::from(ranked.contains(&self.classes[class].index));
        }
    }

    fn end(&mut self, unreadable: usize) {
        let mut correct = 0;
        for (i, class) in self.classes.iter_mut().enumerate() {
            let right = self.confusion[i][i];
            class.count = self.confusion[i].iter().sum();
            class.recall = share(right, class.count);
            class.precision = share(right, self.confusion.iter().map(|row| row[i]).sum());
            self.pictures += class.count;
            correct += right;
        }
        self.unreadable = unreadable;
        self.accuracy = share(correct, self.pictures);
        self.top5 = self.among_top.and_then(|among| share(among, self.pictures));
    }

    /// For people: the numbers, a line for each class, and the confusion matrix where it is small enough.
    fn table(&self) -> String {
        let mut text = format!("accuracy  {} of {} pictures\n", percent(self.accuracy), self.pictures);
        if self.top5.is_some() {
            text += &format!("top 5     {}\n", percent(self.top5));
        }
        let width = self.classes.iter().map(|class| class.folder.chars().count()).max().unwrap_or(0).max(5);
        text += &format!("\n{:<width$}  {:>8} {:>9} {:>10}\n", "class", "pictures", "recall", "precision");
        for ClassReport { folder, count, recall, precision, .. } in &self.classes {
            text += &format!("{folder:<width$}  {count:>8} {:>9} {:>10}\n", percent(*recall), percent(*precision));
        }
        if self.classes.len() > MOST_PRINTED {
            return text
                + &format!("\nthe confusion matrix of more than {MOST_PRINTED} classes is in --json and --csv\n");
        }
        text += "\nconfusion matrix: a row for each class, a column for each answer, in the same order; the last is any other\n";
        for (class, row) in self.classes.iter().zip(&self.confusion) {
            let cells: String = row.iter().map(|count| format!(" {count:>5}")).collect();
            text += &format!("{:<width$} {cells}\n", class.folder);
        }
        text
    }

    /// A row for each class, its row of the confusion matrix at the end.
    fn csv(&self) -> String {
        let names: String = self.classes.iter().map(|class| format!(",{}", field(&class.folder))).collect();
        let mut text = format!("class,index,count,recall,precision{names},other answers\n");
        for (class, row) in self.classes.iter().zip(&self.confusion) {
            let number = |share: Option<f64>| share.map_or(String::new(), |share| share.to_string());
            let cells: String = row.iter().map(|count| format!(",{count}")).collect();
            let ClassReport { folder, index, count, recall, precision } = class;
            text += &format!("{},{index},{count},{},{}{cells}\n", field(folder), number(*recall), number(*precision));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_levenshteins() {
        for (a, b, wanted) in [("kitten", "sitting", 3), ("", "abc", 3), ("flaw", "lawn", 2), ("猫", "犬", 1)] {
            assert_eq!((distance(a, b), distance(b, a)), (wanted, wanted));
        }
    }

    #[test]
    fn a_folder_is_the_class_that_is_called_like_it() {
        let names = ["Cat", "cat", "tench, Tinca tinca", "crane", "crane, bird", "CRANE"].map(str::to_owned);
        let labels = Labels::new(names.into(), 1);
        for (name, wanted) in
            [("cat", 2), ("Cat", 1), ("TENCH", 3), ("tench, fish", 3), ("crane", 4), ("Crane, Bird", 5)]
        {
            assert_eq!(class(name, &labels), Ok(wanted), "{name}");
        }
        assert!(class("CAT", &labels).is_err_and(|said| said.contains("[1, 2]")));
        assert!(class("tenhc", &labels).is_err_and(|said| said.contains("the nearest are tench, Tinca tinca; ")));
        assert!(class("cat", &Labels::default()).is_err_and(|said| said.contains("--labels-file")));
    }

    #[test]
    fn a_report_counts() {
        let mut report = Report::new("m".into(), true);
        report.add_class("a", 7);
        report.add_class("b", 2);
        for (class, ranked) in [(0, &[7, 1][..]), (0, &[7]), (0, &[2, 7]), (1, &[5, 2]), (1, &[]), (1, &[7])] {
            report.count(class, ranked);
        }
        report.end(4);
        assert_eq!((report.pictures, report.unreadable), (6, 4));
        assert_eq!((report.accuracy, report.top5), (Some(2.0 / 6.0), Some(4.0 / 6.0)));
        assert_eq!(report.confusion, [[2, 1, 0], [1, 0, 2]]);
        assert_eq!((report.classes[0].recall, report.classes[0].precision), (Some(2.0 / 3.0), Some(2.0 / 3.0)));
        assert_eq!((report.classes[1].recall, report.classes[1].precision), (Some(0.0), Some(0.0)));
        assert_eq!(report.csv().lines().nth(2), Some("b,2,3,0,0,1,0,2"));
        assert!(report.table().contains("accuracy  33.33 % of 6 pictures\ntop 5     66.67 %"));
    }
}
