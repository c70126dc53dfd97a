//! What looks into networks by their gradients: saliency, pictures that grow, pictures that dream.

use js_sys::{Float32Array, Uint32Array};
use serde::Deserialize;
use wasm_bindgen::Clamped;
use wasm_bindgen::prelude::*;

use super::error::{coded, thrown_image};
use super::model::{Model, object};
use crate::image::{Channels, Crop, Filter, Preprocess, Resize};
use crate::look::{self, Baseline, DreamOptions, LookError, Map, Mapping, Method, VisualizationOptions};
use crate::session::INPUT;

fn refused(error: LookError) -> JsValue {
    let code = match error {
        LookError::Size { .. } | LookError::Option { .. } => "bad-option",
        LookError::Length { .. } | LookError::NotFinite | LookError::Run { .. } => "internal",
    };
    coded(code, &error.to_string())
}

fn options<'a, T: Deserialize<'a>>(json: &'a str) -> Result<T, JsValue> {
    serde_json::from_slice(json.as_bytes()).map_err(|error| coded("bad-option", &error.to_string()))
}

impl Model {
    fn mapping(&self) -> Mapping {
        Mapping::new(&self.session.info().preprocess)
    }

    /// The gradient at the picture, after a reverse pass.
    fn at_input(&self) -> Result<Vec<f32>, JsValue> {
        Ok(self.session.gradient(INPUT).map_err(super::error::thrown)?.data)
    }
}

#[wasm_bindgen]
impl Model {
    /// `{ width, height, data }`: where a layer's channels speak for the number of the last reverse pass, which was asked for
    /// the gradient there and has kept the layer.
    pub fn grad_cam(&self, layer: &str) -> Result<JsValue, JsValue> {
        let maps = self.session.output(layer, 0).map_err(super::error::thrown)?;
        let gradient = self.session.gradient(layer).map_err(super::error::thrown)?;
        let Map { size: [height, width], data, .. } = look::grad_cam(&maps, &gradient).map_err(refused)?;
        object(&[
            ("width", width.into()),
            ("height", height.into()),
            ("data", Float32Array::from(&data[..]).into()),
        ])
    }
}

/// The part of the package's saliency options that the engine reads.
#[derive(Deserialize)]
struct SaliencyOptions<'a> {
    method: &'a str,
    samples: usize,
    noise: f32,
    steps: usize,
    baseline: &'a str,
    seed: u64,
}

/// The runs of one saliency.
#[wasm_bindgen]
pub struct Saliency {
    runs: look::Saliency,
    is_signed: bool,
}

#[wasm_bindgen]
impl Saliency {
    /// Of the model's picture; `options` is JSON.
    #[wasm_bindgen(constructor)]
    pub fn new(model: &Model, json: &str) -> Result<Saliency, JsValue> {
        let SaliencyOptions { method, samples, noise, steps, baseline, seed } = options(json)?;
        let baseline = match baseline {
            "black" => Baseline::Black,
            "mean" => Baseline::Mean,
            _ => Baseline::Grey,
        };
        let method = match method {
            "smoothgrad" => Method::Smooth { samples, noise, seed },
            "integrated" => Method::Integrated { steps, baseline },
            _ => Method::Gradient,
        };
        let is_signed = matches!(method, Method::Integrated { .. });
        let [_, height, width] = model.session.info().input;
        let runs = look::Saliency::new(model.input_values(), [height, width], &model.mapping(), method);
        Ok(Saliency { runs: runs.map_err(refused)?, is_signed })
    }

    /// How many runs there are.
    pub fn runs(&self) -> usize {
        self.runs.runs()
    }

    /// The input of a run.
    pub fn input(&self, run: usize) -> Result<Vec<f32>, JsValue> {
        self.runs.input(run).map_err(refused)
    }

    /// Adds the gradient at the picture of a run.
    pub fn take(&mut self, model: &Model) -> Result<(), JsValue> {
        self.runs.take(&model.at_input()?).map_err(refused)
    }

    /// `{ shape, data, map, scale }`.
    pub fn finish(&self) -> Result<JsValue, JsValue> {
        let found = self.runs.finish().map_err(refused)?;
        let map = if self.is_signed { Map::sum(&found) } else { Map::largest(&found) };
        let shape: Vec<u32> = found.shape.iter().map(|&side| side as u32).collect();
        object(&[
            ("shape", Uint32Array::from(&shape[..]).into()),
            ("data", Float32Array::from(&found.data[..]).into()),
            ("map", Float32Array::from(&map.data[..]).into()),
            ("scale", map.scale.into()),
        ])
    }
}

