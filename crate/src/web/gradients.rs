//! Gradients of a loaded model, step by step.

use js_sys::{Float32Array, Uint8Array, Uint32Array};
use wasm_bindgen::prelude::*;

use super::error::{coded, thrown, thrown_image};
use super::loader::Loader;
use super::model::{Model, object};
use crate::loader::Loader as SessionLoader;
use crate::look::{Map, grad_cam};
use crate::plan::Request;
use crate::session::Objective;

#[wasm_bindgen]
impl Model {
    /// Whether weights can be read again.
    pub fn has_source(&self) -> bool {
        self.session.has_source()
    }

    /// Takes where weights can be read again, from a loader that has opened the model's files.
    pub fn adopt_source(&mut self, loader: Loader) -> Result<(), JsValue> {
        match loader.into_session_loader() {
            Some(loader) => loader.into_source().and_then(|source| self.session.adopt(source)).map_err(thrown),
            None => Ok(()),
        }
    }

    /// The same network on the same device, for pictures of another size: a loader that has been opened. The model has a source.
    pub fn again(&self, height: usize, width: usize) -> Result<Loader, JsValue> {
        SessionLoader::again(&self.session, [height, width], self.session.device()).map(Loader::opened).map_err(thrown)
    }

    /// Has the next runs end with gradients of the layer `of` at others, `input` being the picture, and keep layers.
    pub fn plan_gradients(&mut self, of: &str, at: Vec<String>, keep: Vec<String>) -> Result<(), JsValue> {
        let gradients = self.session.gradients(of, &at).map_err(thrown)?;
        let keep = self.session.layers(&keep).map_err(thrown)?;
        self.session.configure(Request { keep, gradients: Some(gradients), ..Request::default() }).map_err(thrown)
    }

    /// Prepares the weights of one more layer for the reverse pass; returns how many are left.
    pub fn prepare_reverse(&mut self) -> Result<usize, JsValue> {
        self.session.prepare_reverse().map_err(thrown)
    }

    /// Begins the reverse pass of a run that is complete, of a number that the layer makes; returns the number, where the
    /// run has kept the layer. Where it `wakes`, the ReLU at the layer's own end lets everything through.
    pub fn begin_reverse(&mut self, of: &str, objective: &Aim, wakes: bool) -> Result<Option<f64>, JsValue> {
        self.session.begin_reverse(&objective.0, wakes).map_err(thrown)?;
        Ok(self.session.objective(of, &objective.0).ok())
    }

    /// Goes back through one more module; none after the last. On the CPU the gradients are then there, on the GPU after
    /// [`Model::complete`].
    pub fn step_reverse(&mut self) -> Result<Option<String>, JsValue> {
        Ok(self.session.step_reverse().map_err(thrown)?.map(|step| step.layer))
    }

    /// `{ shape, data }` of the gradient at a layer, or at `input`.
    pub fn gradient(&self, layer: &str) -> Result<JsValue, JsValue> {
        let tensor = self.session.gradient(layer).map_err(thrown)?;
        let shape: Vec<u32> = tensor.shape.iter().map(|&side| side as u32).collect();
        object(&[
            ("shape", Uint32Array::from(&shape[..]).into()),
            ("data", Float32Array::from(&tensor.data[..]).into()),
        ])
    }

    /// `{ width, height, data }`: where a layer's channels speak for the number of the last reverse pass, which was asked for
    /// the gradient there and has kept the layer.
    pub fn grad_cam(&self, layer: &str) -> Result<JsValue, JsValue> {
        let maps = self.session.output(layer, 0).map_err(thrown)?;
        let gradient = self.session.gradient(layer).map_err(thrown)?;
        let map = grad_cam(&maps, &gradient).map_err(|_| coded("internal", "maps and gradient differ in shape"))?;
        let Map { size: [height, width], data, .. } = map;
        object(&[("width", width.into()), ("height", height.into()), ("data", Float32Array::from(&data[..]).into())])
    }

    /// `{ width, height, pixels }`, RGB: the picture that has been decoded, its longer side at most so many pixels.
    pub fn shrunk(&mut self, longest: u32) -> Result<JsValue, JsValue> {
        let picture = self.picture.take().ok_or_else(|| coded("internal", "there is no picture"))?;
        let picture = self.session.info().preprocess.shrunk(&picture, longest).map_err(thrown_image)?;
        object(&[
            ("width", picture.width.into()),
            ("height", picture.height.into()),
            ("pixels", Uint8Array::from(&picture.pixels[..]).into()),
        ])
    }

    /// The preprocessed picture as the network reads it, `[height, width, 3]`.
    pub fn input_values(&self) -> Vec<f32> {
        self.input.repeat(1).into_values(&self.session.info().preprocess.levels())
    }
}

/// A number that a layer's values make.
#[wasm_bindgen]
pub struct Aim(Objective);

#[wasm_bindgen]
impl Aim {
    /// A channel's mean over all positions, or their sum.
    pub fn channel(channel: usize, sum: bool) -> Aim {
        Aim(Objective::Channel { channel, position: None, sum })
    }

    /// A channel's value at one position.
    pub fn position(channel: usize, row: usize, column: usize) -> Aim {
        Aim(Objective::Channel { channel, position: Some([row, column]), sum: true })
    }

    /// The mean of all values, or their sum.
    pub fn all(sum: bool) -> Aim {
        Aim(Objective::All { sum })
    }

    /// The sum of all values, each by a factor, `[C,H,W]`.
    pub fn weighted(factors: Vec<f32>) -> Aim {
        Aim(Objective::Weighted(factors))
    }

    /// Half the mean of squares, each channel's by a factor.
    pub fn squares(factors: Vec<f32>) -> Aim {
        Aim(Objective::Squares(factors))
    }
}
