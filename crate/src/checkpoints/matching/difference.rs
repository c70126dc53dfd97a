//! Where a file's model and a network part: the network laid over the file's steps from the picture on, and on again behind what
//! differs, so that the network that has most in common with the file is the one that is spoken of.

use std::collections::{BTreeMap, BTreeSet};

use super::body::{is_same, kernel_of, parts_of, reads};
use super::flow::{Flow, FlowStep, StepOp};
use crate::checkpoints::formats::{FileOp, TensorFile};
use crate::graph::{Add, Graph, Layer, LayerId, Lrn, Op, PoolKind};

/// Steps that one layer may be, and readers of a step, that are looked at.
const MOST_ALIKE: usize = 64;
/// Steps in one line that may stand for one layer.
const MOST_IN_LINE: usize = 6;

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

/// What a network has in common with a file's model.
pub struct Likeness {
    /// Layers of the body that the file has after the same ones.
    pub placed: usize,
    /// The first that it has not.
    pub difference: Difference,
}

/// The steps that read each step, in order.
pub fn readers(flow: &Flow) -> Vec<Vec<usize>> {
    let mut readers = vec![Vec::new(); flow.steps.len()];
    for (at, step) in flow.steps.iter().enumerate() {
        for &input in &step.inputs {
            let of: &mut Vec<usize> = &mut readers[input];
            if of.last() != Some(&at) && of.len() < MOST_ALIKE {
                of.push(at);
            }
        }
    }
    readers
}

/// A network over a file's steps.
struct Overlay<'a> {
    graph: &'a Graph,
    flow: &'a Flow,
    file: &'a TensorFile,
    readers: &'a [Vec<usize>],
    /// The layers that read each layer.
    layers: BTreeMap<LayerId, Vec<LayerId>>,
    /// The steps that each layer may be.
    alike: BTreeMap<LayerId, Vec<usize>>,
}

/// Compares a network's body, up to and with its layer `end`, with the steps of a file.
pub fn compare(graph: &Graph, end: LayerId, flow: &Flow, file: &TensorFile, readers: &[Vec<usize>]) -> Likeness {
    let ends = parts_of(graph, end);
    let (mut body, mut due) = (BTreeSet::new(), ends.clone());
    while let Some(id) = due.pop() {
        if body.insert(id) {
            due.extend(reads(graph, graph.layer(id)));
        }
    }
    let mut layers: BTreeMap<LayerId, Vec<LayerId>> = BTreeMap::new();
    for &id in &body {
        reads(graph, graph.layer(id)).into_iter().for_each(|input| layers.entry(input).or_default().push(id));
    }
    let mut overlay = Overlay { graph, flow, file, readers, layers, alike: BTreeMap::new() };
    let (mut placed, mut difference) = (0, None);
    // A layer stands behind all that it reads.
    for id in body {
        let layer = graph.layer(id);
        let mut steps = if matches!(layer.op, Op::Input(_)) { overlay.pictures() } else { overlay.same(layer) };
        let twins = overlay.twins(id, &steps);
        let is_missing = steps.is_empty() || !twins.is_empty();
        if is_missing && !matches!(layer.op, Op::Input(_)) {
            let (found, instead) = overlay.instead(id);
            // Of twins the file may have one, which is applied twice.
            if instead.is_some() || twins.is_empty() {
                difference = difference.or(Some(found));
                steps.extend(instead);
                twins.into_iter().for_each(|twin| _ = overlay.alike.insert(twin, steps.clone()));
            }
        } else {
            placed += usize::from(!matches!(layer.op, Op::Input(_)));
        }
        overlay.alike.insert(id, steps);
    }
    let difference = difference.unwrap_or_else(|| overlay.behind(ends.first().copied().unwrap_or(end)));
    Likeness { placed, difference }
}

