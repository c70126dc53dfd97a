//! One record a picture: JSON Lines, CSV (RFC 4180), or a line for people; and a file of them that a broken run left.

use crate::Failure;
use inception::networks::OutputActivation;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::path::Path;

/// How much a probability may differ from one run to the next: a GPU and other numbers of threads add in another order.
const SAME: f32 = 1e-3;

#[derive(Clone, Copy, PartialEq)]
pub enum Format {
    Text,
    Csv,
    JsonLines,
}

/// A class in an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    pub index: usize,
    pub label: Option<String>,
    pub probability: f32,
}

impl Prediction {
    /// The label, or the index of a class without one.
    pub fn name(&self) -> String {
        self.label.clone().unwrap_or_else(|| self.index.to_string())
    }
}

/// What a picture is answered with.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The likeliest first.
    pub predictions: Vec<Prediction>,
    /// Of a taught head, whether the picture is none of its classes.
    pub none: Option<bool>,
    /// The labels that the picture has, where it may have several; the likeliest first.
    pub labels: Option<Vec<Prediction>>,
}

/// Names of classes.
pub fn names(predictions: &[Prediction]) -> Vec<String> {
    predictions.iter().map(Prediction::name).collect()
}

/// A record of JSON Lines.
#[derive(Serialize, Deserialize)]
struct Line {
    file: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    predictions: Option<Vec<Prediction>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    none: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    labels: Option<Vec<String>>,
}

/// Between two labels in a field of CSV.
const BETWEEN: &str = ";";

/// A field of CSV, in quotes where it needs them.
pub fn field(text: &str) -> String {
    match text.contains([',', '"', '\r', '\n']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.to_owned(),
    }
}

/// How records are written.
pub struct Records {
    pub format: Format,
    /// Classes in an answer.
    pub top: usize,
    pub activation: OutputActivation,
    /// Of a taught head, the least probability that is an answer: below it a picture is none of the classes.
    pub threshold: Option<f64>,
    /// Whether a picture may have several labels: those from the threshold on.
    pub several: bool,
}

impl Records {
    /// What stands above the records.
    pub fn header(&self) -> String {
        if self.format != Format::Csv {
            return String::new();
        }
        let columns: String = (1..=self.top).map(|i| format!(",label{i},probability{i}")).collect();
        let none = if self.threshold.is_some() { ",none" } else { "" };
        let labels = if self.several { ",labels" } else { "" };
        format!("file,error{none}{columns}{labels}\n")
    }

    /// A picture's record, with its line end.
    pub fn record(&self, path: &Path, answer: Result<Answer, String>) -> Result<String, Failure> {
        let file = path.to_string_lossy().into_owned();
        Ok(match (self.format, answer) {
            (Format::JsonLines, answer) => {
                let line = match answer {
                    Ok(Answer { predictions, none, labels }) => {
                        let labels = labels.as_deref().map(names);
                        Line { file, predictions: Some(predictions), error: None, none, labels }
                    }
                    Err(error) => Line { file, predictions: None, error: Some(error), none: None, labels: None },
                };
                serde_json::to_string(&line)? + "\n"
            }
            (Format::Csv, Ok(Answer { predictions, none, labels })) => {
                let column = |p: &Prediction| format!(",{},{}", field(&p.name()), p.probability);
                let columns: String = predictions.iter().map(column).collect();
                let none = none.map_or(String::new(), |none| format!(",{none}"));
                let labels = labels.map_or(String::new(), |l| format!(",{}", field(&names(&l).join(BETWEEN))));
                format!("{},{none}{columns}{labels}\n", field(&file))
            }
            (Format::Csv, Err(error)) => {
                let empty =
                    ",".repeat(2 * self.top + usize::from(self.threshold.is_some()) + usize::from(self.several));
                format!("{},{}{empty}\n", field(&file), field(&error))
            }
            (Format::Text, Ok(answer)) => match (answer.predictions.first(), &answer.labels) {
                _ if answer.none == Some(true) => format!("   none of these  {file}\n"),
                (_, Some(labels)) => format!("{}  {file}\n", with_probabilities(labels)),
                (Some(best), _) if self.activation == OutputActivation::None => {
                    format!("{:>12.4}  {}  {file}\n", best.probability, best.name())
                }
                (Some(best), _) => format!("{:>6.2} %  {}  {file}\n", best.probability * 100.0, best.name()),
                (None, _) => format!("{file}\n"),
            },
            (Format::Text, Err(_)) => format!("   error  {file}\n"),
        })
    }

