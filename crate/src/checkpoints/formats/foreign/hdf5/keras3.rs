//! Keras 3's weights: `layers/conv2d_7/vars/0`, the first variable of the eighth `Conv2D` of a model's layers. A model that stands
//! as a layer has the same below it: `layers/functional/layers/conv2d/vars/0`. Which layer that is, the model's description
//! says by its order; files of weights alone have none, so that the network has to be known.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::super::Stored;
use super::super::topology::{is_model, layers_of, named as named_layer};
use super::names::{is_random_state, number, snake_case, variables};
use super::order;
use crate::checkpoints::CheckpointError;
use crate::checkpoints::keras_names::numbered;

/// Groups that hold a model's layers: of Keras 3, and of Keras 2 in the same format.
const CONTAINERS: [&str; 2] = ["layers/", "_layer_checkpoint_dependencies/"];

/// Whether a dataset is a variable in this layout.
pub fn is_variable(path: &str) -> bool {
    let mut parts = path.rsplit('/');
    let is_number = parts.next().is_some_and(|part| part.parse::<usize>().is_ok());
    is_number && parts.next() == Some("vars") && CONTAINERS.iter().any(|container| path.starts_with(container))
}

/// Datasets that have found their names.
#[derive(Default)]
struct Named {
    /// Names of the models around a layer and its own, and its variable, with the path.
    found: Vec<(Vec<String>, String, String)>,
}

/// The datasets of a described model by `<layer>/<variable>`; where models within it have layers of one name, with the names of
/// the models before it.
pub fn named(datasets: BTreeMap<String, Stored>, model: &Value) -> Result<BTreeMap<String, Stored>, CheckpointError> {
    let mut named = Named::default();
    assign(&datasets, &model["config"], "", &mut vec![], &mut named);
    keyed(datasets, named)
}

/// The same of weights alone, whose body's layers get the names that Keras has for them.
pub fn without_config(
    datasets: BTreeMap<String, Stored>,
    file: &str,
) -> Result<BTreeMap<String, Stored>, CheckpointError> {
    let mut containers = BTreeMap::<&str, BTreeSet<&str>>::new();
    let groups = datasets.keys().filter_map(|path| Some(path.rsplit_once("/vars/")?.0));
    for (container, layer) in groups.filter_map(|group| group.rsplit_once('/')) {
        containers.entry(container).or_default().insert(layer);
    }
    let mut body = None;
    for (&container, layers) in &containers {
        let count = layers.iter().filter(|layer| number(layer, "conv2d").is_some()).count();
        let kernel = |i: usize| {
            let kernel = datasets.get(&format!("{container}/{}/vars/0", numbered("conv2d", i)));
            kernel.map(|stored| stored.shape.as_slice())
        };
        match order::find(count, kernel) {
            Some(found) => body = Some((container, found)),
            None if count >= order::LEAST => {
                let reason = "its weights have no names and are neither InceptionV3's nor InceptionResNetV2's: save the whole model";
                return Err(CheckpointError::Header { file: file.into(), reason: reason.into() });
            }
            None => {}
        }
    }
    let mut named = Named::default();
    for (path, index) in datasets.keys().filter_map(|path| path.rsplit_once("/vars/")) {
        let Some((container, layer)) = path.rsplit_once('/') else { continue };
        let class = ["conv2d", "dense", "batch_normalization"].into_iter().find(|stem| number(layer, stem).is_some());
        let of_body = body.as_ref().filter(|(at, _)| *at == container).and_then(|(_, body)| {
            let names = if class == Some("conv2d") { &body.convs } else { &body.norms };
            let number = number(layer, class.filter(|&class| class != "dense")?)?;
            names.get(number).cloned()
        });
        let is_taken =
            || body.as_ref().is_some_and(|(_, body)| body.convs.iter().chain(&body.norms).any(|n| n == layer));
        let place = match of_body {
            Some(name) => vec![name],
            None if is_taken() => vec![path.to_owned()],
            None => vec![layer.to_owned()],
        };
        // Without a scale there are three.
        let own = format!("{path}/vars/");
        let count = datasets.range(own.clone()..).take_while(|(other, _)| other.starts_with(&own)).count();
        let variables = match class {
            Some("batch_normalization") => variables("BatchNormalization", &json!({ "scale": count > 3 })),
            Some(_) => variables("Dense", &json!({})),
            None => vec![],
        };
        let variable = index.parse::<usize>().ok().and_then(|i| variables.get(i).copied()).unwrap_or(index);
        named.found.push((place, variable.to_owned(), format!("{path}/vars/{index}")));
    }
    keyed(datasets, named)
}