impl Overlay<'_> {
    /// What may be the picture: the model's input, and arithmetic on it.
    fn pictures(&self) -> Vec<usize> {
        let mut is_picture: Vec<bool> = Vec::with_capacity(self.flow.steps.len());
        for step in &self.flow.steps {
            let is_arithmetic = matches!(
                step.op,
                StepOp::Other(
                    FileOp::Input { .. } | FileOp::Affine { .. } | FileOp::Channels(_) | FileOp::Concat | FileOp::Add
                )
            );
            is_picture.push(is_arithmetic && step.inputs.iter().all(|&input| is_picture[input]));
        }
        is_picture.iter().enumerate().filter(|(_, is)| **is).map(|(at, _)| at).take(MOST_ALIKE).collect()
    }

    /// Layers that a layer cannot be told from, where the file has fewer such steps than there are layers.
    fn twins(&self, id: LayerId, steps: &[usize]) -> Vec<LayerId> {
        let layer = self.graph.layer(id);
        let siblings = reads(self.graph, layer).first().and_then(|input| self.layers.get(input)).into_iter().flatten();
        let is_twin = |of: &LayerId| *of != id && self.alike.get(of).is_some_and(|alike| alike == steps);
        let twins: Vec<LayerId> = siblings.copied().filter(is_twin).collect();
        if steps.is_empty() || twins.len() < steps.len() { vec![] } else { twins }
    }

    /// The steps that each input of a layer may be.
    fn sources(&self, layer: &Layer) -> Vec<&[usize]> {
        let alike = |id: LayerId| self.alike.get(&id).map(Vec::as_slice).unwrap_or_default();
        reads(self.graph, layer).into_iter().map(alike).collect()
    }

    /// The steps that read these.
    fn after(&self, sources: &[usize]) -> BTreeSet<usize> {
        sources.iter().flat_map(|&source| self.readers[source].iter().copied()).collect()
    }

    /// Whether a step reads these, in this order.
    fn is_after(&self, at: usize, sources: &[&[usize]]) -> bool {
        let inputs = &self.flow.steps[at].inputs;
        inputs.len() == sources.len() && inputs.iter().zip(sources).all(|(input, of)| of.contains(input))
    }

    fn is_same(&self, layer: &Layer, at: usize) -> bool {
        is_same(self.graph, self.file, layer, &self.flow.steps[at])
    }

    /// The steps that compute what a layer does of what it reads.
    fn same(&self, layer: &Layer) -> Vec<usize> {
        let sources = self.sources(layer);
        let Some(first) = sources.first() else { return vec![] };
        let steps = self.after(first).into_iter();
        steps.filter(|&at| self.is_after(at, &sources) && self.is_same(layer, at)).take(MOST_ALIKE).collect()
    }

    /// Whether a step is a convolution of the same window and as many channels, a pool, or does the same with what is read.
    fn is_kin(&self, layer: &Layer, at: usize, sources: &[&[usize]]) -> bool {
        let step = &self.flow.steps[at];
        let reads_the_same = || step.inputs.iter().all(|input| sources.iter().any(|of| of.contains(input)));
        match &layer.op {
            Op::Conv(conv) => {
                let StepOp::Conv { weights, axes, .. } = &step.op else { return false };
                let shape = self.file.tensors.get(weights).and_then(|stored| kernel_of(&stored.shape, *axes));
                shape.is_some_and(|[h, w, _, channels]| [h, w] == conv.kernel && channels == layer.shape.c)
            }
            Op::Pool(_) => matches!(step.op, StepOp::Other(FileOp::MaxPool(_) | FileOp::AveragePool(..))),
            // The same values in another order.
            Op::Concat => matches!(step.op, StepOp::Other(FileOp::Concat)) && reads_the_same(),
            Op::Add(_) => matches!(step.op, StepOp::Residual { .. }) && reads_the_same(),
            Op::Input(_) | Op::Activation(_) | Op::Lrn(_) | Op::AdaptiveAverage(_) | Op::GlobalAverage => false,
            Op::Linear(_) | Op::Norm(_) | Op::L2Normalize | Op::Softmax | Op::Sigmoid => false,
        }
    }

    /// What the file has instead of a layer, and the step behind which the comparison goes on.
    fn instead(&self, id: LayerId) -> (Difference, Option<usize>) {
        let layer = self.graph.layer(id);
        let inputs = reads(self.graph, layer);
        let sources = self.sources(layer);
        let all: Vec<usize> = sources.iter().copied().flatten().copied().collect();
        let others: BTreeSet<LayerId> = inputs
            .iter()
            .filter_map(|input| self.layers.get(input))
            .flatten()
            .copied()
            .filter(|&of| of != id)
            .collect();
        // What other layers that read the same are, it is not.
        let is_free = |at: &usize| !others.iter().any(|&other| self.is_same(self.graph.layer(other), *at));
        let after: Vec<usize> = self.after(&all).into_iter().filter(|at| !all.contains(at) && is_free(at)).collect();
        let kin = after.iter().copied().find(|&at| self.is_kin(layer, at, &sources));
        let wanted = words_of(layer);
        let Some(found) = kin.or(after.first().copied()) else {
            let node = all.first().map(|&at| self.flow.steps[at].name.clone()).unwrap_or_default();
            let found = "nothing else after it".into();
            return (Difference { node, found, wanted, layer: layer.name.clone() }, None);
        };
        let line = self.line(layer, found, kin.is_some());
        let step = &self.flow.steps[found];
        let last = line.last().copied().unwrap_or(found);
        // A convolution that is the same up to its activation differs in what follows it.
        let relu = if let (Op::Conv(conv), StepOp::Conv { relu, .. }) = (&layer.op, &step.op) {
            (*relu != conv.relu).then_some(conv.relu)
        } else {
            None
        };
        let (node, found, wanted) = match (relu, line.get(1)) {
            (Some(true), Some(&next)) => {
                let step = &self.flow.steps[next];
                let wanted = if self.lacks_norm(found) { "a batch norm" } else { "a relu" };
                (step, self.words_for(step), wanted.to_owned())
            }
            (Some(true), None) => (step, format!("{} without an activation", self.words_for(step)), wanted),
            (Some(false), _) => (step, format!("{} with a relu", self.words_for(step)), wanted),
            (None, _) => {
                let found = self.words_for(step);
                let is_reordered = matches!(layer.op, Op::Concat) && found == wanted;
                let aside = if is_reordered { "in another order" } else { "with other padding" };
                (step, if found == wanted { format!("{found} {aside}") } else { found }, wanted)
            }
        };
        (Difference { node: node.name.clone(), found, wanted, layer: layer.name.clone() }, Some(last))
    }

    /// Whether a convolution has no batch norm where others of the file have one.
    fn lacks_norm(&self, at: usize) -> bool {
        let has = |step: &FlowStep| matches!(step.op, StepOp::Conv { norm: Some(_), .. });
        !has(&self.flow.steps[at]) && self.flow.steps.iter().any(has)
    }

    /// A step and those after it that are read by nothing else and belong to it, or of which the last is what the layer is.
    fn line(&self, layer: &Layer, first: usize, is_kin: bool) -> Vec<usize> {
        let mut line = vec![first];
        while let &[next] = self.readers[line[line.len() - 1]].as_slice()
            && line.len() < MOST_IN_LINE
        {
            let step = &self.flow.steps[next];
            if !is_kin && self.is_same(layer, next) {
                line.push(next);
                break;
            }
            let is_conv = |at: usize| matches!(self.flow.steps[at].op, StepOp::Conv { relu: false, .. });
            let follows = match &step.op {
                StepOp::Norm(_) => true,
                StepOp::Other(op) => match op {
                    FileOp::Activation(_) | FileOp::Bias(_) | FileOp::Affine { .. } => true,
                    FileOp::Other(_) => matches!(layer.op, Op::Conv(_)) && line.len() == 1 && is_conv(first),
                    _ => false,
                },
                _ => false,
            };
            if !follows || step.inputs.len() != 1 {
                break;
            }
            line.push(next);
        }
        line
    }

    /// What follows a body that the file has whole: something that no head has.
    fn behind(&self, end: LayerId) -> Difference {
        let (mut seen, mut due) = (BTreeSet::new(), self.alike.get(&end).cloned().unwrap_or_default());
        let begin = due.first().copied();
        while let Some(at) = due.pop() {
            due.extend(self.readers[at].iter().copied().filter(|&next| seen.insert(next)));
        }
        let is_odd = |at: &usize| {
            let step = &self.flow.steps[*at];
            step.inputs.len() != 1 || matches!(step.op, StepOp::Other(FileOp::Other(_) | FileOp::Lrn { .. }))
        };
        let found = seen.iter().copied().find(is_odd).or(seen.first().copied()).or(begin);
        let (node, found) = match found.map(|at| &self.flow.steps[at]) {
            Some(step) => (step.name.clone(), self.words_for(step)),
            None => (String::new(), "nothing".into()),
        };
        Difference { node, found, wanted: "its head".into(), layer: self.graph.layer(end).name.clone() }
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
                FileOp::Activation(activation) => article(activation.name()),
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
        Op::Add(Add { scale }) => format!("a residual sum with scale {scale}"),
        Op::Activation(activation) => article(activation.name()),
        Op::Lrn(Lrn { size, .. }) => format!("a local response normalisation over {size} channels"),
        Op::Input(_) => "the picture".into(),
        Op::AdaptiveAverage(_) | Op::GlobalAverage | Op::Linear(_) | Op::Norm(_) => layer.name.clone(),
        Op::L2Normalize | Op::Softmax | Op::Sigmoid => layer.name.clone(),
    }
}

/// A noun with its article.
fn article(noun: &str) -> String {
    let is_vowel = noun.starts_with(['a', 'e', 'i', 'o', 'u']);
    format!("{} {noun}", if is_vowel { "an" } else { "a" })
}
