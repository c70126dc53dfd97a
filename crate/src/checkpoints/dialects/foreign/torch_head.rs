//! The classifier that people put in place of the published one: a PyTorch module of any layers under the attribute of the
//! original, `fc.0.weight`, `fc.1.running_mean`, `fc.4.weight`. A state dict names the layers that have parameters; what has none
//! leaves a gap in the numbers.

use std::collections::BTreeMap;

use crate::checkpoints::CheckpointError;
use crate::checkpoints::formats::{TensorFile, TorchModule};
use crate::graph::{Activation, BatchNorm};
use crate::networks::{Classifier, HeadLayer, OutputActivation};

/// PyTorch's usual epsilon of `BatchNorm1d`.
const EPSILON: f64 = 1e-5;

/// A classifier of several layers.
pub struct TorchHead {
    pub classifier: Classifier,
    /// The first part of the keys of each of its layers, by the layer's public name.
    pub keys: BTreeMap<String, String>,
    /// Whether an activation was put where the numbers have a gap.
    pub is_assumed: bool,
    /// What makes answers of the logits, where the last module says.
    pub activation: Option<OutputActivation>,
}

/// One module with parameters.
struct Module<'a> {
    key: &'a str,
    layer: HeadLayer,
    /// Inputs of a linear layer.
    inputs: usize,
}

/// The order of `fc.2` before `fc.10`.
fn natural(key: &str) -> Vec<(Option<usize>, &str)> {
    key.split('.').map(|part| (part.parse().ok(), part)).collect()
}

/// How many modules stand between two neighbours of one `Sequential`; none where they are no such neighbours.
fn gap(before: &str, after: &str) -> Option<usize> {
    let [(parent, a), (other, b)] = [before.rsplit_once('.')?, after.rsplit_once('.')?];
    let [a, b]: [usize; 2] = [a.parse().ok()?, b.parse().ok()?];
    (parent == other).then(|| b.checked_sub(a + 1))?
}

/// The layers below `attribute`, where there are several.
///
/// # Errors
/// [`CheckpointError::Layer`] for a module with parameters that is neither linear nor batch norm, and for layers that do not follow
/// one another.
pub fn read(file: &TensorFile, attribute: &str) -> Result<Option<TorchHead>, CheckpointError> {
    let prefix = format!("{attribute}.");
    if let Some(modules) = whole(file, attribute) {
        return of_modules(file, &modules).map(Some);
    }
    let inside = file.tensors.range(prefix.clone()..).map(|(key, _)| key).take_while(|key| key.starts_with(&prefix));
    let mut keys: Vec<&str> = inside.filter_map(|key| Some(key.rsplit_once('.')?.0)).collect();
    keys.dedup();
    keys.sort_by_key(|key| natural(key));
    keys.dedup();
    if keys.is_empty() || keys == [attribute] {
        return Ok(None);
    }
    let modules = keys.into_iter().map(|key| module(file, key)).collect::<Result<Vec<_>, _>>()?;
    let modules = in_order(modules)?;
    let Some((last, hidden)) = modules.split_last() else { return Ok(None) };
    let HeadLayer::Linear { outputs: classes, bias } = last.layer else {
        return Err(refused(last.key, "a batch norm after the last linear layer"));
    };
    let mut layers = Vec::new();
    let mut of_layers = Vec::new();
    let mut is_assumed = false;
    // Whether an activation stands between the last linear layer and here.
    let mut is_bent = true;
    for (i, module) in modules.iter().enumerate() {
        let between = i.checked_sub(1).map(|before| gap(modules[before].key, module.key));
        let is_norm = matches!(module.layer, HeadLayer::Norm(_));
        // Modules without numbers have their activation after the batch norm, if there is one.
        let is_gap = between.is_some_and(|gap| gap.map_or(!is_norm, |gap| gap > 0));
        if is_gap && !is_bent {
            layers.push(HeadLayer::Activation(Activation::Relu));
            of_layers.push("");
            (is_assumed, is_bent) = (true, true);
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
    Ok(Some(TorchHead { classifier, keys, is_assumed, activation: None }))
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
    Ok(TorchHead { classifier, keys: named, is_assumed: false, activation: answer })
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

/// Modules in the order of their numbers where that fits their sizes, else in the order that their sizes say.
fn in_order(mut modules: Vec<Module>) -> Result<Vec<Module>, CheckpointError> {
    let outputs = |module: &Module| match module.layer {
        HeadLayer::Linear { outputs, .. } => outputs,
        _ => module.inputs,
    };
    let fits = |modules: &[Module]| modules.windows(2).all(|pair| outputs(&pair[0]) == pair[1].inputs);
    if fits(&modules) {
        return Ok(modules);
    }
    // Linear layers by what they read: each reads what another gives, but the first.
    let given: Vec<usize> = modules.iter().map(outputs).collect();
    let first = modules.iter().position(|module| !given.contains(&module.inputs));
    let mut sorted: Vec<Module> = first.map(|at| modules.remove(at)).into_iter().collect();
    while let Some(size) = sorted.last().map(outputs) {
        let is_norm = |module: &Module| matches!(module.layer, HeadLayer::Norm(_));
        let next = modules.iter().position(|module| module.inputs == size && is_norm(module));
        let Some(at) = next.or_else(|| modules.iter().position(|module| module.inputs == size)) else { break };
        sorted.push(modules.remove(at));
    }
    match modules.first() {
        None => Ok(sorted),
        Some(left) => Err(refused(left.key, "a layer that does not follow the others by its size")),
    }
}
