//! Tensors in TensorFlow's protocol buffers (`tensor.proto`), and its element types.

use crate::checkpoints::CheckpointError;
use crate::checkpoints::formats::foreign::protobuf::{Listed, Message};
use crate::checkpoints::formats::foreign::tracing::{Tracer, number_type};
use crate::checkpoints::formats::{Stored, StoredType};

/// Number of the element type of texts.
pub(super) const STRING: i64 = 7;
/// Number of the element type of truth values.
pub(super) const BOOL: i64 = 10;
/// Element types of whole numbers that a picture may come in.
pub(super) const WHOLE: [i64; 7] = [3, 4, 5, 9, 17, 22, 23];
/// Element types of numbers with a fraction.
pub(super) const FRACTIONS: [i64; 4] = [1, 2, 14, 19];
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
    let values = listed(tensor, dtype, length.min(tracer.room_left()))?;
    let found = values.bytes().len();
    // Nothing at all is zeros.
    let zero = [0; 8];
    let bytes = if found == 0 { &zero[..dtype.size().min(8)] } else { values.bytes() };
    // The last of several stands for those that are left out.
    if found < length && bytes.len() > dtype.size() && length <= MOST_FILLED {
        let last = &bytes[bytes.len() - dtype.size()..];
        let filled: Vec<u8> = bytes.iter().chain(last.iter().cycle()).copied().take(length).collect();
        return Ok(Some(whole(tracer.compute(name, dtype, vec![], &filled)?.stored.segments)));
    }
    let segments = match &values {
        Listed::There(piece) if found > 0 => vec![(file, piece.range())],
        _ => tracer.compute(name, dtype, vec![], bytes)?.stored.segments,
    };
    match bytes.len() {
        bytes if bytes == length => Ok(Some(whole(segments))),
        // One value stands for all.
        bytes if bytes == dtype.size() => Ok(Some(Stored { strides: vec![0; shape.len()], ..whole(segments) })),
        _ => Err(fault(Some(&shape), found)),
    }
}

/// Tensors that are written with fewer values than they have are not larger than this.
const MOST_FILLED: usize = 1 << 16;

/// Values that are listed in a field of their type.
fn listed<'a>(tensor: Message<'a>, dtype: StoredType, most: usize) -> Result<Listed<'a>, CheckpointError> {
    Ok(match dtype {
        StoredType::F32 => tensor.fixed(5)?,
        StoredType::F64 => tensor.fixed(6)?,
        StoredType::F16 | StoredType::Bf16 => Listed::Apart(tensor.numbers(13, 2, most)?),
        StoredType::Other("I64", size) => Listed::Apart(tensor.numbers(10, size, most)?),
        StoredType::Other("BOOL", size) => Listed::Apart(tensor.numbers(11, size, most)?),
        StoredType::Other("U32", size) => Listed::Apart(tensor.numbers(16, size, most)?),
        StoredType::Other("U64", size) => Listed::Apart(tensor.numbers(17, size, most)?),
        _ => Listed::Apart(tensor.numbers(7, dtype.size(), most)?),
    })
}
