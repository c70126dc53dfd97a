//! A file's graph in the shape that ours have: names for the same thing are gone, bias, batch norm and ReLU belong to their
//! convolution, concatenations of concatenations are one, and arithmetic with numbers is one scale and shift.

use crate::checkpoints::formats::decode::Axes;
use crate::checkpoints::formats::{FileGraph, FileOp, Node, Window};
use crate::graph::Activation;

/// Keys of a batch norm.
#[derive(Clone, Debug, PartialEq)]
pub struct NormKeys {
    pub gamma: Option<String>,
    pub beta: Option<String>,
    pub mean: String,
    pub variance: String,
    pub epsilon: f64,
}

/// What a step computes.
#[derive(Clone, Debug, PartialEq)]
pub enum StepOp {
    Conv {
        weights: String,
        bias: Option<String>,
        axes: Axes,
        window: Window,
        norm: Option<NormKeys>,
        relu: bool,
    },
    Dense {
        weights: String,
        bias: Option<String>,
        axes: Axes,
    },
    Norm(NormKeys),
    /// The second input times the scale is added to the first.
    Residual {
        scale: f64,
    },
    /// What stands for itself.
    Other(FileOp),
}

/// One step, with the steps that it reads.
#[derive(Clone, Debug)]
pub struct FlowStep {
    pub name: String,
    pub op: StepOp,
    pub inputs: Vec<usize>,
}

/// The steps, each after all that it reads.
#[derive(Debug, Default)]
pub struct Flow {
    pub steps: Vec<FlowStep>,
    /// What the model answers with.
    pub outputs: Vec<usize>,
}

/// A scale and a shift of one value for all channels, or one for each.
struct Affine {
    scale: Vec<f64>,
    shift: Vec<f64>,
}

impl Affine {
    /// This and then that; none where their numbers of channels differ.
    fn then(&self, next: &Self) -> Option<Self> {
        let channels = [&self.scale, &self.shift, &next.scale, &next.shift].map(|values| values.len());
        let most = channels.into_iter().max()?;
        if most == 0 || channels.iter().any(|&count| count != 1 && count != most) {
            return None;
        }
        let at = |values: &[f64], c: usize| if values.len() == 1 { values[0] } else { values[c] };
        let all = 0..most;
        let scale = all.clone().map(|c| at(&self.scale, c) * at(&next.scale, c)).collect();
        let shift = all.map(|c| at(&self.shift, c) * at(&next.scale, c) + at(&next.shift, c)).collect();
        Some(Self { scale, shift })
    }

    /// The factor, where it is one number and nothing is added.
    fn factor(&self) -> Option<f64> {
        let [first, rest @ ..] = self.scale.as_slice() else { return None };
        (rest.iter().all(|v| v == first) && self.shift.iter().all(|&v| v == 0.0)).then_some(*first)
    }
}

impl StepOp {
    /// Takes what follows the step into it, where that is one of the things that belong to it.
    fn take(&mut self, next: &FileOp) -> bool {
        match (self, next) {
            (
                Self::Conv { bias: bias @ None, norm: None, relu: false, .. } | Self::Dense { bias: bias @ None, .. },
                FileOp::Bias(key),
            ) => {
                *bias = Some(key.clone());
            }
            (Self::Conv { norm: norm @ None, relu: false, .. }, FileOp::Norm { .. }) => *norm = norm_keys(next),
            (Self::Conv { relu: relu @ false, .. }, FileOp::Activation(Activation::Relu)) => *relu = true,
            (Self::Other(FileOp::Affine { scale, shift }), FileOp::Affine { scale: more, shift: and }) => {
                let first = Affine { scale: scale.clone(), shift: shift.clone() };
                let Some(both) = first.then(&Affine { scale: more.clone(), shift: and.clone() }) else { return false };
                (*scale, *shift) = (both.scale, both.shift);
            }
            _ => return false,
        }
        true
    }
}

