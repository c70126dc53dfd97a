//! Placement by what is computed: a file's graph walked beside ours, operation by operation, so that weights find their layers
//! whatever they are called. Enters: a [`TensorFile`] with a graph. Leaves: a [`Match`], or the first difference as an error.

mod body;
mod difference;
mod flow;
mod head;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::formats::{FileOp, TensorFile};
use super::{CheckpointError, Param, Weight};
use crate::graph::{BatchNorm, ConvStyle, Graph, Layer, LayerId, Op, Operation, Shape};
use crate::image::Channels;
use crate::networks::{Head, NETWORKS, Network, Options, OutputActivation};
use body::{Pairing, kernel_of};
use difference::{Difference, compare, readers};
use flow::{Flow, NormKeys, StepOp};
use head::{FoundHead, HeadKeys};

/// A network that a file's graph is, with a place for each of its tensors.
pub(super) struct Match {
    pub network: &'static Network,
    pub options: Options,
    pub weights: BTreeMap<String, BTreeMap<Param, Weight>>,
    /// What makes answers of the logits, where the file says.
    pub activation: Option<OutputActivation>,
    /// What the model does with its input before the network.
    pub before: Before,
}

/// What a model does with its input.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Before {
    /// Height and width of the input, where they are fixed.
    pub size: Option<[usize; 2]>,
    /// `value * scale + shift` of each channel, where there is any.
    pub affine: Option<([f64; 3], [f64; 3])>,
    /// The order of channels that the network reads.
    pub channels: Channels,
    /// Whether the network reads one channel, the picture's grey.
    pub is_grey: bool,
    /// Whether the model takes a picture's bytes, 0 to 255.
    pub bytes: bool,
}

/// Finds the network that a file's graph is, among all or the one that is named.
///
/// # Errors
/// [`CheckpointError::Layer`] for what a head or an input has that ours cannot have, [`CheckpointError::Differs`] for the first
/// difference from the network that fits best.
pub(super) fn find(file: &mut TensorFile, named: Option<&'static Network>) -> Result<Match, CheckpointError> {
    let Some(flow) = file.graph.as_ref().and_then(Flow::of) else { return Err(CheckpointError::NoFile) };
    let head = head::read(&flow, file)?;
    let size = input_size(&flow, head.maps);
    let convolutions = flow.convolutions(head.maps);
    let networks = named.map_or_else(|| NETWORKS.iter().collect(), |network| vec![network]);
    for &network in &networks {
        let options = body_options(network, size);
        // Too small a picture for one network says nothing of the others.
        let Ok(graph) = network.build(&options) else { continue };
        let Some(&body) = graph.layer(graph.features()).inputs.first() else { continue };
        for end in ends(&graph, body, convolutions) {
            let mut pairing = Pairing::new(&graph, &flow, file);
            if pairing.pair(end, head.maps) {
                let steps = std::mem::take(&mut pairing.steps);
                let input = pairing.input;
                let last = (end != body).then(|| graph.layer(end).name.clone());
                let found =
                    Found { flow: &flow, network, options: Options { last, ..options }, head, steps, graph: &graph };
                check_cover(&found, graph.layer(end).shape)?;
                return found.finish(file, input);
            }
        }
    }
    Err(refusal(&networks, &flow, file, size))
}

/// Options of a network without its heads, for pictures of this size.
fn body_options(network: &Network, size: Option<[usize; 2]>) -> Options {
    let options = Options { head: Head::None, auxiliary: vec![], ..network.options() };
    Options { size: size.unwrap_or(options.size), ..options }
}

