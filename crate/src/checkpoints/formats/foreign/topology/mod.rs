//! What a Keras model says of its layers, by Keras 2, Keras 3 and TensorFlow.js, as a [`FileGraph`].
//! Enters: the description, and the tensors under `<layer>/<variable>`. Leaves: every layer as an operation; what is not known is
//! [`FileOp::Other`], so that nothing is passed over. Models within models are written out in their place.

mod activations;
mod affine;
mod calls;
mod layers;
mod loss;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use serde_json::Value;

use super::file_graph::{FileGraph, FileOp, Node, needed};
use super::{TensorFile, topology};
use crate::checkpoints::CheckpointError;
use calls::{Calls, Operand, Ref, keyword};
pub(super) use loss::of_loss;

/// Operations of a graph; models that are called again and again within one another would make endless ones.
const MAX_NODES: usize = 100_000;

/// Models, which may stand where a layer does.
pub(super) fn is_model(class: &str) -> bool {
    matches!(class, "Functional" | "Model" | "Sequential")
}

/// The layers of a model's `config`.
pub(super) fn layers_of(config: &Value) -> &[Value] {
    let listed = config["layers"].as_array().or_else(|| config.as_array());
    listed.map(Vec::as_slice).unwrap_or_default()
}

/// Class and name of a layer.
pub(super) fn named(layer: &Value) -> (&str, &str) {
    let name = layer["name"].as_str().or(layer["config"]["name"].as_str());
    (layer["class_name"].as_str().unwrap_or_default(), name.unwrap_or_default())
}

/// Packages whose layers are Keras' own, or mean what Keras' do.
const OWN: [&str; 5] = ["keras", "tf_keras", "tensorflow", "keras_cv", "keras_hub"];

/// The name of a class or function that is somebody's own: under Keras' name it may be anything.
fn custom(object: &Value) -> Option<String> {
    let is_own = |package: &str| OWN.contains(&package);
    let class = object["class_name"].as_str().unwrap_or_default();
    let (registered, module) = (object["registered_name"].as_str(), object["module"].as_str());
    match (registered, module) {
        (Some(name), _) if name.contains('>') => (!name.split('>').next().is_some_and(is_own)).then(|| name.to_owned()),
        // A function is told by its name alone.
        _ if class == "function" => None,
        (_, Some(module)) => {
            let is_custom = !module.split('.').next().is_some_and(is_own);
            is_custom.then(|| format!("{module}.{class}"))
        }
        (Some(name), None) if object.get("module").is_some() => Some(name.to_owned()),
        _ => None,
    }
}

/// Whether a description says how the layers of its models hang together.
fn is_complete(model: &Value) -> bool {
    let (class, _) = named(model);
    let config = &model["config"];
    let inner = || layers_of(config).iter().filter(|layer| is_model(named(layer).0));
    is_model(class) && (class == "Sequential" || !config["output_layers"].is_null()) && inner().all(is_complete)
}

/// Gives a file the graph of its model, from the object with `model_config` and `training_config`, or the former alone. A
/// file without a description stays without.
///
/// # Errors
/// [`CheckpointError::Header`] for a description that contradicts itself, or does not say how its layers hang together.
pub(super) fn describe(file: &mut TensorFile, name: &str, topology: &Value) -> Result<(), CheckpointError> {
    let model = if topology["model_config"].is_null() { topology } else { &topology["model_config"] };
    if model["config"].is_null() {
        return Ok(());
    }
    if !is_complete(model) {
        let reason = "it does not say how the model's layers hang together".into();
        return Err(CheckpointError::Header { file: name.into(), reason });
    }
    let mut graph = Builder { file, name, nodes: vec![], ranks: vec![], folded: BTreeSet::new() };
    let mut outputs = graph.model(model, &mut vec![], None)?;
    let topology::Builder { nodes, folded, .. } = graph;
    // What is answered on the way to another answer is no head.
    let on_the_way = needed(&nodes, &outputs, false);
    outputs.retain(|&output| !on_the_way[output]);
    file.tensors.retain(|key, _| !folded.contains(key));
    let of_loss = of_loss(&topology["training_config"]["loss"]);
    file.graph = Some(FileGraph { nodes, outputs, of_loss });
    Ok(())
}

