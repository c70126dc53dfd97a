//! Tensors in TensorFlow's protocol buffers (`tensor.proto`), and its element types.

use std::ops::Range;

use crate::checkpoints::CheckpointError;
use crate::checkpoints::formats::protobuf::{Message, Wire};
use crate::checkpoints::formats::tracing::{Tracer, number_type};
use crate::checkpoints::formats::{Stored, StoredType};

/// Number of the element type of texts.
pub(super) const STRING: i64 = 7;
/// Number of the element type of truth values.
pub(super) const BOOL: i64 = 10;
/// No tensor of these networks has more axes.
const MOST_AXES: usize = 8;

/// The element type by its number; none where it is none of numbers.
pub(super) fn element_type(number: i64) -> Option<StoredType> {
    Some(match number {
        1 => StoredType::F32,
        2 => StoredType::F64,
        4 | 12 => StoredType::U8,
        6 | 11 => StoredType::I8,
        14 => StoredType::Bf16,
        19 => StoredType::F16,
        3 | 13 => number_type("I32")?,
        5 | 15 => number_type("I16")?,
        9 => number_type("I64")?,
        BOOL => number_type("BOOL")?,
        16 | 17 => StoredType::U16,
        22 => number_type("U32")?,
        23 => number_type("U64")?,
        _ => return None,
    })
}

/// A shape; none where it is not known or has too many axes.
pub(super) fn shape(message: Option<Message>) -> Result<Option<Vec<usize>>, CheckpointError> {
    let mut sides = Vec::new();
    for side in message.into_iter().flat_map(|shape| shape.each(2)) {
        match usize::try_from(side?.int(1)?) {
            Ok(side) if sides.len() < MOST_AXES => sides.push(side),
            _ => return Ok(None),
        }
    }
    Ok(Some(sides))
}

/// Where the values of a tensor lie; none where they are no numbers. `file` is the position of the file.
pub(super) fn stored(
    tracer: &mut Tracer,
    file: usize,
    name: &str,
    tensor: Message,
) -> Result<Option<Stored>, CheckpointError> {
    let Some(dtype) = element_type(tensor.int(1)?) else { return Ok(None) };
    let shape = shape(tensor.part(2)?)?;
    let length =
        shape.as_ref().and_then(|shape| shape.iter().try_fold(dtype.size(), |bytes, &side| bytes.checked_mul(side)));
    let fault = |shape: Option<&Vec<usize>>, found: usize| CheckpointError::ByteLength {
        key: name.into(),
        shape: shape.into_iter().flatten().map(|&side| side as u64).collect(),
        dtype: dtype.name().into(),
        found: found as u64,
    };
    let (Some(shape), Some(length)) = (shape.clone(), length) else { return Err(fault(shape.as_ref(), 0)) };
    let whole = |segments| Stored { dtype, shape: shape.clone(), strides: vec![], quantization: None, segments };
    if let Some(content) = tensor.part(4)?.filter(|content| !content.bytes.is_empty()) {
        return match content.bytes.len() == length {
            true => Ok(Some(whole(vec![(file, content.range())]))),
            false => Err(fault(Some(&shape), content.bytes.len())),
        };
    }
    let (there, bytes) = listed(tensor, dtype)?;
    let found = there.as_ref().map_or(bytes.len(), |range| range.len());
    let segments = match there {
        Some(range) => vec![(file, range)],
        // Nothing at all is zeros.
        None if found == 0 => tracer.compute(name, dtype, vec![], &vec![0; dtype.size().min(length)])?.stored.segments,
        None => tracer.compute(name, dtype, vec![], &bytes)?.stored.segments,
    };
    if found == length || length == 0 {
        return Ok(Some(whole(segments)));
    }
    // One value stands for all.
    if found == dtype.size() || found == 0 {
        return Ok(Some(Stored { strides: vec![0; shape.len()], ..whole(segments) }));
    }
    // The last of several stands for those that are left out.
    match bytes.len() < length && bytes.len() >= dtype.size() && length <= MOST_FILLED {
        true => {
            let last = bytes[bytes.len() - dtype.size()..].to_vec();
            let filled: Vec<u8> = bytes.iter().chain(last.iter().cycle()).copied().take(length).collect();
            Ok(Some(whole(tracer.compute(name, dtype, vec![], &filled)?.stored.segments)))
        }
        false => Err(fault(Some(&shape), found)),
    }
}

/// Tensors that are written with fewer values than they have are not larger than this.
const MOST_FILLED: usize = 1 << 16;

/// Values that are listed: where they lie if that is in one piece as they are in memory, and else a copy.
fn listed(tensor: Message, dtype: StoredType) -> Result<(Option<Range<usize>>, Vec<u8>), CheckpointError> {
    let number = match dtype {
        StoredType::F32 => 5,
        StoredType::F64 => 6,
        StoredType::F16 | StoredType::Bf16 => 13,
        StoredType::Other("I64", _) => 10,
        StoredType::Other("BOOL", _) => 11,
        StoredType::Other("U32", _) => 16,
        StoredType::Other("U64", _) => 17,
        _ => 7,
    };
    let as_in_memory = matches!(dtype, StoredType::F32 | StoredType::F64);
    let mut bytes = Vec::new();
    let mut pieces: Vec<Message> = Vec::new();
    for field in tensor.fields() {
        let (found, value) = field?;
        if found != number {
            continue;
        }
        match value {
            Wire::Fixed32(value) => bytes.extend(value),
            Wire::Fixed64(value) => bytes.extend(value),
            Wire::Varint(value) => bytes.extend_from_slice(&value.to_le_bytes()[..dtype.size()]),
            Wire::Bytes(packed) if as_in_memory => pieces.push(packed),
            Wire::Bytes(mut packed) => {
                while !packed.bytes.is_empty() {
                    bytes.extend_from_slice(&packed.varint()?.to_le_bytes()[..dtype.size()]);
                }
            }
        }
    }
    match pieces[..] {
        [piece] if bytes.is_empty() && piece.bytes.len() > MOST_FILLED => Ok((Some(piece.range()), vec![])),
        [piece] if bytes.is_empty() => Ok((Some(piece.range()), piece.bytes.to_vec())),
        _ => {
            pieces.iter().for_each(|piece| bytes.extend_from_slice(piece.bytes));
            Ok((None, bytes))
        }
    }
}
