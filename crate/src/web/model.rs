//! A loaded model: one picture in, module by module, and what comes out.

use js_sys::{Array, Float32Array, Object, Reflect, Uint32Array};
use serde::Serialize;
use wasm_bindgen::Clamped;
use wasm_bindgen::prelude::*;

use super::MAX_PIXELS;
use super::error::{coded, thrown, thrown_image};
use crate::gpu::GpuMemory;
use crate::image::{self, Input, Rgb8};
use crate::info::ChannelStats;
use crate::inspect::Target;
use crate::plan::Request;
use crate::session::Session;

/// A network with its weights, ready to run.
#[wasm_bindgen]
pub struct Model {
    pub(super) session: Session,
    /// Weights and bias of a taught head's class, instead of one of the network's own.
    aim: Option<(Vec<f32>, f32)>,
    pub(super) picture: Option<Rgb8>,
    pub(super) input: Input,
    /// Pictures that the input holds.
    pictures: usize,
}

impl Model {
    pub(super) fn new(session: Session) -> Model {
        Model { session, aim: None, picture: None, input: Input::default(), pictures: 0 }
    }

    fn target(&self, class: usize) -> Target<'_> {
        self.aim.as_ref().map_or(Target::Class(class), |(weights, bias)| Target::Taught { weights, bias: *bias })
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

    /// `{ layer, shape, data }`: the kernels of the convolution that reads the picture, `[out, in, height, width]`.
    pub fn filters(&self) -> Result<JsValue, JsValue> {
        let filters = self.session.filters().ok_or_else(|| coded("unsupported", "no convolution reads the picture"))?;
        object(&[
            ("layer", filters.layer.as_str().into()),
            ("shape", filters.shape.iter().map(|&side| JsValue::from(side as u32)).collect::<Array>().into()),
            ("data", Float32Array::from(&filters.data[..]).into()),
        ])
    }

    /// Chooses the layers whose outputs the next runs keep, `all` for every one, and those that are switched off; JSON: a
    /// list of names for each image of a run. Of no list, one image with nothing off. What is refused changes nothing.
    pub fn plan(&mut self, keep: Vec<String>, off: &str) -> Result<(), JsValue> {
        let off: Vec<Vec<String>> =
            serde_json::from_slice(off.as_bytes()).map_err(|error| coded("bad-option", &error.to_string()))?;
        let images = off.len().max(1);
        let request = self
            .session
            .layers(&keep)
            .and_then(|keep| Ok(Request { keep, off: self.session.off(&off)?, images, gradients: None }));
        request.and_then(|request| self.session.configure(request)).map_err(thrown)
    }

    /// Decodes a JPEG or PNG file; returns width and height. None where the artefact of the feature `pictures` reads the
    /// format.
    pub fn decode(&mut self, bytes: &[u8]) -> Result<Option<Vec<u32>>, JsValue> {
        let picture = image::decode_common(bytes, MAX_PIXELS).map_err(thrown_image)?;
        Ok(picture.map(|picture| self.take(picture)))
    }

    /// Takes RGBA pixels, row by row, alpha not premultiplied; returns width and height.
    pub fn set_pixels(&mut self, width: u32, height: u32, rgba: Clamped<Vec<u8>>) -> Result<Vec<u32>, JsValue> {
        let picture = image::from_rgba(width, height, &rgba.0).map_err(thrown_image)?;
        Ok(self.take(picture))
    }

    /// Takes RGB pixels, row by row; returns width and height.
    pub fn set_rgb(&mut self, width: u32, height: u32, rgb: Vec<u8>) -> Result<Vec<u32>, JsValue> {
        let picture = image::from_rgb(width, height, rgb).map_err(thrown_image)?;
        Ok(self.take(picture))
    }

    /// Makes the input of the picture, instead of what was there or, with `more`, after it; returns x, y, width and height
    /// of the part that the network sees.
    pub fn preprocess(&mut self, more: bool) -> Result<Vec<u32>, JsValue> {
        let picture = self.picture.take().ok_or_else(|| coded("internal", "there is no picture"))?;
        let (input, crop) = self.session.info().preprocess.input(&picture).map_err(thrown_image)?;
        if more {
            self.input.append(input);
            self.pictures += 1;
        } else {
            (self.input, self.pictures) = (input, 1);
        }
        Ok(crop.to_vec())
    }