    /// Reads what a broken run has written. `name` is the file's, for errors.
    pub fn resume(&self, bytes: &[u8], name: &str) -> Result<Done, Failure> {
        match self.format {
            Format::Csv => self.resume_csv(bytes, name),
            _ => self.resume_lines(bytes, name),
        }
    }

    fn resume_lines(&self, bytes: &[u8], name: &str) -> Result<Done, Failure> {
        let mut done =
            Done { length: bytes.iter().rposition(|&b| b == b'\n').map_or(0, |at| at + 1), ..Done::default() };
        for (number, line) in bytes[..done.length].split_inclusive(|&b| b == b'\n').enumerate() {
            let line: Line = serde_json::from_slice(line).map_err(|e| {
                format!("{name}: line {} is no record of `classify --jsonl` ({e}); give --out another file", number + 1)
            })?;
            let rows = line.predictions.map(|predictions| predictions.iter().map(Row::from).collect::<Vec<_>>());
            if let Some(rows) = rows.as_ref().filter(|rows| rows.len() != self.top) {
                let (found, top) = (rows.len(), self.top);
                return Err(other(name, &format!("line {} has {found} classes, this run writes {top}", number + 1)));
            }
            if rows.is_some() && line.none.is_some() != self.threshold.is_some() {
                let found = if self.threshold.is_some() { "no head" } else { "a head" };
                return Err(other(name, &format!("line {} was answered by {found}", number + 1)));
            }
            if rows.is_some() && line.labels.is_some() != self.several {
                let found =
                    if self.several { "a head that gives one label" } else { "a head that gives several labels" };
                return Err(other(name, &format!("line {} was answered by {found}", number + 1)));
            }
            let labels = line.labels.map(|labels| labels.join(BETWEEN));
            let answer = rows.map(|rows| Old { file: line.file.clone(), rows, none: line.none, labels });
            self.check_threshold(answer.as_ref(), name)?;
            done.add(line.file, answer);
        }
        Ok(done)
    }

    fn resume_csv(&self, bytes: &[u8], name: &str) -> Result<Done, Failure> {
        let (mut done, mut rest) = (Done::default(), bytes);
        let header = self.header();
        while let Some((fields, after)) = csv_record(rest) {
            let first = rest.len() == bytes.len();
            if first && !rest.starts_with(header.as_bytes()) {
                let (found, wanted) = (fields.join(","), header.trim_end());
                return Err(other(name, &format!("its columns are {found}; this run writes {wanted}")));
            }
            if !first {
                let mut fields = fields.into_iter().peekable();
                let (file, error) = (fields.next().unwrap_or_default(), fields.next().unwrap_or_default());
                let none = fields.next_if(|_| self.threshold.is_some()).map(|none| none == "true");
                let mut fields: Vec<String> = fields.collect();
                let labels = fields.pop_if(|_| self.several);
                let row = |pair: &[String]| match pair {
                    [label, value] => Some(Row { label: label.clone(), probability: value.parse().ok()? }),
                    _ => None,
                };
                let rows = fields.chunks(2).map(row).collect::<Option<Vec<Row>>>();
                if error.is_empty() && rows.as_ref().is_none_or(|rows| rows.len() != self.top) {
                    return Err(format!(
                        "{name}: the row of {file} is no record of `classify --csv`; give --out another file"
                    )
                    .into());
                }
                let rows = rows.filter(|_| error.is_empty());
                let answer = rows.map(|rows| Old { file: file.clone(), rows, none, labels });
                self.check_threshold(answer.as_ref(), name)?;
                done.add(file, answer);
            }
            rest = after;
        }
        done.length = bytes.len() - rest.len();
        Ok(done)
    }
}

