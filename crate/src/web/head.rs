//! A taught head: what it answers to an image's features, and where it sees a class.

use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::error::{coded, thrown};
use crate::checkpoints::{TaughtHead, TaughtOn};
use crate::error::Error;
use crate::networks::OutputActivation;

/// A head that goes with a loaded model.
#[wasm_bindgen]
pub struct Head {
    head: TaughtHead,
}

/// The part of the package's `ModelInfo` that a head decides.
#[derive(Serialize)]
struct Info<'a> {
    classes: usize,
    activation: OutputActivation,
    labels: &'a [String],
    head: HeadInfo,
}

/// The package's `HeadInfo`.
#[derive(Serialize)]
struct HeadInfo {
    threshold: Option<f64>,
    temperature: f64,
}

#[wasm_bindgen]
impl Head {
    /// Reads a head's file; `model` is the part of the package's `ModelInfo` that it is held against, as JSON. `bad-weights` of a
    /// file that is damaged or none, `bad-option` of a head that was taught on another model.
    #[wasm_bindgen(constructor)]
    pub fn new(file: Vec<u8>, model: &str) -> Result<Head, JsValue> {
        let head = TaughtHead::open("the head", file).map_err(|error| thrown(Error::from(error)))?;
        head.check(&model_of(model)?).map_err(thrown)?;
        Ok(Self { head })
    }

    /// JSON.
    pub fn info(&self) -> Result<String, JsValue> {
        let TaughtHead { labels, activation, threshold, temperature, .. } = &self.head;
        let head = HeadInfo { threshold: *threshold, temperature: *temperature };
        let info = Info { classes: labels.len(), activation: *activation, labels, head };
        serde_json::to_string(&info).map_err(|error| coded("internal", &error.to_string()))
    }

    /// Number of logits: one may answer two classes.
    pub fn logits_count(&self) -> usize {
        self.head.biases.len()
    }

    /// The calibrated logits of an image.
    pub fn logits(&self, features: Vec<f32>) -> Vec<f32> {
        self.head.logits(&features)
    }

    /// The probability of each class.
    pub fn answer(&self, features: Vec<f32>) -> Vec<f32> {
        self.head.answer(&features)
    }

    /// Weights and, after them, the bias of a class's logit; none of a class that there is not.
    pub fn of_class(&self, class: usize) -> Option<Vec<f32>> {
        self.head.of_class(class).map(|(weights, bias)| [weights, vec![bias]].concat())
    }
}

/// A model as the package's `ModelInfo` tells of it.
pub(super) fn model_of(json: &str) -> Result<TaughtOn, JsValue> {
    serde_json::from_slice(json.as_bytes()).map_err(|error| coded("bad-option", &error.to_string()))
}
