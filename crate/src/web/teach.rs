//! Features and labels in, a classifier head and a report out, step by step.

use serde::Deserialize;
use wasm_bindgen::prelude::*;

use super::error::coded;
use crate::teach::{self, Examples, Penalty, Taught, TeachError};

/// Trains a head.
#[wasm_bindgen]
pub struct Training {
    running: Option<teach::Training>,
    done: Option<Taught>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Options {
    folds: usize,
    l2: L2,
    multi_label: bool,
    balanced: bool,
}

impl Default for Options {
    fn default() -> Self {
        let teach::Options { folds, multi_label, balanced, .. } = teach::Options::default();
        Self { folds, l2: L2::Named("auto".into()), multi_label, balanced }
    }
}

/// A number or the word `auto`.
#[derive(Deserialize)]
#[serde(untagged)]
enum L2 {
    Number(f64),
    Named(String),
}

#[wasm_bindgen]
impl Training {
    /// A training with `features` `[pictures, dimensions]`, the `labels` of all pictures after one another and how many each has,
    /// the number of classes, and features of pictures that show none of them. `options` is JSON: `folds`, `l2` (a number or
    /// "auto"), `multiLabel`, `balanced`.
    #[wasm_bindgen(constructor)]
    pub fn new(
        features: Vec<f32>,
        dimensions: usize,
        labels: Vec<u32>,
        label_counts: Vec<u32>,
        classes: usize,
        none_features: Vec<f32>,
        options: &str,
    ) -> Result<Training, JsValue> {
        let options: Options =
            serde_json::from_slice(options.as_bytes()).map_err(|error| coded("bad-option", &error.to_string()))?;
        let l2 = match options.l2 {
            L2::Number(l2) => Penalty::Fixed(l2),
            L2::Named(name) if name == "auto" => Penalty::Auto,
            L2::Named(name) => {
                return Err(coded("bad-option", &format!("the penalty '{name}' is neither a number nor 'auto'")));
            }
        };
        let Options { folds, multi_label, balanced, .. } = options;
        let options = teach::Options { folds, l2, multi_label, balanced };
        let training = Examples::new(features, dimensions, labels, &label_counts, classes, none_features)
            .and_then(|examples| teach::Training::new(examples, options))
            .map_err(refused)?;
        Ok(Self { running: Some(training), done: None })
    }

    /// Does a small part of the work; gives how much is done, 1 at the end.
    pub fn step(&mut self) -> f64 {
        let Some(mut training) = self.running.take() else { return 1.0 };
        let progress = training.step();
        match training.is_done() {
            true => self.done = Some(training.finish()),
            false => self.running = Some(training),
        }
        progress
    }

    /// The weights, `[classes, dimensions]`.
    pub fn weights(&self) -> Result<Vec<f32>, JsValue> {
        Ok(self.taught()?.weights.clone())
    }

    /// A bias for each class.
    pub fn biases(&self) -> Result<Vec<f32>, JsValue> {
        Ok(self.taught()?.biases.clone())
    }

    /// How good the head is, as JSON.
    pub fn report(&self) -> Result<String, JsValue> {
        serde_json::to_string(&self.taught()?.report).map_err(|error| coded("internal", &error.to_string()))
    }

    fn taught(&self) -> Result<&Taught, JsValue> {
        self.done.as_ref().ok_or_else(|| coded("internal", "the training has not ended"))
    }
}

fn refused(error: TeachError) -> JsValue {
    coded("bad-option", &error.to_string())
}