fn norm_keys(op: &FileOp) -> Option<NormKeys> {
    let FileOp::Norm { gamma, beta, mean, variance, epsilon } = op else { return None };
    let (gamma, beta, mean, variance) = (gamma.clone(), beta.clone(), mean.clone(), variance.clone());
    Some(NormKeys { gamma, beta, mean, variance, epsilon: *epsilon })
}

fn is_nothing(op: &FileOp) -> bool {
    matches!(op, FileOp::Same | FileOp::Activation(Activation::Identity))
}

impl Flow {
    /// Simplifies a file's graph; none where a node reads one that does not come before it, or reads none where it has to.
    pub fn of(graph: &FileGraph) -> Option<Self> {
        // The node whose value each has.
        let mut values: Vec<usize> = Vec::with_capacity(graph.nodes.len());
        for (at, node) in graph.nodes.iter().enumerate() {
            if node.inputs.iter().any(|&input| input >= at) {
                return None;
            }
            values.push(if is_nothing(&node.op) { values[*node.inputs.first()?] } else { at });
        }
        let mut readers = vec![0usize; graph.nodes.len()];
        let read = graph.nodes.iter().filter(|node| !is_nothing(&node.op)).flat_map(|node| &node.inputs);
        for &input in read.chain(&graph.outputs) {
            readers[*values.get(input)?] += 1;
        }
        let mut flow = Self::default();
        // The step that has each node's value.
        let mut places: Vec<usize> = Vec::with_capacity(graph.nodes.len());
        for (at, node) in graph.nodes.iter().enumerate() {
            if values[at] != at {
                places.push(places[values[at]]);
                continue;
            }
            let inputs = node.inputs.iter().map(|&input| places[input]).collect();
            let is_alone = node.inputs.first().is_some_and(|&input| readers[values[input]] == 1);
            let place = flow.put(node, inputs, is_alone);
            places.push(place);
        }
        flow.outputs = graph.outputs.iter().map(|&output| places[output]).collect();
        Some(flow)
    }

    /// The step that has the value of a node: a new one, or the one before it. `is_alone`: nothing else reads the first input.
    fn put(&mut self, node: &Node, inputs: Vec<usize>, is_alone: bool) -> usize {
        if let Some(&before) = inputs.first()
            && is_alone
            && self.steps[before].op.take(&node.op)
        {
            return before;
        }
        let (op, inputs) = match &node.op {
            FileOp::Conv { weights, bias, axes, window } => {
                let (weights, bias) = (weights.clone(), bias.clone());
                (StepOp::Conv { weights, bias, axes: *axes, window: *window, norm: None, relu: false }, inputs)
            }
            FileOp::Dense { weights, bias, axes } => {
                (StepOp::Dense { weights: weights.clone(), bias: bias.clone(), axes: *axes }, inputs)
            }
            FileOp::Norm { .. } => match norm_keys(&node.op) {
                Some(keys) => (StepOp::Norm(keys), inputs),
                None => (StepOp::Other(node.op.clone()), inputs),
            },
            FileOp::Concat => match self.single_channels(&inputs) {
                Some((source, channels, affine)) => return self.push_channels(&node.name, source, channels, affine),
                None => (StepOp::Other(FileOp::Concat), self.flattened(inputs)),
            },
            FileOp::Add => self.residual(inputs),
            other => (StepOp::Other(other.clone()), inputs),
        };
        self.push(&node.name, op, inputs)
    }

    fn push(&mut self, name: &str, op: StepOp, inputs: Vec<usize>) -> usize {
        self.steps.push(FlowStep { name: name.into(), op, inputs });
        self.steps.len() - 1
    }

    /// The inputs of a concatenation, those of concatenations among them in their place.
    fn flattened(&self, inputs: Vec<usize>) -> Vec<usize> {
        let parts = |at: usize| match &self.steps[at] {
            FlowStep { op: StepOp::Other(FileOp::Concat), inputs, .. } => inputs.clone(),
            _ => vec![at],
        };
        inputs.into_iter().flat_map(parts).collect()
    }

