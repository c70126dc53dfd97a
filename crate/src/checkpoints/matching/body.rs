//! The body: layers of ours paired with steps of the file from the end to the picture, so that the order of a concatenation's
//! inputs says which branch is which.

use std::collections::BTreeMap;

use super::flow::{Flow, FlowStep, StepOp};
use crate::checkpoints::formats::decode::Axes;
use crate::checkpoints::formats::{FileOp, FilePadding, TensorFile, Window};
use crate::graph::{Activation, Add, Graph, Layer, LayerId, Op, Padding, PoolKind, Shape};

/// Pairs of layers and steps.
pub struct Pairing<'a> {
    graph: &'a Graph,
    flow: &'a Flow,
    file: &'a TensorFile,
    /// The step of each layer that has been paired.
    pub steps: BTreeMap<LayerId, usize>,
    /// The step whose value the network takes as its input.
    pub input: Option<usize>,
}

/// Height, width, inputs and outputs of a convolution's kernel.
pub fn kernel_of(shape: &[usize], axes: Axes) -> Option<[usize; 4]> {
    match (shape, axes) {
        (&[o, i, h, w], Axes::OutputFirst) | (&[h, w, i, o], Axes::OutputLast) => Some([h, w, i, o]),
        _ => None,
    }
}

/// Rows and columns before an input of that size, and the size of the output.
fn placed(window: &Window, input: Shape) -> Option<([usize; 2], [usize; 2])> {
    let mut before = [0; 2];
    let mut out = [0; 2];
    for (axis, size) in [input.h, input.w].into_iter().enumerate() {
        let (kernel, stride) = (window.kernel[axis], window.stride[axis]);
        if kernel == 0 || stride == 0 {
            return None;
        }
        let (first, last) = match window.padding {
            FilePadding::Explicit(Padding { top, bottom, .. }) if axis == 0 => (top, bottom),
            FilePadding::Explicit(Padding { left, right, .. }) => (left, right),
            FilePadding::Same | FilePadding::SameLower => {
                let whole = size.div_ceil(stride).checked_sub(1)?.checked_mul(stride)?.checked_add(kernel)?;
                let all = whole.saturating_sub(size);
                match window.padding {
                    FilePadding::SameLower => (all.div_ceil(2), all / 2),
                    _ => (all / 2, all.div_ceil(2)),
                }
            }
        };
        let room = size.checked_add(first)?.checked_add(last)?.checked_sub(kernel)?;
        let mut count = room / stride + 1;
        if window.ceil && room % stride > 0 && count * stride < size + first {
            count += 1;
        }
        (before[axis], out[axis]) = (first, count);
    }
    Some((before, out))
}

/// The inputs of a layer without other names for them, those of a concatenation of concatenations in their order.
pub fn reads(graph: &Graph, layer: &Layer) -> Vec<LayerId> {
    let inputs = layer.inputs.iter().flat_map(|&id| parts_of(graph, id));
    if layer.op == Op::Concat { inputs.flat_map(|id| flattened(graph, id)).collect() } else { inputs.collect() }
}

fn flattened(graph: &Graph, id: LayerId) -> Vec<LayerId> {
    let layer = graph.layer(id);
    if layer.op == Op::Concat { reads(graph, layer) } else { vec![id] }
}

/// A value's parts where it is a concatenation of one or another name, else itself.
pub fn parts_of(graph: &Graph, id: LayerId) -> Vec<LayerId> {
    let layer = graph.layer(id);
    if layer.op == Op::Activation(Activation::Identity) {
        reads(graph, layer)
    } else if layer.op == Op::Concat && layer.inputs.len() == 1 {
        layer.inputs.iter().flat_map(|&id| parts_of(graph, id)).collect()
    } else {
        vec![id]
    }
}

impl<'a> Pairing<'a> {
    pub fn new(graph: &'a Graph, flow: &'a Flow, file: &'a TensorFile) -> Self {
        Self { graph, flow, file, steps: BTreeMap::new(), input: None }
    }

