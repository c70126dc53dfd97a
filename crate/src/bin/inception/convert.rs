//! `inception convert`.

use crate::{Failure, Source, answers, difference, files};
use clap::ValueEnum;
use inception::LoadOptions;
use inception::checkpoints::{Checkpoint, Dtype, Labels, Metadata, TaughtOn, convert};
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub struct Convert {
    /// Weights file, or a TF.js layers model
    source: PathBuf,
    /// Where to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Make the head in this file, which `inception teach` has written, the model's classifier
    #[arg(long, value_name = "FILE", conflicts_with_all = ["activation", "labels"])]
    head: Option<PathBuf>,
    /// Element type of the weights; by default the source's own
    #[arg(long, value_enum)]
    dtype: Option<Element>,
    /// Title for people
    #[arg(long)]
    title: Option<String>,
    /// Class names: a JSON array, names separated by commas, or the name of a list in the models folder
    #[arg(long)]
    labels: Option<String>,
    /// Where the weights come from
    #[arg(long = "origin", visible_alias = "source")]
    origin: Option<String>,
    /// Their licence
    #[arg(long)]
    license: Option<String>,
    /// Pictures, or folders of pictures, on which the worst change of an answer is measured; by default, where `--dtype` is f16 or u8,
    /// the samples beside the models folder
    #[arg(long, value_name = "PATH", num_args = 1..)]
    pictures: Vec<PathBuf>,
    #[command(flatten)]
    options: Source,
}

#[derive(Clone, Copy, ValueEnum)]
enum Element {
    F32,
    F16,
    U8,
}

impl Convert {
    pub fn run(&self) -> Result<(), Failure> {
        files::check_output(&self.out, "safetensors file", files::is_safetensors)?;
        let mut inputs = files::parts(&self.source)?;
        inputs.extend(self.head.clone());
        files::check_apart(&self.out, &inputs)?;
        let changes = matches!(self.dtype, Some(Element::F16 | Element::U8)) || !self.pictures.is_empty();
        let pictures = if changes { difference::pictures(&self.pictures, &self.options.models)? } else { vec![] };
        let head = self.head.as_deref().map(answers::open).transpose()?;
        let network = self.options.network.as_deref();
        let mut checkpoint = files::opened(&self.source, |files| Ok(Checkpoint::open(files, network)?))?;
        if let Some(activation) = self.options.activation {
            checkpoint.set_activation(activation)?;
        }
        let mut title = self.title.clone();
        if let Some(head) = &head {
            // What a head is held against is known once the weights are read.
            let session = files::open(&self.source, &self.options, LoadOptions::default())?;
            head.check(&TaughtOn::of(session.info()))?;
            checkpoint.set_head(head)?;
            title = title.or_else(|| Some(format!("{}, {} taught classes", session.info().title, head.labels.len())));
        }
        let preprocess = self.options.preprocess.as_ref().map(|json| checkpoint.preprocess.merged(json)).transpose()?;
        let overrides = Metadata {
            title,
            labels: self.labels.as_deref().map(|text| labels(text, &self.options.models)).transpose()?,
            preprocess,
            source: self.origin.clone(),
            license: self.license.clone(),
        };
        let dtype = self.dtype.map(|dtype| match dtype {
            Element::F32 => Dtype::F32,
            Element::F16 => Dtype::F16,
            Element::U8 => Dtype::U8,
        });
        let bytes = convert(&checkpoint, dtype, &overrides)?;
        files::write(&self.out, &bytes)?;
        for assumption in &checkpoint.assumptions {
            eprintln!("note: {assumption}");
        }
        eprintln!("{}: {}, {} bytes", self.out.display(), checkpoint.network.title, bytes.len());
        if let Some(threshold) = head.and_then(|head| head.threshold) {
            eprintln!(
                "note: {:.2} %, below which the head answers \"none of these\", is not part of a model: {} always answers with its classes",
                threshold * 100.0,
                self.out.display()
            );
        }
        if !pictures.is_empty() {
            eprintln!("{}", difference::worst(&self.source, bytes, &self.options, &pictures)?);
        }
        Ok(())
    }
}

/// Names, or the list of this name in a folder.
fn labels(text: &str, folder: &Path) -> Result<Labels, Failure> {
    match text {
        json if json.trim_start().starts_with('[') => Ok(Labels::List(serde_json::from_str(json)?)),
        list if list.contains(',') => Ok(Labels::List(list.split(',').map(|l| l.trim().into()).collect())),
        name if folder.join(format!("{name}.json")).exists() => Ok(Labels::Named(name.into())),
        name => Err(format!(
            "there is no list {name}.json in {}: class names are separated by commas, two for a model with one logit",
            folder.display()
        )
        .into()),
    }
}