impl Records {
    /// Fails where this run's threshold makes another answer of a record's probabilities than the record has.
    fn check_threshold(&self, old: Option<&Old>, name: &str) -> Result<(), Failure> {
        let (Some(threshold), Some(Old { file, rows, none, labels })) = (self.threshold, old) else { return Ok(()) };
        let (reach, below): (Vec<&Row>, Vec<&Row>) =
            rows.iter().partition(|row| f64::from(row.probability) >= threshold);
        let percent = format!("{} %", threshold * 100.0);
        if let Some(best) = rows.first().filter(|_| *none != Some(reach.is_empty())) {
            let said = if *none == Some(true) { "\"none of these\"" } else { "an answer" };
            let best = f64::from(best.probability) * 100.0;
            return Err(other(
                name,
                &format!(
                    "to {file} it says {said}, its likeliest class has {best:.4} %, and this run's threshold is {percent}"
                ),
            ));
        }
        let Some(labels) = labels else { return Ok(()) };
        // Rows are the likeliest classes: where one is below the threshold they have every label of the picture.
        let wanted = reach.iter().map(|row| row.label.as_str()).collect::<Vec<_>>().join(BETWEEN);
        let is_whole = !below.is_empty() || labels.len() <= wanted.len();
        match labels.starts_with(&wanted) && (!is_whole || *labels == wanted) {
            true => Ok(()),
            false => Err(other(
                name,
                &format!(
                    "to {file} it says the labels `{labels}`, and from this run's threshold, {percent}, on these are `{wanted}`"
                ),
            )),
        }
    }
}

/// Labels, each with its probability.
fn with_probabilities(labels: &[Prediction]) -> String {
    let label = |p: &Prediction| format!("{:>6.2} %  {}", p.probability * 100.0, p.name());
    labels.iter().map(label).collect::<Vec<_>>().join(", ")
}

fn other(name: &str, what: &str) -> Failure {
    format!("{name} was made with another model or other options: {what}. Give --out another file").into()
}

/// The fields of the first whole record, and what follows it; none where it is cut short.
pub fn csv_record(bytes: &[u8]) -> Option<(Vec<String>, &[u8])> {
    let (mut fields, mut field, mut is_quoted, mut at) = (Vec::new(), Vec::new(), false, 0);
    loop {
        let byte = *bytes.get(at)?;
        at += 1;
        match (is_quoted, byte) {
            (true, b'"') if bytes.get(at) == Some(&b'"') => {
                field.push(b'"');
                at += 1;
            }
            (_, b'"') => is_quoted = !is_quoted,
            (false, b',') => fields.push(String::from_utf8_lossy(&std::mem::take(&mut field)).into_owned()),
            (false, b'\n') => {
                field.pop_if(|last| *last == b'\r');
                fields.push(String::from_utf8_lossy(&field).into_owned());
                return Some((fields, &bytes[at..]));
            }
            _ => field.push(byte),
        }
    }
}

/// A class in an answer, as every format has it.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    label: String,
    probability: f32,
}

impl From<&Prediction> for Row {
    fn from(prediction: &Prediction) -> Self {
        Self { label: prediction.name(), probability: prediction.probability }
    }
}

/// A picture's answer in the file of a broken run.
#[derive(Clone)]
struct Old {
    file: String,
    rows: Vec<Row>,
    none: Option<bool>,
    /// The labels that the picture has, as a field of CSV has them.
    labels: Option<String>,
}

impl Old {
    /// How sure the answer is.
    fn best(&self) -> f32 {
        self.rows.first().map_or(0.0, |row| row.probability)
    }
}

/// What a broken run has answered.
#[derive(Default)]
pub struct Done {
    /// Bytes of whole records.
    pub length: usize,
    /// How many of them are errors.
    pub failed: usize,
    /// How often each file has a record.
    files: HashMap<String, usize>,
    /// The last answer.
    last: Option<Old>,
    /// The least sure answer: it tells models apart that are both sure of the last one.
    least_sure: Option<Old>,
}

