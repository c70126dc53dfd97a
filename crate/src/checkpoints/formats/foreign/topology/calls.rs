//! Who reads whom in a functional model: `inbound_nodes` of Keras 2 (`[["conv2d", 0, 0, {}]]`, the number of the call and of
//! its result) and of Keras 3 (`args` with `keras_history`). A layer that is called twice has two results.

use std::collections::HashMap;

use serde_json::Value;

use super::{is_model, layers_of, named};

/// How deep lists within arguments are followed.
const MAX_NESTING: usize = 8;

/// What an operation reads.
pub enum Operand {
    /// Another's result.
    Value(usize),
    /// Numbers of the description.
    Constant(Vec<f64>),
}

impl Operand {
    /// The operation, where it is one.
    pub fn value(&self) -> Option<usize> {
        match self {
            Self::Value(node) => Some(*node),
            Self::Constant(_) => None,
        }
    }
}

/// A result of a layer's call.
pub struct Ref<'a> {
    pub layer: &'a str,
    pub call: usize,
    pub tensor: usize,
}

pub enum Argument<'a> {
    Of(Ref<'a>),
    Constant(Vec<f64>),
}

pub struct LayerCall<'a> {
    pub layer: &'a Value,
    pub operands: Vec<Argument<'a>>,
    /// What the description says of the call.
    pub node: &'a Value,
}

/// The calls of a functional model.
pub struct Calls<'a> {
    pub calls: Vec<LayerCall<'a>>,
    pub inputs: Vec<Ref<'a>>,
    pub outputs: Vec<Ref<'a>>,
    /// Position of a layer's first call, how many there are, and the number of the first.
    layers: HashMap<&'a str, (usize, usize, usize)>,
}

impl<'a> Calls<'a> {
    /// Reads a model's `config`; the error is a reason.
    pub fn read(config: &'a Value) -> Result<Self, String> {
        let mut calls = Vec::new();
        let mut layers = HashMap::new();
        for layer in layers_of(config) {
            let (class, name) = named(layer);
            let first = calls.len();
            if class == "InputLayer" {
                calls.push(LayerCall { layer, operands: vec![], node: &Value::Null });
            } else {
                let nodes = layer["inbound_nodes"].as_array().map(Vec::as_slice).unwrap_or_default();
                calls.extend(nodes.iter().map(|node| LayerCall { layer, operands: operands(node), node }));
            }
            if layers.insert(name, (first, calls.len() - first, 0)).is_some() {
                return Err(format!("two of its layers are called {name}"));
            }
        }
        let (inputs, outputs) = (refs(&config["input_layers"]), refs(&config["output_layers"]));
        if outputs.is_empty() {
            return Err("a model in it has no outputs".into());
        }
        let mut found = Self { calls, inputs, outputs, layers };
        found.count_models();
        Ok(found)
    }

    /// Of a model within it, Keras 2 counts the making as the first call, which is not among those listed.
    fn count_models(&mut self) {
        let arguments = self.calls.iter().flat_map(|call| &call.operands).filter_map(|argument| match argument {
            Argument::Of(reference) => Some(reference),
            Argument::Constant(_) => None,
        });
        let mut beyond = Vec::new();
        for reference in arguments.chain(&self.outputs) {
            if let Some(&(first, count, _)) = self.layers.get(reference.layer)
                && reference.call == count
                && self.calls.get(first).is_some_and(|call| is_model(named(call.layer).0))
            {
                beyond.push(reference.layer);
            }
        }
        for layer in beyond {
            self.layers.entry(layer).and_modify(|entry| entry.2 = 1);
        }
    }

    /// The call that a reference means.
    pub fn find(&self, reference: &Ref) -> Option<usize> {
        let &(first, count, begin) = self.layers.get(reference.layer)?;
        let call = reference.call.checked_sub(begin)?;
        (call < count).then(|| first + call)
    }

    /// The calls, each after all that it reads, else in the order of the description.
    pub fn order(&self) -> Result<Vec<usize>, String> {
        #[derive(Clone, Copy, PartialEq)]
        enum State {
            New,
            Begun,
            Done,
        }
        let mut states = vec![State::New; self.calls.len()];
        let mut order = Vec::with_capacity(self.calls.len());
        for start in 0..self.calls.len() {
            let mut stack = vec![(start, 0)];
            while let Some((at, next)) = stack.pop() {
                if states[at] == State::Done {
                    continue;
                }
                states[at] = State::Begun;
                let Some(argument) = self.calls[at].operands.get(next) else {
                    states[at] = State::Done;
                    order.push(at);
                    continue;
                };
                stack.push((at, next + 1));
                let Argument::Of(reference) = argument else { continue };
                let name = named(self.calls[at].layer).1;
                let Some(read) = self.find(reference) else {
                    return Err(format!("{name} reads {}, which is not there", reference.layer));
                };
                match states[read] {
                    State::Done => {}
                    State::New => stack.push((read, 0)),
                    State::Begun => return Err(format!("{name} reads its own result")),
                }
            }
        }
        Ok(order)
    }
}