    /// Starts a run on the preprocessed pictures; a single one stands for every image of the run. Returns how many modules
    /// the run has.
    pub fn begin(&mut self) -> Result<usize, JsValue> {
        match (self.pictures, self.session.request().images) {
            (1, images) if images > 1 => self.session.begin(&self.input.repeat(images)),
            _ => self.session.begin(&self.input),
        }
        .map_err(thrown)?;
        Ok(self.session.modules())
    }

    /// Starts a run on an input of the caller's, NHWC `[height, width, 3]`, already normalised.
    pub fn begin_with(&mut self, input: Vec<f32>) -> Result<(), JsValue> {
        self.session.begin(&Input::Values(input)).map_err(thrown)
    }

    /// Runs to the end of the next module, or submits it to the GPU, and names it; none after the last. On the CPU the
    /// run is then complete, on the GPU after [`Model::complete`].
    pub fn step(&mut self) -> Result<Option<String>, JsValue> {
        Ok(self.session.step().map_err(thrown)?.map(|step| step.layer))
    }

    /// Waits until at most one submitted module is still at work.
    pub async fn settled(&mut self) -> Result<(), JsValue> {
        self.session.settled().await.map_err(thrown)
    }

    /// Waits for the GPU and reads the outputs back, or, after a reverse pass, the gradients.
    pub async fn complete(&mut self) -> Result<(), JsValue> {
        self.session.complete().await.map_err(thrown)
    }

    /// Milliseconds that the GPU took for the last run, without what it takes to hear of it; none on the CPU, and none of
    /// a run with [`Model::settled`] between its steps.
    pub fn device_ms(&self) -> Option<f64> {
        self.session.device_ms()
    }

    /// How many layers a run computes.
    pub fn computed_layers(&self) -> usize {
        self.session.computed_layers()
    }

    /// JSON: the package's `LayerTime` of the layer at this place of those that are computed, on the input of the run
    /// that has been begun; `null` after the last.
    pub async fn time(&mut self, place: usize) -> Result<String, JsValue> {
        json(&self.session.time(place).await.map_err(thrown)?)
    }

    /// How many ways of the GPU's kernels there are to be tried that have not been, of the plan in force.
    pub fn ways(&self) -> usize {
        self.session.ways()
    }

    /// Milliseconds that one of them takes.
    pub async fn time_way(&mut self, place: usize) -> Result<f64, JsValue> {
        self.session.time_way(place).await.map_err(thrown)
    }

    /// Takes the fastest ways, by the time of each, for the runs from now on; returns how many kinds of kernels go another way
    /// than the usual one.
    pub fn take_ways(&mut self, times: &[f64]) -> Result<usize, JsValue> {
        self.session.take_ways(times).map_err(thrown)
    }

    /// Goes back to the usual ways.
    pub fn untune(&mut self) -> Result<(), JsValue> {
        self.session.untune().map_err(thrown)
    }

    /// What has been measured of ways, for [`super::loader::Loader::tune`] another time.
    pub fn tuned(&self) -> String {
        self.session.tuned()
    }

    /// JSON: per layer, its largest difference from that of `other`, relative to the largest value there. Both have run
    /// the same picture and kept the layers.
    pub fn compare(&self, other: &Model) -> Result<String, JsValue> {
        json(&self.session.differences(&other.session).map_err(thrown)?)
    }

    /// Takes the preprocessed pictures over from a model of the same file.
    pub fn adopt(&mut self, old: &mut Model) {
        self.picture = old.picture.take();
        self.input = std::mem::take(&mut old.input);
        self.pictures = std::mem::take(&mut old.pictures);
    }

    /// JSON: number and bytes of the buffers that are alive on the model's GPU; zeros on the CPU.
    pub fn memory(&self) -> Result<String, JsValue> {
        let none = GpuMemory { buffers: 0, bytes: 0 };
        json(&self.session.gpu().map_or(none, |gpu| gpu.memory()))
    }

