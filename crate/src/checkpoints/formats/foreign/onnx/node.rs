//! A node of an ONNX graph, and its attributes.

use std::collections::BTreeMap;

use crate::checkpoints::CheckpointError;
use crate::checkpoints::formats::foreign::protobuf::{Message, Wire};
use crate::checkpoints::formats::foreign::tracing::decimal;

const INPUTS: u32 = 1;
const OUTPUTS: u32 = 2;
const NAME: u32 = 3;
const OPERATOR: u32 = 4;
const ATTRIBUTES: u32 = 5;
const DOMAIN: u32 = 7;

/// A node.
pub(super) struct Operator<'a> {
    /// Its name, or that of what it makes.
    pub name: &'a str,
    /// What it does; of operators that are not ONNX' own with their domain.
    pub word: String,
    /// What it reads; empty where an optional input is left out.
    pub inputs: Vec<&'a str>,
    /// What it makes.
    pub outputs: Vec<&'a str>,
    /// The version of ONNX' own operators.
    pub opset: i64,
    attributes: BTreeMap<&'a str, Message<'a>>,
}

impl<'a> Operator<'a> {
    /// Reads a node.
    pub fn read(node: Message<'a>, opset: i64) -> Result<Self, CheckpointError> {
        let texts = |number| node.each(number).map(|text| text?.utf8()).collect::<Result<Vec<_>, _>>();
        let (inputs, outputs) = (texts(INPUTS)?, texts(OUTPUTS)?);
        let mut attributes = BTreeMap::new();
        for attribute in node.each(ATTRIBUTES) {
            let attribute = attribute?;
            attributes.insert(attribute.text(1)?, attribute);
        }
        let name = Some(node.text(NAME)?).filter(|name| !name.is_empty());
        let word = match node.text(DOMAIN)? {
            "" | "ai.onnx" => node.text(OPERATOR)?.to_owned(),
            domain => format!("{domain}.{}", node.text(OPERATOR)?),
        };
        let name = name.or(outputs.first().copied()).unwrap_or_default();
        Ok(Self { name, word, inputs, outputs, opset, attributes })
    }

    /// The name of what it makes first.
    pub fn output(&self) -> &'a str {
        self.outputs.first().copied().unwrap_or_default()
    }

    /// Whether it has this attribute.
    pub fn has(&self, name: &str) -> bool {
        self.attributes.contains_key(name)
    }

    /// A number.
    pub fn float(&self, name: &str, otherwise: f64) -> Result<f64, CheckpointError> {
        self.attributes.get(name).map_or(Ok(otherwise), |attribute| Ok(decimal(attribute.float(2)?)))
    }

    /// A whole number.
    pub fn int(&self, name: &str, otherwise: i64) -> Result<i64, CheckpointError> {
        self.attributes.get(name).map_or(Ok(otherwise), |attribute| attribute.int(3))
    }

    /// Whole numbers; none where there is no such attribute.
    pub fn ints(&self, name: &str) -> Result<Option<Vec<i64>>, CheckpointError> {
        self.attributes.get(name).map(|attribute| attribute.ints(8)).transpose()
    }

    /// Numbers.
    pub fn floats(&self, name: &str) -> Result<Option<Vec<f32>>, CheckpointError> {
        let numbers = |attribute: &Message| {
            let mut numbers = Vec::new();
            for field in attribute.fields() {
                match field? {
                    (7, Wire::Fixed32(bytes)) => numbers.push(f32::from_le_bytes(bytes)),
                    (7, Wire::Bytes(packed)) => {
                        numbers.extend(packed.bytes.as_chunks::<4>().0.iter().map(|&bytes| f32::from_le_bytes(bytes)));
                    }
                    _ => {}
                }
            }
            Ok(numbers)
        };
        self.attributes.get(name).map(numbers).transpose()
    }

    /// A word.
    pub fn text(&self, name: &str) -> Result<&'a str, CheckpointError> {
        self.attributes.get(name).map_or(Ok(""), |attribute| attribute.text(4))
    }

    /// A tensor.
    pub fn tensor(&self, name: &str) -> Result<Option<Message<'a>>, CheckpointError> {
        self.attributes.get(name).map_or(Ok(None), |attribute| attribute.part(5))
    }
}
