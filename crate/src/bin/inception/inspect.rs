//! `inception inspect`: what a file holds, how it was recognised, what was left aside.

use crate::{Failure, answers, files};
use inception::Error;
use inception::checkpoints::{Checkpoint, CheckpointError, Format, Labels, TaughtHead, TaughtOn};
use inception::networks::{Backbone, Classifier, Head, HeadLayer, HeadPool, OutputActivation};
use serde_json::json;
use std::path::PathBuf;

/// Tensors left aside that are named; the others are counted.
const NAMED: usize = 5;

#[derive(clap::Args)]
pub struct Inspect {
    /// Weights file, or a model's folder
    file: PathBuf,
    /// Network id, where the weights alone do not say
    #[arg(long, value_name = "ID")]
    network: Option<String>,
    /// JSON instead of lines
    #[arg(long)]
    json: bool,
}

impl Inspect {
    pub fn run(&self) -> Result<(), Failure> {
        let network = self.network.as_deref();
        let checkpoint = match files::opened(&self.file, |files| Ok(Checkpoint::open(files, network)?)) {
            Ok(checkpoint) => checkpoint,
            Err(error) if is_head(&error) => return self.head(&answers::open(&self.file)?),
            Err(error) => return Err(files::named(&self.file, &error).into()),
        };
        if self.json {
            say!("{}", serde_json::to_string_pretty(&as_json(&checkpoint))?);
            return Ok(());
        }
        for (name, value) in lines(&checkpoint) {
            say!("{name:<12}{value}");
        }
        Ok(())
    }
}

/// Whether a file is no model because it is a head.
fn is_head(error: &Failure) -> bool {
    matches!(error.downcast_ref(), Some(Error::Checkpoint(CheckpointError::OnlyHead { .. })))
}

impl Inspect {
    /// What a taught head's file holds.
    fn head(&self, head: &TaughtHead) -> Result<(), Failure> {
        let TaughtHead { taught_on, labels, activation, threshold, temperature, weights, biases } = head;
        let TaughtOn { network, title, backbone, preprocess } = taught_on;
        if self.json {
            let json = json!({
                "format": Format::Safetensors.name(),
                "kind": "head",
                "network": network,
                "title": title,
                "backbone": backbone.digest,
                "features": backbone.layer,
                "length": backbone.length,
                "labels": labels,
                "activation": activation,
                "threshold": threshold,
                "temperature": temperature,
                "preprocess": preprocess,
                "parameters": weights.len() + biases.len(),
            });
            say!("{}", serde_json::to_string_pretty(&json)?);
            return Ok(());
        }
        let answers = match activation {
            OutputActivation::Softmax => "one of them (softmax)",
            OutputActivation::Sigmoid if biases.len() < labels.len() => "one of them (sigmoid)",
            OutputActivation::Sigmoid => "any number of them (sigmoid)",
            OutputActivation::None => "values as they are",
        };
        let none = threshold.map_or("never".into(), |p| format!("where nothing reaches {:.2} %", p * 100.0));
        let Backbone { digest, layer, length } = backbone;
        for (name, value) in [
            ("head", format!("a classifier for {title} ({network}), {} parameters", weights.len() + biases.len())),
            ("labels", listed(labels)),
            ("answers", answers.into()),
            ("none", none),
            ("temperature", temperature.to_string()),
            ("reads", format!("the {length} features of {layer}")),
            ("backbone", format!("{digest}, of the weights that it was taught on")),
            ("pictures", json!(preprocess).to_string()),
        ] {
            say!("{name:<12}{value}");
        }
        Ok(())
    }
}

/// How many names there are, and the first of them.
fn listed(names: &[String]) -> String {
    let more = if names.len() > NAMED { ", ..." } else { "" };
    format!("{}: {}{more}", names.len(), names.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", "))
}

