//! For tests: files as exporters write them, and what was found in them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../../../../../tests/common/filled.rs"]
mod filled;

use std::collections::BTreeMap;

pub use filled::tensors;
use proptest::prelude::*;

use super::{Content, FileGraph, FileOp, SourceFile, TensorFile};
use crate::checkpoints::formats::decode::decode;
use crate::checkpoints::recognised::Recognised;

/// A protocol buffer put together by hand.
#[derive(Clone, Default)]
pub struct Made(pub Vec<u8>);

impl Made {
    fn varint(mut self, mut value: u64) -> Self {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
        self
    }

    /// A whole number.
    pub fn int(self, number: u64, value: i64) -> Self {
        self.varint(number << 3).varint(value as u64)
    }

    /// A binary32.
    pub fn float(self, number: u64, value: f32) -> Self {
        let mut made = self.varint(number << 3 | 5);
        made.0.extend(value.to_le_bytes());
        made
    }

    /// Bytes, a text, or another message.
    pub fn bytes(self, number: u64, bytes: impl AsRef<[u8]>) -> Self {
        let mut made = self.varint(number << 3 | 2).varint(bytes.as_ref().len() as u64);
        made.0.extend_from_slice(bytes.as_ref());
        made
    }

    /// Several of these.
    pub fn each<T: AsRef<[u8]>>(self, number: u64, all: impl IntoIterator<Item = T>) -> Self {
        all.into_iter().fold(self, |made, bytes| made.bytes(number, bytes))
    }

    /// Packed whole numbers.
    pub fn ints(self, number: u64, values: &[i64]) -> Self {
        let packed = values.iter().fold(Self::default(), |made, &value| made.varint(value as u64));
        self.bytes(number, packed)
    }
}

impl AsRef<[u8]> for Made {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// Binary32 as they are in memory.
pub fn floats(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// A file's operations as text, a line each, with the positions that they read; numbers of windows as they are shortest.
pub fn listing(file: &TensorFile) -> Vec<String> {
    let window = |window: &super::Window| {
        let padding = match window.padding {
            super::FilePadding::Explicit(p) => format!("{} {} {} {}", p.top, p.left, p.bottom, p.right),
            other => format!("{other:?}"),
        };
        let ([h, w], [down, right]) = (window.kernel, window.stride);
        format!("{h}x{w} / {down} {right} pad {padding}{}", if window.ceil { " ceil" } else { "" })
    };
    let nodes = &file.graph.as_ref().unwrap().nodes;
    let line = |node: &super::Node| {
        let op = match &node.op {
            FileOp::Conv { weights, bias, axes, window: of } => {
                format!("Conv {weights} {} {axes:?} {}", bias.as_deref().unwrap_or("-"), window(of))
            }
            FileOp::MaxPool(of) => format!("MaxPool {}", window(of)),
            FileOp::AveragePool(of, counts) => {
                format!("AveragePool {}{}", window(of), if *counts { " counts" } else { "" })
            }
            FileOp::Dense { weights, bias, axes } => {
                format!("Dense {weights} {} {axes:?}", bias.as_deref().unwrap_or("-"))
            }
            FileOp::Norm { gamma, beta, mean, variance, epsilon } => {
                let [gamma, beta] = [gamma, beta].map(|key| key.as_deref().unwrap_or("-"));
                format!("Norm {gamma} {beta} {mean} {variance} {epsilon}")
            }
            op => format!("{op:?}"),
        };
        format!("{op} {:?}", node.inputs)
    };
    nodes.iter().map(line).collect()
}

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

/// Reads files that may be damaged: what comes of it is an error, or tensors that lie in them and operations in order.
fn survives(files: Vec<SourceFile>, is_matched: bool) {
    let given: usize = files.iter().map(|file| file.bytes.len()).sum();
    let Ok(mut file) = TensorFile::read(files) else { return };
    let held: usize = file.files.iter().map(|content| content.len()).sum();
    assert!(held <= 2 * given + (1 << 16), "{given} bytes became {held}");
    for (key, stored) in &file.tensors {
        let found = file.bytes(stored).len();
        let spread = !stored.strides.is_empty();
        let count: usize = stored.shape.iter().product();
        assert!(spread || found == count * stored.dtype.size(), "{key}: {:?} in {found} bytes", stored.shape);
    }
    if file.graph.is_some() {
        check_graph(&file);
    }
    if is_matched {
        let _ = Recognised::of(&mut file, None);
    }
}

/// Damages one of a fixture's files in ways that are found by chance; the others are as large as they are, and zeros.
pub fn survives_damage(fixture: &str, damaged: &str, cases: u32) {
    let files = filled::files(fixture, false);
    let of = |(name, bytes): &(String, Vec<u8>), changes: &[(usize, u8)], end| SourceFile {
        name: name.clone(),
        bytes: match name == damaged {
            true => changed(bytes, changes, end).into(),
            false => {
                let len = bytes.len();
                Content::Elsewhere { head: vec![], len, read: Box::new(|range| vec![0; range.len()]) }
            }
        },
    };
    assert!(files.iter().any(|(name, _)| name == damaged));
    proptest!(ProptestConfig::with_cases(cases), |((changes, end) in changes())| {
        survives(files.iter().map(|file| of(file, &changes, end)).collect(), true);
    });
}

/// The same of a file that was put together by hand.
pub fn survives_damage_of(name: &str, bytes: &[u8], cases: u32) {
    proptest!(ProptestConfig::with_cases(cases), |((changes, end) in changes())| {
        // The matcher takes longer than the reader.
        let is_matched = changes[0].1 % 16 == 0;
        survives(vec![SourceFile { name: name.into(), bytes: changed(bytes, &changes, end).into() }], is_matched);
    });
}

/// Some changed bytes, and perhaps an earlier end.
fn changes() -> impl Strategy<Value = (Vec<(usize, u8)>, Option<usize>)> {
    (proptest::collection::vec((any::<usize>(), any::<u8>()), 1..6), proptest::option::weighted(0.2, any::<usize>()))
}

fn changed(bytes: &[u8], changes: &[(usize, u8)], end: Option<usize>) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for &(place, byte) in changes {
        let place = place % bytes.len();
        bytes[place] = byte;
    }
    bytes.truncate(end.map_or(bytes.len(), |end| 1 + end % bytes.len()));
    bytes
}
