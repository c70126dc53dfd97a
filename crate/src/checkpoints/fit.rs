//! Recognition: which dialect and network explain every tensor of a file.

use std::collections::{BTreeMap, HashSet};

use super::dialects::{Dialect, KeyRule, Style, dialects, own_key};
#[cfg(feature = "formats")]
use super::dialects::{TorchHead, reparametrized, torch, torch_head};
use super::formats::TensorFile;
use super::formats::decode::Axes;
use super::place::{Place, places};
use super::{CheckpointError, Param, Weight, metadata};
use crate::graph::{BatchNorm, ConvStyle, Graph, LayerId, Op, Operation, Shape};
use crate::networks::{self, Classifier, Head, HeadPool, NETWORKS, Network, Options, OutputActivation};

/// Keys of one file that an error quotes.
const QUOTED_KEYS: usize = 4;
/// What inference does not use: PyTorch's counter beside each batch norm, and what training for quantised weights leaves behind.
const IGNORED: [&str; 4] = ["num_batches_tracked", "fake_quant", "activation_post_process", "observer"];

/// A network in a dialect, held against a file.
pub(super) struct Fit {
    pub dialect: &'static Dialect,
    pub network: &'static Network,
    pub options: Options,
    pub weights: BTreeMap<String, BTreeMap<Param, Weight>>,
    /// Heads that the network may have and the file does not.
    pub absent: Vec<String>,
    /// Keys that are there, and those of the right shape.
    named: usize,
    matched: usize,
    expected: usize,
    problem: Option<CheckpointError>,
    /// What the file does not say of the head and was assumed.
    pub of_head: Vec<String>,
    /// Whether the network reads one channel, the picture's grey.
    pub is_grey: bool,
    /// What makes answers of the logits, where the file's modules say.
    pub activation: Option<OutputActivation>,
    /// Whether the file has an auxiliary head that the network has not.
    pub has_aside: bool,
}

/// Finds the dialect and the network; `named` is the network that the user or the file itself names.
pub(super) fn recognise(file: &TensorFile, named: Option<&'static Network>) -> Result<Fit, CheckpointError> {
    let mut best: Vec<Fit> = Vec::new();
    let mut other_dialect = None;
    for dialect in dialects() {
        let Some(rule) = (dialect.rule)(file) else { continue };
        let allowed: Vec<&Network> = match (named, dialect.networks) {
            (None, []) => NETWORKS.iter().collect(),
            (None, [first, ..]) => networks::find((dialect.speaks_for)(file).unwrap_or(first)).into_iter().collect(),
            (Some(network), ids) if ids.is_empty() || ids.contains(&network.id) => vec![network],
            _ => vec![],
        };
        #[cfg(feature = "formats")]
        reparametrized(file)?;
        if allowed.is_empty() {
            other_dialect = other_dialect.or(Some(dialect.name));
        }
        for network in allowed {
            #[cfg(feature = "formats")]
            let head = match (file.head.as_slice(), dialect.head) {
                ([], "") => None,
                ([], own) => torch_head(file, &[own], true)?,
                (beside, _) => torch_head(file, &beside.iter().map(String::as_str).collect::<Vec<_>>(), false)?,
            };
            let probe = Probe {
                dialect,
                network,
                rule: &rule,
                #[cfg(feature = "formats")]
                head,
                file,
            };
            let fit = probe.fit()?;
            if best.first().is_none_or(|b| fit.rank() > b.rank()) {
                best.clear();
            }
            if best.first().is_none_or(|b| fit.rank() == b.rank() && fit.dialect.name == b.dialect.name) {
                best.push(fit);
            }
        }
    }
    let ids: Vec<_> = best.iter().map(|f| f.network.id).collect();
    match best.into_iter().next().filter(|fit| 2 * fit.named >= fit.expected) {
        Some(Fit { problem: Some(problem), .. }) => Err(problem),
        Some(_) if ids.len() > 1 => Err(CheckpointError::Ambiguous { networks: ids }),
        Some(fit) => Ok(fit),
        None => Err(match (named, other_dialect) {
            (Some(network), Some(dialect)) => CheckpointError::WrongNetwork { dialect, network: network.id.into() },
            _ => CheckpointError::Unrecognised {
                keys: file.tensors.keys().take(QUOTED_KEYS).cloned().collect(),
                known: dialects().map(|d| d.name).collect(),
            },
        }),
    }
}

impl Fit {
    /// Explaining everything counts first, then tensors of the right shape, then right keys.
    fn rank(&self) -> (bool, usize, usize) {
        (self.problem.is_none(), self.matched, self.named)
    }
}

