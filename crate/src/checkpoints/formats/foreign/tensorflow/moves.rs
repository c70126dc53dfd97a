//! Values put together and taken apart.

use super::graph::Walk;
use super::node::Operation;
use crate::checkpoints::CheckpointError;
use crate::checkpoints::formats::foreign::tracing::{Tracer, Value};

/// The axis is the last input, or in old files the first.
pub(super) fn concat(tracer: &mut Tracer, node: &Operation, name: &str, inputs: &[Value]) -> Option<Value> {
    let (axis, values) = if node.word == "Concat" { inputs.split_first()? } else { inputs.split_last()? };
    let axis = tracer.number(axis)? as i64;
    tracer.concat(name, values, axis)
}

/// A slice with bits that say which of its numbers do not count.
pub(super) fn strided_slice(
    tracer: &mut Tracer,
    node: &Operation,
    name: &str,
    inputs: &[Value],
) -> Result<Option<Value>, CheckpointError> {
    let mask = |name| node.int(name, 0);
    let (begin_mask, end_mask, shrinks) = (mask("begin_mask")?, mask("end_mask")?, mask("shrink_axis_mask")?);
    let list = |at: usize| inputs.get(at).and_then(|value| tracer.ints(value));
    let (Some(begin), Some(end), Some(step)) = (list(1), list(2), list(3)) else { return Ok(None) };
    if mask("ellipsis_mask")? != 0
        || mask("new_axis_mask")? != 0
        || begin.len() != end.len()
        || begin.len() != step.len()
    {
        return Ok(None);
    }
    let mut value = inputs[0].clone();
    for axis in 0..begin.len().min(8) {
        let has = |mask: i64| mask >> axis & 1 == 1;
        let (step, last) = (step[axis], if step[axis] < 0 { i64::MIN } else { i64::MAX });
        let begin = if has(begin_mask) { if step < 0 { i64::MAX } else { 0 } } else { begin[axis] };
        let end = if has(end_mask) { last } else { end[axis] };
        let part = match (&value, has(shrinks)) {
            (Value::Flow(_), true) => tracer.gather(name, &value, &[begin], axis as i64, true),
            (_, true) => tracer.gather(name, &value, &[begin], 0, true),
            (_, false) => tracer.slice(name, &value, [begin, end, step], axis as i64),
        };
        let Some(part) = part else { return Ok(None) };
        value = part;
    }
    Ok(Some(value))
}

/// Begins and sizes; a size of -1 is what is left.
pub(super) fn slice(tracer: &mut Tracer, name: &str, inputs: &[Value]) -> Option<Value> {
    let (begin, size) = (tracer.ints(inputs.get(1)?)?, tracer.ints(inputs.get(2)?)?);
    let mut value = inputs[0].clone();
    for (axis, (&begin, &size)) in begin.iter().zip(&size).enumerate() {
        let end = if size < 0 { i64::MAX } else { begin.saturating_add(size) };
        value = tracer.slice(name, &value, [begin, end, 1], axis as i64)?;
    }
    Some(value)
}

/// Channels in parts: `Split` has the axis before the value, `SplitV` the sizes and the axis after it.
pub(super) fn parts(
    walk: &mut Walk,
    node: &Operation,
    name: &str,
    inputs: &[Value],
) -> Result<Vec<Value>, CheckpointError> {
    let tracer = &mut walk.tracer;
    let number = |value: Option<&Value>, tracer: &Tracer| Some(tracer.number(value?)? as i64);
    let (value, axis) = match node.word {
        "Split" => (inputs.get(1), number(inputs.first(), tracer)),
        "SplitV" => (inputs.first(), number(inputs.get(2), tracer)),
        _ => (inputs.first(), Some(node.int("axis", 0)?)),
    };
    let count = node.int(if node.word == "Unpack" { "num" } else { "num_split" }, 1)?.clamp(1, 64);
    let (Some(Value::Flow(flow)), Some(axis)) = (value, axis) else { return Ok(vec![Value::Nothing; count as usize]) };
    let flow = flow.clone();
    let sizes = match node.word {
        "SplitV" => inputs.get(1).and_then(|sizes| tracer.ints(sizes)),
        _ => tracer
            .channels(&flow)
            .map(|channels| channels as i64)
            .filter(|channels| channels % count == 0)
            .map(|channels| vec![channels / count; count as usize]),
    };
    let mut begin = 0i64;
    let mut made = Vec::new();
    for at in 0..count as usize {
        let end = begin.saturating_add(sizes.as_ref().and_then(|sizes| sizes.get(at).copied()).unwrap_or(0));
        let whole = Value::Flow(flow.clone());
        let part = match node.word {
            "Unpack" => tracer.gather(name, &whole, &[at as i64], axis, true),
            _ => tracer.slice(name, &whole, [begin, end, 1], axis),
        };
        made.push(part.unwrap_or_else(|| tracer.other(name, node.word, &[whole])));
        begin = end;
    }
    Ok(made)
}
