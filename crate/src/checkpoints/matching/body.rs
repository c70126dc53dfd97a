//! The body: layers of ours paired with steps of the file from the end to the picture, so that the order of a concatenation's
//! inputs says which branch is which. The first difference, counted from the picture, is the error.

use std::collections::BTreeMap;

use super::flow::{Flow, FlowStep, StepOp};
use crate::checkpoints::decode::Axes;
use crate::checkpoints::formats::{FileOp, FilePadding, TensorFile, Window};
use crate::graph::{Activation, Graph, Layer, LayerId, Op, Padding, PoolKind, Shape};

/// Where the file's model and the network part.
#[derive(Clone, Debug)]
pub struct Difference {
    /// Name of the step in the file.
    pub node: String,
    /// What it is.
    pub found: String,
    /// What the network has there.
    pub wanted: String,
    /// Under this name.
    pub layer: String,
}

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

fn window(kernel: [usize; 2], stride: [usize; 2]) -> String {
    let [h, w] = kernel;
    match stride {
        [1, 1] => format!("{h}x{w}"),
        [a, b] if a == b => format!("{h}x{w}/{a}"),
        [a, b] => format!("{h}x{w}/{a}x{b}"),
    }
}

fn convolution(kernel: [usize; 2], stride: [usize; 2], channels: usize) -> String {
    format!("a {} convolution with {channels} channels", window(kernel, stride))
}

fn pool(kernel: [usize; 2], stride: [usize; 2], count_padding: Option<bool>) -> String {
    match count_padding {
        None => format!("a {} maximum pool", window(kernel, stride)),
        Some(true) => format!("a {} average pool that counts its padding", window(kernel, stride)),
        Some(false) => format!("a {} average pool that leaves its padding out", window(kernel, stride)),
    }
}

/// A layer of ours in words.
fn words_of(layer: &Layer) -> String {
    match &layer.op {
        Op::Conv(conv) => convolution(conv.kernel, conv.stride, layer.shape.c),
        Op::Pool(own) => {
            let count = match own.kind {
                PoolKind::Max => None,
                PoolKind::Average { count_padding } => Some(count_padding),
            };
            pool(own.kernel, own.stride, count)
        }
        Op::Concat => "a concatenation".into(),
        Op::Add { scale } => format!("a residual sum with scale {scale}"),
        Op::Activation(activation) => activation.name().into(),
        Op::Lrn { size, .. } => format!("a local response normalisation over {size} channels"),
        Op::Input => "the picture".into(),
        _ => layer.name.clone(),
    }
}

impl<'a> Pairing<'a> {
    pub fn new(graph: &'a Graph, flow: &'a Flow, file: &'a TensorFile) -> Self {
        Self { graph, flow, file, steps: BTreeMap::new(), input: None }
    }

    /// A step of the file in words.
    fn words_for(&self, step: &FlowStep) -> String {
        match &step.op {
            StepOp::Conv { weights, axes, window, .. } => {
                let shape = self.file.tensors.get(weights).and_then(|stored| kernel_of(&stored.shape, *axes));
                match shape {
                    Some([h, w, _, channels]) => convolution([h, w], window.stride, channels),
                    None => format!("a convolution without the kernel {weights}"),
                }
            }
            StepOp::Dense { .. } => "a dense layer".into(),
            StepOp::Norm(_) => "a batch norm of its own".into(),
            StepOp::Residual { scale } => format!("a residual sum with scale {scale}"),
            StepOp::Other(op) => match op {
                FileOp::MaxPool(own) => pool(own.kernel, own.stride, None),
                FileOp::AveragePool(own, count) => pool(own.kernel, own.stride, Some(*count)),
                FileOp::GlobalAverage => "a global average".into(),
                FileOp::GlobalMax => "a global maximum".into(),
                FileOp::Activation(activation) => activation.name().into(),
                FileOp::Concat => "a concatenation".into(),
                FileOp::Bias(_) => "a bias of its own".into(),
                FileOp::Input { .. } => "the picture".into(),
                FileOp::Affine { .. } => "arithmetic with constants".into(),
                FileOp::Lrn { size, .. } => format!("a local response normalisation over {size} channels"),
                FileOp::Flatten { .. } => "a flattening".into(),
                FileOp::Other(name) => format!("the operation {name}"),
                _ => "another operation".into(),
            },
        }
    }

    fn difference(&self, layer: &Layer, step: &FlowStep) -> Difference {
        let (found, wanted) = (self.words_for(step), words_of(layer));
        // What cannot be told apart in so many words.
        let found = if found == wanted { format!("{found}, with other padding or activation") } else { found };
        Difference { node: step.name.clone(), found, wanted, layer: layer.name.clone() }
    }

