//! A node of a TensorFlow graph, as a protocol buffer or as TF.js' JSON has it.

use serde_json::Value as Json;

use crate::checkpoints::CheckpointError;
use crate::checkpoints::formats::foreign::protobuf::{Message, Wire};
use crate::checkpoints::formats::foreign::tracing::decimal;

/// Fields of an attribute's value; those of a list have the same numbers.
const LIST: u32 = 1;
const TEXT: u32 = 2;
const INT: u32 = 3;
const FLOAT: u32 = 4;
const FLAG: u32 = 5;
const TYPE: u32 = 6;
const SHAPE: u32 = 7;
const TENSOR: u32 = 8;
const FUNCTION: u32 = 10;

/// A node.
#[derive(Clone, Debug)]
pub(in super::super) struct Operation<'a> {
    /// Its name.
    pub name: &'a str,
    /// What it does.
    pub word: &'a str,
    /// What it reads.
    pub inputs: Vec<&'a str>,
    attributes: Attributes<'a>,
}

#[derive(Clone, Debug)]
enum Attributes<'a> {
    Protobuf(Message<'a>),
    Json(&'a Json),
}

/// The value of an attribute.
#[derive(Clone, Copy)]
enum Attribute<'a> {
    Protobuf(Message<'a>),
    Json(&'a Json),
}

impl<'a> Operation<'a> {
    /// One of a graph in a protocol buffer.
    pub fn of_message(node: Message<'a>) -> Result<Self, CheckpointError> {
        let inputs = node.each(3).map(|input| input?.utf8()).collect::<Result<_, _>>()?;
        Ok(Self { name: node.text(1)?, word: node.text(2)?, inputs, attributes: Attributes::Protobuf(node) })
    }

    /// One of a graph in JSON; none where it is none.
    pub fn of_json(node: &'a Json) -> Option<Self> {
        let inputs = match node.get("input") {
            Some(inputs) => inputs.as_array()?.iter().map(Json::as_str).collect::<Option<_>>()?,
            None => vec![],
        };
        let text = |field| node.get(field).and_then(Json::as_str);
        Some(Self { name: text("name")?, word: text("op")?, inputs, attributes: Attributes::Json(node) })
    }

    fn attribute(&self, name: &str) -> Result<Option<Attribute<'a>>, CheckpointError> {
        match self.attributes {
            Attributes::Protobuf(node) => {
                for entry in node.each(5) {
                    let entry = entry?;
                    if entry.text(1)? == name {
                        return Ok(entry.part(2)?.map(Attribute::Protobuf));
                    }
                }
                Ok(None)
            }
            Attributes::Json(node) => {
                Ok(node.get("attr").and_then(|attributes| attributes.get(name)).map(Attribute::Json))
            }
        }
    }

    /// A whole number, a truth value as one, or an element type by its number.
    pub fn int(&self, name: &str, otherwise: i64) -> Result<i64, CheckpointError> {
        Ok(match self.attribute(name)? {
            Some(Attribute::Protobuf(value)) => {
                let number = |field: Result<_, CheckpointError>| match field {
                    Ok((INT | FLAG | TYPE, Wire::Varint(number))) => Some(Ok(number as i64)),
                    Err(error) => Some(Err(error)),
                    _ => None,
                };
                value.fields().find_map(number).transpose()?.unwrap_or(0)
            }
            Some(Attribute::Json(value)) => {
                let found = ["i", "b", "type"].iter().find_map(|letter| value.get(letter)).and_then(json_int);
                found.unwrap_or(otherwise)
            }
            None => otherwise,
        })
    }

    /// A truth value.
    pub fn flag(&self, name: &str, otherwise: bool) -> Result<bool, CheckpointError> {
        Ok(self.int(name, otherwise.into())? != 0)
    }

    /// A number.
    pub fn float(&self, name: &str, otherwise: f64) -> Result<f64, CheckpointError> {
        Ok(match self.attribute(name)? {
            Some(Attribute::Protobuf(value)) => decimal(value.float(FLOAT)?),
            Some(Attribute::Json(value)) => {
                value.get("f").and_then(Json::as_f64).map_or(otherwise, |number| decimal(number as f32))
            }
            None => otherwise,
        })
    }

    /// A word; empty where there is none.
    pub fn text(&self, name: &str) -> Result<String, CheckpointError> {
        Ok(match self.attribute(name)? {
            Some(Attribute::Protobuf(value)) => value.text(TEXT)?.to_owned(),
            Some(Attribute::Json(value)) => value.get("s").and_then(json_text).unwrap_or_default(),
            None => String::new(),
        })
    }

    /// Words.
    pub fn texts(&self, name: &str) -> Result<Vec<String>, CheckpointError> {
        match self.attribute(name)? {
            Some(Attribute::Protobuf(value)) => match value.part(LIST)? {
                Some(list) => list.each(TEXT).map(|text| Ok(text?.utf8()?.to_owned())).collect(),
                None => Ok(vec![]),
            },
            Some(Attribute::Json(value)) => {
                let texts = value.get("list").and_then(|list| list.get("s")).and_then(Json::as_array);
                Ok(texts.into_iter().flatten().filter_map(json_text).collect())
            }
            None => Ok(vec![]),
        }
    }

    /// Whole numbers.
    pub fn ints(&self, name: &str) -> Result<Vec<i64>, CheckpointError> {
        match self.attribute(name)? {
            Some(Attribute::Protobuf(value)) => value.part(LIST)?.map_or(Ok(vec![]), |list| list.ints(INT)),
            Some(Attribute::Json(value)) => {
                let numbers = value.get("list").and_then(|list| list.get("i")).and_then(Json::as_array);
                Ok(numbers.into_iter().flatten().filter_map(json_int).collect())
            }
            None => Ok(vec![]),
        }
    }

    /// A shape, with what is not known of it; empty where there is none.
    pub fn shape(&self, name: &str) -> Result<Vec<Option<i64>>, CheckpointError> {
        let known = |side: i64| Some(side).filter(|&side| side > 0);
        match self.attribute(name)? {
            Some(Attribute::Protobuf(value)) => match value.part(SHAPE)? {
                Some(shape) => shape.each(2).take(8).map(|side| Ok(known(side?.int(1)?))).collect(),
                None => Ok(vec![]),
            },
            Some(Attribute::Json(value)) => {
                let sides = value.get("shape").and_then(|shape| shape.get("dim")).and_then(Json::as_array);
                let side = |side: &Json| side.get("size").and_then(json_int).and_then(known);
                Ok(sides.into_iter().flatten().take(8).map(side).collect())
            }
            None => Ok(vec![]),
        }
    }

    /// A tensor.
    pub fn tensor(&self, name: &str) -> Result<Option<Message<'a>>, CheckpointError> {
        match self.attribute(name)? {
            Some(Attribute::Protobuf(value)) => value.part(TENSOR),
            _ => Ok(None),
        }
    }

    /// The name of a function.
    pub fn function(&self, name: &str) -> Result<&'a str, CheckpointError> {
        match self.attribute(name)? {
            Some(Attribute::Protobuf(value)) => value.part(FUNCTION)?.map_or(Ok(""), |function| function.text(1)),
            _ => Ok(""),
        }
    }
}

/// A number, a number as text, a truth value, or a type's name.
fn json_int(value: &Json) -> Option<i64> {
    match value {
        Json::Bool(value) => Some((*value).into()),
        Json::String(text) if text == "DT_STRING" => Some(super::tensor::STRING),
        Json::String(text) if text == "DT_BOOL" => Some(super::tensor::BOOL),
        Json::String(text) => text.parse().ok(),
        value => value.as_i64(),
    }
}

/// Text in base64.
fn json_text(value: &Json) -> Option<String> {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits = value.as_str()?.trim_end_matches('=');
    let (mut bits, mut count, mut bytes) = (0u32, 0, Vec::new());
    for digit in digits.bytes() {
        bits = bits << 6 | DIGITS.iter().position(|&known| known == digit)? as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    String::from_utf8(bytes).ok()
}
