//! `inception classify`.

use crate::output::Output;
use crate::pictures::{Given, Paths};
use crate::records::{Format, Prediction, Records};
use crate::runs::{Runs, Tally};
use crate::{Backend, Failure, Source, files, place};
use inception::image;
use inception::networks::OutputActivation;
use inception::{Error, Session};
use serde_json::{Value, json};
use std::fs::{File, OpenOptions};
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// The most pixels of a picture.
const MAX_PIXELS: u64 = 100_000_000;

#[derive(clap::Args)]
pub struct Classify {
    #[command(flatten)]
    given: Given,
    /// Model id in the models folder, or a weights file
    #[arg(long, value_name = "ID|FILE")]
    model: Option<String>,
    /// How many classes to print
    #[arg(long, default_value_t = 5)]
    top: usize,
    /// Print JSON; of several pictures, as `--jsonl`
    #[arg(long)]
    json: bool,
    /// Write one line of JSON a picture
    #[arg(long, conflicts_with_all = ["json", "csv"])]
    jsonl: bool,
    /// Write one row of CSV a picture
    #[arg(long, conflicts_with = "json")]
    csv: bool,
    /// Write to a file, a new one, instead of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Go on where a run into the same file was broken off; pictures with a record, an error too, are not read again
    #[arg(long, requires = "out")]
    resume: bool,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    backend: Backend,
}

/// Names of a model's classes.
#[derive(Clone, Default)]
pub struct Labels {
    names: Vec<String>,
    /// Index of the first class that has a name.
    offset: usize,
}

impl Labels {
    /// The names for a session's classes: its own, or these in their place.
    pub fn of(session: &Session, models: &Path, other: Option<Vec<String>>) -> Self {
        let names = other.or_else(|| files::labels(session, models)).unwrap_or_default();
        let info = session.info();
        let offset = if names.len() == info.classes { 0 } else { info.class_offset };
        Self::new(names, offset)
    }

    /// Names in order, the first for the class at `offset`.
    pub fn new(names: Vec<String>, offset: usize) -> Self {
        Self { names, offset }
    }

    /// The name of a class.
    pub fn get(&self, index: usize) -> Option<&str> {
        index.checked_sub(self.offset).and_then(|i| self.names.get(i)).map(String::as_str)
    }

    /// Every class that has a name, by its index.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &str)> {
        self.names.iter().enumerate().map(|(i, name)| (i + self.offset, name.as_str()))
    }
}

/// What a session answers for an image of its run: the `top` likeliest classes.
pub fn answer(session: &Session, image: usize, labels: &Labels, top: usize) -> Result<Vec<Prediction>, Error> {
    let row = |(index, probability)| {
        let label = labels.get(index).map(str::to_owned);
        Prediction { index, label, probability }
    };
    Ok(best(&session.predictions(image)?, top).into_iter().map(row).collect())
}

/// Reads a picture; fails with one line that names the file.
pub fn picture(path: &Path) -> Result<image::Rgb8, Failure> {
    decoded(path).map_err(|e| format!("{}: {e}", path.display()).into())
}

/// The same, with an error that does not name the file.
pub fn decoded(path: &Path) -> Result<image::Rgb8, String> {
    image::decode(&std::fs::read(path).map_err(|e| e.to_string())?, MAX_PIXELS).map_err(|e| e.to_string())
}

/// The `top` largest, ties by index.
fn best(probabilities: &[f32], top: usize) -> Vec<(usize, f32)> {
    let mut all: Vec<(usize, f32)> = probabilities.iter().copied().enumerate().collect();
    all.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    all.truncate(top);
    all
}

impl Classify {
    pub fn run(&self) -> Result<(), Failure> {
        match self.given.single() {
            Some(path) if !self.csv && !self.jsonl && self.out.is_none() => self.one(path),
            _ => self.many(),
        }
    }