/// `["name", 0, 0]`, with more behind.
fn reference(value: &Value) -> Option<Ref<'_>> {
    let [layer, call, tensor, ..] = value.as_array()?.as_slice() else { return None };
    let number = |value: &Value| usize::try_from(value.as_u64()?).ok();
    Some(Ref { layer: layer.as_str()?, call: number(call)?, tensor: number(tensor)? })
}

/// One reference, or a list or table of them.
fn refs(value: &Value) -> Vec<Ref<'_>> {
    if let Some(one) = reference(value) {
        return vec![one];
    }
    match value {
        Value::Array(items) => items.iter().filter_map(reference).collect(),
        Value::Object(fields) => fields.values().filter_map(reference).collect(),
        _ => vec![],
    }
}

/// An argument of a call by its name.
pub fn keyword<'a>(node: &'a Value, name: &str) -> Option<&'a Value> {
    fn keras_2<'a>(value: &'a Value, name: &str, depth: usize) -> Option<&'a Value> {
        match value.as_array()?.as_slice() {
            [Value::String(_), _, _, fields, ..] => fields.get(name),
            items if depth < MAX_NESTING => items.iter().find_map(|item| keras_2(item, name, depth + 1)),
            _ => None,
        }
    }
    match node {
        Value::Object(fields) => fields.get("kwargs")?.get(name),
        _ => keras_2(node, name, 0),
    }
}

/// What a call reads.
fn operands(node: &Value) -> Vec<Argument<'_>> {
    let mut found = Vec::new();
    match node {
        Value::Object(fields) => {
            fields.get("args").into_iter().for_each(|args| keras_3(args, 0, &mut found));
            let named = ["x", "x1", "x2"].into_iter().filter_map(|key| fields.get("kwargs")?.get(key));
            named.for_each(|value| keras_3(value, 0, &mut found));
        }
        _ => keras_2(node, 0, &mut found),
    }
    found
}

fn keras_3<'a>(value: &'a Value, depth: usize, found: &mut Vec<Argument<'a>>) {
    let is_tensor = value["class_name"] == "__keras_tensor__";
    if let Some(reference) = is_tensor.then(|| reference(&value["config"]["keras_history"])).flatten() {
        found.push(Argument::Of(reference));
    } else if let Some(constant) = numbers(value) {
        found.push(Argument::Constant(constant));
    } else if let (Value::Array(items), true) = (value, depth < MAX_NESTING) {
        items.iter().for_each(|item| keras_3(item, depth + 1, found));
    }
}

/// `["input_1", 0, 0, {"y": 127.5}]`, or `["_CONSTANT_VALUE", -1, 1.0, {}]`, or a list of them; arithmetic keeps its second operand
/// beside the first.
fn keras_2<'a>(value: &'a Value, depth: usize, found: &mut Vec<Argument<'a>>) {
    let Value::Array(items) = value else { return };
    match items.as_slice() {
        [Value::String(name), _, constant, ..] if name == "_CONSTANT_VALUE" => {
            found.extend(numbers(constant).map(Argument::Constant));
        }
        [Value::String(_), ..] => found.extend(reference(value).map(Argument::Of)),
        _ if depth < MAX_NESTING => items.iter().for_each(|item| keras_2(item, depth + 1, found)),
        _ => {}
    }
    let Some(fields @ Value::Object(_)) = items.get(3) else { return };
    for key in ["y", "bias"] {
        let operand = &fields[key];
        let argument = reference(operand).map(Argument::Of);
        found.extend(argument.or_else(|| numbers(operand).map(Argument::Constant)));
    }
}

/// A number, a list of them, or a tensor that was written out.
pub fn numbers(value: &Value) -> Option<Vec<f64>> {
    fn collect(value: &Value, depth: usize, into: &mut Vec<f64>) -> Option<()> {
        match value {
            Value::Number(number) => into.push(number.as_f64()?),
            Value::Array(items) if depth < MAX_NESTING => {
                items.iter().try_for_each(|item| collect(item, depth + 1, into))?;
            }
            _ => return None,
        }
        Some(())
    }
    let class = value["class_name"].as_str();
    let is_written_out = class.is_some_and(|class| ["__tensor__", "__numpy__", "__ndarray__"].contains(&class));
    let value = if is_written_out { &value["config"]["value"] } else { value };
    let mut values = Vec::new();
    collect(value, 0, &mut values)?;
    (!values.is_empty()).then_some(values)
}