/// The part of the package's visualisation options that the engine reads.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Grows {
    size: usize,
    seed: u64,
    transforms: bool,
    learning_rate: f32,
}

/// A picture that grows.
#[wasm_bindgen]
pub struct Visualization(look::Visualization);

#[wasm_bindgen]
impl Visualization {
    /// For the model's input; `options` is JSON.
    #[wasm_bindgen(constructor)]
    pub fn new(model: &Model, json: &str) -> Result<Visualization, JsValue> {
        let Grows { size, seed, transforms, learning_rate: rate } = options(json)?;
        let options = VisualizationOptions { size, seed, rate, transforms };
        look::Visualization::new(model.mapping(), &options).map(Visualization).map_err(refused)
    }

    /// The input of the next run.
    pub fn input(&self) -> Vec<f32> {
        self.0.input().to_vec()
    }

    /// Takes a step by the gradient at the picture of the model's last pass.
    pub fn step(&mut self, model: &Model) -> Result<(), JsValue> {
        self.0.step(&model.at_input()?).map_err(refused)
    }

    /// RGBA, row by row.
    pub fn picture(&self) -> Clamped<Vec<u8>> {
        Clamped(self.0.picture())
    }
}

/// The part of the package's dream options that the engine reads.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Dreams {
    octaves: usize,
    octave_scale: f32,
    steps: usize,
    step_size: f32,
    size: u32,
    seed: u64,
}

/// A picture that dreams.
#[wasm_bindgen]
pub struct Dream {
    dream: look::Dream,
    size: [u32; 2],
    is_over: bool,
}

#[wasm_bindgen]
impl Dream {
    /// Of the picture that the model has decoded, which it no longer has then; `options` is JSON.
    #[wasm_bindgen(constructor)]
    pub fn new(model: &mut Model, json: &str) -> Result<Dream, JsValue> {
        let Dreams { octaves, octave_scale: scale, steps, step_size: step, size, seed } = options(json)?;
        let picture = model.picture.take().ok_or_else(|| coded("internal", "there is no picture"))?;
        let longest = f64::from(picture.width.max(picture.height));
        let factor = (f64::from(size) / longest).min(1.0);
        let side = |side: u32| ((f64::from(side) * factor).round() as u32).max(1);
        let shrunk = Preprocess {
            width: side(picture.width),
            height: side(picture.height),
            resize: Resize::Stretch,
            crop: Crop::None,
            filter: Filter::Bilinear,
            channels: Channels::Rgb,
            ..model.session.info().preprocess.clone()
        };
        let picture = shrunk.seen(&picture).map_err(thrown_image)?;
        let options = DreamOptions { octaves, scale, steps, step, seed, ..DreamOptions::default() };
        let dream = look::Dream::new(model.mapping(), &picture, options).map_err(refused)?;
        Ok(Dream { dream, size: [picture.width, picture.height], is_over: false })
    }

    /// Height and width of the next run's input, steps done and steps in all; none at the end.
    pub fn at(&self) -> Option<Vec<u32>> {
        let [height, width] = self.dream.size();
        let look::Progress { octave, octaves, step, steps } = self.dream.progress();
        let at = [height, width, octave * steps + step, octaves * steps];
        (!self.is_over).then(|| at.iter().map(|&count| count as u32).collect())
    }

    /// The input of the next run.
    pub fn input(&self) -> Vec<f32> {
        self.dream.input().to_vec()
    }

    /// Takes a step by the gradient at the picture of the model's last pass.
    pub fn step(&mut self, model: &Model) -> Result<(), JsValue> {
        self.is_over = !self.dream.step(&model.at_input()?).map_err(refused)?;
        Ok(())
    }

    /// `{ width, height, pixels }`: RGBA, row by row.
    pub fn picture(&self) -> Result<JsValue, JsValue> {
        let pixels: Clamped<Vec<u8>> = Clamped(self.dream.picture());
        object(&[("width", self.size[0].into()), ("height", self.size[1].into()), ("pixels", pixels.into())])
    }
}
