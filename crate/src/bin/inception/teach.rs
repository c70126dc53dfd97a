//! `inception teach`: a head of one's own classes, from a folder of pictures for each.

use crate::examples::Examples;
use crate::pictures::Paths;
use crate::runs::{Runs, finite};
use crate::{Backend, Failure, Source, answers, files, progress};
use inception::checkpoints::{TaughtHead, TaughtOn};
use inception::networks::OutputActivation;
use inception::teach::{self, Answer, Options, Penalty, Report, Taught, Training};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// The most classes of a confusion matrix that is printed, and of a table.
const MOST_PRINTED: usize = 30;
/// Mistakes that are printed.
const MISTAKES: usize = 10;
/// The least probability of a picture's own labels that is no mistake, where it may have several.
const AS_LIKELY_AS_NOT: f64 = 0.5;

#[derive(clap::Args)]
pub struct Teach {
    /// A folder with a folder of pictures for each class, called as the class is to be called
    folder: PathBuf,
    /// Where to write the head: a new file, or one with a head
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Model id in the models folder, or a weights file
    #[arg(long, value_name = "ID|FILE")]
    model: Option<String>,
    /// Folds of the cross-validation; 0: nothing is held out
    #[arg(long, default_value_t = 5, value_parser = folds)]
    folds: u16,
    /// The penalty of large weights, one over scikit-learn's C; by default what cross-validation finds best
    #[arg(long, value_name = "auto|NUMBER", default_value = "auto", value_parser = penalty)]
    l2: Penalty,
    /// A picture may have any number of labels: it lies in the folder of each, or --labels says them
    #[arg(long)]
    multi_label: bool,
    /// Labels from a table instead of folders: rows of CSV `file,label;label`, paths in FOLDER
    #[arg(long, value_name = "FILE")]
    labels: Option<PathBuf>,
    /// A folder of pictures that show none of the classes, one in FOLDER by its name or another; they sharpen the threshold
    #[arg(long, value_name = "FOLDER")]
    none: Option<PathBuf>,
    /// The probability from which a picture is answered; by default such that 95 % of the own pictures are
    #[arg(long, value_name = "P", value_parser = probability)]
    threshold: Option<f64>,
    /// Let pictures weigh the same; by default classes do, however many pictures they have
    #[arg(long)]
    unbalanced: bool,
    /// The default
    #[arg(long, hide = true, conflicts_with = "unbalanced")]
    balanced: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    backend: Backend,
}

/// 0, or a whole number from 2.
fn folds(text: &str) -> Result<u16, String> {
    match text.parse() {
        Ok(1) => Err("with one fold no picture can be held out; 0 leaves cross-validation out".to_owned()),
        Ok(folds) => Ok(folds),
        Err(_) => Err(format!("it is no whole number from 2 to {}, nor 0", u16::MAX)),
    }
}

fn penalty(text: &str) -> Result<Penalty, String> {
    match text.parse::<f64>() {
        _ if text == "auto" => Ok(Penalty::Auto),
        Ok(value) if value.is_finite() && value > 0.0 => Ok(Penalty::Fixed(value)),
        _ => Err("it is neither auto nor a positive number".into()),
    }
}

fn probability(text: &str) -> Result<f64, String> {
    let value = text.parse().ok().filter(|value| (0.0..=1.0).contains(value));
    value.ok_or_else(|| "it is no number from 0 to 1".into())
}

/// What `--json` prints.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Output<'a> {
    model: &'a str,
    network: &'a str,
    head: &'a Path,
    labels: &'a [String],
    /// The pictures that the report's answers are of, in its order.
    files: &'a [PathBuf],
    #[serde(flatten)]
    report: &'a Report,
    left_out: &'a LeftOut,
}

/// Pictures that the head was not taught with.
#[derive(Serialize)]
struct LeftOut {
    unreadable: Vec<PathBuf>,
    copies: usize,
    unlisted: usize,
}

/// A picture that was held out and answered wrongly.
struct Mistake<'a> {
    file: &'a Path,
    labels: &'a [u32],
    answer: &'a Answer,
}

