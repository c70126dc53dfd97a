//! The wire format of protocol buffers (<https://protobuf.dev/programming-guides/encoding/>), read in place: a message is a part of
//! a file, and its fields are found by going over it. Whoever asks for a field knows what it holds, so nothing is nested deeper
//! than the questions are.

use std::ops::Range;

use crate::checkpoints::{CheckpointError, ProtobufFault};

/// Bytes of a file that are a message, a text, or packed numbers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Message<'a> {
    /// Name of the file.
    pub file: &'a str,
    /// The bytes.
    pub bytes: &'a [u8],
    /// Their place in the file.
    pub start: usize,
}

/// The value of a field.
#[derive(Clone, Copy, Debug)]
pub(super) enum Wire<'a> {
    Varint(u64),
    Fixed64([u8; 8]),
    Fixed32([u8; 4]),
    Bytes(Message<'a>),
}

/// Numbers that are listed in a field.
#[derive(Clone, Debug)]
pub(super) enum Listed<'a> {
    /// In one piece, as they are in memory.
    There(Message<'a>),
    /// One by one, put together.
    Apart(Vec<u8>),
}

impl Listed<'_> {
    /// As they are in memory.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::There(piece) => piece.bytes,
            Self::Apart(bytes) => bytes,
        }
    }
}

/// A field's number and value.
pub(super) type Field<'a> = (u32, Wire<'a>);

impl<'a> Message<'a> {
    /// All of a file.
    pub fn whole(file: &'a str, bytes: &'a [u8]) -> Self {
        Self { file, bytes, start: 0 }
    }

    /// The fields in order.
    pub fn fields(self) -> Fields<'a> {
        Fields { rest: self }
    }

    /// The fields of this number that have a length.
    pub fn each(self, number: u32) -> impl Iterator<Item = Result<Message<'a>, CheckpointError>> {
        self.fields().filter_map(move |field| match field {
            Ok((n, Wire::Bytes(inner))) => (n == number).then_some(Ok(inner)),
            Ok(_) => None,
            Err(error) => Some(Err(error)),
        })
    }

    /// The last field of this number.
    fn last(self, number: u32) -> Result<Option<Wire<'a>>, CheckpointError> {
        let mut found = None;
        for field in self.fields() {
            let (n, value) = field?;
            if n == number {
                found = Some(value);
            }
        }
        Ok(found)
    }

    /// The part with a length; none where there is none.
    pub fn part(self, number: u32) -> Result<Option<Message<'a>>, CheckpointError> {
        Ok(self.last(number)?.and_then(|value| match value {
            Wire::Bytes(inner) => Some(inner),
            _ => None,
        }))
    }

    /// A text; empty where there is none.
    pub fn text(self, number: u32) -> Result<&'a str, CheckpointError> {
        self.part(number)?.map_or(Ok(""), Message::utf8)
    }

    /// A whole number, where there is one.
    pub fn maybe(self, number: u32) -> Result<Option<i64>, CheckpointError> {
        Ok(match self.last(number)? {
            Some(Wire::Varint(value)) => Some(value as i64),
            _ => None,
        })
    }

    /// A whole number; zero where there is none, as the format has it.
    pub fn int(self, number: u32) -> Result<i64, CheckpointError> {
        Ok(self.maybe(number)?.unwrap_or(0))
    }

    /// Four bytes as a whole number; zero where there are none.
    pub fn fixed_int(self, number: u32) -> Result<u32, CheckpointError> {
        Ok(match self.last(number)? {
            Some(Wire::Fixed32(bytes)) => u32::from_le_bytes(bytes),
            _ => 0,
        })
    }

    /// A binary32, where there is one.
    pub fn maybe_float(self, number: u32) -> Result<Option<f32>, CheckpointError> {
        Ok(match self.last(number)? {
            Some(Wire::Fixed32(bytes)) => Some(f32::from_le_bytes(bytes)),
            _ => None,
        })
    }

    /// A binary32; zero where there is none.
    pub fn float(self, number: u32) -> Result<f32, CheckpointError> {
        Ok(self.maybe_float(number)?.unwrap_or(0.0))
    }

    /// Whole numbers as the bytes of a memory in which each takes so many, at most eight; no more than `most` bytes.
    pub fn numbers(self, number: u32, size: usize, most: usize) -> Result<Vec<u8>, CheckpointError> {
        let mut bytes = Vec::new();
        for field in self.fields() {
            let mut packed = match field? {
                (n, Wire::Bytes(packed)) if n == number => packed,
                (n, Wire::Varint(value)) if n == number && bytes.len() < most => {
                    bytes.extend_from_slice(&value.to_le_bytes()[..size.min(8)]);
                    continue;
                }
                _ => continue,
            };
            while !packed.bytes.is_empty() && bytes.len() < most {
                bytes.extend_from_slice(&packed.varint()?.to_le_bytes()[..size.min(8)]);
            }
        }
        Ok(bytes)
    }

    /// Numbers of fixed size.
    pub fn fixed(self, number: u32) -> Result<Listed<'a>, CheckpointError> {
        let mut first: Option<Message> = None;
        let mut bytes = Vec::new();
        for field in self.fields() {
            let (found, value) = field?;
            match value {
                Wire::Bytes(packed) if found == number && first.is_none() && bytes.is_empty() => first = Some(packed),
                Wire::Bytes(packed) if found == number => {
                    bytes.extend_from_slice(first.take().map_or(&[], |first| first.bytes));
                    bytes.extend_from_slice(packed.bytes);
                }
                Wire::Fixed32(value) if found == number => {
                    bytes.extend_from_slice(first.take().map_or(&[], |first| first.bytes));
                    bytes.extend(value);
                }
                Wire::Fixed64(value) if found == number => {
                    bytes.extend_from_slice(first.take().map_or(&[], |first| first.bytes));
                    bytes.extend(value);
                }
                _ => {}
            }
        }
        Ok(first.map_or(Listed::Apart(bytes), Listed::There))
    }

    /// Whole numbers, packed or one a field.
    pub fn ints(self, number: u32) -> Result<Vec<i64>, CheckpointError> {
        let mut values = Vec::new();
        for field in self.fields() {
            match field? {
                (n, Wire::Varint(value)) if n == number => values.push(value as i64),
                (n, Wire::Bytes(mut packed)) if n == number => {
                    while !packed.bytes.is_empty() {
                        values.push(packed.varint()? as i64);
                    }
                }
                _ => {}
            }
        }
        Ok(values)
    }

    /// These bytes as text.
    pub fn utf8(self) -> Result<&'a str, CheckpointError> {
        std::str::from_utf8(self.bytes).map_err(|_| self.fault(ProtobufFault::Text))
    }

    /// Where the bytes lie in the file.
    pub fn range(self) -> Range<usize> {
        self.start..self.start + self.bytes.len()
    }

    fn fault(&self, fault: ProtobufFault) -> CheckpointError {
        CheckpointError::Protobuf { file: self.file.into(), at: self.start, fault }
    }

    /// Takes some bytes off the front.
    pub fn take(&mut self, length: u64) -> Result<Message<'a>, CheckpointError> {
        let split = usize::try_from(length).ok().and_then(|length| self.bytes.split_at_checked(length));
        let Some((taken, rest)) = split else { return Err(self.fault(ProtobufFault::CutShort)) };
        let taken = Message { bytes: taken, ..*self };
        *self = Message { bytes: rest, start: taken.range().end, ..*self };
        Ok(taken)
    }

    /// Takes a number off the front, seven bits a byte.
    pub fn varint(&mut self) -> Result<u64, CheckpointError> {
        let mut value = 0;
        for (i, &byte) in self.bytes.iter().enumerate().take(10) {
            value |= u64::from(byte & 0x7f) << (7 * i);
            if byte < 0x80 {
                self.take(i as u64 + 1)?;
                return Ok(value);
            }
        }
        Err(self.fault(if self.bytes.len() < 10 { ProtobufFault::CutShort } else { ProtobufFault::Number }))
    }

    fn field(&mut self) -> Result<Field<'a>, CheckpointError> {
        let start = *self;
        let tag = self.varint()?;
        let wrong = || start.fault(ProtobufFault::Field);
        let number = u32::try_from(tag >> 3).ok().filter(|&number| number > 0).ok_or_else(wrong)?;
        let value = match tag & 7 {
            0 => Wire::Varint(self.varint()?),
            1 => Wire::Fixed64(self.take(8)?.bytes.try_into().map_err(|_| wrong())?),
            2 => {
                let length = self.varint()?;
                Wire::Bytes(self.take(length)?)
            }
            5 => Wire::Fixed32(self.take(4)?.bytes.try_into().map_err(|_| wrong())?),
            _ => return Err(wrong()),
        };
        Ok((number, value))
    }
}