    /// Pairs a layer and all that it reads with a step and all that it reads; false where they differ anywhere.
    pub fn pair(&mut self, id: LayerId, at: usize) -> bool {
        let &[id] = parts_of(self.graph, id).as_slice() else { return true };
        let (layer, step) = (self.graph.layer(id), &self.flow.steps[at]);
        if id == LayerId::new(0) {
            return *self.input.get_or_insert(at) == at;
        }
        if let Some(&paired) = self.steps.get(&id) {
            return paired == at;
        }
        let inputs = reads(self.graph, layer);
        if inputs.len() != step.inputs.len() || !is_same(self.graph, self.file, layer, step) {
            return false;
        }
        let are_paired = inputs.into_iter().zip(&step.inputs).all(|(input, &before)| self.pair(input, before));
        if are_paired {
            self.steps.insert(id, at);
        }
        are_paired
    }
}

/// Whether a step computes what a layer does, inputs aside.
pub fn is_same(graph: &Graph, file: &TensorFile, layer: &Layer, step: &FlowStep) -> bool {
    let input = layer.inputs.first().map_or(layer.shape, |&id| graph.layer(id).shape);
    let is_placed = |window: &Window, kernel: [usize; 2], stride: [usize; 2], padding: Padding| {
        let place = placed(window, input);
        let wanted = ([padding.top, padding.left], [layer.shape.h, layer.shape.w]);
        window.kernel == kernel && window.stride == stride && place == Some(wanted)
    };
    match &layer.op {
        Op::Conv(conv) => {
            let StepOp::Conv { weights, axes, window, relu, .. } = &step.op else { return false };
            let shape = file.tensors.get(weights).and_then(|stored| kernel_of(&stored.shape, *axes));
            let Some([h, w, inputs, outputs]) = shape else { return false };
            let is_grey = inputs == 1 && layer.inputs[0] == LayerId::new(0);
            ([h, w], outputs, *relu) == (conv.kernel, layer.shape.c, conv.relu)
                && (inputs == input.c || is_grey)
                && is_placed(window, conv.kernel, conv.stride, conv.padding)
        }
        Op::Pool(own) => {
            let window = match (own.kind, &step.op) {
                (PoolKind::Max, StepOp::Other(FileOp::MaxPool(window))) => window,
                (PoolKind::Average { count_padding }, StepOp::Other(FileOp::AveragePool(window, count)))
                    if own.padding == Padding::default() || *count == count_padding =>
                {
                    window
                }
                _ => return false,
            };
            is_placed(window, own.kernel, own.stride, own.padding)
        }
        Op::Concat => matches!(step.op, StepOp::Other(FileOp::Concat)),
        Op::Add(Add { scale }) => {
            let StepOp::Residual { scale: found } = &step.op else { return false };
            // Models of half precision have rounded it.
            let rounded = [f64::from(*scale), half::f16::from_f32(*scale).into(), half::bf16::from_f32(*scale).into()];
            rounded.iter().any(|scale| (scale - found).abs() < 1e-6)
        }
        Op::Activation(own) => matches!(&step.op, StepOp::Other(FileOp::Activation(found)) if own == found),
        Op::Lrn(own) => {
            let StepOp::Other(FileOp::Lrn { size, alpha, beta, bias }) = &step.op else { return false };
            let near = |own: f32, found: f64| (f64::from(own) - found).abs() <= 1e-6 * found.abs();
            own.size == *size && near(own.alpha, *alpha) && near(own.beta, *beta) && near(own.bias, *bias)
        }
        // Of heads, which are read by themselves.
        Op::AdaptiveAverage(_) | Op::GlobalAverage | Op::Linear(_) | Op::Norm(_) | Op::L2Normalize => false,
        Op::Input(_) | Op::Softmax | Op::Sigmoid => false,
    }
}
