//! The head: the steps from the last maps to the answer, as a classifier of ours.

use super::flow::{Flow, FlowStep, NormKeys, StepOp};
use crate::checkpoints::CheckpointError;
use crate::checkpoints::formats::decode::Axes;
use crate::checkpoints::formats::{FileOp, FilePadding, TensorFile, Window};
use crate::graph::{Activation, BatchNorm, Padding};
use crate::networks::{Classifier, HeadLayer, HeadPool, OutputActivation};

/// The tensors of one layer of a head.
#[derive(Clone, Debug)]
pub enum HeadKeys {
    Linear { weights: String, bias: Option<String>, axes: Axes },
    Norm(NormKeys),
}

/// What a file's model has after its last maps.
#[derive(Debug)]
pub struct FoundHead {
    /// The step whose value are the last maps.
    pub maps: usize,
    /// None where the model ends with maps or their pool.
    pub classifier: Option<Classifier>,
    /// The tensors of each layer by its public name.
    pub keys: Vec<(String, HeadKeys)>,
    /// What makes answers of the logits, where the file says.
    pub activation: Option<OutputActivation>,
    /// Whether its first matrix reads the maps position by position, not channel by channel.
    pub channels_last: bool,
    /// The window of an average pool that has to cover the last maps.
    pub covers: Option<[usize; 2]>,
}

fn refused(step: &FlowStep, what: impl Into<String>) -> CheckpointError {
    CheckpointError::Layer { layer: step.name.clone(), what: what.into() }
}

/// The window of a pool that takes each position once and nothing else.
fn covered(window: &Window, step: &FlowStep) -> Result<[usize; 2], CheckpointError> {
    let is_bare = match window.padding {
        FilePadding::Explicit(padding) => padding == Padding::default(),
        // One output takes no more than there is.
        FilePadding::Same | FilePadding::SameLower => (0..2).all(|axis| window.stride[axis] >= window.kernel[axis]),
    };
    if is_bare { Ok(window.kernel) } else { Err(refused(step, "a pool over more than the last maps")) }
}

/// Outputs of a linear layer.
fn outputs(file: &TensorFile, weights: &str, axes: Axes) -> Option<usize> {
    let shape = &file.tensors.get(weights)?.shape;
    match axes {
        Axes::OutputFirst => shape.first().copied(),
        Axes::OutputLast => shape.last().copied(),
    }
}

