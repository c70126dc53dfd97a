//! Layers and operations that multiply each value of a channel and add to it.

use serde_json::Value;

use super::super::file_graph::FileOp;
use super::activations::is_last;
use super::calls::{Operand, numbers};
use super::{Builder, Call};
use crate::checkpoints::CheckpointError;
use crate::checkpoints::formats::decode::decode;

/// Values of a constant: channels, not whole pictures.
const MAX_CONSTANT: usize = 4096;
/// What Keras' layer `Normalization` takes for a deviation of zero.
const LEAST_DEVIATION: f64 = 1e-7;

/// Arithmetic of two operands.
#[derive(Clone, Copy, PartialEq)]
pub enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
}

/// The arithmetic that an operation's class means: of Keras 3, or TensorFlow's function in Keras 2.
pub fn arithmetic(call: &Call) -> Option<Arithmetic> {
    let function = match call.class {
        "TFOpLambda" => call.config["function"].as_str()?,
        class => class,
    };
    Some(match function {
        "Add" | "math.add" | "__operators__.add" | "nn.bias_add" => Arithmetic::Add,
        "Subtract" | "math.subtract" => Arithmetic::Subtract,
        "Multiply" | "math.multiply" => Arithmetic::Multiply,
        "TrueDivide" | "Divide" | "math.truediv" | "math.divide" => Arithmetic::Divide,
        _ => return None,
    })
}

/// The same of TensorFlow's nodes in Keras of TensorFlow 2.0 to 2.3, with the constant and whether it comes first.
pub fn of_node(config: &Value) -> Option<(Arithmetic, Vec<f64>, bool)> {
    let node: Value = match &config["node_def"] {
        Value::String(text) => serde_json::from_str(text).ok()?,
        node => node.clone(),
    };
    let kind = match node["op"].as_str()? {
        "Add" | "AddV2" | "BiasAdd" => Arithmetic::Add,
        "Sub" => Arithmetic::Subtract,
        "Mul" => Arithmetic::Multiply,
        "RealDiv" => Arithmetic::Divide,
        _ => return None,
    };
    let constant = |index: &str| numbers(&config["constants"][index]);
    constant("1").map(|values| (kind, values, false)).or_else(|| Some((kind, constant("0")?, true)))
}

/// Arithmetic with a constant on one side.
pub fn with_constant(kind: Arithmetic, constant: &[f64], is_first: bool) -> Option<FileOp> {
    let all = |value: f64| vec![value; constant.len()];
    let mapped = |f: fn(f64) -> f64| constant.iter().map(|&value| f(value)).collect();
    let (scale, shift) = match (kind, is_first) {
        (Arithmetic::Add, _) => (all(1.0), constant.to_vec()),
        (Arithmetic::Subtract, false) => (all(1.0), mapped(|v| -v)),
        (Arithmetic::Subtract, true) => (all(-1.0), constant.to_vec()),
        (Arithmetic::Multiply, _) => (constant.to_vec(), all(0.0)),
        (Arithmetic::Divide, false) => (mapped(|v| 1.0 / v), all(0.0)),
        (Arithmetic::Divide, true) => return None,
    };
    affine(scale, shift)
}

/// Factors and sums of one number or as many as there are channels.
pub fn affine(mut scale: Vec<f64>, mut shift: Vec<f64>) -> Option<FileOp> {
    let length = scale.len().max(shift.len());
    for values in [&mut scale, &mut shift] {
        if let [one] = values.as_slice() {
            *values = vec![*one; length];
        }
    }
    let is_sound = scale.len() == shift.len() && length > 0 && length <= MAX_CONSTANT;
    let is_finite = scale.iter().chain(&shift).all(|value| value.is_finite());
    (is_sound && is_finite).then_some(FileOp::Affine { scale, shift })
}

/// The layer `Rescaling`.
pub fn rescaling(config: &Value) -> Option<FileOp> {
    let offset = if config["offset"].is_null() { vec![0.0] } else { numbers(&config["offset"])? };
    affine(numbers(&config["scale"])?, offset)
}

/// The one constant among the operands, and whether it comes first.
pub fn constant_of(operands: &[Operand]) -> Option<(&[f64], bool)> {
    match operands {
        [Operand::Value(_), Operand::Constant(values)] => Some((values, false)),
        [Operand::Constant(values), Operand::Value(_)] => Some((values, true)),
        _ => None,
    }
}

impl Builder<'_> {
    /// The layer `Normalization`: mean and variance from its description or its weights, which are the graph's from then on.
    pub(super) fn normalization(&mut self, call: &Call, rank: usize) -> Result<Option<FileOp>, CheckpointError> {
        let config = call.config;
        if config["invert"] == true || !is_last(&config["axis"], rank) {
            return Ok(None);
        }
        let keys = ["mean", "variance", "count"].map(|variable| self.key(call.path, variable));
        let said = numbers(&config["mean"]).zip(numbers(&config["variance"]));
        let found = said.or_else(|| self.values(&keys[0]).zip(self.values(&keys[1])));
        let Some((mean, variance)) = found.filter(|(mean, variance)| mean.len() == variance.len()) else {
            return Ok(None);
        };
        self.folded.extend(keys);
        let scale: Vec<f64> = variance.iter().map(|v| 1.0 / v.sqrt().max(LEAST_DEVIATION)).collect();
        let shift = mean.iter().zip(&scale).map(|(mean, scale)| -mean * scale).collect();
        Ok(affine(scale, shift))
    }

    /// The few values of a tensor.
    fn values(&self, key: &str) -> Option<Vec<f64>> {
        let stored = self.file.tensors.get(key)?;
        let count = stored.shape.iter().try_fold(1usize, |all, &d| all.checked_mul(d))?;
        if count > MAX_CONSTANT {
            return None;
        }
        let mut values = Vec::with_capacity(count);
        decode(&self.file.bytes(stored), stored.dtype, stored.quantization.as_ref(), 1, &mut values)?;
        (values.len() == count).then(|| values.into_iter().map(f64::from).collect())
    }
}
