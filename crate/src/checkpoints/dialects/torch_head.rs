//! The classifier that people put in place of the published one: a PyTorch module of any layers under the attribute of the
//! original, `fc.0.weight`, `fc.1.running_mean`, `fc.4.weight`. A state dict names the layers that have parameters; what has none
//! leaves a gap in the numbers.

use std::collections::BTreeMap;

use super::super::CheckpointError;
use super::super::formats::TensorFile;
use crate::graph::{Activation, BatchNorm};
use crate::networks::{Classifier, HeadLayer};

/// PyTorch's usual epsilon of `BatchNorm1d`.
const EPSILON: f64 = 1e-5;

/// A classifier of several layers.
pub struct TorchHead {
    pub classifier: Classifier,
    /// The first part of the keys of each of its layers, by the layer's public name.
    pub keys: BTreeMap<String, String>,
    /// Whether an activation was put where the numbers have a gap.
    pub is_assumed: bool,
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
    let keys = named.chain([("Logits".to_owned(), last.key.to_owned())]).collect();
    Ok(Some(TorchHead { classifier, keys, is_assumed }))
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
