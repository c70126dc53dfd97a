//! The classifier that people put in place of the published one: a PyTorch module of any layers under the attribute of the
//! original, `fc.0.weight`, `fc.1.running_mean`, `fc.4.weight`. A state dict names the layers that have parameters; what has none
//! leaves a gap in the numbers.

mod order;

use std::collections::BTreeMap;

use crate::checkpoints::CheckpointError;
use crate::checkpoints::formats::{TensorFile, TorchModule};
use crate::graph::{Activation, BatchNorm};
use crate::networks::{Classifier, HeadLayer, OutputActivation};

/// PyTorch's usual epsilon of `BatchNorm1d`.
const EPSILON: f64 = 1e-5;

/// Said of a head in one `Sequential` with room for what has no parameters.
const BY_NUMBERS: &str = "its head has several layers, of which a state dict names those with weights only: a ReLU is taken to \
    stand where the numbers of its hidden layers have a gap; save the whole module where it is another activation";

/// Said of a head whose modules are applied by a program of its own.
const BY_NAMES: &str = "its head has several layers, and a state dict does not tell what stands between them: a ReLU is taken to \
    follow each hidden layer; save the whole module where it is another activation or none";

/// Said of layers that follow one another in one `Sequential`.
const STRAIGHT: &str = "its head has hidden layers whose numbers leave no room for an activation: none is taken to follow them; save \
    the whole module where there is one";

/// Said of a classifier whose bias is missing, which is how one without looks.
const NO_BIAS: &str = "the file has no bias of its classifier, which is taken to have none";

/// A classifier of several layers.
pub struct TorchHead {
    pub classifier: Classifier,
    /// The first part of the keys of each of its layers, by the layer's public name.
    pub keys: BTreeMap<String, String>,
    /// What a state dict does not tell and was assumed.
    pub said: Vec<String>,
    /// What makes answers of the logits, where the last module says.
    pub activation: Option<OutputActivation>,
}

/// One module with parameters.
#[derive(Clone, Copy)]
struct Module<'a> {
    key: &'a str,
    layer: HeadLayer,
    /// Inputs of a linear layer.
    inputs: usize,
}

impl Module<'_> {
    fn outputs(&self) -> usize {
        match self.layer {
            HeadLayer::Linear { outputs, .. } => outputs,
            _ => self.inputs,
        }
    }
}

/// How many modules stand between two neighbours of one `Sequential`; none where they are no such neighbours.
fn gap(before: &str, after: &str) -> Option<usize> {
    let [(parent, a), (other, b)] = [before.rsplit_once('.')?, after.rsplit_once('.')?];
    let [a, b]: [usize; 2] = [a.parse().ok()?, b.parse().ok()?];
    (parent == other).then(|| b.checked_sub(a + 1))?
}

