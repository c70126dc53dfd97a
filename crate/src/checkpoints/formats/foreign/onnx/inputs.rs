//! What operators of several kinds read the same way.

use super::node::Operator;
use crate::checkpoints::CheckpointError;
use crate::checkpoints::formats::FilePadding;
use crate::checkpoints::formats::foreign::tracing::{Constant, FileWindow, Value};

/// An input that is a constant.
pub(super) fn weights(inputs: &[Value], at: usize) -> Option<&Constant> {
    inputs.get(at).and_then(|value| if let Value::Constant(constant) = value { Some(constant) } else { None })
}

/// A bias that may be left out; none where it is there and no constant.
pub(super) fn bias(inputs: &[Value], at: usize) -> Option<Option<&Constant>> {
    match inputs.get(at) {
        None | Some(Value::Nothing) => Some(None),
        Some(Value::Constant(constant)) => Some(Some(constant)),
        Some(_) => None,
    }
}

/// The window of a convolution or pool; none for groups and dilations.
pub(super) fn window(node: &Operator, is_conv: bool) -> Result<Option<FileWindow>, CheckpointError> {
    let ints = |name| Ok::<_, CheckpointError>(node.ints(name)?.unwrap_or_default());
    let is_plain = ints("dilations")?.iter().all(|&step| step == 1) && node.int("group", 1)? == 1;
    let (automatic, pads) = match node.text("auto_pad")? {
        "" | "NOTSET" => (None, ints("pads")?),
        "VALID" => (None, vec![]),
        "SAME_UPPER" => (Some(FilePadding::Same), vec![]),
        "SAME_LOWER" => (Some(FilePadding::SameLower), vec![]),
        _ => return Ok(None),
    };
    let kernel = if is_conv { vec![] } else { ints("kernel_shape")? };
    let ceil = node.int("ceil_mode", 0)? != 0;
    let window = FileWindow { kernel, stride: ints("strides")?, pads, automatic, ceil, channels_last: false };
    Ok((is_plain && (is_conv || !window.kernel.is_empty())).then_some(window))
}
