//! `inception classify`.

use crate::answers::{Answers, GivenHead};
use crate::output::Output;
use crate::pictures::{Given, Paths, picture};
use crate::records::{Format, Prediction, Records, names};
use crate::runs::{Runs, Tally, keep_features};
use crate::{Backend, Failure, Source, files, place};
use inception::image;
use inception::networks::OutputActivation;
use inception::{Error, Session};
use serde_json::json;
use std::fs::{File, OpenOptions};
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

#[derive(clap::Args)]
pub struct Classify {
    #[command(flatten)]
    given: Given,
    /// Model id in the models folder, or a weights file
    #[arg(long, value_name = "ID|FILE")]
    model: Option<String>,
    #[command(flatten)]
    head: GivenHead,
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
        let before = self.before()?;
        let paths = self.given.paths()?;
        let head = self.head.open()?;
        let runs = match head {
            Some(_) => Runs::for_heads(self.model.as_deref(), &self.source, &self.backend)?,
            None => Runs::open(self.model.as_deref(), &self.source, &self.backend)?,
        };
        runs.tell();
        let models = self.source.models.clone();
        let answers = runs.ask(move |session| Answers::of(session, &models, None, head))??;
        let classes = answers.classes;
        let records = Records {
            format,
            top: self.top.min(classes),
            activation: answers.activation,
            threshold: answers.threshold(),
            several: answers.several(),
        };
        let (paths, file, earlier) = match &self.out {
            None => (paths, None, Tally::default()),
            Some(out) => {
                let name = out.display().to_string();
                let mut done = records.resume(&before, &name)?;
                let every_class = |path: &Path| {
                    let (picture, answers) = (picture(path)?, answers.clone());
                    let answer = runs.ask(move |session| {
                        session.run_input(&session.info().preprocess.input(&picture).map_err(Error::from)?.0)?;
                        answers.answer(session, 0, classes)
                    })?;
                    answer.map_err(|e| e.to_string().into())
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
        let answer = move |session: &Session, image| answers.answer(session, image, top);
        let now = runs.run(paths, shown, answer, |done| Ok(put(&records.record(&done.path, done.answer)?)?))?;
        Tally { pictures: earlier.pictures + now.pictures, failed: earlier.failed + now.failed }.end()
    }

    /// What the file for the records holds: nothing, unless the run goes on with it.
    fn before(&self) -> Result<Vec<u8>, Failure> {
        let Some(out) = &self.out else { return Ok(vec![]) };
        files::check_output(out, "file of answers", |_| true)?;
        if !out.exists() {
            return Ok(vec![]);
        }
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
        let (backend, head) = (self.backend.open()?, self.head.open()?);
        let in_file = |e: image::ImageError| format!("{}: {e}", path.display());
        let picture = picture(path)?;
        let mut session = files::load(self.model.as_deref(), &self.source, backend)?;
        if head.is_some() {
            keep_features(&mut session)?;
        }
        let answers = Answers::of(&session, &self.source.models, None, head)?;
        let (input, _) = session.info().preprocess.input(&picture).map_err(in_file)?;
        let start = Instant::now();
        session.run_input(&input)?;
        let milliseconds = start.elapsed().as_secs_f64() * 1e3;

        let info = session.info();
        let answer = answers.answer(&session, 0, self.top).map_err(|e| format!("{}: {e}", path.display()))?;
        // Auxiliary heads answer with the model's own classes.
        let auxiliary = if answers.head.is_some() { vec![] } else { session.auxiliary(0)? };
        if self.json {
            let heads =
                auxiliary.iter().map(|(layer, p)| json!({ "layer": layer, "predictions": answers.best(p, self.top) }));
            let mut out = json!({
                "model": info.title,
                "network": info.network,
                "activation": answers.activation,
                "assumptions": info.assumptions,
                "predictions": answer.predictions,
                "auxiliary": heads.collect::<Vec<_>>(),
                "run_ms": milliseconds,
            });
            if let Some(head) = &answers.head {
                (out["none"], out["threshold"]) = (answer.none.into(), head.threshold.into());
            }
            if let Some(labels) = &answer.labels {
                out["labels"] = names(labels).into();
            }
            say!("{out}");
            return Ok(());
        }
        eprintln!("{} on {}, {milliseconds:.1} ms", info.title, place(&session));
        for assumption in &info.assumptions {
            eprintln!("note: {assumption}");
        }
        if let Some(said) = answers.said(&answer) {
            say!("{said}");
        }
        let is_value = answers.activation == OutputActivation::None;
        for Prediction { index, label, probability } in &answer.predictions {
            let label = label.as_deref().unwrap_or("");
            match is_value {
                true => say!("{probability:>12.4}  {index:>4}  {label}"),
                false => say!("{:>6.2} %  {index:>4}  {label}", probability * 100.0),
            }
        }
        Ok(())
    }
}
