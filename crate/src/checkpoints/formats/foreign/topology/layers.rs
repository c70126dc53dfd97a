//! One layer after another as operations.

use serde_json::Value;

use super::super::file_graph::{FileOp, FilePadding, Window};
use super::activations::{SLOPES, activation, by_name, is_last, of_layer};
use super::affine::{Arithmetic, arithmetic, constant_of, of_node, rescaling, with_constant};
use super::calls::keyword;
use super::{Builder, Call, is_whole};
use crate::checkpoints::CheckpointError;
use crate::checkpoints::formats::decode::Axes;
use crate::graph::{Activation, Padding};

/// Keras' usual epsilon of `BatchNormalization`.
const EPSILON: f64 = 1e-3;

/// Layers that do nothing in inference.
const SAME: [&str; 28] = [
    "InputLayer",
    "Dropout",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "SpatialDropout3D",
    "GaussianDropout",
    "GaussianNoise",
    "AlphaDropout",
    "ActivityRegularization",
    "Identity",
    "RandomFlip",
    "RandomRotation",
    "RandomZoom",
    "RandomTranslation",
    "RandomContrast",
    "RandomBrightness",
    "RandomHeight",
    "RandomWidth",
    "RandomHue",
    "RandomSaturation",
    "RandomSharpness",
    "RandomShear",
    "RandomErasing",
    "RandomGaussianBlur",
    "RandomColorJitter",
    "RandomPerspective",
    "MixUp",
    "CutMix",
];

/// Whether a layer of this class does nothing in inference.
pub fn is_idle(class: &str) -> bool {
    SAME.contains(&class)
}