/// Reads the head in front of a flow's first output.
///
/// # Errors
/// [`CheckpointError::Layer`] for a step that no head of ours has.
pub fn read(flow: &Flow, file: &TensorFile) -> Result<FoundHead, CheckpointError> {
    let Some(&end) = flow.outputs.first() else {
        return Err(CheckpointError::Layer { layer: "the model".into(), what: "no output".into() });
    };
    let tail = flow.tail(end);
    let is_pool = |at: &usize| match &flow.steps[*at].op {
        StepOp::Other(FileOp::AveragePool(..)) => true,
        StepOp::Other(op) => matches!(op, FileOp::GlobalAverage | FileOp::GlobalMax | FileOp::Flatten { .. }),
        _ => false,
    };
    let mut head =
        FoundHead { maps: end, classifier: None, keys: vec![], activation: None, channels_last: false, covers: None };
    let Some(pool_at) = tail.iter().position(is_pool) else { return Ok(head) };
    let Some(&maps) = pool_at.checked_sub(1).and_then(|before| tail.get(before)) else { return Ok(head) };
    head.maps = maps;
    let pool_step = &flow.steps[tail[pool_at]];
    let pool = match &pool_step.op {
        // A maximum pool before it, which then has to cover the maps.
        StepOp::Other(FileOp::Flatten { .. })
            if pool_at > 1 && matches!(flow.steps[maps].op, StepOp::Other(FileOp::MaxPool(_))) =>
        {
            if let StepOp::Other(FileOp::MaxPool(window)) = &flow.steps[maps].op {
                head.covers = Some(covered(window, &flow.steps[maps])?);
            }
            head.maps = tail[pool_at - 2];
            HeadPool::Max
        }
        StepOp::Other(FileOp::GlobalMax) => HeadPool::Max,
        StepOp::Other(FileOp::Flatten { channels_last }) => {
            head.channels_last = *channels_last;
            HeadPool::Flatten
        }
        StepOp::Other(FileOp::AveragePool(window, _)) => {
            head.covers = Some(covered(window, pool_step)?);
            HeadPool::Average
        }
        _ => HeadPool::Average,
    };
    let mut layers: Vec<HeadLayer> = vec![];
    let mut keys: Vec<Option<HeadKeys>> = vec![];
    let rest = &tail[pool_at + 1..];
    for (i, &at) in rest.iter().enumerate() {
        let step = &flow.steps[at];
        let is_last = i + 1 == rest.len();
        let is_of_maps = !layers.iter().any(|layer| matches!(layer, HeadLayer::Linear { .. }));
        let mut put = |layer, of| {
            layers.push(layer);
            keys.push(of);
        };
        match &step.op {
            StepOp::Other(FileOp::Flatten { .. }) if pool != HeadPool::Flatten => {}
            // Of a vector there is nothing left to pool.
            StepOp::Other(FileOp::GlobalAverage) if pool != HeadPool::Flatten && i == 0 => {}
            StepOp::Other(FileOp::Softmax | FileOp::LogSoftmax) if is_last => {
                head.activation = Some(OutputActivation::Softmax);
            }
            StepOp::Other(FileOp::Softmax | FileOp::LogSoftmax) => {
                return Err(refused(step, "a softmax that is not the end"));
            }
            StepOp::Other(FileOp::Activation(Activation::Sigmoid)) if is_last => {
                head.activation = Some(OutputActivation::Sigmoid);
            }
            StepOp::Other(FileOp::Activation(activation)) => put(HeadLayer::Activation(*activation), None),
            // Ours has one scale for a channel, this one for each of its positions.
            StepOp::Norm(_) if pool == HeadPool::Flatten && is_of_maps => {
                return Err(refused(
                    step,
                    "a batch norm of every value of the last maps; export it as part of the dense layer",
                ));
            }
            StepOp::Norm(own) => put(norm(own), Some(HeadKeys::Norm(own.clone()))),
            StepOp::Dense { weights, bias, axes } => {
                let linear = linear(file, weights, bias, *axes).ok_or_else(|| refused(step, "no matrix"))?;
                put(linear, Some(HeadKeys::Linear { weights: weights.clone(), bias: bias.clone(), axes: *axes }));
            }
            // A convolution of one position is a matrix.
            StepOp::Conv { weights, bias, axes, window, norm: own, relu } if window.kernel == [1, 1] => {
                let linear = linear(file, weights, bias, *axes).ok_or_else(|| refused(step, "no matrix"))?;
                put(linear, Some(HeadKeys::Linear { weights: weights.clone(), bias: bias.clone(), axes: *axes }));
                if let Some(own) = own {
                    put(norm(own), Some(HeadKeys::Norm(own.clone())));
                }
                if *relu {
                    put(HeadLayer::Activation(Activation::Relu), None);
                }
            }
            StepOp::Other(FileOp::Other(name)) => return Err(refused(step, name.clone())),
            StepOp::Other(FileOp::Affine { .. }) => return Err(refused(step, "arithmetic with constants")),
            StepOp::Other(FileOp::MaxPool(_) | FileOp::AveragePool(..)) => return Err(refused(step, "a pool")),
            _ => return Err(refused(step, "an operation that no head has")),
        }
    }
    let Some(last) = layers.iter().rposition(|layer| matches!(layer, HeadLayer::Linear { .. })) else {
        return match layers.is_empty() && head.activation.is_none() {
            true => Ok(head),
            false => Err(refused(&flow.steps[end], "no dense layer before the answer")),
        };
    };
    if layers.len() > last + 1 {
        let what = match layers[last + 1] {
            HeadLayer::Activation(activation) => activation.name(),
            _ => "batch norm",
        };
        return Err(refused(&flow.steps[end], format!("{what} after the last dense layer")));
    }
    let (Some(HeadLayer::Linear { outputs, bias }), Some(Some(of_logits))) = (layers.pop(), keys.pop()) else {
        return Ok(head);
    };
    let classifier = Classifier { pool, layers, classes: outputs, bias };
    let named = classifier.names().into_iter().zip(keys).filter_map(|(name, keys)| Some((name?, keys?)));
    head.keys = named.chain([("Logits".to_owned(), of_logits)]).collect();
    head.classifier = Some(classifier);
    Ok(head)
}

fn linear(file: &TensorFile, weights: &str, bias: &Option<String>, axes: Axes) -> Option<HeadLayer> {
    Some(HeadLayer::Linear { outputs: outputs(file, weights, axes)?, bias: bias.is_some() })
}

fn norm(keys: &NormKeys) -> HeadLayer {
    HeadLayer::Norm(BatchNorm { epsilon: keys.epsilon, gamma: keys.gamma.is_some() })
}