    /// A sum, with the input that is multiplied as the second.
    fn residual(&self, inputs: Vec<usize>) -> (StepOp, Vec<usize>) {
        let &[a, b] = inputs.as_slice() else { return (StepOp::Other(FileOp::Add), inputs) };
        let scaled = |at: usize| {
            let (affine, source) = self.affine(at)?;
            Some((affine.factor()?, source))
        };
        let is_linear = |at: usize| matches!(self.steps[at].op, StepOp::Conv { relu: false, .. });
        match (scaled(a), scaled(b)) {
            (_, Some((scale, source))) => (StepOp::Residual { scale }, vec![a, source]),
            (Some((scale, source)), None) => (StepOp::Residual { scale }, vec![b, source]),
            (None, None) if is_linear(a) && !is_linear(b) => (StepOp::Residual { scale: 1.0 }, vec![b, a]),
            (None, None) => (StepOp::Residual { scale: 1.0 }, vec![a, b]),
        }
    }

    /// A step's scale and shift, and what they are of.
    fn affine(&self, at: usize) -> Option<(Affine, usize)> {
        let FlowStep { op: StepOp::Other(FileOp::Affine { scale, shift }), inputs, .. } = &self.steps[at] else {
            return None;
        };
        Some((Affine { scale: scale.clone(), shift: shift.clone() }, *inputs.first()?))
    }

    /// Where each input is one channel of the same value, scaled and shifted or not: that value, the channels, and one scale and
    /// shift for each.
    fn single_channels(&self, inputs: &[usize]) -> Option<(usize, Vec<usize>, Affine)> {
        let mut source = None;
        let (mut channels, mut all) = (vec![], Affine { scale: vec![], shift: vec![] });
        for &input in inputs {
            let (affine, at) = self.affine(input).unwrap_or((Affine { scale: vec![1.0], shift: vec![0.0] }, input));
            let FlowStep { op: StepOp::Other(FileOp::Channels(taken)), inputs, .. } = &self.steps[at] else {
                return None;
            };
            let (&[channel], &[from], &[scale], &[shift]) =
                (taken.as_slice(), inputs.as_slice(), affine.scale.as_slice(), affine.shift.as_slice())
            else {
                return None;
            };
            if *source.get_or_insert(from) != from {
                return None;
            }
            channels.push(channel);
            all.scale.push(scale);
            all.shift.push(shift);
        }
        Some((source?, channels, all))
    }

    fn push_channels(&mut self, name: &str, source: usize, channels: Vec<usize>, affine: Affine) -> usize {
        let source = match channels.iter().copied().eq(0..channels.len()) {
            true => source,
            false => self.push(name, StepOp::Other(FileOp::Channels(channels)), vec![source]),
        };
        let Affine { scale, shift } = affine;
        self.push(name, StepOp::Other(FileOp::Affine { scale, shift }), vec![source])
    }

    /// The steps from the last one that reads several, or none, to this one, that one first.
    pub fn tail(&self, from: usize) -> Vec<usize> {
        let mut tail = vec![from];
        while let [before] = self.steps[tail[tail.len() - 1]].inputs.as_slice() {
            tail.push(*before);
        }
        tail.reverse();
        tail
    }

    /// How many convolutions a step's value takes, its own included.
    pub fn convolutions(&self, of: usize) -> usize {
        self.taken(of).iter().filter(|&&at| matches!(self.steps[at].op, StepOp::Conv { .. })).count()
    }

    /// The steps that a step's value takes, its own included.
    fn taken(&self, of: usize) -> Vec<usize> {
        let mut seen = vec![false; self.steps.len()];
        let mut due = vec![of];
        let mut taken = vec![];
        while let Some(at) = due.pop() {
            if !std::mem::replace(&mut seen[at], true) {
                taken.push(at);
                due.extend(&self.steps[at].inputs);
            }
        }
        taken
    }
}
