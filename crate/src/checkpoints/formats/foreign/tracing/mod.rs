//! From the nodes of an ONNX or TensorFlow file to a [`FileGraph`], node by node in the order in which they compute.
//! Enters: what each node does and reads. Leaves: the operations from the picture to the answers, and the tensors that they read.
//! What is the same whatever the picture is folded into constants; what nothing reads is dropped at the end.

mod arithmetic;
mod constants;
mod shapes;
mod windows;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

use super::file_graph::needed;
use super::{FileGraph, FileOp, Node, SourceFile, Stored, TensorFile};
use crate::checkpoints::formats::decode::Axes;
use crate::graph::{Activation, Padding};

pub(super) use arithmetic::Arithmetic;
pub(super) use constants::{Constant, decimal, number_type};
pub(super) use shapes::whole_axis;
pub(super) use windows::{FilePool, FileWindow};

/// What an axis of a value runs over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Axis {
    Batch,
    Channel,
    Height,
    Width,
    /// Something of size one, such as the height of a mean over all positions.
    Unit,
}

/// Axes of a map, channel by channel.
pub(super) const NCHW: [Axis; 4] = [Axis::Batch, Axis::Channel, Axis::Height, Axis::Width];
/// Axes of a map, position by position.
pub(super) const NHWC: [Axis; 4] = [Axis::Batch, Axis::Height, Axis::Width, Axis::Channel];
/// Axes of a vector.
pub(super) const NC: [Axis; 2] = [Axis::Batch, Axis::Channel];

/// A value that depends on the picture.
#[derive(Clone, Debug)]
pub(super) struct Flow {
    /// The operation that computes it.
    pub node: usize,
    /// Its axes; empty where they are not known.
    pub axes: Vec<Axis>,
}

impl Flow {
    /// Whether it is a map with its axes in this order, as far as is known.
    pub fn is_map(&self, channels_last: bool) -> bool {
        let of = |wanted: &Axis, found: &Axis| {
            wanted == found || matches!(wanted, Axis::Height | Axis::Width) && *found == Axis::Unit
        };
        let wanted = if channels_last { NHWC } else { NCHW };
        self.axes.is_empty() || self.axes.len() == 4 && wanted.iter().zip(&self.axes).all(|(a, b)| of(a, b))
    }

    /// Whether this axis, counted from the end where it is negative, runs over channels, as far as is known.
    pub fn is_channel(&self, axis: i64) -> bool {
        self.axes.is_empty() || whole_axis(axis, self.axes.len()).is_some_and(|axis| self.axes[axis] == Axis::Channel)
    }
}

/// What a node of a file reads or makes.
#[derive(Clone, Debug)]
pub(super) enum Value {
    /// Something computed from the picture.
    Flow(Flow),
    /// Something that is in the file.
    Constant(Constant),
    /// A shape, or a part of one, as far as it is known: of a value, or computed from one.
    Sizes(Vec<Option<i64>>),
    /// Neither: a name of a file, an output that inference does not use.
    Nothing,
}

/// What is remembered of an operation while others read it.
#[derive(Clone, Debug, Default)]
struct Traits {
    /// It has no negative values.
    positive: bool,
    /// It is the picture, or arithmetic on it.
    is_picture: bool,
    /// It pads that operation with so many zeros; whoever reads it may pad itself.
    pads: Option<(usize, Padding)>,
}

/// Collects operations and tensors.
pub(super) struct Tracer<'f> {
    files: &'f [SourceFile],
    /// Tensors by key.
    pub tensors: BTreeMap<String, Stored>,
    /// Keys that operations read.
    claimed: BTreeSet<String>,
    /// Keys that were folded into others.
    folded: BTreeSet<String>,
    /// Values that had to be computed; they come as one more file.
    computed: Vec<u8>,
    /// Bytes that these may take: they stay beside the files and may not become much larger than them.
    pub room: usize,
    nodes: Vec<Node>,
    traits: Vec<Traits>,
    /// The one number that all of a constant are, where they are that, by its place and count.
    uniform: HashMap<(usize, Range<usize>, usize), Option<f64>>,
}

impl<'f> Tracer<'f> {
    /// One for the tensors of these files.
    pub fn new(files: &'f [SourceFile]) -> Self {
        Self {
            files,
            tensors: BTreeMap::new(),
            claimed: BTreeSet::new(),
            folded: BTreeSet::new(),
            computed: vec![],
            room: files.iter().map(|file| file.bytes.len()).sum::<usize>().saturating_add(LITTLE),
            nodes: vec![],
            traits: vec![],
            uniform: HashMap::new(),
        }
    }