/// The first difference from the network that has most in common with the file; of one that cannot take pictures of this size, that.
fn refusal(networks: &[&'static Network], flow: &Flow, file: &TensorFile, size: Option<[usize; 2]>) -> CheckpointError {
    let readers = readers(flow);
    let mut best: Option<(usize, CheckpointError)> = None;
    for network in networks {
        let (graph, unfit) = match network.build(&body_options(network, size)) {
            Ok(graph) => (graph, None),
            Err(error) => match network.build(&body_options(network, None)) {
                Ok(graph) => (graph, Some(error)),
                Err(_) => continue,
            },
        };
        let Some(&body) = graph.layer(graph.features()).inputs.first() else { continue };
        let likeness = compare(&graph, body, flow, file, &readers);
        if best.as_ref().is_none_or(|(most, _)| likeness.placed > *most) {
            let Difference { node, found, wanted, layer } = likeness.difference;
            let differs = CheckpointError::Differs { network: network.title, node, found, wanted, layer };
            best = Some((likeness.placed, unfit.map_or(differs, CheckpointError::Graph)));
        }
    }
    best.map_or(CheckpointError::NoFile, |(_, error)| error)
}

/// The layers that a file's last maps may be: the end of the body, and ends of modules with as many convolutions before them.
fn ends(graph: &Graph, body: LayerId, convolutions: usize) -> Vec<LayerId> {
    let mut count = 0;
    let mut ends = vec![body];
    for (id, layer) in graph.public() {
        count += usize::from(matches!(layer.op, Op::Conv(_)));
        let is_end = layer.module.as_ref() == Some(&layer.name) || layer.module.is_none();
        if is_end && count == convolutions && id != body && !matches!(layer.op, Op::GlobalAverage) {
            ends.push(id);
        }
    }
    ends
}

/// Height and width of the picture that a step's value is computed of.
fn input_size(flow: &Flow, of: usize) -> Option<[usize; 2]> {
    let mut at = of;
    while let Some(&before) = flow.steps[at].inputs.first() {
        at = before;
    }
    match flow.steps[at].op {
        StepOp::Other(FileOp::Input { size, .. }) => size,
        _ => None,
    }
}

/// An average pool of fixed size covers the maps, or as much of them as the network's does.
fn check_cover(found: &Found, maps: Shape) -> Result<(), CheckpointError> {
    let head = found.head.classifier.clone().map_or(Head::None, Head::Classifier);
    let own = found.network.window(&Options { head, ..found.options.clone() });
    let wanted = own.map_or([maps.h, maps.w], |side| [side; 2]);
    match found.head.covers.or(own.map(|_| [maps.h, maps.w])) {
        Some(window) if window != wanted => Err(CheckpointError::Layer {
            layer: "its last pool".into(),
            what: format!("a pool over {}x{} of {}x{} positions", window[0], window[1], maps.h, maps.w),
        }),
        _ => Ok(()),
    }
}

/// A network whose body is the file's.
struct Found<'a> {
    flow: &'a Flow,
    network: &'static Network,
    options: Options,
    head: FoundHead,
    steps: BTreeMap<LayerId, usize>,
    graph: &'a Graph,
}