/// Gives the variables below `prefix` the names of a model's layers.
fn assign<'a>(
    datasets: &BTreeMap<String, Stored>,
    config: &'a Value,
    prefix: &str,
    path: &mut Vec<&'a str>,
    into: &mut Named,
) {
    let below = |prefix: &str| {
        let prefix = prefix.to_owned();
        datasets.range(prefix.clone()..).map(|(path, _)| path).take_while(move |path| path.starts_with(&prefix))
    };
    let containers = CONTAINERS.map(|container| format!("{prefix}{container}"));
    let Some(container) = containers.into_iter().find(|container| below(container).next().is_some()) else { return };
    let groups: BTreeSet<&str> =
        below(&container).filter_map(|path| path[container.len()..].split('/').next()).collect();
    let mut of_class = BTreeMap::<&str, Vec<&'a Value>>::new();
    for layer in layers_of(config) {
        of_class.entry(named_layer(layer).0).or_default().push(layer);
    }
    for (class, layers) in of_class {
        let stem = snake_case(class);
        let mut numbers: Vec<usize> = groups.iter().filter_map(|group| number(group, &stem)).collect();
        numbers.sort_unstable();
        // Keras 2 counts a layer with weights twice in this format.
        let is_counted_once = numbers.last().is_none_or(|&last| last < layers.len());
        for (i, layer) in layers.into_iter().enumerate() {
            let number = if is_counted_once { Some(i) } else { numbers.get(i).copied() };
            let Some(number) = number else { continue };
            let group = format!("{container}{}/", numbered(&stem, number));
            path.push(named_layer(layer).1);
            if is_model(class) {
                assign(datasets, &layer["config"], &group, path, into);
            } else {
                let variables = variables(class, &layer["config"]);
                for dataset in below(&group) {
                    let rest = &dataset[group.len()..];
                    let index = rest.strip_prefix("vars/").and_then(|index| index.parse::<usize>().ok());
                    let variable = index.and_then(|index| variables.get(index)).copied().unwrap_or(rest);
                    let layer = path.iter().map(|&name| name.to_owned()).collect();
                    into.found.push((layer, variable.to_owned(), dataset.clone()));
                }
            }
            path.pop();
        }
    }
}

/// The tensors under their names; what has none keeps its path.
fn keyed(
    mut datasets: BTreeMap<String, Stored>,
    Named { found }: Named,
) -> Result<BTreeMap<String, Stored>, CheckpointError> {
    datasets.retain(|path, _| !is_random_state(path));
    let mut places = BTreeMap::<String, BTreeSet<Vec<String>>>::new();
    for (layer, ..) in &found {
        places.entry(layer.last().cloned().unwrap_or_default()).or_default().insert(layer.clone());
    }
    let mut tensors = BTreeMap::new();
    for (layer, variable, path) in found {
        let Some(stored) = datasets.remove(&path) else { continue };
        let last = layer.last().cloned().unwrap_or_default();
        let is_alone = places.get(&last).is_none_or(|places| places.len() < 2);
        let key = if is_alone { format!("{last}/{variable}") } else { format!("{}/{variable}", layer.join("/")) };
        if tensors.insert(key.clone(), stored).is_some() {
            return Err(CheckpointError::DuplicateKey { key });
        }
    }
    // What belongs to no layer: the state of the training beside the model.
    datasets.retain(|path, _| CONTAINERS.iter().any(|container| path.starts_with(container)));
    tensors.extend(datasets);
    Ok(tensors)
}
