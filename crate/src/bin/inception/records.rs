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
}

impl Answer {
    /// Names of the labels from a threshold on, where a picture may have several.
    pub fn answered(&self, threshold: f64) -> Vec<String> {
        let reach = self.predictions.iter().filter(|p| f64::from(p.probability) >= threshold);
        reach.map(Prediction::name).collect()
    }
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
}

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
    /// Whether a picture may be none of the classes: a taught head answers.
    pub has_none: bool,
    /// The least probability of a label that a picture has, where it may have several.
    pub several: Option<f64>,
}

impl Records {
    /// What stands above the records.
    pub fn header(&self) -> String {
        if self.format != Format::Csv {
            return String::new();
        }
        let columns: String = (1..=self.top).map(|i| format!(",label{i},probability{i}")).collect();
        let none = if self.has_none { ",none" } else { "" };
        format!("file,error{none}{columns}\n")
    }

    /// A picture's record, with its line end.
    pub fn record(&self, path: &Path, answer: Result<Answer, String>) -> Result<String, Failure> {
        let file = path.to_string_lossy().into_owned();
        Ok(match (self.format, answer) {
            (Format::JsonLines, answer) => {
                let line = match answer {
                    Ok(Answer { predictions, none }) => {
                        Line { file, predictions: Some(predictions), error: None, none }
                    }
                    Err(error) => Line { file, predictions: None, error: Some(error), none: None },
                };
                serde_json::to_string(&line)? + "\n"
            }
            (Format::Csv, Ok(Answer { predictions, none })) => {
                let column = |p: &Prediction| format!(",{},{}", field(&p.name()), p.probability);
                let columns: String = predictions.iter().map(column).collect();
                let none = none.map_or(String::new(), |none| format!(",{none}"));
                format!("{},{none}{columns}\n", field(&file))
            }
            (Format::Csv, Err(error)) => {
                let empty = ",".repeat(2 * self.top + usize::from(self.has_none));
                format!("{},{}{empty}\n", field(&file), field(&error))
            }
            (Format::Text, Ok(answer)) => match answer.predictions.first() {
                _ if answer.none == Some(true) => format!("   none of these  {file}\n"),
                Some(_) if self.several.is_some() => format!("{}  {file}\n", self.labels(&answer)),
                Some(best) if self.activation == OutputActivation::None => {
                    format!("{:>12.4}  {}  {file}\n", best.probability, best.name())
                }
                Some(best) => format!("{:>6.2} %  {}  {file}\n", best.probability * 100.0, best.name()),
                None => format!("{file}\n"),
            },
            (Format::Text, Err(_)) => format!("   error  {file}\n"),
        })
    }

    /// The labels of a picture that may have several, with their probabilities.
    fn labels(&self, answer: &Answer) -> String {
        let has = |p: &&Prediction| f64::from(p.probability) >= self.several.unwrap_or(0.0);
        let label = |p: &Prediction| format!("{:>6.2} %  {}", p.probability * 100.0, p.name());
        answer.predictions.iter().filter(has).map(label).collect::<Vec<_>>().join(", ")
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
            if rows.is_some() && line.none.is_some() != self.has_none {
                let found = if self.has_none { "no head" } else { "a head" };
                return Err(other(name, &format!("line {} was answered by {found}", number + 1)));
            }
            done.add(line.file, rows.map(|rows| (rows, line.none)));
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
                let none = fields.next_if(|_| self.has_none).map(|none| none == "true");
                let fields: Vec<String> = fields.collect();
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
                done.add(file, rows.filter(|_| error.is_empty()).map(|rows| (rows, none)));
            }
            rest = after;
        }
        done.length = bytes.len() - rest.len();
        Ok(done)
    }
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
    last: Option<(String, Vec<Row>, Option<bool>)>,
}

impl Done {
    fn add(&mut self, file: String, answer: Option<(Vec<Row>, Option<bool>)>) {
        *self.files.entry(file.clone()).or_default() += 1;
        match answer {
            Some((rows, none)) => self.last = Some((file, rows, none)),
            None => self.failed += 1,
        }
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

    /// Fails where this model answers something else to the last picture than the file does. `answer` gives every class;
    /// a picture that is gone tells nothing.
    pub fn check(&self, name: &str, mut answer: impl FnMut(&Path) -> Result<Answer, Failure>) -> Result<(), Failure> {
        let Some((file, rows, none)) = &self.last else { return Ok(()) };
        let Ok(Answer { predictions, none: now_none }) = answer(Path::new(file)) else { return Ok(()) };
        let now: Vec<Row> = predictions.iter().map(Row::from).collect();
        let same = |row: &Row, other: &Row| {
            let scale = row.probability.abs().max(1.0);
            row.label == other.label && (row.probability - other.probability).abs() <= SAME * scale
        };
        match rows.iter().find(|row| !now.iter().any(|other| same(row, other))) {
            None if *none != now_none => Err(other(name, &format!("{file} is \"none of these\" in one of them only"))),
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
        Records { format, top: 2, activation: OutputActivation::Softmax, has_none: false, several: None }
    }

    fn answer(label: &str) -> Answer {
        let row = |index, label: Option<&str>, probability| Prediction {
            index,
            label: label.map(str::to_owned),
            probability,
        };
        Answer { predictions: vec![row(3, Some(label), 0.75), row(0, None, 0.125)], none: None }
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
        let with_head = |format| Records { has_none: true, ..records(format) };
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
        let several = Records { several: Some(0.1), ..with_head(Format::Text) };
        let text = several.record(Path::new("a"), Ok(Answer { none: Some(false), ..answer("cat") }));
        assert_eq!(text.unwrap(), " 75.00 %  cat,  12.50 %  0  a\n");
        for format in [Format::Csv, Format::JsonLines] {
            let file = with_head(format).header() + &record(format, true);
            assert!(records(format).resume(file.as_bytes(), "f").is_err());
            let done = with_head(format).resume(file.as_bytes(), "f").unwrap();
            let check = |none| done.check("f", |_| Ok(Answer { none: Some(none), ..answer("cat") }));
            assert!(check(true).is_ok() && check(false).is_err());
            let without =
                records(format).header() + &records(format).record(Path::new("a"), Ok(answer("cat"))).unwrap();
            assert!(with_head(format).resume(without.as_bytes(), "f").is_err());
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
