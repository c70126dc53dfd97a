//! Keras' older files: `model_weights/<layer>/<variable's name>`, where the variable's name begins with its layer's
//! (`conv2d/kernel:0`), and a model that stands as a layer has all its variables in one group. Weights alone lack the first part.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::super::Stored;
use super::super::topology::{is_model, layers_of, named as named_layer};
use super::names::is_random_state;
use crate::checkpoints::CheckpointError;

/// The group of a whole model's weights.
const WEIGHTS: &str = "model_weights/";

/// A variable, and where it was found.
struct Variable<'a> {
    group: &'a str,
    layer: &'a str,
    name: &'a str,
}

/// The datasets by `<layer>/<variable>`; where models within the model have layers of one name, `<model>/<layer>/<variable>`.
pub fn named(datasets: BTreeMap<String, Stored>, model: &Value) -> Result<BTreeMap<String, Stored>, CheckpointError> {
    let paths: Vec<&str> = datasets.keys().map(|path| path.strip_prefix(WEIGHTS).unwrap_or(path)).collect();
    // What a group's variables say of their layers.
    let mut layers_in = BTreeMap::<&str, BTreeSet<&str>>::new();
    for (group, rest) in paths.iter().filter_map(|path| path.split_once('/')) {
        layers_in.entry(group).or_default().insert(layer_of(rest).unwrap_or(group));
    }
    let classes: BTreeMap<&str, &str> =
        layers_of(&model["config"]).iter().map(named_layer).map(|(class, name)| (name, class)).collect();
    let holds_layers = |group: &str| match classes.get(group) {
        Some(class) => is_model(class),
        None => layers_in.get(group).is_some_and(|layers| layers.len() > 1),
    };
    let found: Vec<Option<Variable>> = paths
        .iter()
        .map(|path| {
            let (group, rest) = path.split_once('/')?;
            let layer = if holds_layers(group) { layer_of(rest).unwrap_or(group) } else { group };
            let last = rest.rsplit('/').next()?;
            Some(Variable { group, layer, name: last.split_once(':').map_or(last, |(name, _)| name) })
        })
        .collect();
    let mut groups_of = BTreeMap::<&str, BTreeSet<&str>>::new();
    for variable in found.iter().flatten() {
        groups_of.entry(variable.layer).or_default().insert(variable.group);
    }
    let keys = found.iter().zip(&paths).map(|(variable, path)| match variable {
        Some(Variable { group, layer, name }) if groups_of.get(layer).is_some_and(|groups| groups.len() > 1) => {
            format!("{group}/{layer}/{name}")
        }
        Some(Variable { layer, name, .. }) => format!("{layer}/{name}"),
        None => (*path).to_owned(),
    });
    let keys: Vec<String> = keys.collect();
    let mut tensors = BTreeMap::new();
    for (key, (path, stored)) in keys.into_iter().zip(datasets) {
        if !is_random_state(&path) && tensors.insert(key.clone(), stored).is_some() {
            return Err(CheckpointError::DuplicateKey { key });
        }
    }
    Ok(tensors)
}

/// The layer that a variable's name says.
fn layer_of(variable: &str) -> Option<&str> {
    variable.rsplit('/').nth(1)
}