fn as_json(checkpoint: &Checkpoint) -> serde_json::Value {
    let head = match &checkpoint.options.head {
        Head::None => json!(null),
        Head::Classifier(classifier) => json!(classifier),
        Head::Embedding { size, classes, .. } => json!({ "embedding": size, "classes": classes }),
    };
    let labels = match &checkpoint.labels {
        None => json!(null),
        Some(Labels::List(names)) => json!(names),
        Some(Labels::Named(name)) => json!(name),
    };
    json!({
        "format": checkpoint.format.name(),
        "network": checkpoint.network.id,
        "dialect": checkpoint.dialect,
        "prefix": checkpoint.prefix,
        "last": checkpoint.options.last,
        "head": head,
        "activation": checkpoint.options.activation,
        "auxiliary": checkpoint.options.auxiliary,
        "auxiliaryClasses": checkpoint.options.auxiliary_classes,
        "absent": checkpoint.absent,
        "preprocess": checkpoint.preprocess,
        "labels": labels,
        "classOffset": checkpoint.class_offset,
        "title": checkpoint.title,
        "source": checkpoint.source,
        "license": checkpoint.license,
        "parameters": checkpoint.graph.params(),
        "weightBytes": checkpoint.weight_bytes(),
        "assumptions": checkpoint.assumptions,
        "leftAside": checkpoint.left_aside(),
    })
}

fn lines(checkpoint: &Checkpoint) -> Vec<(&'static str, String)> {
    let network = checkpoint.network;
    let mut lines = vec![
        (
            "format",
            format!("{}, {:.1} MB of tensors", checkpoint.format.name(), checkpoint.weight_bytes() as f64 / 1e6),
        ),
        ("network", format!("{} ({}), {} parameters", network.title, network.id, checkpoint.graph.params())),
        ("names", checkpoint.dialect.to_owned()),
    ];
    let mut line = |name, value: Option<String>| lines.extend(value.map(|value| (name, value)));
    line("prefix", (!checkpoint.prefix.is_empty()).then(|| checkpoint.prefix.clone()));
    line("title", checkpoint.title.clone());
    line("body", checkpoint.options.last.as_ref().map(|last| format!("ends with {last}")));
    line("head", Some(head(checkpoint)));
    let auxiliary = &checkpoint.options.auxiliary;
    let classes = checkpoint
        .options
        .auxiliary_classes
        .map_or(String::new(), |classes| format!(", {classes} classes of their own"));
    line("auxiliary", (!auxiliary.is_empty()).then(|| auxiliary.join(", ") + &classes));
    line("absent", (!checkpoint.absent.is_empty()).then(|| checkpoint.absent.join(", ")));
    line("pictures", Some(json!(checkpoint.preprocess).to_string()));
    let labels = match &checkpoint.labels {
        None => "none in the file".to_owned(),
        Some(Labels::List(names)) => listed(names),
        Some(Labels::Named(name)) => format!("the list {name}"),
    };
    line("labels", Some(labels));
    line("source", checkpoint.source.clone());
    line("license", checkpoint.license.clone());
    let left = checkpoint.left_aside();
    let named = left.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    let more = left.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    line("left aside", (!left.is_empty()).then(|| format!("{named}{more}")));
    for assumption in &checkpoint.assumptions {
        line("assumed", Some(assumption.clone()));
    }
    lines
}

fn head(checkpoint: &Checkpoint) -> String {
    let answer = match checkpoint.options.activation {
        OutputActivation::Softmax => "softmax",
        OutputActivation::Sigmoid => "sigmoid",
        OutputActivation::None => "values as they are",
    };
    match &checkpoint.options.head {
        Head::None => "none: features only".into(),
        Head::Embedding { size, classes: None, .. } => format!("an embedding of {size}"),
        Head::Embedding { size, classes: Some(classes), .. } => {
            format!("an embedding of {size}, {classes} classes, {answer}")
        }
        Head::Classifier(Classifier { pool, layers, classes, .. }) => {
            let pool = match pool {
                HeadPool::Average => "global average",
                HeadPool::Max => "global maximum",
                HeadPool::Flatten => "all positions",
            };
            let mut parts = vec![pool.to_owned()];
            parts.extend(layers.iter().map(|layer| match layer {
                HeadLayer::Linear { outputs, .. } => format!("linear {outputs}"),
                HeadLayer::Norm(_) => "batch norm".into(),
                HeadLayer::Activation(activation) => activation.name().into(),
            }));
            parts.extend([format!("{classes} logits"), answer.into()]);
            parts.join(", ")
        }
    }
}