/// One layer where it is called.
struct Call<'a> {
    class: &'a str,
    /// Names of the models around it, then its own.
    path: &'a [&'a str],
    config: &'a Value,
    /// What it reads, in order: operations, and constants of arithmetic.
    operands: &'a [Operand],
    /// What the description says of the call.
    node: &'a Value,
}

impl Call<'_> {
    fn name(&self) -> String {
        self.path.join("/")
    }

    /// The operations among the operands.
    fn inputs(&self) -> Vec<usize> {
        self.operands.iter().filter_map(|operand| operand.value()).collect()
    }
}

/// A graph that is being made.
struct Builder<'a> {
    file: &'a TensorFile,
    /// The file's name, for errors.
    name: &'a str,
    nodes: Vec<Node>,
    /// Axes of each operation's result, that of the batch among them.
    ranks: Vec<usize>,
    /// Keys of tensors whose values went into operations.
    folded: BTreeSet<String>,
}

impl Builder<'_> {
    fn fault(&self, reason: String) -> CheckpointError {
        CheckpointError::Header { file: self.name.into(), reason }
    }

    fn push(&mut self, name: String, op: FileOp, inputs: Vec<usize>, rank: usize) -> Result<usize, CheckpointError> {
        if self.nodes.len() >= MAX_NODES {
            return Err(self.fault("its model has too many layers".into()));
        }
        self.nodes.push(Node { name, op, inputs });
        self.ranks.push(rank);
        Ok(self.nodes.len() - 1)
    }

    fn rank(&self, node: usize) -> usize {
        self.ranks.get(node).copied().unwrap_or(0)
    }

    /// Appends a model, whose inputs are operations or, of the outermost, its own. What it answers.
    fn model<'v>(
        &mut self,
        model: &'v Value,
        path: &mut Vec<&'v str>,
        inputs: Option<&[usize]>,
    ) -> Result<Vec<usize>, CheckpointError> {
        match named(model).0 {
            "Sequential" => Ok(vec![self.sequential(&model["config"], path, inputs)?]),
            _ => self.functional(&model["config"], path, inputs),
        }
    }

    fn sequential<'v>(
        &mut self,
        config: &'v Value,
        path: &mut Vec<&'v str>,
        inputs: Option<&[usize]>,
    ) -> Result<usize, CheckpointError> {
        let mut last = inputs.and_then(|inputs| inputs.first().copied());
        let own = if config["build_input_shape"].is_null() {
            &config["batch_input_shape"]
        } else {
            &config["build_input_shape"]
        };
        for layer in layers_of(config) {
            let (class, _) = named(layer);
            let value = match last {
                Some(value) => value,
                None => self.input(layer, Some(shape_of(layer)).filter(|s| !s.is_null()).unwrap_or(own))?,
            };
            last = Some(value);
            if class != "InputLayer" {
                last = self.layer(layer, path, &[Operand::Value(value)], &Value::Null)?.first().copied();
            }
        }
        last.ok_or_else(|| self.fault("a model in it has no layers".into()))
    }

    fn functional<'v>(
        &mut self,
        config: &'v Value,
        path: &mut Vec<&'v str>,
        inputs: Option<&[usize]>,
    ) -> Result<Vec<usize>, CheckpointError> {
        let calls = Calls::read(config).map_err(|reason| self.fault(reason))?;
        let mut results: Vec<Vec<usize>> = vec![vec![]; calls.calls.len()];
        for at in calls.order().map_err(|reason| self.fault(reason))? {
            let call = &calls.calls[at];
            let (class, name) = named(call.layer);
            results[at] = match (class, inputs) {
                ("InputLayer", Some(given)) => {
                    let position = calls.inputs.iter().position(|input| input.layer == name);
                    vec![
                        *position
                            .and_then(|p| given.get(p))
                            .ok_or_else(|| self.fault(format!("{name} is given nothing")))?,
                    ]
                }
                ("InputLayer", None) => vec![self.input(call.layer, shape_of(call.layer))?],
                _ => {
                    let operands = call.operands.iter().map(|operand| match operand {
                        calls::Argument::Of(reference) => Ok(Operand::Value(self.result(&calls, &results, reference)?)),
                        calls::Argument::Constant(values) => Ok(Operand::Constant(values.clone())),
                    });
                    let operands = operands.collect::<Result<Vec<_>, CheckpointError>>()?;
                    self.layer(call.layer, path, &operands, call.node)?
                }
            };
        }
        calls.outputs.iter().map(|output| self.result(&calls, &results, output)).collect()
    }

    /// The operation that a reference means.
    fn result(&self, calls: &Calls, results: &[Vec<usize>], reference: &Ref) -> Result<usize, CheckpointError> {
        let call = calls.find(reference).and_then(|at| results.get(at));
        let found = call.and_then(|results| results.get(reference.tensor)).copied();
        found.ok_or_else(|| self.fault(format!("it has no output {} of {}", reference.tensor, reference.layer)))
    }

    /// What a model reads, in front of this layer or as it.
    fn input(&mut self, layer: &Value, shape: &Value) -> Result<usize, CheckpointError> {
        let sides: Vec<Option<usize>> =
            shape.as_array().into_iter().flatten().map(|side| usize::try_from(side.as_u64()?).ok()).collect();
        let (size, channels) = match sides.as_slice() {
            [_, Some(height), Some(width), channels] => (Some([*height, *width]), *channels),
            [_, _, _, channels] => (None, *channels),
            _ => (None, None),
        };
        let rank = if sides.is_empty() { 4 } else { sides.len() };
        let (class, name) = named(layer);
        let bytes = class == "InputLayer" && is_whole(&layer["config"]["dtype"]);
        self.push(name.to_owned(), FileOp::Input { size, channels, bytes }, vec![], rank)
    }

    /// Appends a layer, or a model that stands where a layer does.
    fn layer<'v>(
        &mut self,
        layer: &'v Value,
        path: &mut Vec<&'v str>,
        operands: &[Operand],
        node: &'v Value,
    ) -> Result<Vec<usize>, CheckpointError> {
        let (class, name) = named(layer);
        path.push(name);
        let call = Call { class, path, config: &layer["config"], operands, node };
        let custom = custom(layer).filter(|_| !class.ends_with("CustomScaleLayer"));
        // Keras 3 notes the usual argument of augmentation too, which does nothing in inference.
        let is_augmentation = class.starts_with("Random") || matches!(class, "MixUp" | "CutMix");
        let is_training =
            !is_augmentation && keyword(node, "training").is_some_and(|training| *training == true || *training == 1);
        let results = if is_training {
            // Its batch norms take the statistics of the batch, and its dropouts drop.
            let what = format!("{class} called with training=True");
            Err(CheckpointError::Layer { layer: call.name(), what })
        } else if let Some(custom) = custom {
            let inputs = call.inputs();
            let rank = inputs.first().map_or(0, |&input| self.rank(input));
            self.push(call.name(), FileOp::Other(custom), inputs, rank).map(|last| vec![last])
        } else if is_model(class) {
            let inputs = call.inputs();
            self.model(layer, path, Some(&inputs))
        } else {
            self.append(&call).map(|last| vec![last])
        };
        path.pop();
        results
    }
}

/// Whether an element type is one of whole numbers.
fn is_whole(dtype: &Value) -> bool {
    let name = dtype.as_str().or(dtype["config"]["name"].as_str()).unwrap_or_default();
    ["int", "uint", "bool"].iter().any(|of| name.starts_with(of))
}

/// The shape of what a model reads, where its first layer says it.
fn shape_of(layer: &Value) -> &Value {
    let config = &layer["config"];
    if is_model(named(layer).0) {
        return layers_of(config).first().map_or(&Value::Null, shape_of);
    }
    if config["batch_shape"].is_null() { &config["batch_input_shape"] } else { &config["batch_shape"] }
}
