//! Convolutions and linear layers with what follows them in one node, as optimisers write them.

use super::node::Operation;
use super::operators::{activation, conv as plain_conv, matmul as plain_matmul, weights};
use crate::checkpoints::CheckpointError;
use crate::checkpoints::formats::tracing::{Constant, Tracer, Value};

/// A convolution with a bias or batch norm, and an activation.
pub(super) fn conv(
    tracer: &mut Tracer,
    node: &Operation,
    name: &str,
    inputs: &[Value],
) -> Result<Option<Value>, CheckpointError> {
    let words = node.texts("fused_ops")?;
    let Some((bias, rest)) = after(&words, inputs) else { return Ok(None) };
    let made = plain_conv(tracer, node, name, inputs, bias)?;
    let norm = matches!(rest.first().map(String::as_str), Some("FusedBatchNorm"));
    let made = match made {
        Some(Value::Flow(flow)) if norm => {
            let parameters = [2, 3, 4, 5].map(|at| weights(inputs, at));
            tracer.norm(name, &flow, parameters, node.float("epsilon", 1e-4)?)
        }
        made => made,
    };
    activated(tracer, node, name, made, &rest[usize::from(norm)..])
}

/// A linear layer with a bias and an activation.
pub(super) fn matmul(
    tracer: &mut Tracer,
    node: &Operation,
    name: &str,
    inputs: &[Value],
) -> Result<Option<Value>, CheckpointError> {
    let words = node.texts("fused_ops")?;
    let Some((bias, rest)) = after(&words, inputs) else { return Ok(None) };
    let made = plain_matmul(tracer, node, name, inputs, bias)?;
    activated(tracer, node, name, made, rest)
}

/// The bias, and the words after it; none where it is no constant.
fn after<'a>(words: &'a [String], inputs: &'a [Value]) -> Option<(Option<&'a Constant>, &'a [String])> {
    match words.split_first() {
        Some((first, rest)) if first == "BiasAdd" => Some((Some(weights(inputs, 2)?), rest)),
        _ => Some((None, words)),
    }
}

/// The activation that the words name.
fn activated(
    tracer: &mut Tracer,
    node: &Operation,
    name: &str,
    made: Option<Value>,
    words: &[String],
) -> Result<Option<Value>, CheckpointError> {
    match (made, words) {
        (Some(Value::Flow(flow)), [word]) => {
            Ok(activation(word, node)?.map(|activation| tracer.activation(name, activation, &flow)))
        }
        (made, []) => Ok(made),
        _ => Ok(None),
    }
}
