use serde_json::Value;

use super::super::file_graph::FileOp;
use super::custom;
use crate::graph::Activation;

/// Keras' usual slope of `leaky_relu`, and of the layer `LeakyReLU`.
pub const SLOPES: [f64; 2] = [0.2, 0.3];

/// What an `activation` stands for; none where it does nothing.
pub fn activation(value: &Value, rank: usize) -> Option<FileOp> {
    if let Some(custom) = custom(value) {
        return Some(FileOp::Other(custom));
    }
    let (name, config) = match value {
        Value::Null => return None,
        Value::String(name) => (name.as_str(), &Value::Null),
        // A function by its name, or a layer.
        _ => match (value["class_name"].as_str(), value["config"].as_str()) {
            (Some("function"), Some(name)) => (name, &Value::Null),
            (Some(class), _) => (class, &value["config"]),
            _ => return Some(FileOp::Other("an unknown activation".into())),
        },
    };
    of_layer(name, config, rank).or_else(|| by_name(name))
}

/// A function by the name that Keras has for it; none for the identity.
pub fn by_name(name: &str) -> Option<FileOp> {
    Some(FileOp::Activation(match name {
        "linear" => return None,
        "relu" => Activation::Relu,
        "relu6" => Activation::Relu6,
        "leaky_relu" => Activation::LeakyRelu(SLOPES[0] as f32),
        "elu" => Activation::Elu(1.0),
        "selu" => Activation::Selu,
        "tanh" => Activation::Tanh,
        "sigmoid" => Activation::Sigmoid,
        "softplus" => Activation::Softplus,
        "gelu" => Activation::Gelu,
        "silu" | "swish" => Activation::Swish,
        "hard_silu" | "hard_swish" => Activation::HardSwish,
        "softmax" => return Some(FileOp::Softmax),
        "log_softmax" => return Some(FileOp::LogSoftmax),
        other => return Some(FileOp::Other(other.into())),
    }))
}

/// A layer or an operation that is an activation; none where the class is none.
pub fn of_layer(class: &str, config: &Value, rank: usize) -> Option<FileOp> {
    let number = |key: &str, usual: f64| if config[key].is_null() { Some(usual) } else { config[key].as_f64() };
    let refused = || FileOp::Other(class.into());
    let op = match class {
        "ReLU" => relu(config).map_or_else(refused, FileOp::Activation),
        "LeakyReLU" => {
            let key = if config["alpha"].is_null() { "negative_slope" } else { "alpha" };
            let slope = number(key, SLOPES[1]);
            slope.map_or_else(refused, |slope| FileOp::Activation(Activation::LeakyRelu(slope as f32)))
        }
        "ELU" => number("alpha", 1.0).map_or_else(refused, |alpha| FileOp::Activation(Activation::Elu(alpha as f32))),
        "Softmax" | "LogSoftmax" => match (is_last(&config["axis"], rank), class) {
            (true, "Softmax") => FileOp::Softmax,
            (true, _) => FileOp::LogSoftmax,
            (false, _) => refused(),
        },
        // Operations of Keras 3.
        "Relu" => FileOp::Activation(Activation::Relu),
        "Relu6" => FileOp::Activation(Activation::Relu6),
        "Selu" => FileOp::Activation(Activation::Selu),
        "Sigmoid" => FileOp::Activation(Activation::Sigmoid),
        "Tanh" => FileOp::Activation(Activation::Tanh),
        "Softplus" => FileOp::Activation(Activation::Softplus),
        "Silu" => FileOp::Activation(Activation::Swish),
        "HardSilu" => FileOp::Activation(Activation::HardSwish),
        "LeakyRelu" => number("negative_slope", SLOPES[0])
            .map_or_else(refused, |slope| FileOp::Activation(Activation::LeakyRelu(slope as f32))),
        "Elu" => number("alpha", 1.0).map_or_else(refused, |alpha| FileOp::Activation(Activation::Elu(alpha as f32))),
        "Gelu" if config["approximate"] == false => FileOp::Activation(Activation::Gelu),
        "Gelu" => FileOp::Activation(Activation::GeluTanh),
        _ => return None,
    };
    Some(op)
}

/// Keras' layer `ReLU`, which may be bounded by 6 or leak.
fn relu(config: &Value) -> Option<Activation> {
    let number = |value: &Value| if value.is_null() { Some(0.0) } else { value.as_f64() };
    let slope = number(&config["negative_slope"])?;
    let most = if config["max_value"].is_null() { None } else { Some(config["max_value"].as_f64()?) };
    if number(&config["threshold"])? != 0.0 {
        return None;
    }
    match (most, slope) {
        (None, 0.0) => Some(Activation::Relu),
        (None, slope) => Some(Activation::LeakyRelu(slope as f32)),
        (Some(6.0), 0.0) => Some(Activation::Relu6),
        _ => None,
    }
}

/// Whether an axis is the last, which is that of the channels; the usual one is.
pub fn is_last(axis: &Value, rank: usize) -> bool {
    let axis = match axis {
        Value::Null => return true,
        Value::Array(axes) => match axes.as_slice() {
            [axis] => axis,
            _ => return false,
        },
        axis => axis,
    };
    axis.as_i64().is_some_and(|axis| axis == -1 || axis.checked_add(1) == i64::try_from(rank).ok())
}