/// The fields of a message; after an error there are no more.
pub(super) struct Fields<'a> {
    rest: Message<'a>,
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<Field<'a>, CheckpointError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.bytes.is_empty() {
            return None;
        }
        let field = self.rest.field();
        if field.is_err() {
            self.rest.bytes = &[];
        }
        Some(field)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;

    fn fields(bytes: &[u8]) -> Result<Vec<(u32, String)>, ProtobufFault> {
        let text = |value| match value {
            Wire::Bytes(inner) => format!("{:?} at {}", inner.bytes, inner.start),
            other => format!("{other:?}"),
        };
        let fields = Message::whole("f", bytes).fields().map(|field| match field {
            Ok((number, value)) => Ok((number, text(value))),
            Err(CheckpointError::Protobuf { fault, .. }) => Err(fault),
            Err(other) => panic!("{other}"),
        });
        fields.collect()
    }

    #[test]
    fn every_kind_of_field_is_read() {
        let bytes = [0x08, 0x96, 0x01, 0x12, 2, 7, 8, 0x1d, 0, 0, 0x80, 0x3f, 0x21, 1, 0, 0, 0, 0, 0, 0, 0];
        let found = fields(&bytes).unwrap();
        let texts = ["Varint(150)", "[7, 8] at 5", "Fixed32([0, 0, 128, 63])", "Fixed64([1, 0, 0, 0, 0, 0, 0, 0])"];
        assert_eq!(found, (1..).zip(texts.map(str::to_owned)).collect::<Vec<_>>());
        let message = Message::whole("f", &bytes);
        assert_eq!((message.int(1), message.float(3)), (Ok(150), Ok(1.0)));
        assert_eq!(Message::whole("f", &[0x08, 1, 0x0a, 2, 2, 3, 0x08, 4]).ints(1), Ok(vec![1, 2, 3, 4]));
        assert_eq!(Message::whole("f", &[8, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1]).int(1), Ok(-1));
    }

    #[test]
    fn damage_is_told() {
        for (bytes, wanted) in [
            (&[0x08][..], ProtobufFault::CutShort),
            (&[0x12, 3, 1, 2], ProtobufFault::CutShort),
            (&[0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1], ProtobufFault::CutShort),
            (&[0x1d, 0, 0], ProtobufFault::CutShort),
            (&[0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1], ProtobufFault::Number),
            (&[0x0b], ProtobufFault::Field),
            (&[0x00, 0], ProtobufFault::Field),
        ] {
            assert_eq!(fields(bytes), Err(wanted), "{bytes:?}");
        }
        assert!(Message::whole("f", &[0x0a, 1, 0xff]).text(1).is_err());
    }
}
