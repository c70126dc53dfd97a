//! `inception evaluate`: how often a model is right, on a folder with a folder for each class.

use crate::answers::{Answers, GivenHead, Labels};
use crate::examples::Examples;
use crate::pictures::Paths;
use crate::records::field;
use crate::runs::Runs;
use crate::{Backend, Failure, Source, files};
use inception::Session;
use inception::checkpoints::first_named;
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
    #[arg(long, value_name = "FILE", conflicts_with = "head")]
    labels_file: Option<PathBuf>,
    #[command(flatten)]
    head: GivenHead,
    /// A folder of pictures that show none of a head's classes, one in FOLDER by its name or another
    #[arg(long, value_name = "FOLDER", requires = "head")]
    none: Option<PathBuf>,
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
        let Examples { labels: folders, pictures, none, .. } =
            Examples::of_folders(&self.folder, self.none.as_deref())?;
        let names = self.labels_file.as_deref().map(read_labels).transpose()?;
        let head = self.head.open()?;
        let open = if head.is_some() { Runs::for_heads } else { Runs::open };
        let runs = open(self.model.as_deref(), &self.source, &self.backend)?;
        runs.tell();
        let info = runs.info().clone();
        if let (Some(file), Some(names)) = (&self.labels_file, &names)
            && first_named(names.len(), info.classes, info.class_offset).is_none()
        {
            let (found, wanted) = (names.len(), info.classes);
            return Err(format!("{}: {found} names for {wanted} classes", file.display()).into());
        }
        let models = self.source.models.clone();
        let answers = runs.ask(move |session| Answers::of(session, &models, names, head))??;
        if answers.several() {
            return Err("the head gives a picture any number of labels, and a folder says one; `inception teach` told how often each label is right".into());
        }
        let labels = &answers.labels;
        let mut report = Report::new(info.title.clone(), answers.classes > TOP, answers.head.is_some());
        for folder in &folders {
            let index =
                class(folder, labels, answers.head.is_some()).map_err(|e| format!("{}: {e}", self.folder.display()))?;
            if let Some(other) = report.classes.iter().find(|class| class.index == index) {
                let (one, two) = (&other.folder, folder);
                return Err(format!("{}: the folders {one} and {two} are the same class", self.folder.display()).into());
            }
            report.add_class(folder, index);
        }
        let (pictures, actual): (Vec<PathBuf>, Vec<Vec<u32>>) = pictures.into_iter().unzip();
        let pictures: Vec<PathBuf> = pictures.into_iter().chain(none).collect();
        let ranked = move |session: &Session, image| {
            let answer = answers.answer(session, image, TOP)?;
            let ranked: Vec<usize> = answer.predictions.into_iter().map(|row| row.index).collect();
            Ok((ranked, answer.none == Some(true)))
        };
        let done = runs.run(Paths::from(pictures), true, ranked, |done| {
            if let Ok((ranked, is_none)) = done.answer {
                match actual.get(done.index) {
                    Some(class) => report.count(class[0] as usize, &ranked, is_none),
                    None => report.count_other(is_none),
                }
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
///
/// # Errors
/// A name that is of no class or of several, with the way out, which for a head's names is not `--labels-file`.
fn class(name: &str, labels: &Labels, of_head: bool) -> Result<usize, String> {
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
                    "the folder {name} may be any of the classes {several:?}; {}",
                    match of_head {
                        true => "call it exactly as its class",
                        false => "give each class a name of its own with --labels-file",
                    }
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
            "no class of the {} is called like the folder {name}; the nearest are {}. Rename the folder, or {}",
            if of_head { "head" } else { "model" },
            near.join("; "),
            match of_head {
                true => "give it as --none where its pictures show none of the classes",
                false => "give names with --labels-file",
            }
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
    /// Of its pictures, those that a head says are none of its classes; they are in all other numbers by the likeliest class.
    #[serde(skip_serializing_if = "Option::is_none")]
    none: Option<usize>,
}

/// What a head says of pictures that show none of its classes.
#[derive(Default, Serialize)]
struct Others {
    /// Pictures that could be read.
    count: usize,
    /// Those of them that it says are none of its classes.
    none: usize,
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
    /// Pictures of the classes that a head says are none of them; `accuracy` has them by their likeliest class.
    #[serde(skip_serializing_if = "Option::is_none")]
    none: Option<usize>,
    /// Share of the other pictures whose first answer is right.
    #[serde(skip_serializing_if = "Option::is_none", rename = "accuracyOfAnswered")]
    accuracy_of_answered: Option<f64>,
    /// Pictures that show none of a head's classes.
    #[serde(skip_serializing_if = "Option::is_none")]
    others: Option<Others>,
    /// Per class how often its pictures are answered with each of `classes`, last with none of them.
    confusion: Vec<Vec<usize>>,
    #[serde(skip)]
    among_top: Option<usize>,
    /// Pictures with a right answer that is not "none of these".
    #[serde(skip)]
    right: usize,
}

fn share(part: usize, of: usize) -> Option<f64> {
    (of > 0).then(|| part as f64 / of as f64)
}

/// A share for people.
fn percent(share: Option<f64>) -> String {
    share.map_or("-".into(), |share| format!("{:.2} %", share * 100.0))
}

impl Report {
    fn new(model: String, has_top: bool, has_none: bool) -> Self {
        Self {
            model,
            pictures: 0,
            unreadable: 0,
            accuracy: None,
            top5: None,
            classes: vec![],
            none: has_none.then_some(0),
            accuracy_of_answered: None,
            others: None,
            confusion: vec![],
            among_top: has_top.then_some(0),
            right: 0,
        }
    }

    fn add_class(&mut self, folder: &str, index: usize) {
        let none = self.none.map(|_| 0);
        self.classes.push(ClassReport { folder: folder.into(), index, count: 0, recall: None, precision: None, none });
        self.confusion = vec![vec![0; self.classes.len() + 1]; self.classes.len()];
    }

    /// Counts a picture of a class by the classes of the model that it is answered with, the likeliest first; with none at
    /// all it counts as another class. `is_none`: a head says that it is none of them.
    fn count(&mut self, class: usize, ranked: &[usize], is_none: bool) {
        let place = |index: &usize| self.classes.iter().position(|class| class.index == *index);
        let predicted = ranked.first().and_then(place).unwrap_or(self.classes.len());
        self.confusion[class][predicted] += 1;
        for none in [&mut self.none, &mut self.classes[class].none].into_iter().flatten() {
            *none += usize::from(is_none);
        }
        self.right += usize::from(predicted == class && !is_none);
        if let Some(among) = &mut self.among_top {
            *among += usize::from(ranked.contains(&self.classes[class].index));
        }
    }

    /// Counts a picture that shows none of the classes.
    fn count_other(&mut self, is_none: bool) {
        let others = self.others.get_or_insert_default();
        others.count += 1;
        others.none += usize::from(is_none);
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
        self.accuracy_of_answered = self.none.and_then(|none| share(self.right, self.pictures - none));
        self.top5 = self.among_top.and_then(|among| share(among, self.pictures));
    }

    /// For people: the numbers, a line for each class, and the confusion matrix where it is small enough.
    fn table(&self) -> String {
        let mut text = format!("accuracy  {} of {} pictures\n", percent(self.accuracy), self.pictures);
        if self.top5.is_some() {
            text += &format!("top 5     {}\n", percent(self.top5));
        }
        if let Some(none) = self.none {
            let (answered, of) = (self.pictures - none, percent(self.accuracy_of_answered));
            text += &format!(
                "answered  {answered} of {}, of which {of} are right; {none} as none of these\n",
                self.pictures
            );
        }
        if let Some(Others { count, none }) = self.others {
            text += &format!("others    {none} of {count} pictures of none of the classes answered as none of these\n");
        }
        let width = self.classes.iter().map(|class| class.folder.chars().count()).max().unwrap_or(0).max(5);
        let heading = if self.none.is_some() { format!(" {:>14}", "none of these") } else { String::new() };
        text += &format!("\n{:<width$}  {:>8} {:>9} {:>10}{heading}\n", "class", "pictures", "recall", "precision");
        for ClassReport { folder, count, recall, precision, none, .. } in &self.classes {
            let none = none.map_or(String::new(), |none| format!(" {none:>14}"));
            text +=
                &format!("{folder:<width$}  {count:>8} {:>9} {:>10}{none}\n", percent(*recall), percent(*precision));
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
        let none = if self.none.is_some() { ",none" } else { "" };
        let mut text = format!("class,index,count,recall,precision{none}{names},other answers\n");
        for (class, row) in self.classes.iter().zip(&self.confusion) {
            let number = |share: Option<f64>| share.map_or(String::new(), |share| share.to_string());
            let cells: String = row.iter().map(|count| format!(",{count}")).collect();
            let ClassReport { folder, index, count, recall, precision, none } = class;
            let none = none.map_or(String::new(), |none| format!(",{none}"));
            let shares = format!("{},{}", number(*recall), number(*precision));
            text += &format!("{},{index},{count},{shares}{none}{cells}\n", field(folder));
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
        assert_eq!([0, 1].map(|class| labels.get(class)), [Some("background"), Some("Cat")]);
        for (name, wanted) in
            [("cat", 2), ("Cat", 1), ("TENCH", 3), ("tench, fish", 3), ("crane", 4), ("Crane, Bird", 5)]
        {
            assert_eq!(class(name, &labels, false), Ok(wanted), "{name}");
        }
        assert!(class("CAT", &labels, false).is_err_and(|said| said.contains("[1, 2]")));
        assert!(
            class("tenhc", &labels, false).is_err_and(|said| said.contains("the nearest are tench, Tinca tinca; "))
        );
        assert!(class("cat", &Labels::default(), false).is_err_and(|said| said.contains("--labels-file")));
    }

    #[test]
    fn a_report_counts_what_is_none_of_these() {
        let mut report = Report::new("m".into(), false, true);
        report.add_class("a", 0);
        report.add_class("b", 1);
        for (class, answer, is_none) in [(0, 0, false), (0, 0, true), (0, 1, false), (1, 0, false)] {
            report.count(class, &[answer], is_none);
        }
        report.count_other(true);
        report.count_other(false);
        report.end(0);
        assert_eq!((report.accuracy, report.none, report.accuracy_of_answered), (Some(0.5), Some(1), Some(1.0 / 3.0)));
        assert_eq!(report.confusion, [[2, 1, 0], [1, 0, 0]]);
        assert!(report.csv().starts_with("class,index,count,recall,precision,none,a,b,other answers\na,0,3,"));
        assert!(report.table().contains("answered  3 of 4, of which 33.33 % are right; 1 as none of these"));
        assert!(report.table().contains("others    1 of 2 pictures"));
    }

    #[test]
    fn a_report_counts() {
        let mut report = Report::new("m".into(), true, false);
        report.add_class("a", 7);
        report.add_class("b", 2);
        for (class, ranked) in [(0, &[7, 1][..]), (0, &[7]), (0, &[2, 7]), (1, &[5, 2]), (1, &[]), (1, &[7])] {
            report.count(class, ranked, false);
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