impl Teach {
    pub fn run(&self) -> Result<(), Failure> {
        files::check_output(&self.out, "taught head", |file| answers::open(file).is_ok())?;
        let given = match &self.labels {
            None => Examples::in_folders(&self.folder, self.none.as_deref(), self.multi_label)?,
            Some(table) => Examples::in_table(&self.folder, table, self.none.as_deref(), self.multi_label)?,
        };
        if let [only] = given.labels.as_slice() {
            return Err(format!(
                "{}: {only} is the only class; give pictures of a second one, which may be of anything else",
                self.folder.display()
            )
            .into());
        }
        let runs = Runs::for_heads(self.model.as_deref(), &self.source, &self.backend)?;
        runs.tell();
        let taught_on = TaughtOn::of(runs.info());

        let own = given.pictures.len();
        let all = given.pictures.iter().map(|(path, _)| path).chain(&given.none).cloned().collect::<Vec<_>>();
        let (mut features, mut none, mut is_read) = (Vec::new(), Vec::new(), vec![false; own]);
        let mut unreadable = Vec::new();
        let done = runs.run(
            Paths::from(all),
            true,
            |session, image| finite(session.taught_features(image)?),
            |done| {
                match done.answer {
                    Err(_) => unreadable.push(done.path),
                    Ok(row) if done.index < own => {
                        is_read[done.index] = true;
                        features.extend(row);
                    }
                    Ok(row) => none.extend(row),
                }
                Ok(())
            },
        )?;
        let counts = given.count(|_| true);
        let read = given.count(|picture| is_read[picture]);
        if let Some(class) = (0..counts.len()).find(|&class| read[class] == 0) {
            let (name, count) = (&given.labels[class], counts[class]);
            return Err(format!(
                "no picture of the class {name} could be read, of {count}; give it others, or leave it out"
            )
            .into());
        }
        let Examples { labels, pictures, copies, unlisted, .. } = given;
        let kept = pictures.into_iter().zip(is_read).filter_map(|(picture, is_read)| is_read.then_some(picture));
        let (files, of): (Vec<PathBuf>, Vec<Vec<u32>>) = kept.unzip();
        let taught = self.train(features, taught_on.backbone.length, &of, labels.len(), none)?;

        let Taught { weights, biases, report } = taught;
        let activation = if self.multi_label { OutputActivation::Sigmoid } else { OutputActivation::Softmax };
        let (threshold, temperature) = (Some(report.threshold), report.temperature);
        let head = TaughtHead { taught_on, labels, activation, threshold, temperature, weights, biases };
        let bytes = head.to_bytes();
        files::write(&self.out, &bytes)?;
        eprintln!("{}: {} classes, {} bytes", self.out.display(), head.labels.len(), bytes.len());

        let left_out = LeftOut { unreadable, copies, unlisted };
        let TaughtHead { taught_on: TaughtOn { network, title, .. }, labels, .. } = &head;
        if self.json {
            let (files, head) = (&files, &*self.out);
            let output = Output { model: title, network, head, labels, files, report: &report, left_out: &left_out };
            say!("{}", serde_json::to_string(&output)?);
        } else {
            say!("{}", self.table(labels, &files, &of, &report, &left_out).trim_end());
        }
        done.end()
    }

    /// Trains the head, with a bar.
    fn train(
        &self,
        features: Vec<f32>,
        length: usize,
        of: &[Vec<u32>],
        classes: usize,
        none: Vec<f32>,
    ) -> Result<Taught, Failure> {
        let counts: Vec<u32> = of.iter().map(|labels| labels.len() as u32).collect();
        let examples = teach::Examples::new(features, length, of.concat(), &counts, classes, none)?;
        let Self { folds, l2, multi_label, unbalanced, threshold, .. } = *self;
        let options = Options { folds: folds.into(), l2, multi_label, balanced: !unbalanced, threshold };
        let mut training = Training::new(examples, options)?;
        let bar = progress::training();
        while !training.is_done() {
            bar.set_position((training.step() * 100.0) as u64);
        }
        let taught = training.finish();
        bar.finish_and_clear();
        Ok(taught)
    }

