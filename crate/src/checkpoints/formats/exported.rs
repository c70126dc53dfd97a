//! For tests: files as exporters write them, and what was found in them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../../../tests/common/filled.rs"]
mod filled;

use std::collections::BTreeMap;

pub use filled::tensors;

use super::{FileGraph, FileOp, SourceFile, TensorFile};
use crate::checkpoints::decode::decode;

/// A fixture's files.
pub fn files(fixture: &str, weights: bool) -> Vec<SourceFile> {
    let file = |(name, bytes): (String, Vec<u8>)| SourceFile { name, bytes: bytes.into() };
    filled::files(fixture, weights).into_iter().map(file).collect()
}

/// How many operations of each kind a graph has.
pub fn counts(graph: &FileGraph) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for node in &graph.nodes {
        let word = match &node.op {
            FileOp::Other(word) => format!("Other {word}"),
            op => format!("{op:?}").split([' ', '(', '{']).next().unwrap().to_owned(),
        };
        *counts.entry(word).or_insert(0) += 1;
    }
    counts
}

/// The same as a text in order of the names.
pub fn summary(graph: &FileGraph) -> String {
    let counts = counts(graph).into_iter().map(|(word, count)| format!("{word} {count}"));
    counts.collect::<Vec<_>>().join(", ")
}

/// The values of a tensor in the order of its bytes.
pub fn values(file: &TensorFile, key: &str) -> Vec<f32> {
    let stored = file.tensors.get(key).unwrap_or_else(|| panic!("no {key}"));
    let mut values = Vec::new();
    let row = stored.shape.iter().skip(1).product();
    decode(&file.bytes(stored), stored.dtype, stored.quantization.as_ref(), row, &mut values).unwrap();
    values
}

/// Checks that every tensor of a fixture is in the file under a key that `rename` makes of its name.
pub fn check_tensors(fixture: &str, file: &TensorFile, rename: impl Fn(&str) -> String) {
    for tensor in tensors(fixture) {
        let key = rename(&tensor.name);
        assert!(file.tensors.contains_key(&key), "{fixture}: no {key}");
        assert_eq!(file.tensors[&key].shape, tensor.shape, "{fixture}: {key}");
        assert!(values(file, &key) == tensor.values, "{fixture}: values of {key}");
    }
}

/// Checks that a graph's operations read what comes before them, and tensors that are there.
pub fn check_graph(file: &TensorFile) {
    let graph = file.graph.as_ref().unwrap();
    for (at, node) in graph.nodes.iter().enumerate() {
        assert!(node.inputs.iter().all(|&input| input < at), "{}", node.name);
        let keys: Vec<&String> = match &node.op {
            FileOp::Conv { weights, bias, .. } | FileOp::Dense { weights, bias, .. } => {
                [Some(weights), bias.as_ref()].into_iter().flatten().collect()
            }
            FileOp::Bias(key) => vec![key],
            FileOp::Norm { gamma, beta, mean, variance, .. } => {
                [gamma.as_ref(), beta.as_ref(), Some(mean), Some(variance)].into_iter().flatten().collect()
            }
            _ => vec![],
        };
        for key in keys {
            assert!(file.tensors.contains_key(key), "{} reads {key}", node.name);
        }
    }
    assert!(graph.outputs.iter().all(|&output| output < graph.nodes.len()) && !graph.outputs.is_empty());
}