/// The layers below the attributes, where they are not one linear layer with a bias; `is_own`: the attribute is the network's own,
/// which applies it, so that numbers directly below it are a `Sequential`'s.
///
/// # Errors
/// [`CheckpointError::Layer`] for a module with parameters that is neither linear nor batch norm, and for layers that do not follow
/// one another, or that do in more than one order.
pub fn read(file: &TensorFile, attributes: &[&str], is_own: bool) -> Result<Option<TorchHead>, CheckpointError> {
    if let [attribute] = attributes
        && let Some(modules) = whole(file, attribute)
    {
        return of_modules(file, &modules).map(Some);
    }
    let mut keys: Vec<&str> = Vec::new();
    for attribute in attributes {
        let prefix = format!("{attribute}.");
        let inside =
            file.tensors.range(prefix.clone()..).map(|(key, _)| key).take_while(|key| key.starts_with(&prefix));
        keys.extend(inside.filter_map(|key| Some(key.rsplit_once('.')?.0)));
    }
    keys.sort_unstable();
    keys.dedup();
    let is_plain = |key: &str| file.tensors.contains_key(&format!("{key}.bias"));
    if keys.is_empty() || is_own && keys == attributes && is_plain(keys[0]) {
        return Ok(None);
    }
    // A convolution in place of the linear layer is for the network's own rules.
    let is_matrix =
        |key: &str| file.tensors.get(&format!("{key}.weight")).is_some_and(|stored| stored.shape.len() == 2);
    if is_own && keys == attributes && !is_matrix(keys[0]) {
        return Ok(None);
    }
    let modules = keys.into_iter().map(|key| module(file, key)).collect::<Result<Vec<_>, _>>()?;
    let (modules, ordered) = order::of(file, modules)?;
    let Some((last, hidden)) = modules.split_last() else { return Ok(None) };
    let HeadLayer::Linear { outputs: classes, bias } = last.layer else {
        return Err(refused(last.key, "a batch norm after the last linear layer"));
    };
    let is_sequence = |key: &str| {
        let below = attributes.iter().find_map(|attribute| key.strip_prefix(attribute)?.strip_prefix('.'));
        is_own && below.is_some_and(|below| below.split('.').all(|part| part.parse::<usize>().is_ok()))
    };
    let mut layers = Vec::new();
    let mut of_layers = Vec::new();
    let mut said: Vec<String> = ordered.into_iter().collect();
    let mut assume = |what: &str| {
        if !said.iter().any(|said| said == what) {
            said.push(what.to_owned());
        }
    };
    if !bias {
        assume(NO_BIAS);
    }
    // Whether an activation stands between the last linear layer and here.
    let mut is_bent = true;
    for (i, module) in modules.iter().enumerate() {
        let is_norm = matches!(module.layer, HeadLayer::Norm(_));
        if let Some(before) = i.checked_sub(1).map(|before| modules[before].key).filter(|_| !is_bent) {
            let bend = match gap(before, module.key) {
                Some(1..) => Some(BY_NUMBERS),
                // The batch norm comes first.
                _ if is_norm => None,
                Some(0) if is_sequence(before) => {
                    assume(STRAIGHT);
                    is_bent = true;
                    None
                }
                _ => Some(BY_NAMES),
            };
            if let Some(bend) = bend {
                layers.push(HeadLayer::Activation(Activation::Relu));
                of_layers.push("");
                is_bent = true;
                assume(bend);
            }
        }
        if i == hidden.len() {
            break;
        }
        is_bent &= is_norm;
        layers.push(module.layer);
        of_layers.push(module.key);
    }
    let classifier = Classifier { layers, bias, ..Classifier::new(classes) };
    let named = classifier.names().into_iter().zip(of_layers).filter_map(|(name, key)| Some((name?, key.to_owned())));
    let keys = named.filter(|(_, key)| !key.is_empty()).chain([("Logits".to_owned(), last.key.to_owned())]).collect();
    Ok(Some(TorchHead { classifier, keys, said, activation: None }))
}

/// The modules of a head that was saved whole, in order; none where it was not, or where a class of its own says the order.
fn whole<'a>(file: &'a TensorFile, attribute: &str) -> Option<Vec<&'a TorchModule>> {
    let prefix = format!("{attribute}.");
    let head: Vec<_> =
        file.modules.iter().filter(|module| module.path == attribute || module.path.starts_with(&prefix)).collect();
    let has_parts =
        |module: &TorchModule| head.iter().any(|other| other.path.starts_with(&format!("{}.", module.path)));
    let (containers, leaves): (Vec<_>, Vec<_>) = head.iter().copied().partition(|module| has_parts(module));
    let is_sequence = containers.iter().all(|module| module.class == "Sequential");
    let is_plain = matches!(leaves.as_slice(), [only] if only.path == attribute && is_linear(only));
    (is_sequence && !is_plain && !leaves.is_empty()).then_some(leaves)
}

/// Whether the modules below an attribute were saved whole and are read one by one.
pub(super) fn is_whole(file: &TensorFile, attribute: &str) -> bool {
    whole(file, attribute).is_some()
}

fn is_linear(module: &TorchModule) -> bool {
    matches!(module.class.as_str(), "Linear" | "NonDynamicallyQuantizableLinear")
}