impl Done {
    fn add(&mut self, file: String, answer: Option<Old>) {
        *self.files.entry(file).or_default() += 1;
        let Some(answer) = answer else {
            self.failed += 1;
            return;
        };
        if self.least_sure.as_ref().is_none_or(|least| answer.best() < least.best()) {
            self.least_sure = Some(answer.clone());
        }
        self.last = Some(answer);
    }

    /// How many records there are.
    pub fn records(&self) -> usize {
        self.files.values().sum()
    }

    /// Whether a picture has its record; each record counts once.
    pub fn takes(&mut self, path: &Path) -> bool {
        match self.files.get_mut(&*path.to_string_lossy()) {
            Some(count @ 1..) => {
                *count -= 1;
                true
            }
            _ => false,
        }
    }

    /// Fails where this model answers something else to the last picture, or to the least sure one, than the file does.
    /// `answer` gives every class; a picture that is gone tells nothing.
    pub fn check(&self, name: &str, mut answer: impl FnMut(&Path) -> Result<Answer, Failure>) -> Result<(), Failure> {
        let last = self.last.as_ref();
        let least_sure = self.least_sure.as_ref().filter(|least| last.is_some_and(|last| last.file != least.file));
        last.into_iter().chain(least_sure).try_for_each(|old| old.check(name, &mut answer))
    }
}