impl Found<'_> {
    fn finish(self, file: &mut TensorFile, input: Option<usize>) -> Result<Match, CheckpointError> {
        let before = self.before(file, input)?;
        let conv = self.style()?;
        let classifier = self.head.classifier.clone();
        let head = classifier.map_or(Head::None, Head::Classifier);
        let options = Options { conv, head, ..self.options.clone() };
        let by_name: BTreeMap<&str, usize> =
            self.steps.iter().map(|(&id, &at)| (self.graph.layer(id).name.as_str(), at)).collect();
        let graph = self.network.build(&options)?;
        let mut weights: BTreeMap<String, BTreeMap<Param, Weight>> = BTreeMap::new();
        for layer in graph.layers() {
            let read = layer.inputs.first().map_or(Shape::vector(0), |&id| graph.layer(id).shape);
            if let Some(owner) = layer.shares.map(|id| graph.layer(id)) {
                self.check_shared(layer, owner, &by_name)?;
                let shared = weights.get(&owner.name).cloned().unwrap_or_default();
                weights.insert(layer.name.clone(), shared);
                continue;
            }
            for (param, shape) in layer.op.tensors(read).list() {
                let weight = match by_name.get(layer.name.as_str()) {
                    Some(&at) => self.of_body(at, param),
                    None => self.of_head(layer, param, read),
                };
                let weight = match weight {
                    Some(weight) => Weight { shape, ..weight },
                    // What the file leaves out does nothing.
                    None => {
                        let key = format!("{}/{param}", layer.name);
                        let value = if matches!(param, Param::Gamma | Param::Variance) { 1.0 } else { 0.0 };
                        file.add_constant(&key, value, shape.iter().product());
                        Weight { key, shape, ..Weight::default() }
                    }
                };
                check(file, &layer.name, &weight)?;
                weights.entry(layer.name.clone()).or_default().insert(param, weight);
            }
        }
        Ok(Match { network: self.network, options, weights, activation: self.head.activation, before })
    }

    /// How the body's convolutions are stored: those that the network's own style is for.
    fn style(&self) -> Result<ConvStyle, CheckpointError> {
        let (mut bias, mut gamma, mut epsilon, mut without) = (false, false, None, None);
        for (&id, &at) in &self.steps {
            let (Op::Conv(own), StepOp::Conv { norm, bias: found, .. }) =
                (&self.graph.layer(id).op, &self.flow.steps[at].op)
            else {
                continue;
            };
            // A residual's linear end has a bias and nothing else, whatever the style; other convolutions of some networks likewise.
            let follows_style =
                own.bias == self.options.conv.bias && own.norm.is_some() == self.options.conv.norm.is_some();
            let is_linear = !own.relu && own.norm.is_none();
            match norm {
                Some(norm) if is_linear || own.norm.is_none() && !follows_style => {
                    return Err(
                        self.refused(at, format!("a batch norm where {} has none ({})", self.network.title, norm.mean))
                    );
                }
                _ if is_linear || !follows_style => {}
                Some(norm) => {
                    bias |= found.is_some();
                    gamma |= norm.gamma.is_some();
                    if *epsilon.get_or_insert(norm.epsilon) != norm.epsilon {
                        return Err(self.refused(at, "batch norm with another epsilon than the others".into()));
                    }
                }
                None => {
                    bias |= found.is_some();
                    without = without.or(Some(at));
                }
            }
        }
        match (epsilon, without) {
            (Some(_), Some(at)) => {
                Err(self.refused(at, "a convolution without batch norm among others with it".into()))
            }
            (Some(epsilon), None) => Ok(ConvStyle { bias, norm: Some(BatchNorm { epsilon, gamma }) }),
            (None, _) => Ok(ConvStyle { bias: true, norm: None }),
        }
    }

    fn refused(&self, at: usize, what: String) -> CheckpointError {
        CheckpointError::Layer { layer: self.flow.steps[at].name.clone(), what }
    }

    fn of_body(&self, at: usize, param: Param) -> Option<Weight> {
        let StepOp::Conv { weights, bias, axes, norm, .. } = &self.flow.steps[at].op else { return None };
        let key = match param {
            Param::Weights => return Some(Weight { key: weights.clone(), axes: *axes, ..Weight::default() }),
            Param::Biases => bias.clone(),
            of_norm => of_norm_keys(norm.as_ref()?, of_norm),
        };
        Some(Weight { key: key?, ..Weight::default() })
    }

    /// Refuses a file that has other weights where the network applies one layer's again.
    fn check_shared(&self, layer: &Layer, owner: &Layer, steps: &BTreeMap<&str, usize>) -> Result<(), CheckpointError> {
        let (Some(&at), Some(&of)) = (steps.get(&*layer.name), steps.get(&*owner.name)) else { return Ok(()) };
        let key = |at: usize, param| self.of_body(at, param).map(|weight| weight.key);
        match Param::ALL.iter().all(|&param| key(at, param) == key(of, param)) {
            true => Ok(()),
            false => {
                let title = self.network.title;
                Err(self.refused(at, format!("weights of its own where {title} applies those of {}", owner.name)))
            }
        }
    }

    fn of_head(&self, layer: &Layer, param: Param, read: Shape) -> Option<Weight> {
        let (_, keys) = self.head.keys.iter().find(|(name, _)| *name == layer.name)?;
        match (keys, param) {
            (HeadKeys::Linear { weights, axes, .. }, Param::Weights) => {
                let positions = if self.head.channels_last { read.h * read.w } else { 1 };
                Some(Weight { key: weights.clone(), axes: *axes, positions, ..Weight::default() })
            }
            (HeadKeys::Linear { bias, .. }, Param::Biases) => Some(Weight { key: bias.clone()?, ..Weight::default() }),
            (HeadKeys::Norm(norm), of_norm) => Some(Weight { key: of_norm_keys(norm, of_norm)?, ..Weight::default() }),
            _ => None,
        }
    }

    /// From the model's input to the network's.
    fn before(&self, file: &TensorFile, input: Option<usize>) -> Result<Before, CheckpointError> {
        let mut before = Before::default();
        let Some(mut at) = input else { return Ok(before) };
        let first = self.graph.layers().iter().position(|layer| matches!(layer.op, Op::Conv(_))).map(LayerId::new);
        if let Some(StepOp::Conv { weights, axes, .. }) =
            first.and_then(|id| self.steps.get(&id)).map(|&at| &self.flow.steps[at].op)
        {
            let kernel = file.tensors.get(weights).and_then(|stored| kernel_of(&stored.shape, *axes));
            before.is_grey = kernel.is_some_and(|[_, _, inputs, _]| inputs == 1);
        }
        // The steps from the network backwards.
        loop {
            let step = &self.flow.steps[at];
            match &step.op {
                StepOp::Other(FileOp::Input { size, bytes, .. }) => {
                    (before.size, before.bytes) = (*size, *bytes);
                    return Ok(before);
                }
                StepOp::Other(FileOp::Affine { scale, shift }) if before.affine.is_none() => {
                    let three = |values: &[f64]| match *values {
                        [v] => Some([v; 3]),
                        [r, g, b] => Some([r, g, b]),
                        _ => None,
                    };
                    let is_finite = |values: &[f64; 3]| values.iter().all(|v| v.is_finite());
                    let (Some(scale), Some(shift)) = (three(scale).filter(is_finite), three(shift).filter(is_finite))
                    else {
                        return Err(
                            self.refused(at, "arithmetic with numbers that are not one for each channel".into())
                        );
                    };
                    if scale.contains(&0.0) {
                        return Err(self.refused(at, "a multiplication by zero".into()));
                    }
                    // In the order of the network's channels, also where they change places after it.
                    before.affine = Some(match before.channels {
                        Channels::Bgr => ([scale[2], scale[1], scale[0]], [shift[2], shift[1], shift[0]]),
                        _ => (scale, shift),
                    });
                }
                StepOp::Other(FileOp::Channels(order)) if *order == [2, 1, 0] && before.channels == Channels::Rgb => {
                    before.channels = Channels::Bgr;
                }
                StepOp::Norm(_) => return Err(self.refused(at, "a batch norm of the picture".into())),
                StepOp::Other(FileOp::Other(name)) => return Err(self.refused(at, name.clone())),
                _ => return Err(self.refused(at, "an operation on the picture that is not arithmetic".into())),
            }
            match step.inputs.as_slice() {
                [only] => at = *only,
                _ => return Err(self.refused(at, "an operation on the picture that reads several values".into())),
            }
        }
    }
}