    /// Adds an operation.
    fn push(&mut self, name: &str, op: FileOp, inputs: Vec<usize>) -> usize {
        let all = |is: fn(&Traits) -> bool| !inputs.is_empty() && inputs.iter().all(|&input| is(&self.traits[input]));
        let positive = match &op {
            FileOp::Activation(Activation::Relu | Activation::Relu6 | Activation::Sigmoid | Activation::Softplus) => {
                true
            }
            FileOp::Softmax => true,
            FileOp::MaxPool(_)
            | FileOp::AveragePool(..)
            | FileOp::GlobalAverage
            | FileOp::GlobalMax
            | FileOp::Lrn { .. } => all(|input| input.positive),
            FileOp::Concat | FileOp::Add | FileOp::Flatten { .. } => all(|input| input.positive),
            _ => false,
        };
        let is_picture = match &op {
            FileOp::Input { .. } => true,
            FileOp::Affine { .. } | FileOp::Channels(_) | FileOp::Concat | FileOp::Other(_) => {
                all(|input| input.is_picture)
            }
            _ => false,
        };
        self.traits.push(Traits { positive, is_picture, pads: None });
        self.nodes.push(Node { name: name.into(), op, inputs });
        self.nodes.len() - 1
    }

    /// Adds an operation on one value.
    pub fn apply(&mut self, name: &str, op: FileOp, flow: &Flow, axes: Vec<Axis>) -> Value {
        Value::Flow(Flow { node: self.push(name, op, vec![flow.node]), axes })
    }

    /// Adds an operation that leaves the axes as they are.
    pub fn same_axes(&mut self, name: &str, op: FileOp, flow: &Flow) -> Value {
        self.apply(name, op, flow, flow.axes.clone())
    }

    /// Adds what these networks do not have; of values that do not depend on the picture it makes nothing.
    pub fn other(&mut self, name: &str, what: &str, values: &[Value]) -> Value {
        let flows: Vec<&Flow> =
            values.iter().filter_map(|value| if let Value::Flow(flow) = value { Some(flow) } else { None }).collect();
        match flows.first() {
            Some(first) => {
                let inputs = flows.iter().map(|flow| flow.node).collect();
                Value::Flow(Flow {
                    node: self.push(name, FileOp::Other(what.into()), inputs),
                    axes: first.axes.clone(),
                })
            }
            None => Value::Nothing,
        }
    }

    /// The picture.
    pub fn input(&mut self, name: &str, size: Option<[usize; 2]>, channels: Option<usize>, axes: &[Axis]) -> Value {
        let node = self.push(name, FileOp::Input { size, channels, bytes: false }, vec![]);
        Value::Flow(Flow { node, axes: axes.to_vec() })
    }

    /// The axes of a picture whose shape the file gives as far as it is known, with its size and channels.
    pub fn picture(&mut self, name: &str, shape: &[Option<i64>], channels_last: bool) -> Value {
        let axes: &[Axis] = match shape.len() {
            4 if channels_last => &NHWC,
            4 => &NCHW,
            3 if channels_last => &NHWC[1..],
            2 => &NC,
            _ => &[],
        };
        let side = |wanted| {
            let at = axes.iter().position(|&axis| axis == wanted)?;
            shape[at].and_then(|side| usize::try_from(side).ok()).filter(|side| (1..=MOST_PIXELS).contains(side))
        };
        let size = side(Axis::Height).zip(side(Axis::Width)).map(|(height, width)| [height, width]);
        let channels = side(Axis::Channel);
        self.input(name, size, channels, axes)
    }

    /// Notes that the picture comes in another size than was thought, where this value is one.
    pub fn resized(&mut self, flow: &Flow, found: Option<[usize; 2]>) -> bool {
        if !self.traits[flow.node].is_picture {
            return false;
        }
        let mut at = flow.node;
        while let Some(&input) = self.nodes[at].inputs.first() {
            at = input;
        }
        if let FileOp::Input { size, .. } = &mut self.nodes[at].op {
            *size = found.filter(|size| size.iter().all(|side| (1..=MOST_PIXELS).contains(side)));
        }
        true
    }

    /// Notes that a value is a picture in whole numbers.
    pub fn of_bytes(&mut self, value: Value) -> Value {
        if let Value::Flow(flow) = &value
            && let FileOp::Input { bytes, .. } = &mut self.nodes[flow.node].op
        {
            *bytes = true;
        }
        value
    }

    /// Whether a value of the picture stays what it is as whole numbers: a picture that comes in them.
    pub fn is_whole(&self, value: &Value) -> bool {
        match value {
            Value::Flow(flow) => matches!(self.nodes[flow.node].op, FileOp::Input { bytes: true, .. }),
            _ => true,
        }
    }

    /// Whether it is the picture, or arithmetic on it.
    pub fn is_picture(&self, flow: &Flow) -> bool {
        self.traits[flow.node].is_picture
    }

    /// Whether it has no negative values.
    pub fn is_positive(&self, flow: &Flow) -> bool {
        self.traits[flow.node].positive
    }

