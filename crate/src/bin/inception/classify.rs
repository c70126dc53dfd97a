//! `inception classify`.

use crate::{Backend, Failure, Source, files, place};
use inception::image;
use inception::networks::OutputActivation;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// The most pixels of a picture.
const MAX_PIXELS: u64 = 100_000_000;

#[derive(clap::Args)]
pub struct Classify {
    /// The picture: JPEG, PNG, WebP, GIF or BMP
    image: PathBuf,
    /// Model id in the models folder, or a weights file
    #[arg(long, value_name = "ID|FILE")]
    model: Option<String>,
    /// How many classes to print
    #[arg(long, default_value_t = 5)]
    top: usize,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    backend: Backend,
}

/// Reads a picture; fails with one line that names the file.
pub fn picture(path: &Path) -> Result<image::Rgb8, Failure> {
    image::decode(&files::read(path)?, MAX_PIXELS).map_err(|e| format!("{}: {e}", path.display()).into())
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
        let backend = self.backend.open()?;
        let in_file = |e: image::ImageError| format!("{}: {e}", self.image.display());
        let picture = picture(&self.image)?;
        let mut session = files::load(self.model.as_deref(), &self.source, backend)?;
        let (input, _) = session.info().preprocess.input(&picture).map_err(in_file)?;
        let start = Instant::now();
        session.run_input(&input)?;
        let milliseconds = start.elapsed().as_secs_f64() * 1e3;

        let labels = files::labels(&session, &self.source.models).unwrap_or_default();
        let info = session.info();
        let offset = if labels.len() == info.classes { 0 } else { info.class_offset };
        let label = |index: usize| index.checked_sub(offset).and_then(|i| labels.get(i)).map(String::as_str);
        let rows = |probabilities: &[f32]| -> Vec<Value> {
            let row = |(i, p): (usize, f32)| json!({ "index": i, "label": label(i), "probability": p });
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
                say!("{value:>12.4}  {index:>4}  {}", label(index).unwrap_or(""));
            }
            return Ok(());
        }
        for (index, probability) in best(&predictions, self.top) {
            say!("{:>6.2} %  {:>4}  {}", probability * 100.0, index, label(index).unwrap_or(""));
        }
        Ok(())
    }
}
