//! A loaded model: one picture in, module by module, and what comes out.

use js_sys::{Array, Float32Array, Object, Reflect, Uint32Array};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::MAX_PIXELS;
use super::error::{coded, thrown, thrown_image};
use crate::gpu::GpuMemory;
use crate::image::{self, Input, Rgb8};
use crate::session::Session;

/// A network with its weights, ready to run.
#[wasm_bindgen]
pub struct Model {
    session: Session,
    picture: Option<Rgb8>,
    input: Input,
}

impl Model {
    pub(super) fn new(session: Session) -> Model {
        Model { session, picture: None, input: Input::default() }
    }

    fn take(&mut self, picture: Rgb8) -> Vec<u32> {
        let size = vec![picture.width, picture.height];
        self.picture = Some(picture);
        size
    }
}

#[wasm_bindgen]
impl Model {
    /// JSON: the part of the package's `ModelInfo` that the engine knows.
    pub fn info(&self) -> Result<String, JsValue> {
        json(self.session.info())
    }

    /// JSON: the package's `LayerInfo[]`.
    pub fn layers(&self) -> Result<String, JsValue> {
        json(&self.session.layer_info())
    }

    /// Chooses the layers whose outputs the next runs keep; `all` keeps every one.
    pub fn keep(&mut self, layers: Vec<String>) -> Result<(), JsValue> {
        self.session.keep(&layers).map_err(thrown)
    }

    /// Decodes a JPEG, PNG, WebP, GIF or BMP file; returns width and height.
    pub fn decode(&mut self, bytes: &[u8]) -> Result<Vec<u32>, JsValue> {
        let picture = image::decode(bytes, MAX_PIXELS).map_err(thrown_image)?;
        Ok(self.take(picture))
    }

    /// Takes RGBA pixels, row by row, alpha not premultiplied; returns width and height.
    pub fn set_pixels(&mut self, width: u32, height: u32, rgba: &[u8]) -> Result<Vec<u32>, JsValue> {
        let picture = image::from_rgba(width, height, rgba).map_err(thrown_image)?;
        Ok(self.take(picture))
    }

    /// Makes the input of the picture; returns x, y, width and height of the part that the network sees.
    pub fn preprocess(&mut self) -> Result<Vec<u32>, JsValue> {
        let picture = self.picture.take().ok_or_else(|| coded("internal", "there is no picture"))?;
        let (input, crop) = self.session.info().preprocess.input(&picture).map_err(thrown_image)?;
        self.input = input;
        Ok(crop.to_vec())
    }

    /// Starts a run on the preprocessed picture.
    pub fn begin(&mut self) -> Result<(), JsValue> {
        self.session.begin(&self.input).map_err(thrown)
    }

    /// Starts a run on an input of the caller's, NHWC `[height, width, 3]`, already normalised.
    pub fn begin_with(&mut self, input: Vec<f32>) -> Result<(), JsValue> {
        self.session.begin(&Input::Values(input)).map_err(thrown)
    }

    /// Runs to the end of the next module, or submits it to the GPU; false after the last. On the CPU the run is then
    /// complete, on the GPU after [`Model::complete`].
    pub fn step(&mut self) -> Result<bool, JsValue> {
        Ok(self.session.step().map_err(thrown)?.is_some())
    }

    /// Waits until at most one submitted module is still at work.
    pub async fn settled(&mut self) -> Result<(), JsValue> {
        self.session.settled().await.map_err(thrown)
    }

    /// Waits for the GPU and reads the outputs back.
    pub async fn complete(&mut self) -> Result<(), JsValue> {
        self.session.complete().await.map_err(thrown)
    }

    /// JSON: the package's `LayerTime[]`, of every layer that is computed, on the input of the run that has been begun.
    pub async fn profile(&mut self) -> Result<String, JsValue> {
        json(&self.session.profile().await.map_err(thrown)?)
    }

    /// JSON: per layer, its largest difference from that of `other`, relative to the largest value there. Both have run
    /// the same picture and kept the layers.
    pub fn compare(&self, other: &Model) -> Result<String, JsValue> {
        json(&self.session.differences(&other.session).map_err(thrown)?)
    }

    /// Takes the preprocessed picture over from a model of the same file.
    pub fn adopt(&mut self, old: &mut Model) {
        self.picture = old.picture.take();
        self.input = std::mem::take(&mut old.input);
    }

    /// JSON: number and bytes of the buffers that are alive on the model's GPU; zeros on the CPU.
    pub fn memory(&self) -> Result<String, JsValue> {
        let none = GpuMemory { buffers: 0, bytes: 0 };
        json(&self.session.gpu().map_or(none, |gpu| gpu.memory()))
    }

    /// Probabilities, `[classes]`.
    pub fn predictions(&self) -> Result<Vec<f32>, JsValue> {
        self.session.predictions(0).map_err(thrown)
    }

    /// `{ layer, probabilities }` of each trained auxiliary head.
    pub fn auxiliary(&self) -> Result<Array, JsValue> {
        let heads = self.session.auxiliary(0).map_err(thrown)?;
        heads
            .iter()
            .map(|(layer, probabilities)| {
                object(&[("layer", layer.into()), ("probabilities", Float32Array::from(&probabilities[..]).into())])
            })
            .collect()
    }

    /// The face embedding, or the pooled features before the classifier.
    pub fn embedding(&self) -> Result<Vec<f32>, JsValue> {
        self.session.embedding(0).map_err(thrown)
    }

    /// `{ shape, data, stats }` of a kept layer: `[C,H,W]`, values in that order, and mean, standard deviation, minimum,
    /// maximum and share of zeros of each channel.
    pub fn output(&self, layer: &str) -> Result<JsValue, JsValue> {
        let tensor = self.session.output(layer, 0).map_err(thrown)?;
        let statistics = self.session.statistics(layer, 0).map_err(thrown)?;
        let statistics: Vec<f32> = statistics
            .iter()
            .flat_map(|channel| [channel.mean, channel.std, channel.min, channel.max, channel.sparsity])
            .collect();
        let shape: Vec<u32> = tensor.shape.iter().map(|&side| side as u32).collect();
        object(&[
            ("shape", Uint32Array::from(&shape[..]).into()),
            ("data", Float32Array::from(&tensor.data[..]).into()),
            ("stats", Float32Array::from(&statistics[..]).into()),
        ])
    }
}

fn json<T: Serialize + ?Sized>(value: &T) -> Result<String, JsValue> {
    serde_json::to_string(value).map_err(|error| coded("internal", &error.to_string()))
}

fn object(properties: &[(&str, JsValue)]) -> Result<JsValue, JsValue> {
    let object = Object::new();
    for (name, value) in properties {
        Reflect::set(&object, &(*name).into(), value)?;
    }
    Ok(object.into())
}