    /// A function of each value.
    pub fn activation(&mut self, name: &str, activation: Activation, flow: &Flow) -> Value {
        self.same_axes(name, FileOp::Activation(activation), flow)
    }

    /// A linear layer.
    pub fn dense(&mut self, name: &str, flow: &Flow, weights: &Constant, bias: Option<&Constant>, axes: Axes) -> Value {
        let weights = self.claim(weights);
        let bias = bias.map(|bias| self.claim_vector(bias));
        self.apply(name, FileOp::Dense { weights, bias, axes }, flow, NC.to_vec())
    }

    /// Batch norm; parameters that do nothing are left out.
    pub fn norm(&mut self, name: &str, flow: &Flow, parameters: [Option<&Constant>; 4], epsilon: f64) -> Option<Value> {
        let [gamma, beta, mean, variance] = parameters;
        let gamma = gamma.filter(|gamma| !self.is_all(gamma, 1.0)).map(|gamma| self.claim_vector(gamma));
        let beta = beta.filter(|beta| !self.is_all(beta, 0.0)).map(|beta| self.claim_vector(beta));
        let (mean, variance) = (self.claim_vector(mean?), self.claim_vector(variance?));
        Some(self.same_axes(name, FileOp::Norm { gamma, beta, mean, variance, epsilon }, flow))
    }

    /// How many values the channel axis has, where that is said.
    pub fn channels(&self, flow: &Flow) -> Option<usize> {
        let mut at = flow.node;
        for _ in 0..MOST_STEPS {
            let node = &self.nodes[at];
            match &node.op {
                FileOp::Input { channels, .. } => return *channels,
                FileOp::Channels(channels) => return Some(channels.len()),
                FileOp::Conv { weights, axes, .. } | FileOp::Dense { weights, axes, .. } => {
                    let shape = &self.tensors.get(weights)?.shape;
                    return if *axes == Axes::OutputFirst { shape.first() } else { shape.last() }.copied();
                }
                FileOp::Concat | FileOp::Flatten { .. } | FileOp::Other(_) => return None,
                _ => at = *node.inputs.first()?,
            }
        }
        None
    }

    /// Drops the tensors that no operation reads.
    pub fn forget_unread(&mut self) {
        let claimed = &self.claimed;
        self.tensors.retain(|key, _| claimed.contains(key));
    }

    /// The tensors of a file without operations.
    pub fn finish_tensors(self) -> (TensorFile, Vec<u8>) {
        (TensorFile { tensors: self.tensors, ..TensorFile::default() }, self.computed)
    }

    /// What was found, with these answers; answers on the way to others are not told. The first is the main one if `in_order`,
    /// else the deepest.
    pub fn finish(self, answers: &[Flow], in_order: bool) -> (TensorFile, Vec<u8>) {
        let Self { mut tensors, claimed, folded, computed, nodes, .. } = self;
        tensors.retain(|key, _| claimed.contains(key) || !folded.contains(key));
        let mut outputs: Vec<usize> = Vec::new();
        for answer in answers.iter().take(MOST_ANSWERS) {
            if !outputs.contains(&answer.node) {
                outputs.push(answer.node);
            }
        }
        let on_the_way = needed(&nodes, &outputs, false);
        outputs.retain(|&output| !on_the_way[output]);
        if !in_order {
            let mut depth: Vec<usize> = Vec::with_capacity(nodes.len());
            for node in &nodes {
                depth.push(1 + node.inputs.iter().map(|&input| depth[input]).max().unwrap_or(0));
            }
            outputs.sort_by_key(|&output| std::cmp::Reverse(depth[output]));
        }
        let kept = needed(&nodes, &outputs, true);
        let mut places = vec![0; nodes.len()];
        let mut graph = FileGraph::default();
        for (at, node) in nodes.into_iter().enumerate().filter(|(at, _)| kept[*at]) {
            places[at] = graph.nodes.len();
            graph.nodes.push(Node { inputs: node.inputs.iter().map(|&input| places[input]).collect(), ..node });
        }
        graph.outputs = outputs.into_iter().map(|output| places[output]).collect();
        (TensorFile { tensors, graph: Some(graph), ..TensorFile::default() }, computed)
    }
}

/// Pixels along a side, or windows' numbers, beyond which nothing is believed.
const MOST_PIXELS: usize = 1 << 15;
/// Operations between a value and the one that says its channels.
const MOST_STEPS: usize = 64;
/// Bytes of computed numbers that the smallest file may have.
const LITTLE: usize = 1 << 13;
/// Answers that are looked at.
const MOST_ANSWERS: usize = 64;

/// Puts the files' bytes, and the values that were computed, beside the tensors that lie in them.
pub(super) fn with_bytes((mut tensors, computed): (TensorFile, Vec<u8>), files: Vec<SourceFile>) -> TensorFile {
    tensors.files = files.into_iter().map(|file| file.bytes).chain([computed.into()]).collect();
    tensors
}
