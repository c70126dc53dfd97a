//! Saliency, pictures that grow and pictures that dream: inputs for a network out, gradients at them in. The network runs in
//! another instance.

use js_sys::{Float32Array, Object, Reflect};
use serde::Deserialize;
use wasm_bindgen::Clamped;
use wasm_bindgen::prelude::*;

use super::error::coded;
use crate::image::{Preprocess, Rgb8};
use crate::look::{self, Baseline, DreamOptions, LookError, Map, Mapping, Method, VisualizationOptions};

fn refused(error: LookError) -> JsValue {
    let code = match error {
        LookError::Size { .. } | LookError::Option { .. } => "bad-option",
        LookError::Length { .. } | LookError::NotFinite | LookError::Run { .. } => "internal",
    };
    coded(code, &error.to_string())
}

fn read<'a, T: Deserialize<'a>>(json: &'a str) -> Result<T, JsValue> {
    serde_json::from_str(json).map_err(|error| coded("bad-option", &error.to_string()))
}

/// How a network reads colours, by the package's `Preprocess` in JSON.
fn mapping(preprocess: &str) -> Result<Mapping, JsValue> {
    Ok(Mapping::new(&read::<Preprocess>(preprocess)?))
}

/// The package's saliency options, all said.
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
    /// Of a network's input `[height, width, 3]`; `preprocess` and `options` are JSON.
    #[wasm_bindgen(constructor)]
    pub fn new(
        preprocess: &str,
        height: usize,
        width: usize,
        input: Vec<f32>,
        options: &str,
    ) -> Result<Saliency, JsValue> {
        let SaliencyOptions { method, samples, noise, steps, baseline, seed } = read(options)?;
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
        let runs = look::Saliency::new(input, [height, width], &mapping(preprocess)?, method).map_err(refused)?;
        Ok(Saliency { runs, is_signed })
    }

    /// How many runs there are.
    pub fn runs(&self) -> usize {
        self.runs.runs()
    }

    /// The input of a run.
    pub fn input(&self, run: usize) -> Result<Vec<f32>, JsValue> {
        self.runs.input(run).map_err(refused)
    }

    /// Adds the gradient at the input of a run, `[3, height, width]`.
    pub fn take(&mut self, gradient: &[f32]) -> Result<(), JsValue> {
        self.runs.take(gradient).map_err(refused)
    }

    /// `{ data, map, scale }`.
    pub fn finish(&self) -> Result<JsValue, JsValue> {
        let found = self.runs.finish().map_err(refused)?;
        let map = if self.is_signed { Map::sum(&found) } else { Map::largest(&found) };
        let object = Object::new();
        Reflect::set(&object, &"data".into(), &Float32Array::from(&found.data[..]))?;
        Reflect::set(&object, &"map".into(), &Float32Array::from(&map.data[..]))?;
        Reflect::set(&object, &"scale".into(), &map.scale.into())?;
        Ok(object.into())
    }
}

/// A picture that grows.
#[wasm_bindgen]
pub struct Visualization(look::Visualization);

#[wasm_bindgen]
impl Visualization {
    /// For a network that reads `size` by `size` pixels; `preprocess` is JSON.
    #[wasm_bindgen(constructor)]
    pub fn new(
        preprocess: &str,
        size: usize,
        seed: u32,
        transforms: bool,
        rate: f32,
    ) -> Result<Visualization, JsValue> {
        let options = VisualizationOptions { size, seed: seed.into(), rate, transforms };
        look::Visualization::new(mapping(preprocess)?, &options).map(Visualization).map_err(refused)
    }

    /// From where another was, by its state, with the same options.
    pub fn resume(
        preprocess: &str,
        size: usize,
        transforms: bool,
        rate: f32,
        state: &[u8],
    ) -> Result<Visualization, JsValue> {
        let options = VisualizationOptions { size, seed: 0, rate, transforms };
        let resumed = look::Visualization::resume(mapping(preprocess)?, &options, state);
        resumed.map(Visualization).map_err(|error| coded("bad-option", &format!("from: {error}")))
    }

    /// All that the next steps depend on.
    pub fn state(&self) -> Vec<u8> {
        self.0.state()
    }

    /// The input of the next run.
    pub fn input(&self) -> Vec<f32> {
        self.0.input().to_vec()
    }

    /// Whether the next step is to wake a channel that does not answer, by what the number was before.
    pub fn wakes(&self, before: f64) -> bool {
        self.0.wakes(before)
    }

    /// Takes a step by the gradient at it, `[3, size, size]`.
    pub fn step(&mut self, gradient: &[f32]) -> Result<(), JsValue> {
        self.0.step(gradient).map_err(refused)
    }

    /// RGBA, row by row.
    pub fn picture(&self) -> Clamped<Vec<u8>> {
        Clamped(self.0.picture())
    }
}

/// The package's dream options, all said.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Dreams {
    octaves: usize,
    octave_scale: f32,
    steps: usize,
    step_size: f32,
    seed: u64,
}

/// A picture that dreams.
#[wasm_bindgen]
pub struct Dream {
    dream: look::Dream,
    is_over: bool,
}

#[wasm_bindgen]
impl Dream {
    /// Of RGB pixels, row by row; `preprocess` and `options` are JSON.
    #[wasm_bindgen(constructor)]
    pub fn new(preprocess: &str, width: u32, height: u32, rgb: Vec<u8>, options: &str) -> Result<Dream, JsValue> {
        let Dreams { octaves, octave_scale: scale, steps, step_size: step, seed } = read(options)?;
        let options = DreamOptions { octaves, scale, steps, step, seed, ..DreamOptions::default() };
        let picture = Rgb8 { width, height, pixels: rgb };
        let dream = look::Dream::new(mapping(preprocess)?, &picture, options).map_err(refused)?;
        Ok(Dream { dream, is_over: false })
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

    /// Takes a step by the gradient at it, `[3, height, width]`.
    pub fn step(&mut self, gradient: &[f32]) -> Result<(), JsValue> {
        self.is_over = !self.dream.step(gradient).map_err(refused)?;
        Ok(())
    }

    /// RGBA, row by row.
    pub fn picture(&self) -> Clamped<Vec<u8>> {
        Clamped(self.dream.picture())
    }
}