impl Builder<'_> {
    /// Appends a layer that is no model.
    pub(super) fn append(&mut self, call: &Call) -> Result<usize, CheckpointError> {
        let inputs = call.inputs();
        let rank = inputs.first().map_or(0, |&input| self.rank(input));
        let config = call.config;
        let class = call.class;
        let other = || FileOp::Other(described(class, config));
        let is_last = |axis: &Value| is_last(axis, rank);
        let (op, rank_after) = match (class, inputs.len()) {
            ("Add", 2..) => return self.sum(call, &inputs),
            ("TFOpLambda", 2) if arithmetic(call) == Some(Arithmetic::Add) => return self.sum(call, &inputs),
            ("CustomScaleLayer" | "Custom>CustomScaleLayer" | "Lambda", 2) => return self.scaled_sum(call, &inputs),
            ("Concatenate", 1..) if is_last(&config["axis"]) => (FileOp::Concat, rank),
            (_, 1) if config["data_format"] == "channels_first" => {
                (FileOp::Other(format!("{class} with channels first")), rank)
            }
            (_, 1) if is_idle(class) => (FileOp::Same, rank),
            ("Cast", 1) if self.loses(call, &inputs) => (FileOp::Other("Cast to whole numbers".into()), rank),
            ("Add" | "Concatenate" | "Cast", 1) if constant_of(call.operands).is_none() => (FileOp::Same, rank),
            ("Conv2D", 1) => (self.convolution(call).unwrap_or_else(other), rank),
            ("BatchNormalization" | "SyncBatchNormalization", 1) if is_last(&config["axis"]) => (self.norm(call), rank),
            ("Dense", 1) if rank == 2 => (self.dense(call), rank),
            ("MaxPooling2D" | "MaxPool2D", 1) => (pool(config).map_or_else(other, FileOp::MaxPool), rank),
            ("AveragePooling2D" | "AvgPool2D", 1) => {
                (pool(config).map_or_else(other, |window| FileOp::AveragePool(window, false)), rank)
            }
            ("GlobalAveragePooling2D" | "GlobalAvgPool2D", 1) => (FileOp::GlobalAverage, pooled(config, rank)),
            ("GlobalMaxPooling2D" | "GlobalMaxPool2D", 1) => (FileOp::GlobalMax, pooled(config, rank)),
            ("Flatten", 1) if rank == 2 => (FileOp::Same, 2),
            ("Flatten", 1) => (FileOp::Flatten { channels_last: true }, 2),
            ("Reshape", 1) => reshaped(config, rank).unwrap_or_else(|| (other(), rank)),
            ("UnitNormalization", 1) if is_last(&config["axis"]) && rank == 2 => (FileOp::L2Normalize, rank),
            ("Rescaling", 1) => (rescaling(config).unwrap_or_else(other), rank),
            ("Normalization", 1) => (self.normalization(call, rank)?.unwrap_or_else(other), rank),
            ("Activation", 1) => (activation(&config["activation"], rank).unwrap_or(FileOp::Same), rank),
            ("TFOpLambda", 1) if config["function"] == "cast" && self.loses(call, &inputs) => {
                (FileOp::Other("cast to whole numbers".into()), rank)
            }
            ("TFOpLambda", 1) => (self.function(call), rank),
            ("TensorFlowOpLayer", 1) => {
                let found = of_node(config).and_then(|(kind, values, is_first)| with_constant(kind, &values, is_first));
                (found.unwrap_or_else(other), rank)
            }
            (_, 1) => (self.operation(call).or_else(|| of_layer(class, config, rank)).unwrap_or_else(other), rank),
            _ => (other(), rank),
        };
        let ends_in_activation = matches!(op, FileOp::Conv { .. } | FileOp::Dense { .. });
        let last = self.push(call.name(), op, inputs, rank_after)?;
        match ends_in_activation.then(|| activation(&config["activation"], rank_after)).flatten() {
            Some(op) => self.push(format!("{}/activation", call.name()), op, vec![last], rank_after),
            None => Ok(last),
        }
    }

    /// Whether a cast makes whole numbers of something that has a fraction.
    fn loses(&self, call: &Call, inputs: &[usize]) -> bool {
        let of_call = keyword(call.node, "dtype").unwrap_or(&Value::Null);
        let is_picture =
            |&at: &usize| matches!(self.nodes.get(at).map(|node| &node.op), Some(FileOp::Input { bytes: true, .. }));
        (is_whole(&call.config["dtype"]) || is_whole(of_call)) && !inputs.iter().all(is_picture)
    }

    /// The key of a variable: under the names of the models around the layer as far as the file has them. A key that is not
    /// there is the layer's own, so that whoever looks for it can say so.
    pub(super) fn key(&self, path: &[&str], variable: &str) -> String {
        let (first, last) = (path.first().copied().unwrap_or(""), path.last().copied().unwrap_or(""));
        let own = format!("{last}/{variable}");
        let full = format!("{}/{variable}", path.join("/"));
        let candidates = [full, format!("{first}/{last}/{variable}"), own.clone()];
        let tensors = &self.file.tensors;
        if let Some(found) = candidates.into_iter().find(|key| tensors.contains_key(key)) {
            return found;
        }
        let below = format!("/{own}");
        let mut others = tensors.keys().filter(|key| key.ends_with(&below));
        match (others.next(), others.next()) {
            (Some(only), None) => only.clone(),
            _ => own,
        }
    }

    fn bias(&self, call: &Call) -> Option<String> {
        (call.config["use_bias"] != false).then(|| self.key(call.path, "bias"))
    }

    fn convolution(&self, call: &Call) -> Option<FileOp> {
        let config = call.config;
        let is_plain =
            matches!(config["groups"].as_u64(), None | Some(1)) && pair(&config["dilation_rate"], [1, 1])? == [1, 1];
        let window = window(config, pair(&config["kernel_size"], [0, 0])?, pair(&config["strides"], [1, 1])?)?;
        is_plain.then(|| FileOp::Conv {
            weights: self.key(call.path, "kernel"),
            bias: self.bias(call),
            axes: Axes::OutputLast,
            window,
        })
    }

    fn dense(&self, call: &Call) -> FileOp {
        FileOp::Dense { weights: self.key(call.path, "kernel"), bias: self.bias(call), axes: Axes::OutputLast }
    }

    fn norm(&self, call: &Call) -> FileOp {
        let has = |option: &str| call.config[option] != false;
        let key = |variable| self.key(call.path, variable);
        FileOp::Norm {
            gamma: has("scale").then(|| key("gamma")),
            beta: has("center").then(|| key("beta")),
            mean: key("moving_mean"),
            variance: key("moving_variance"),
            epsilon: call.config["epsilon"].as_f64().unwrap_or(EPSILON),
        }
    }

    fn sum(&mut self, call: &Call, inputs: &[usize]) -> Result<usize, CheckpointError> {
        let (mut last, rank) = (inputs[0], self.rank(inputs[0]));
        for &input in &inputs[1..] {
            last = self.push(call.name(), FileOp::Add, vec![last, input], rank)?;
        }
        Ok(last)
    }

    /// The residual sum of InceptionResNetV2: `x + scale * branch`. Older Keras has a function of Python for it, of which the
    /// name and the scale are told.
    fn scaled_sum(&mut self, call: &Call, inputs: &[usize]) -> Result<usize, CheckpointError> {
        let rank = self.rank(inputs[0]);
        let config = call.config;
        let is_block = ["block35_", "block17_", "block8_"]
            .iter()
            .any(|stem| call.path.last().is_some_and(|name| name.starts_with(stem)));
        let scale = match call.class {
            "Lambda" => config["arguments"]["scale"].as_f64().filter(|_| is_block),
            _ => config["scale"].as_f64(),
        };
        let Some(scale) = scale else {
            return self.push(call.name(), FileOp::Other(call.class.to_owned()), inputs.to_vec(), rank);
        };
        let mut branch = inputs[1];
        if scale != 1.0 {
            let op = FileOp::Affine { scale: vec![scale], shift: vec![0.0] };
            branch = self.push(format!("{}/scale", call.name()), op, vec![branch], rank)?;
        }
        self.push(call.name(), FileOp::Add, vec![inputs[0], branch], rank)
    }

    /// A function of TensorFlow in a model of Keras 2.
    fn function(&self, call: &Call) -> FileOp {
        let name = call.config["function"].as_str().unwrap_or_default();
        // What a call says beside its value is no part of the name: of a leaky ReLU the slope, of others nothing that is read.
        let slope = keyword(call.node, "alpha").and_then(Value::as_f64);
        let is_usual = |name: &str, usual: &[Value]| {
            keyword(call.node, name).is_none_or(|said| said.is_null() || usual.contains(said))
        };
        let is_plain = is_usual("approximate", &[false.into()])
            && is_usual("beta", &[1.into(), 1.0.into()])
            && is_usual("axis", &[(-1).into()]);
        let of_value = || match name {
            "cast" | "identity" | "stop_gradient" => Some(FileOp::Same),
            "nn.leaky_relu" if slope.is_some() || is_usual("alpha", &[]) => {
                Some(FileOp::Activation(Activation::LeakyRelu(slope.unwrap_or(SLOPES[0]) as f32)))
            }
            _ if !is_plain || !is_usual("alpha", &[]) || call.operands.len() != 1 => None,
            _ => by_name(name.strip_prefix("nn.").or_else(|| name.strip_prefix("math."))?)
                .filter(|op| matches!(op, FileOp::Activation(_) | FileOp::Softmax)),
        };
        self.operation(call).or_else(of_value).unwrap_or_else(|| FileOp::Other(name.into()))
    }

    /// Arithmetic with a constant.
    fn operation(&self, call: &Call) -> Option<FileOp> {
        let (constant, is_first) = constant_of(call.operands)?;
        with_constant(arithmetic(call)?, constant, is_first)
    }
}