    /// One record a picture.
    fn many(&self) -> Result<(), Failure> {
        let format = match (self.csv, self.jsonl || self.json) {
            (true, _) => Format::Csv,
            (_, true) => Format::JsonLines,
            _ => Format::Text,
        };
        if self.resume && format == Format::Text {
            return Err("--resume reads what it goes on with: add --jsonl or --csv, as the file was made".into());
        }
        let paths = self.given.paths()?;
        let before = self.before()?;
        let runs = Runs::open(self.model.as_deref(), &self.source, &self.backend)?;
        runs.tell();
        let info = runs.info().clone();
        let (models, classes) = (self.source.models.clone(), info.classes);
        let labels = runs.ask(move |session| Labels::of(session, &models, None))?;
        let records = Records { format, top: self.top.min(classes), activation: info.activation };
        let (paths, file, earlier) = match &self.out {
            None => (paths, None, Tally::default()),
            Some(out) => {
                let name = out.display().to_string();
                let mut done = records.resume(&before, &name)?;
                let every_class = |path: &Path| {
                    let (picture, labels) = (picture(path)?, labels.clone());
                    Ok(runs.ask(move |session| {
                        session.run_input(&session.info().preprocess.input(&picture)?.0)?;
                        answer(session, 0, &labels, classes)
                    })??)
                };
                done.check(&name, every_class)?;
                let file = OpenOptions::new().create(true).append(true).open(out);
                let file = file.and_then(|file| file.set_len(done.length as u64).map(|()| file));
                let file = file.map_err(|e| format!("{name}: {e}"))?;
                let earlier = Tally { pictures: done.records(), failed: done.failed };
                let count = paths.count.map(|count| count.saturating_sub(earlier.pictures));
                let left = paths.paths.filter(move |path| !path.as_ref().is_ok_and(|path| done.takes(path)));
                (Paths { count, paths: Box::new(left) }, Some(file), earlier)
            }
        };
        let shown = file.is_some() || !std::io::stdout().is_terminal();
        let is_begun = file.as_ref().map(File::metadata).transpose()?.is_some_and(|file| file.len() > 0);
        let writer: Box<dyn Write + Send> = match file {
            Some(file) => Box::new(file),
            None => Box::new(std::io::stdout()),
        };
        let output = Output::new(writer, |_| {})?;
        let put = |text: &str| output.write(|writer| writer.write_all(text.as_bytes()).and_then(|()| writer.flush()));
        if !is_begun {
            put(&records.header())?;
        }
        let top = records.top;
        let answer = move |session: &Session, image| answer(session, image, &labels, top);
        let now = runs.run(paths, shown, answer, |done| Ok(put(&records.record(&done.path, done.answer)?)?))?;
        Tally { pictures: earlier.pictures + now.pictures, failed: earlier.failed + now.failed }.end()
    }

    /// What the file for the records holds: nothing, unless the run goes on with it.
    fn before(&self) -> Result<Vec<u8>, Failure> {
        let Some(out) = self.out.as_ref().filter(|out| out.exists()) else { return Ok(vec![]) };
        let bytes = files::read(out)?;
        match self.resume || bytes.is_empty() {
            true => Ok(bytes),
            false => Err(format!(
                "{} holds something already: --resume goes on with it, or give --out another file",
                out.display()
            )
            .into()),
        }
    }

    /// One picture, for people or as JSON.
    fn one(&self, path: &Path) -> Result<(), Failure> {
        let backend = self.backend.open()?;
        let in_file = |e: image::ImageError| format!("{}: {e}", path.display());
        let picture = picture(path)?;
        let mut session = files::load(self.model.as_deref(), &self.source, backend)?;
        let (input, _) = session.info().preprocess.input(&picture).map_err(in_file)?;
        let start = Instant::now();
        session.run_input(&input)?;
        let milliseconds = start.elapsed().as_secs_f64() * 1e3;

        let labels = Labels::of(&session, &self.source.models, None);
        let info = session.info();
        let rows = |probabilities: &[f32]| -> Vec<Value> {
            let row = |(i, p): (usize, f32)| json!({ "index": i, "label": labels.get(i), "probability": p });
            best(probabilities, self.top).into_iter().map(row).collect()
        };
        let predictions = session.predictions(0)?;
        let auxiliary = session.auxiliary(0)?;
        if self.json {
            let heads = auxiliary.iter().map(|(layer, p)| json!({ "layer": layer, "predictions": rows(p) }));
            let out = json!({
                "model": info.title,
                "network": info.network,
                "activation": info.activation,
                "assumptions": info.assumptions,
                "predictions": rows(&predictions),
                "auxiliary": heads.collect::<Vec<_>>(),
                "run_ms": milliseconds,
            });
            say!("{out}");
            return Ok(());
        }
        eprintln!("{} on {}, {milliseconds:.1} ms", info.title, place(&session));
        for assumption in &info.assumptions {
            eprintln!("note: {assumption}");
        }
        if info.activation == OutputActivation::None {
            for (index, value) in best(&predictions, self.top) {
                say!("{value:>12.4}  {index:>4}  {}", labels.get(index).unwrap_or(""));
            }
            return Ok(());
        }
        for (index, probability) in best(&predictions, self.top) {
            say!("{:>6.2} %  {:>4}  {}", probability * 100.0, index, labels.get(index).unwrap_or(""));
        }
        Ok(())
    }
}