    /// What the report says, for people.
    fn table(&self, labels: &[String], files: &[PathBuf], of: &[Vec<u32>], report: &Report, left: &LeftOut) -> String {
        let percent = |share: Option<f64>| share.map_or("-".into(), |share| format!("{:.2} %", share * 100.0));
        let Report { judged, examples, folds, .. } = *report;
        let mut text = match report.accuracy {
            Some(accuracy) => {
                let right = (accuracy * judged as f64).round();
                format!(
                    "accuracy   {} by cross-validation: {right} of {judged} pictures, each answered without it, in {folds} folds\n",
                    percent(Some(accuracy))
                )
            }
            None if self.folds == 0 => "accuracy   not known: with --folds 0 no picture is held out\n".into(),
            None => "accuracy   not known: each class has one picture, and none can be held out\n".into(),
        };
        text += &format!("threshold  {}", percent(Some(report.threshold)));
        if let Some(answered) = report.own_answered {
            text += &format!(": {} of the own pictures are answered", percent(Some(answered)));
        }
        if let Some(none) = &report.none {
            text +=
                &format!(", {} of {} pictures of none of the classes are not", percent(Some(none.refused)), none.count);
        }
        let chosen = if self.l2 == Penalty::Auto && folds > 0 { " (by cross-validation)" } else { "" };
        text += &format!("\npenalty    {}{chosen}, temperature {:.3}\n", report.l2, report.temperature);
        if !report.converged {
            text += "note       the training has not come to its end; a stronger penalty (--l2) helps\n";
        }

        let width = labels.iter().map(|label| label.chars().count()).max().unwrap_or(0).max(5);
        let mut rows: Vec<usize> = (0..labels.len()).collect();
        let are_many = labels.len() > MOST_PRINTED;
        if are_many {
            let recall = |class: &usize| report.classes[*class].recall.unwrap_or(f64::INFINITY);
            rows.sort_by(|a, b| recall(a).total_cmp(&recall(b)));
            rows.truncate(MOST_PRINTED);
        }
        text += &format!("\n{:<width$}  {:>8} {:>9} {:>10}\n", "class", "pictures", "recall", "precision");
        for class in rows {
            let teach::ClassReport { count, judged, recall, precision } = &report.classes[class];
            let label = &labels[class];
            let [recall, precision] = [recall, precision].map(|share| percent(*share));
            text += &format!("{label:<width$}  {count:>8} {recall:>9} {precision:>10}");
            text += if *judged == 0 && self.folds > 0 { "  one picture: learned, not judged\n" } else { "\n" };
        }
        if are_many {
            text += &format!(
                "\nof {} classes the {MOST_PRINTED} of least recall; --json has all of them, and the confusion matrix\n",
                labels.len()
            );
        } else if !report.confusion.is_empty() && judged > 0 {
            text += "\nconfusion matrix: a row for each class, a column for each answer, in the same order\n";
            for (label, row) in labels.iter().zip(&report.confusion) {
                let cells: String = row.iter().map(|count| format!(" {count:>5}")).collect();
                text += &format!("{label:<width$} {cells}\n");
            }
        }

        let mistakes = self.mistakes(files, of, report);
        if !mistakes.is_empty() {
            let (shown, all) = (mistakes.len().min(MISTAKES), mistakes.len());
            text += &format!("\nthe worst {shown} of {all} mistakes\n");
        }
        for Mistake { file, labels: own, answer } in mistakes.into_iter().take(MISTAKES) {
            let own: Vec<&str> = own.iter().map(|&label| labels[label as usize].as_str()).collect();
            let own = if own.is_empty() { "none of the labels".into() } else { own.join(", ") };
            let (taken, file) = (&labels[answer.class], file.display());
            let [probability, truth] = [answer.probability, answer.truth].map(|p| percent(Some(p)));
            text += &format!("{file}: {own} {truth}, answered with {taken} {probability}\n");
        }

        let LeftOut { unreadable, copies, unlisted } = left;
        for (count, what) in [
            (unreadable.len(), "could not be read"),
            (*copies, "are copies of another one of the same class"),
            (*unlisted, "are not in the table of labels"),
        ] {
            if count > 0 {
                text += &format!("\nleft out: {count} picture(s) that {what}");
            }
        }
        if examples > judged && judged > 0 {
            text += &format!("\nnot judged: {} picture(s) that are the only one of their class", examples - judged);
        }
        text
    }

    /// The pictures whose held-out answer is wrong, those first whose own class is least probable.
    fn mistakes<'a>(&self, files: &'a [PathBuf], of: &'a [Vec<u32>], report: &'a Report) -> Vec<Mistake<'a>> {
        let answers = files.iter().zip(of).zip(&report.answers);
        let mistake = |((file, labels), answer): ((&'a PathBuf, &'a Vec<u32>), &'a Option<Answer>)| {
            let answer = answer.as_ref()?;
            let is_wrong = match self.multi_label {
                true => answer.truth < AS_LIKELY_AS_NOT,
                false => !labels.contains(&(answer.class as u32)),
            };
            is_wrong.then_some(Mistake { file, labels, answer })
        };
        let mut mistakes: Vec<_> = answers.filter_map(mistake).collect();
        mistakes.sort_by(|a, b| a.answer.truth.total_cmp(&b.answer.truth));
        mistakes
    }
}