/// The head of modules that follow one another.
fn of_modules(file: &TensorFile, modules: &[&TorchModule]) -> Result<TorchHead, CheckpointError> {
    let (mut layers, mut keys) = (vec![], vec![]);
    let mut answer = None;
    for module in modules {
        let number = |name: &str, usual: f64| module.numbers.get(name).copied().unwrap_or(usual);
        let refused = || refused(&module.path, &module.class);
        if answer.is_some() {
            return Err(refused());
        }
        let activation = match module.class.as_str() {
            "Dropout" | "Dropout1d" | "AlphaDropout" | "Identity" | "Flatten" => continue,
            "BatchNorm1d" | "SyncBatchNorm" => {
                let Module { layer: HeadLayer::Norm(norm), .. } = self::module(file, &module.path)? else {
                    return Err(refused());
                };
                let epsilon = number("eps", EPSILON);
                layers.push(HeadLayer::Norm(BatchNorm { epsilon, ..norm }));
                keys.push(module.path.as_str());
                continue;
            }
            _ if is_linear(module) => {
                layers.push(self::module(file, &module.path)?.layer);
                keys.push(&module.path);
                continue;
            }
            "Softmax" | "LogSoftmax" => {
                answer = Some(OutputActivation::Softmax);
                continue;
            }
            "ReLU" => Activation::Relu,
            "ReLU6" => Activation::Relu6,
            "LeakyReLU" => Activation::LeakyRelu(number("negative_slope", 0.01) as f32),
            "ELU" => Activation::Elu(number("alpha", 1.0) as f32),
            "SELU" => Activation::Selu,
            "Tanh" => Activation::Tanh,
            "Sigmoid" => Activation::Sigmoid,
            "GELU" if number("approximate", 0.0) == 1.0 => Activation::GeluTanh,
            "GELU" => Activation::Gelu,
            "SiLU" => Activation::Swish,
            "Hardswish" => Activation::HardSwish,
            _ => return Err(refused()),
        };
        layers.push(HeadLayer::Activation(activation));
        keys.push("");
    }
    let is_sigmoid = layers.last() == Some(&HeadLayer::Activation(Activation::Sigmoid));
    if is_sigmoid && answer.is_none() {
        answer = Some(OutputActivation::Sigmoid);
        layers.pop();
        keys.pop();
    }
    let (Some(HeadLayer::Linear { outputs: classes, bias }), Some(logits)) = (layers.pop(), keys.pop()) else {
        let last = modules.last().map_or("", |module| module.path.as_str());
        return Err(refused(last, "a head that does not end with a linear layer"));
    };
    let classifier = Classifier { layers, bias, ..Classifier::new(classes) };
    let named = classifier.names().into_iter().zip(keys).filter_map(|(name, key)| Some((name?, key.to_owned())));
    let named = named.filter(|(_, key)| !key.is_empty()).chain([("Logits".to_owned(), logits.to_owned())]).collect();
    Ok(TorchHead { classifier, keys: named, said: vec![], activation: answer })
}

fn refused(key: &str, what: &str) -> CheckpointError {
    CheckpointError::Layer { layer: key.into(), what: what.into() }
}

fn module<'a>(file: &TensorFile, key: &'a str) -> Result<Module<'a>, CheckpointError> {
    let shape = |leaf: &str| file.tensors.get(&format!("{key}.{leaf}")).map(|stored| stored.shape.as_slice());
    match (shape("weight"), shape("running_mean")) {
        (gamma, Some(&[size])) => {
            let norm = BatchNorm { epsilon: EPSILON, gamma: gamma.is_some() };
            Ok(Module { key, layer: HeadLayer::Norm(norm), inputs: size })
        }
        (Some(&[outputs, inputs]), None) => {
            let layer = HeadLayer::Linear { outputs, bias: shape("bias").is_some() };
            Ok(Module { key, layer, inputs })
        }
        _ => Err(refused(key, "neither linear nor batch norm")),
    }
}
