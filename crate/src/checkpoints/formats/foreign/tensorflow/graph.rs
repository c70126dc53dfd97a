//! The order in which a graph computes, and the functions that it calls.

use std::collections::{HashMap, HashSet};

use super::node::Operation;
use super::operators;
use crate::checkpoints::CheckpointError;
use crate::checkpoints::formats::foreign::protobuf::Message;
use crate::checkpoints::formats::foreign::tracing::{Flow, Tracer, Value};
use crate::checkpoints::formats::{Stored, StoredType, TensorFile};

/// Functions that call functions.
const MOST_CALLS: usize = 24;
/// Nodes of all calls together.
const MOST_NODES: usize = 1 << 18;
/// Bytes of a function that count as a node.
const NODE_BYTES: usize = 64;
/// What is done with an answer besides: it stays the answer.
const BESIDE: [&str; 10] = [
    "ArgMax",
    "TopK",
    "TopKV2",
    "InTopK",
    "HistogramSummary",
    "ScalarSummary",
    "ImageSummary",
    "MergeSummary",
    "Assert",
    "Print",
];

/// What each node made, by its name.
type Made<'a> = HashMap<&'a str, Vec<Value>>;

/// Goes through a graph.
pub(in super::super) struct Walk<'a, 'f> {
    /// Collects what is found.
    pub tracer: Tracer<'f>,
    /// Name of the file.
    pub file: &'a str,
    /// Position of the file with the graph.
    pub position: usize,
    /// Tensors that are not in the graph, by the names that it has for them.
    pub variables: HashMap<String, Stored>,
    functions: HashMap<&'a str, Message<'a>>,
    nodes_left: usize,
}