impl Old {
    /// Fails where `answer` gives something else.
    fn check(&self, name: &str, answer: impl FnOnce(&Path) -> Result<Answer, Failure>) -> Result<(), Failure> {
        let Self { file, rows, .. } = self;
        let Ok(Answer { predictions, .. }) = answer(Path::new(file)) else { return Ok(()) };
        let now: Vec<Row> = predictions.iter().map(Row::from).collect();
        let same = |row: &Row, other: &Row| {
            let scale = row.probability.abs().max(1.0);
            row.label == other.label && (row.probability - other.probability).abs() <= SAME * scale
        };
        match rows.iter().find(|row| !now.iter().any(|other| same(row, other))) {
            None => Ok(()),
            Some(Row { label, probability }) => {
                let now = now.iter().find(|row| row.label == *label).map(|row| row.probability);
                let now = now.map_or("no such class".into(), |now| now.to_string());
                let told = format!("to {file} it answers {label} with {probability}, this run with {now}");
                Err(other(name, &format!("{told}, unless the picture has changed")))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn records(format: Format) -> Records {
        Records { format, top: 2, activation: OutputActivation::Softmax, threshold: None, several: false }
    }

    fn answer(label: &str) -> Answer {
        let row = |index, label: Option<&str>, probability| Prediction {
            index,
            label: label.map(str::to_owned),
            probability,
        };
        Answer { predictions: vec![row(3, Some(label), 0.75), row(0, None, 0.125)], none: None, labels: None }
    }

    const NAMES: [&str; 4] = ["a.png", "b, \"c\"\n.png", "猫.png", " "];

    fn file(format: Format) -> Vec<String> {
        let records = records(format);
        let mut all = vec![records.header()];
        for name in NAMES {
            all.push(records.record(Path::new(name), Ok(answer("tabby, \"cat\""))).unwrap());
        }
        all.push(records.record(Path::new("bad"), Err("cut, short".into())).unwrap());
        all
    }

    #[test]
    fn formats_are_what_they_are_called() {
        let csv = file(Format::Csv);
        assert_eq!(csv[0], "file,error,label1,probability1,label2,probability2\n");
        assert_eq!(csv[1], "a.png,,\"tabby, \"\"cat\"\"\",0.75,0,0.125\n");
        assert_eq!(csv[2], "\"b, \"\"c\"\"\n.png\",,\"tabby, \"\"cat\"\"\",0.75,0,0.125\n");
        assert_eq!(csv[5], "bad,\"cut, short\",,,,\n");
        let lines = file(Format::JsonLines);
        assert_eq!(
            lines[1],
            "{\"file\":\"a.png\",\"predictions\":[{\"index\":3,\"label\":\"tabby, \\\"cat\\\"\",\"probability\":0.75},{\"index\":0,\"label\":null,\"probability\":0.125}]}\n"
        );
        assert_eq!(lines[5], "{\"file\":\"bad\",\"error\":\"cut, short\"}\n");
        assert_eq!(file(Format::Text)[1], " 75.00 %  tabby, \"cat\"  a.png\n");
    }

    #[test]
    fn a_file_that_is_cut_anywhere_has_its_whole_records() {
        for format in [Format::Csv, Format::JsonLines] {
            let parts = file(format);
            let whole = parts.concat();
            for cut in 0..=whole.len() {
                let mut done = records(format).resume(&whole.as_bytes()[..cut], "f").unwrap();
                let mut end = 0;
                let ends = parts.iter().map(|part| {
                    end += part.len();
                    end
                });
                let kept: Vec<usize> = ends.filter(|&end| end <= cut).collect();
                assert_eq!(done.length, kept.last().copied().unwrap_or(0), "{cut}");
                assert_eq!(done.records(), kept.len().saturating_sub(1), "{cut}");
                assert_eq!(done.failed, usize::from(cut == whole.len()));
                for (i, name) in NAMES.iter().enumerate() {
                    assert_eq!(done.takes(Path::new(name)), i + 1 < kept.len(), "{cut} {name}");
                    assert!(!done.takes(Path::new(name)), "once");
                }
            }
        }
    }

    #[test]
    fn a_file_of_other_options_is_refused() {
        let more = |format| Records { top: 3, ..records(format) };
        for format in [Format::Csv, Format::JsonLines] {
            let whole = file(format).concat();
            let said = more(format).resume(whole.as_bytes(), "f").err().unwrap().to_string();
            assert!(said.contains("f was made with another model or other options"), "{said}");
        }
        let csv = file(Format::Csv).concat();
        assert!(records(Format::JsonLines).resume(csv.as_bytes(), "f").is_err());
        let lines = file(Format::JsonLines).concat();
        assert!(records(Format::Csv).resume(lines.as_bytes(), "f").is_err());
    }

    #[test]
    fn a_head_says_of_a_picture_that_it_is_none_of_its_classes() {
        let with_head = |format| Records { threshold: Some(0.8), ..records(format) };
        let record = |format, none| {
            let answer = Answer { none: Some(none), ..answer("cat") };
            with_head(format).record(Path::new("a"), Ok(answer)).unwrap()
        };
        assert_eq!(with_head(Format::Csv).header(), "file,error,none,label1,probability1,label2,probability2\n");
        assert_eq!(record(Format::Csv, true), "a,,true,cat,0.75,0,0.125\n");
        assert_eq!(with_head(Format::Csv).record(Path::new("a"), Err("e".into())).unwrap(), "a,e,,,,,\n");
        assert!(record(Format::JsonLines, false).ends_with("}],\"none\":false}\n"));
        assert_eq!(record(Format::Text, true), "   none of these  a\n");
        assert_eq!(record(Format::Text, false), " 75.00 %  cat  a\n");
        for format in [Format::Csv, Format::JsonLines] {
            let file = with_head(format).header() + &record(format, true);
            assert!(records(format).resume(file.as_bytes(), "f").is_err());
            let done = with_head(format).resume(file.as_bytes(), "f").unwrap();
            let check = |label| done.check("f", |_| Ok(Answer { none: Some(true), ..answer(label) }));
            assert!(check("cat").is_ok() && check("dog").is_err());
            let without =
                records(format).header() + &records(format).record(Path::new("a"), Ok(answer("cat"))).unwrap();
            assert!(with_head(format).resume(without.as_bytes(), "f").is_err());
        }
    }

    #[test]
    fn a_picture_that_may_have_several_labels_says_which() {
        for format in [Format::Csv, Format::JsonLines, Format::Text] {
            let with = |threshold, top| Records { threshold: Some(threshold), several: true, top, ..records(format) };
            let record = |threshold, top| {
                let answer = answer("cat");
                let labels: Vec<Prediction> =
                    answer.predictions.iter().filter(|p| f64::from(p.probability) >= threshold).cloned().collect();
                let predictions = answer.predictions[..top].to_vec();
                let answer = Answer { none: Some(labels.is_empty()), labels: Some(labels), predictions };
                with(threshold, top).record(Path::new("a"), Ok(answer)).unwrap()
            };
            match format {
                Format::Csv => {
                    let header = "file,error,none,label1,probability1,label2,probability2,labels\n";
                    assert_eq!(with(0.1, 2).header(), header);
                    assert_eq!(record(0.1, 2), "a,,false,cat,0.75,0,0.125,cat;0\n");
                    assert_eq!(with(0.1, 2).record(Path::new("a"), Err("e".into())).unwrap(), "a,e,,,,,,\n");
                }
                Format::JsonLines => {
                    assert!(record(0.1, 1).ends_with("],\"none\":false,\"labels\":[\"cat\",\"0\"]}\n"))
                }
                Format::Text => {
                    assert_eq!(record(0.1, 1), " 75.00 %  cat,  12.50 %  0  a\n");
                    continue;
                }
            }
            for top in [1, 2] {
                for threshold in [0.1, 0.5, 0.8] {
                    let whole = with(threshold, top).header() + &record(threshold, top);
                    for now in [0.1, 0.5, 0.8] {
                        // Of one class the file does not say what the second had.
                        let is_alike = now == threshold || (top == 1 && now < 0.8 && threshold < 0.8);
                        let resumed = with(now, top).resume(whole.as_bytes(), "f");
                        assert_eq!(resumed.is_ok(), is_alike, "{top} {threshold} {now}");
                    }
                    let one = Records { several: false, ..with(threshold, top) };
                    assert!(one.resume(whole.as_bytes(), "f").is_err());
                }
            }
        }
    }

    #[test]
    fn a_file_of_another_threshold_is_refused() {
        for format in [Format::Csv, Format::JsonLines] {
            let with = |threshold| Records { threshold: Some(threshold), ..records(format) };
            let answer = |none| Answer { none: Some(none), ..answer("cat") };
            // The last record does not tell.
            let sure = Answer { predictions: vec![], ..answer(false) };
            let sure = Answer {
                predictions: [1.0, 0.0].map(|p| Prediction { index: 0, label: None, probability: p }).to_vec(),
                ..sure
            };
            let records = [("a", answer(false)), ("b", sure)];
            let rows = records.map(|(file, answer)| with(0.5).record(Path::new(file), Ok(answer)).unwrap());
            let whole = with(0.5).header() + &rows.concat();
            for same in [0.0, 0.5, 0.75] {
                assert!(with(same).resume(whole.as_bytes(), "f").is_ok());
            }
            let said = with(0.76).resume(whole.as_bytes(), "f").err().unwrap().to_string();
            assert!(said.contains("to a it says an answer") && said.contains("threshold is 76 %"), "{said}");
            assert!(said.ends_with("Give --out another file"), "{said}");
        }
    }

    #[test]
    fn a_file_of_another_model_is_refused() {
        let whole = file(Format::Csv).concat();
        let done = records(Format::Csv).resume(whole.as_bytes(), "f").unwrap();
        let check = |now: Answer| done.check("f", |_| Ok(now.clone())).map_err(|e| e.to_string());
        let mut now = answer("tabby, \"cat\"");
        assert_eq!(check(now.clone()), Ok(()));
        now.predictions.swap(0, 1);
        now.predictions[0].probability += 0.0005;
        assert_eq!(check(now.clone()), Ok(()));
        now.predictions[0].probability += 0.01;
        assert!(check(now).unwrap_err().contains("answers 0 with 0.125, this run with 0.1355"));
        assert!(check(answer("dog")).unwrap_err().contains("no such class"));
        assert_eq!(done.check("f", |_| Err("gone".into())).map_err(|e| e.to_string()), Ok(()));
    }
}