    /// Probabilities of an image of the run, by default the first, `[classes]`.
    pub fn predictions(&self, image: Option<usize>) -> Result<Vec<f32>, JsValue> {
        self.session.predictions(image.unwrap_or_default()).map_err(thrown)
    }

    /// The layer to keep for [`Model::cam`]; none where no head can read maps.
    pub fn last_maps(&self) -> Option<String> {
        self.session.last_maps().map(str::to_owned)
    }

    /// What a taught head reads of an image of the run, which has kept the layer that `backbone` of [`Model::info`] names.
    pub fn taught_features(&self, image: usize) -> Result<Vec<f32>, JsValue> {
        self.session.taught_features(image).map_err(thrown)
    }

    /// Has [`Model::cam`] and [`Model::contributions`] tell of a taught head's class, by its weights; of none, of the network's
    /// own.
    pub fn aim(&mut self, weights: Vec<f32>, bias: f32) {
        self.aim = (!weights.is_empty()).then_some((weights, bias));
    }

    /// `{ width, height, data, exact }`: the logit of a class, position by position. The run has kept [`Model::last_maps`].
    pub fn cam(&self, class: usize) -> Result<JsValue, JsValue> {
        let map = self.session.activation_map(self.target(class), 0).map_err(thrown)?;
        object(&[
            ("width", map.width.into()),
            ("height", map.height.into()),
            ("data", Float32Array::from(&map.data[..]).into()),
            ("exact", map.exact.into()),
        ])
    }

    /// `{ layer, contribution, bias, logit, exact }`: what each channel of the last maps adds to a class's logit.
    pub fn contributions(&self, class: usize) -> Result<JsValue, JsValue> {
        let parts = self.session.contributions(self.target(class), 0).map_err(thrown)?;
        object(&[
            ("layer", self.last_maps().into()),
            ("contribution", Float32Array::from(&parts.contribution[..]).into()),
            ("bias", parts.bias.into()),
            ("logit", parts.logit.into()),
            ("exact", parts.exact.into()),
        ])
    }

    /// `{ layer, probabilities }` of each trained auxiliary head, of an image of the run.
    pub fn auxiliary(&self, image: usize) -> Result<Array, JsValue> {
        let heads = self.session.auxiliary(image).map_err(thrown)?;
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

    /// `{ shape, data, stats }` of a kept layer for an image of the run: `[C,H,W]`, values in that order, and mean, standard deviation, minimum,
    /// maximum and share of zeros of each channel.
    pub fn output(&self, layer: &str, image: usize) -> Result<JsValue, JsValue> {
        let (tensor, statistics) = self.session.features(layer, image).map_err(thrown)?;
        let shape: Vec<u32> = tensor.shape.iter().map(|&side| side as u32).collect();
        object(&[
            ("shape", Uint32Array::from(&shape[..]).into()),
            ("data", Float32Array::from(&tensor.data[..]).into()),
            ("stats", Float32Array::from(&flat(&statistics)[..]).into()),
        ])
    }

    /// Mean, standard deviation, minimum, maximum and share of zeros of each channel of a kept layer, for an image of the
    /// run.
    pub fn statistics(&self, layer: &str, image: usize) -> Result<Vec<f32>, JsValue> {
        Ok(flat(&self.session.statistics(layer, image).map_err(thrown)?))
    }
}

fn flat(statistics: &[ChannelStats]) -> Vec<f32> {
    let values = |channel: &ChannelStats| [channel.mean, channel.std, channel.min, channel.max, channel.sparsity];
    statistics.iter().flat_map(values).collect()
}

fn json<T: Serialize + ?Sized>(value: &T) -> Result<String, JsValue> {
    serde_json::to_string(value).map_err(|error| coded("internal", &error.to_string()))
}

pub(super) fn object(properties: &[(&str, JsValue)]) -> Result<JsValue, JsValue> {
    let object = Object::new();
    for (name, value) in properties {
        Reflect::set(&object, &(*name).into(), value)?;
    }
    Ok(object.into())
}