impl<'a, 'f> Walk<'a, 'f> {
    /// Begins one. `library` holds the functions.
    pub fn new(
        tracer: Tracer<'f>,
        (file, position): (&'a str, usize),
        library: Option<Message<'a>>,
    ) -> Result<Self, CheckpointError> {
        let mut functions = HashMap::new();
        for function in library.into_iter().flat_map(|library| library.each(1)) {
            let function = function?;
            if let Some(signature) = function.part(1)? {
                functions.insert(signature.text(1)?, function);
            }
        }
        Ok(Self { tracer, file, position, variables: HashMap::new(), functions, nodes_left: MOST_NODES })
    }

    /// An error in what the file says.
    pub fn fault(&self, reason: impl Into<String>) -> CheckpointError {
        CheckpointError::Header { file: self.file.into(), reason: reason.into() }
    }

    /// Goes through a whole graph. Its answers are those of these names, or what nothing else reads.
    pub fn whole(
        mut self,
        nodes: &[Operation<'a>],
        answers: &[String],
    ) -> Result<(TensorFile, Vec<u8>), CheckpointError> {
        let made = self.run(nodes, HashMap::new(), "", 0)?;
        let mut found: Vec<Flow> = Vec::new();
        let mut take = |value: Option<&Value>| {
            if let Some(Value::Flow(flow)) = value {
                found.push(flow.clone());
            }
        };
        if answers.is_empty() {
            let readers = nodes.iter().filter(|node| !BESIDE.contains(&node.word));
            let read: HashSet<&str> =
                readers.flat_map(|node| &node.inputs).filter_map(|input| Some(reference(input)?.0)).collect();
            for node in nodes.iter().filter(|node| !read.contains(node.name)) {
                take(made.get(node.name).and_then(|values| values.first()));
            }
        } else {
            answers.iter().for_each(|answer| take(reference(answer).and_then(|at| made.get(at.0)?.get(at.1))));
        }
        match found.is_empty() {
            true => Err(self.fault("none of its answers depends on the picture")),
            false => {
                self.take_variables();
                Ok(self.tracer.finish(&found, false))
            }
        }
    }

    /// Where a graph has variables, its tensors are these and what its operations read: others began them.
    fn take_variables(&mut self) {
        if self.variables.is_empty() {
            return;
        }
        self.tracer.forget_unread();
        for (key, stored) in self.variables.drain() {
            let is_weight = !matches!(stored.dtype, StoredType::Other(..)) && !stored.shape.is_empty();
            if is_weight {
                self.tracer.tensors.entry(key).or_insert(stored);
            }
        }
    }

    /// Computes all nodes of a graph or function, whose arguments are there already.
    fn run(
        &mut self,
        nodes: &[Operation<'a>],
        mut made: Made<'a>,
        scope: &str,
        depth: usize,
    ) -> Result<Made<'a>, CheckpointError> {
        self.nodes_left =
            self.nodes_left.checked_sub(nodes.len()).ok_or_else(|| self.fault("it has too many nodes"))?;
        for at in order(nodes) {
            let node = &nodes[at];
            let mut inputs = Vec::with_capacity(node.inputs.len());
            for (from, output) in node.inputs.iter().filter_map(|input| reference(input)) {
                // What is not there is a loop, or has been cut off: what needs it makes nothing.
                inputs.push(made.get(from).and_then(|values| values.get(output)).cloned().unwrap_or(Value::Nothing));
            }
            let name = format!("{scope}{}", node.name);
            let values = match node.word {
                "PartitionedCall" | "StatefulPartitionedCall" => {
                    self.call(node.function("f")?, inputs, &name, depth)?
                }
                word if self.functions.contains_key(word) => self.call(word, inputs, &name, depth)?,
                _ => operators::translate(self, node, &name, inputs)?,
            };
            if made.insert(node.name, values).is_some() {
                return Err(self.fault(format!("{name} is made twice")));
            }
        }
        Ok(made)
    }

    /// What a function makes of these values.
    fn call(&mut self, name: &str, values: Vec<Value>, at: &str, depth: usize) -> Result<Vec<Value>, CheckpointError> {
        let Some(&function) = self.functions.get(name) else {
            return Err(self.fault(format!("there is no function {name}")));
        };
        if depth >= MOST_CALLS {
            return Err(self.fault(format!("{name} is called too deep within others")));
        }
        // What it costs to look at it once more.
        let cost = function.bytes.len() / NODE_BYTES;
        self.nodes_left = self.nodes_left.checked_sub(cost).ok_or_else(|| self.fault("it has too many nodes"))?;
        let Some(signature) = function.part(1)? else { return Ok(vec![]) };
        let mut arguments = HashMap::new();
        for (argument, value) in signature.each(2).zip(values) {
            arguments.insert(argument?.text(1)?, vec![value]);
        }
        let nodes = function.each(3).map(|node| Operation::of_message(node?)).collect::<Result<Vec<_>, _>>()?;
        let made = self.run(&nodes, arguments, &format!("{at}/"), depth + 1)?;
        let mut returned = HashMap::new();
        for entry in function.each(4) {
            let entry = entry?;
            returned.insert(entry.text(1)?, entry.text(2)?);
        }
        let mut answers = Vec::new();
        for output in signature.each(3) {
            let from = returned.get(output?.text(1)?).and_then(|from| reference(from));
            let value = from.and_then(|(node, at)| made.get(node)?.get(at).cloned());
            answers.push(value.unwrap_or(Value::Nothing));
        }
        Ok(answers)
    }
}

/// The node and the output that an input names: `node`, `node:1`, or in functions `node:output:1`. None where it only says
/// what has to be done before.
fn reference(input: &str) -> Option<(&str, usize)> {
    if input.starts_with('^') {
        return None;
    }
    let Some((node, rest)) = input.split_once(':') else { return Some((input, 0)) };
    let (output, at) = rest.rsplit_once(':').unwrap_or(("", rest));
    let at = at.parse().ok()?;
    // Statistics of a batch, beside what it is normalised to.
    let is_beside = output.starts_with("batch_") || output.starts_with("reserve_space");
    Some((node, if is_beside { usize::MAX } else { at }))
}

/// The nodes, each after what it reads; in loops, one of them is before.
fn order(nodes: &[Operation]) -> Vec<usize> {
    let places: HashMap<&str, usize> = nodes.iter().enumerate().map(|(at, node)| (node.name, at)).collect();
    let mut order = Vec::with_capacity(nodes.len());
    let mut seen = vec![false; nodes.len()];
    for first in 0..nodes.len() {
        // A node, and how many of its inputs have been looked at.
        let mut due = vec![(first, 0)];
        if std::mem::replace(&mut seen[first], true) {
            continue;
        }
        while let Some((at, looked)) = due.last_mut() {
            let input = nodes[*at].inputs.get(*looked);
            *looked += 1;
            match input {
                Some(input) => {
                    if let Some(&from) = reference(input).and_then(|(from, _)| places.get(from))
                        && !std::mem::replace(&mut seen[from], true)
                    {
                        due.push((from, 0));
                    }
                }
                None => {
                    order.push(*at);
                    due.pop();
                }
            }
        }
    }
    order
}