    /// The inputs of a layer without other names for them.
    fn inputs_of(&self, layer: &Layer) -> Vec<LayerId> {
        layer.inputs.iter().flat_map(|&id| self.parts_of(id)).collect()
    }

    /// A value's parts where it is a concatenation of one, else itself.
    fn parts_of(&self, id: LayerId) -> Vec<LayerId> {
        let layer = self.graph.layer(id);
        match layer.op {
            Op::Activation(Activation::Identity) => self.inputs_of(layer),
            Op::Concat if layer.inputs.len() == 1 => self.inputs_of(layer),
            _ => vec![id],
        }
    }

    fn flattened(&self, layer: &Layer) -> Vec<LayerId> {
        let parts = self.inputs_of(layer).into_iter();
        parts
            .flat_map(|id| match self.graph.layer(id) {
                inner if inner.op == Op::Concat => self.flattened(inner),
                _ => vec![id],
            })
            .collect()
    }

    /// Pairs a layer and all that it reads with a step and all that it reads.
    pub fn pair(&mut self, id: LayerId, at: usize) -> Result<(), Difference> {
        let &[id] = self.parts_of(id).as_slice() else { return Ok(()) };
        let (graph, flow) = (self.graph, self.flow);
        let (layer, step) = (graph.layer(id), &flow.steps[at]);
        if layer.op == Op::Input {
            return match *self.input.get_or_insert(at) == at {
                true => Ok(()),
                false => Err(self.difference(layer, step)),
            };
        }
        match self.steps.get(&id) {
            Some(&paired) if paired == at => return Ok(()),
            Some(_) => return Err(self.difference(layer, step)),
            None => {}
        }
        let inputs = if layer.op == Op::Concat { self.flattened(layer) } else { self.inputs_of(layer) };
        if inputs.len() != step.inputs.len() {
            // What is before may differ already, and is then the better answer.
            if let (Some(&first), Some(&before)) = (inputs.first(), step.inputs.first()) {
                self.pair(first, before)?;
            }
            return Err(self.difference(layer, step));
        }
        for (&input, &before) in inputs.iter().zip(&step.inputs) {
            self.pair(input, before)?;
        }
        if !self.is_same(layer, step) {
            return Err(self.difference(layer, step));
        }
        self.steps.insert(id, at);
        Ok(())
    }

    fn is_same(&self, layer: &Layer, step: &FlowStep) -> bool {
        let input = layer.inputs.first().map_or(layer.shape, |&id| self.graph.layer(id).shape);
        let is_placed = |window: &Window, kernel: [usize; 2], stride: [usize; 2], padding: Padding| {
            let place = placed(window, input);
            let wanted = ([padding.top, padding.left], [layer.shape.h, layer.shape.w]);
            window.kernel == kernel && window.stride == stride && place == Some(wanted)
        };
        match (&layer.op, &step.op) {
            (Op::Conv(conv), StepOp::Conv { weights, axes, window, relu, .. }) => {
                let shape = self.file.tensors.get(weights).and_then(|stored| kernel_of(&stored.shape, *axes));
                let Some([h, w, inputs, outputs]) = shape else { return false };
                let is_grey = inputs == 1 && self.graph.layer(layer.inputs[0]).op == Op::Input;
                ([h, w], outputs, *relu) == (conv.kernel, layer.shape.c, conv.relu)
                    && (inputs == input.c || is_grey)
                    && is_placed(window, conv.kernel, conv.stride, conv.padding)
            }
            (Op::Pool(own), StepOp::Other(FileOp::MaxPool(window))) => {
                own.kind == PoolKind::Max && is_placed(window, own.kernel, own.stride, own.padding)
            }
            (Op::Pool(own), StepOp::Other(FileOp::AveragePool(window, count))) => {
                let is_padded = own.padding != Padding::default();
                let PoolKind::Average { count_padding } = own.kind else { return false };
                (!is_padded || *count == count_padding) && is_placed(window, own.kernel, own.stride, own.padding)
            }
            (Op::Concat, StepOp::Other(FileOp::Concat)) => true,
            (Op::Add { scale }, StepOp::Residual { scale: found }) => (f64::from(*scale) - found).abs() < 1e-6,
            (Op::Activation(own), StepOp::Other(FileOp::Activation(found))) => own == found,
            (
                &Op::Lrn { size, alpha, beta, bias },
                StepOp::Other(FileOp::Lrn { size: other, alpha: a, beta: b, bias: k }),
            ) => {
                let near = |own: f32, found: f64| (f64::from(own) - found).abs() <= 1e-6 * found.abs();
                size == *other && near(alpha, *a) && near(beta, *b) && near(bias, *k)
            }
            _ => false,
        }
    }
}
