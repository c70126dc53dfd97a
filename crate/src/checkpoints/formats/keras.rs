//! What a Keras model's own description says beside its weights: the activations of its head, the layers before the network
//! that prepare pictures, the size of its input. A layer that is not known is an error that names it: none is passed over.

use serde_json::Value;

use super::topology::of_loss;
use crate::checkpoints::CheckpointError;
use crate::networks::OutputActivation;

/// Layers that do nothing in inference.
const IDLE: [&str; 14] = [
    "InputLayer",
    "Dropout",
    "SpatialDropout2D",
    "GaussianDropout",
    "GaussianNoise",
    "AlphaDropout",
    "ActivityRegularization",
    "RandomFlip",
    "RandomRotation",
    "RandomZoom",
    "RandomTranslation",
    "RandomContrast",
    "RandomBrightness",
    "Identity",
];
/// Layers of the networks' bodies, whose weights and shapes are compared with them.
const BODY: [&str; 6] = [
    "BatchNormalization",
    "MaxPooling2D",
    "AveragePooling2D",
    "Concatenate",
    "CustomScaleLayer",
    "Custom>CustomScaleLayer",
];
/// Models within models.
const MODELS: [&str; 3] = ["Functional", "Model", "Sequential"];

/// What a model says of itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KerasModel {
    /// Names of its layers, those of models within it included, in order of creation.
    pub layers: Vec<String>,
    /// Height and width of its input.
    pub input: Option<[u32; 2]>,
    /// What it multiplies each value of the picture by, and what it then adds to each channel.
    pub rescaling: Option<(f32, [f32; 3])>,
    /// What follows its last dense layer, by that layer or by the loss that it was trained with; none where neither says.
    pub activation: Option<OutputActivation>,
}

/// A dense layer, as far as it has been read.
struct Dense<'a> {
    name: &'a str,
    activation: &'a str,
}

/// Reads `model_config` and `training_config` of a layers model.
///
/// # Errors
/// [`CheckpointError::Layer`] for a layer that would be passed over.
pub(super) fn read(topology: &Value) -> Result<KerasModel, CheckpointError> {
    let mut all = Vec::new();
    let model = if topology["model_config"].is_null() { topology } else { &topology["model_config"] };
    collect(&model["config"], &mut all);
    let mut found = KerasModel { input: all.iter().find_map(|layer| input_of(layer)), ..KerasModel::default() };
    let mut dense: Vec<Dense> = Vec::new();
    let (mut has_begun, mut is_pooled) = (false, false);
    // What comes after the last convolution is the head.
    let head = all.iter().rposition(|layer| layer["class_name"] == "Conv2D").unwrap_or(0);
    for (at, layer) in all.into_iter().enumerate() {
        let name = layer["config"]["name"].as_str().unwrap_or_default();
        let class = layer["class_name"].as_str().unwrap_or_default();
        let activation = activation_of(layer);
        let is_known = match class {
            "Rescaling" => {
                !has_begun
                    && rescaling(layer).is_some_and(|(scale, offset)| {
                        let (before, shift) = found.rescaling.unwrap_or((1.0, [0.0; 3]));
                        let shift = [0, 1, 2].map(|c| shift[c] * scale + offset[c]);
                        found.rescaling = Some((before * scale, shift));
                        true
                    })
            }
            "Conv2D" => {
                has_begun = true;
                matches!(activation, "linear" | "relu")
            }
            "Activation" | "ReLU" | "Softmax" => match dense.last_mut() {
                Some(last) if last.activation == "linear" => {
                    last.activation = activation;
                    true
                }
                Some(last) => activation == "relu" && last.activation == "relu",
                None => matches!(activation, "linear" | "relu"),
            },
            "Dense" => {
                dense.push(Dense { name, activation });
                is_pooled
            }
            "GlobalAveragePooling2D" | "Flatten" => {
                is_pooled = true;
                dense.is_empty()
            }
            "AveragePooling2D" if at > head => covers_the_map(layer, found.input),
            "MaxPooling2D" if at > head => false,
            _ => IDLE.contains(&class) || (BODY.contains(&class) && dense.is_empty()),
        };
        if !is_known {
            let what = if activation == "linear" { class } else { activation };
            return Err(CheckpointError::Layer { layer: name.into(), what: what.into() });
        }
        found.layers.push(name.into());
    }
    let Some(last) = dense.pop() else { return Ok(found) };
    let refused = |dense: &Dense| CheckpointError::Layer { layer: dense.name.into(), what: dense.activation.into() };
    if let Some(hidden) = dense.iter().find(|hidden| hidden.activation != "relu") {
        return Err(refused(hidden));
    }
    found.activation = match last.activation {
        "softmax" => Some(OutputActivation::Softmax),
        "sigmoid" => Some(OutputActivation::Sigmoid),
        "linear" => of_loss(&topology["training_config"]["loss"]),
        _ => return Err(refused(&last)),
    };
    Ok(found)
}

/// Whether an average pool is the global one: of 8 x 8 positions, which is what 299 x 299 pixels leave.
fn covers_the_map(layer: &Value, input: Option<[u32; 2]>) -> bool {
    layer["config"]["pool_size"] == serde_json::json!([8, 8]) && input.is_none_or(|size| size == [299, 299])
}

/// The layers of a model in order of creation, those of models within it in their place.
fn collect<'a>(config: &'a Value, into: &mut Vec<&'a Value>) {
    let layers = config["layers"].as_array().or_else(|| config.as_array());
    for layer in layers.into_iter().flatten() {
        if layer["class_name"].as_str().is_some_and(|class| MODELS.contains(&class)) {
            collect(&layer["config"], into);
        } else {
            into.push(layer);
        }
    }
}

/// The name of what a layer ends in; `linear` where it says nothing.
fn activation_of(layer: &Value) -> &str {
    let config = &layer["config"];
    match layer["class_name"].as_str() {
        Some("Softmax") => "softmax",
        Some("ReLU") => {
            let is_zero = |key: &str| config[key].as_f64().unwrap_or(0.0) == 0.0;
            let is_plain = config["max_value"].is_null() && is_zero("negative_slope") && is_zero("threshold");
            if is_plain { "relu" } else { "a bounded or leaky ReLU" }
        }
        _ => {
            let activation = &config["activation"];
            let named = activation.as_str().or(activation["config"].as_str()).or(activation["class_name"].as_str());
            named.unwrap_or(if activation.is_null() { "linear" } else { "an unknown activation" })
        }
    }
}

/// Height and width where a layer says the shape of the model's input: `[null, height, width, channels]`.
fn input_of(layer: &Value) -> Option<[u32; 2]> {
    let config = &layer["config"];
    let shape = config["batch_input_shape"].as_array().or(config["batch_shape"].as_array())?;
    let [_, height, width, _] = shape.as_slice() else { return None };
    let side = |value: &Value| u32::try_from(value.as_u64()?).ok();
    Some([side(height)?, side(width)?])
}

/// Scale, and offset of each channel.
fn rescaling(layer: &Value) -> Option<(f32, [f32; 3])> {
    let config = &layer["config"];
    let offset = match &config["offset"] {
        Value::Null => [0.0; 3],
        Value::Array(values) => {
            let [r, g, b] = values.as_slice() else { return None };
            [r.as_f64()? as f32, g.as_f64()? as f32, b.as_f64()? as f32]
        }
        value => [value.as_f64()? as f32; 3],
    };
    let scale = config["scale"].as_f64()? as f32;
    (scale.is_finite() && scale != 0.0 && offset.iter().all(|v| v.is_finite())).then_some((scale, offset))
}