/// A layer that is not known, with what sets it apart from one that is.
fn described(class: &str, config: &Value) -> String {
    let aside = match class {
        "Conv2D" if config["groups"].as_u64().is_some_and(|groups| groups != 1) => " in groups",
        "Conv2D" if pair(&config["dilation_rate"], [1, 1]) != Some([1, 1]) => " with dilation",
        "BatchNormalization" | "Concatenate" if !config["axis"].is_null() => " along another axis",
        _ => "",
    };
    format!("{class}{aside}")
}

/// One number for both sides, or two.
fn pair(value: &Value, usual: [usize; 2]) -> Option<[usize; 2]> {
    let number = |value: &Value| usize::try_from(value.as_u64()?).ok();
    match value {
        Value::Null => Some(usual),
        Value::Array(sides) => match sides.as_slice() {
            [height, width] => Some([number(height)?, number(width)?]),
            _ => None,
        },
        both => number(both).map(|side| [side; 2]),
    }
}

fn window(config: &Value, kernel: [usize; 2], stride: [usize; 2]) -> Option<Window> {
    let padding = match config["padding"].as_str() {
        Some("same") => FilePadding::Same,
        Some("valid") | None => FilePadding::Explicit(Padding::default()),
        Some(_) => return None,
    };
    let is_sound = kernel.iter().chain(&stride).all(|&side| side > 0);
    is_sound.then_some(Window { kernel, stride, padding, ceil: false })
}

fn pool(config: &Value) -> Option<Window> {
    let kernel = pair(&config["pool_size"], [2, 2])?;
    window(config, kernel, pair(&config["strides"], kernel)?)
}

/// Axes after a global pool.
fn pooled(config: &Value, rank: usize) -> usize {
    if config["keepdims"] == true { rank } else { 2 }
}

/// A layer `Reshape` that gives vectors, or a map of one position.
fn reshaped(config: &Value, rank: usize) -> Option<(FileOp, usize)> {
    let target = config["target_shape"].as_array()?;
    let sides_of_one = target.iter().filter(|side| **side == 1).count();
    let after = target.len() + 1;
    match (target.len() - sides_of_one <= 1, rank) {
        // The values of a position stay the last axis.
        (true, _) if target.last().is_some_and(|side| *side == 1) && target.len() > 1 => None,
        (true, 2) => Some((FileOp::Same, after)),
        (true, _) => Some((FileOp::Flatten { channels_last: true }, after)),
        (false, _) => None,
    }
}