fn of_norm_keys(norm: &NormKeys, param: Param) -> Option<String> {
    match param {
        Param::Gamma => norm.gamma.clone(),
        Param::Beta => norm.beta.clone(),
        Param::Mean => Some(norm.mean.clone()),
        Param::Variance => Some(norm.variance.clone()),
        Param::Weights | Param::Biases => None,
    }
}

/// That a weight is there in its shape.
fn check(file: &TensorFile, layer: &str, weight: &Weight) -> Result<(), CheckpointError> {
    let Some(stored) = file.tensors.get(&weight.key) else {
        let (layer, key) = (layer.into(), weight.key.clone());
        return Err(CheckpointError::Missing { layer, key, wanted: weight.shape.clone() });
    };
    let wanted = weight.axes.stored_shape(&weight.shape, stored.shape.len());
    let is_grey = weight.is_grey(&stored.shape);
    match stored.shape == wanted || is_grey || is_vector(&stored.shape, &wanted) {
        true => Ok(()),
        false => {
            let (layer, key) = (layer.into(), weight.key.clone());
            Err(CheckpointError::Misshapen { layer, key, wanted, found: stored.shape.clone() })
        }
    }
}

/// A vector may be kept with axes of one.
fn is_vector(found: &[usize], wanted: &[usize]) -> bool {
    let long: Vec<usize> = found.iter().copied().filter(|&side| side != 1).collect();
    wanted.len() == 1 && (long == wanted || (long.is_empty() && wanted == [1]))
}