/// One network in one dialect, before it is known what the file holds.
struct Probe<'a> {
    dialect: &'static Dialect,
    network: &'static Network,
    rule: &'a KeyRule,
    /// The classifier where it is not the dialect's own.
    #[cfg(feature = "formats")]
    head: Option<TorchHead>,
    file: &'a TensorFile,
}

impl Probe<'_> {
    fn key(&self, place: &Place, param: Param) -> Option<String> {
        #[cfg(feature = "formats")]
        if let Some(module) = self.head.as_ref().and_then(|head| head.keys.get(place.name)) {
            return Some(torch(module, module, param));
        }
        (self.rule)(place, param)
    }

    fn has(&self, place: &Place, param: Param) -> bool {
        self.key(place, param).is_some_and(|key| self.file.tensors.contains_key(&key))
    }

    fn has_layer(&self, name: &str) -> bool {
        Param::ALL.iter().any(|&param| self.has(&Place::named(name), param))
    }

    /// Outputs of linear layers as their weights and biases have them; where those disagree, what most have.
    fn outputs(&self, layers: &[&str]) -> Option<usize> {
        let stored = |layer: &str, param| {
            let shape = &self.file.tensors.get(&self.key(&Place::named(layer), param)?)?.shape;
            match (param, self.dialect.axes) {
                (Param::Weights, Axes::OutputLast) => shape.last().copied(),
                _ => shape.first().copied(),
            }
        };
        let votes = layers.iter().flat_map(|layer| [Param::Weights, Param::Biases].map(|param| stored(layer, param)));
        let votes: Vec<usize> = votes.flatten().collect();
        votes.iter().copied().rev().max_by_key(|size| votes.iter().filter(|&v| v == size).count())
    }

    fn head(&self, reference: &Head) -> Head {
        let has_logits = self.has_layer("Logits");
        let default = reference.classes().unwrap_or(1);
        let classes = || self.outputs(&["Logits"]).or_else(|| self.outputs(self.network.auxiliary)).unwrap_or(default);
        if let Head::Embedding { size, norm, .. } = *reference
            && (self.has_layer("Bottleneck") || self.has_layer("Bottleneck/BatchNorm"))
        {
            let size = self.outputs(&["Bottleneck"]).unwrap_or(size);
            return Head::Embedding { size, norm, classes: has_logits.then(classes) };
        }
        #[cfg(feature = "formats")]
        if let Some(head) = &self.head {
            return Head::Classifier(head.classifier.clone());
        }
        let names: Vec<String> = (0..Head::MAX_HIDDEN).map(Head::hidden_name).collect();
        let last_hidden = names.iter().rposition(|layer| self.has_layer(layer));
        if !has_logits && last_hidden.is_none() {
            return Head::None;
        }
        let hidden = last_hidden.map_or(0, |i| i + 1).max(self.dialect.hidden);
        let hidden: Vec<usize> = names[..hidden].iter().map(|layer| self.outputs(&[layer]).unwrap_or(1)).collect();
        Head::Classifier(Classifier::with_hidden(classes(), &hidden))
    }

    /// Bias, batch norm and its scale as most convolutions of the body have them, so that a missing one is noticed.
    fn stored_style(&self, probe: &Graph, reference: ConvStyle) -> ConvStyle {
        let body: Vec<Place> = places(probe)
            .into_iter()
            .filter(|(layer, _)| matches!(&layer.op, Op::Conv(conv) if conv.norm.is_some()))
            .map(|(_, place)| place)
            .collect();
        let most = |param| 2 * body.iter().filter(|place| self.has(place, param)).count() > body.len();
        let norm = [Param::Beta, Param::Mean, Param::Variance].into_iter().any(most);
        let epsilon = reference.norm.map_or(1e-3, |n| n.epsilon);
        ConvStyle { bias: most(Param::Biases), norm: norm.then(|| BatchNorm { epsilon, gamma: most(Param::Gamma) }) }
    }

    /// Whether batch norm was folded into the convolutions, as before deployment: all of them have a bias and none a norm.
    fn is_folded(&self, probe: &Graph) -> bool {
        let layers = places(probe);
        let mut body = layers.iter().filter(|(layer, _)| matches!(&layer.op, Op::Conv(conv) if conv.norm.is_some()));
        let has_norm =
            |place| [Param::Gamma, Param::Beta, Param::Mean, Param::Variance].iter().any(|&p| self.has(place, p));
        body.all(|(layer, place)| layer.auxiliary || self.has(place, Param::Biases) && !has_norm(place))
    }

    fn fit(&self) -> Result<Fit, CheckpointError> {
        let reference = self.network.options();
        let full = BatchNorm { epsilon: 1e-3, gamma: true };
        let said = metadata::head(self.file)?;
        let head = said.head.map_or_else(|| self.head(&reference.head), Head::Classifier);
        // The size matters to a head that reads every position alone; at others the auxiliary heads might not fit.
        let size = match &head {
            Head::Classifier(Classifier { pool: HeadPool::Flatten, .. }) => said.size,
            _ => None,
        };
        let reference = match size {
            Some(size) => Options { size, auxiliary: vec![], ..reference },
            None => reference,
        };
        let of_auxiliary = self.outputs(self.network.auxiliary).filter(|&size| Some(size) != head.classes());
        let probe_options = Options {
            conv: ConvStyle { bias: true, norm: Some(full) },
            auxiliary_classes: of_auxiliary,
            head,
            last: said.last,
            ..reference.clone()
        };
        let probe = self.network.build(&probe_options)?;
        let present = |head: &str| {
            let layers = places(&probe);
            let mut inside = layers.iter().filter(|(layer, _)| {
                layer.auxiliary && layer.name.strip_prefix(head).is_some_and(|r| r.is_empty() || r.starts_with('/'))
            });
            inside.any(|(_, place)| Param::ALL.iter().any(|&param| self.has(place, param)))
        };
        let conv = match self.dialect.style {
            Style::Stored => self.stored_style(&probe, reference.conv),
            _ if self.is_folded(&probe) => ConvStyle { bias: true, norm: None },
            Style::Reference => reference.conv,
            Style::Fixed(style) => style,
        };
        let (auxiliary, missing): (Vec<_>, Vec<_>) = reference.auxiliary.iter().partition(|head| present(head));
        let options = Options { conv, auxiliary, ..probe_options };
        let absent = missing.into_iter().chain(options.head.classes().is_none().then_some("Logits"));
        let absent = absent.map(str::to_owned).collect();
        let graph = self.network.build(&options)?;
        Ok(self.compare(&graph, options, absent))
    }

    fn compare(&self, graph: &Graph, options: Options, absent: Vec<String>) -> Fit {
        let Self { dialect, network, file, .. } = *self;
        let mut weights: BTreeMap<String, BTreeMap<Param, Weight>> = BTreeMap::new();
        let (mut named, mut matched, mut expected) = (0, 0, 0);
        let mut problem = None;
        let mut is_grey = false;
        let mut claimed = HashSet::new();
        for (layer, place) in places(graph) {
            let input = layer.inputs.first().map_or(Shape::vector(0), |&id| graph.layer(id).shape);
            for (param, shape) in layer.op.tensors(input).list() {
                let key = self.key(&place, param).unwrap_or_else(|| own_key(place.name, param));
                let stored = file.tensors.get(&key);
                let wanted = dialect.axes.stored_shape(&shape, stored.map_or(shape.len(), |s| s.shape.len()));
                expected += 1;
                named += usize::from(stored.is_some());
                let weight = Weight { key: key.clone(), shape: shape.clone(), axes: dialect.axes, positions: 1 };
                let reads_picture = layer.inputs.first() == Some(&LayerId::new(0));
                let is_first = reads_picture && stored.is_some_and(|stored| weight.is_grey(&stored.shape));
                is_grey |= is_first;
                match stored {
                    Some(stored) if stored.shape == wanted || is_first => matched += 1,
                    _ if problem.is_some() => {}
                    None => {
                        problem =
                            Some(CheckpointError::Missing { layer: layer.name.clone(), key: key.clone(), wanted });
                    }
                    Some(stored) => {
                        problem = Some(CheckpointError::Misshapen {
                            layer: layer.name.clone(),
                            key: key.clone(),
                            wanted,
                            found: stored.shape.clone(),
                        });
                    }
                }
                claimed.insert(key.clone());
                weights.entry(layer.name.clone()).or_default().insert(param, weight);
            }
        }
        let is_aside = |key: &str| !dialect.aside.is_empty() && key.starts_with(dialect.aside);
        let has_aside = file.tensors.keys().any(|key| is_aside(key));
        let problem = problem.or_else(|| {
            let extra = file
                .tensors
                .iter()
                .filter(|(key, _)| !IGNORED.iter().any(|part| key.contains(part)) && !is_aside(key))
                .find(|(key, _)| !claimed.contains(*key));
            extra.map(|(key, stored)| CheckpointError::Unexpected {
                key: key.clone(),
                found: stored.shape.clone(),
                network: network.id,
                dialect: dialect.name,
            })
        });
        #[cfg(not(feature = "formats"))]
        let (of_head, activation) = (vec![], None);
        #[cfg(feature = "formats")]
        let (of_head, activation) =
            self.head.as_ref().map_or((vec![], None), |head| (head.said.clone(), head.activation));
        Fit {
            dialect,
            network,
            options,
            weights,
            absent,
            named,
            matched,
            expected,
            problem,
            of_head,
            is_grey,
            activation,
            has_aside,
        }
    }
}
