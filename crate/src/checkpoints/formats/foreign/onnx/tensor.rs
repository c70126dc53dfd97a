//! Tensors of an ONNX file: where their values lie.

use std::ops::Range;

use crate::checkpoints::CheckpointError;
use crate::checkpoints::formats::foreign::protobuf::{Listed, Message};
use crate::checkpoints::formats::foreign::tracing::{Tracer, number_type};
use crate::checkpoints::formats::{SourceFile, Stored, StoredType};

/// Field of the name.
pub(super) const NAME: u32 = 8;
const DIMENSIONS: u32 = 1;
const TYPE: u32 = 2;
const FLOATS: u32 = 4;
const INTS: u32 = 5;
const LONGS: u32 = 7;
const RAW: u32 = 9;
const DOUBLES: u32 = 10;
const UNSIGNED: u32 = 11;
const EXTERNAL: u32 = 13;

/// Element types of whole numbers that a picture may come in.
pub(super) const WHOLE: [i64; 7] = [2, 4, 5, 6, 7, 12, 13];
/// Element types of numbers with a fraction.
pub(super) const FRACTIONS: [i64; 4] = [1, 10, 11, 16];

/// No tensor of these networks has more axes.
const MOST_AXES: usize = 8;

/// The element type by its number in the file.
fn element_type(name: &str, number: i64) -> Result<StoredType, CheckpointError> {
    let plain = match number {
        1 => return Ok(StoredType::F32),
        2 => return Ok(StoredType::U8),
        3 => return Ok(StoredType::I8),
        4 => return Ok(StoredType::U16),
        10 => return Ok(StoredType::F16),
        11 => return Ok(StoredType::F64),
        16 => return Ok(StoredType::Bf16),
        5 => number_type("I16"),
        6 => number_type("I32"),
        7 => number_type("I64"),
        9 => number_type("BOOL"),
        12 => number_type("U32"),
        13 => number_type("U64"),
        _ => None,
    };
    plain.ok_or_else(|| CheckpointError::UnknownDtype { key: name.into(), dtype: format!("number {number} of ONNX") })
}

/// Where a tensor's values lie: in the file, in one beside it, or computed where they are not written as they are in memory.
pub(super) fn stored(
    tracer: &mut Tracer,
    files: &[SourceFile],
    model: usize,
    name: &str,
    tensor: Message,
) -> Result<Stored, CheckpointError> {
    let dtype = element_type(name, tensor.int(TYPE)?)?;
    let dimensions = tensor.ints(DIMENSIONS)?;
    let fault = |found: u64| CheckpointError::ByteLength {
        key: name.into(),
        shape: dimensions.iter().map(|&side| side as u64).collect(),
        dtype: dtype.name().into(),
        found,
    };
    let shape: Option<Vec<usize>> = dimensions.iter().map(|&side| usize::try_from(side).ok()).collect();
    let length = |shape: &[usize]| shape.iter().try_fold(dtype.size(), |bytes, &side| bytes.checked_mul(side));
    let counted = shape.filter(|shape| shape.len() <= MOST_AXES).and_then(|shape| Some((length(&shape)?, shape)));
    let Some((length, shape)) = counted else { return Err(fault(0)) };
    let segments = if let Some((file, range)) = external(files, name, tensor, length)? {
        vec![(file, range)]
    } else if let Some(raw) = tensor.part(RAW)? {
        vec![(model, raw.range())]
    } else {
        match listed(tensor, dtype, length.min(tracer.room_left()))? {
            Listed::There(piece) => vec![(model, piece.range())],
            Listed::Apart(bytes) => tracer.compute(name, dtype, shape.clone(), &bytes)?.stored.segments,
        }
    };
    let found: usize = segments.iter().map(|(_, range)| range.len()).sum();
    match found == length {
        true => Ok(Stored { dtype, shape, strides: vec![], quantization: None, segments }),
        false => Err(fault(found as u64)),
    }
}

/// The file and bytes of values that lie beside the model.
fn external(
    files: &[SourceFile],
    name: &str,
    tensor: Message,
    whole: usize,
) -> Result<Option<(usize, Range<usize>)>, CheckpointError> {
    let (mut location, mut offset, mut length) = (None, 0, None);
    for entry in tensor.each(EXTERNAL) {
        let entry = entry?;
        let value = entry.text(2)?;
        let number = || value.parse::<u64>().unwrap_or(u64::MAX);
        match entry.text(1)? {
            "location" => location = Some(value),
            "offset" => offset = number(),
            "length" => length = Some(number()),
            _ => {}
        }
    }
    let Some(location) = location else { return Ok(None) };
    let base = location.rsplit(['/', '\\']).next().unwrap_or(location);
    let Some(file) = files.iter().position(|file| file.name == base) else {
        return Err(CheckpointError::MissingShard { name: location.into() });
    };
    let available = files[file].bytes.len() as u64;
    let end = offset.checked_add(length.unwrap_or(whole as u64));
    match end.filter(|&end| end <= available) {
        Some(end) => Ok(Some((file, offset as usize..end as usize))),
        None => {
            let end = end.unwrap_or(u64::MAX);
            Err(CheckpointError::Offsets { key: name.into(), begin: offset, end, available })
        }
    }
}

/// Values that are listed in a field of their type.
fn listed<'a>(tensor: Message<'a>, dtype: StoredType, most: usize) -> Result<Listed<'a>, CheckpointError> {
    Ok(match dtype {
        StoredType::F32 => tensor.fixed(FLOATS)?,
        StoredType::F64 => tensor.fixed(DOUBLES)?,
        StoredType::Other("I64", size) => Listed::Apart(tensor.numbers(LONGS, size, most)?),
        StoredType::Other("U32" | "U64", size) => Listed::Apart(tensor.numbers(UNSIGNED, size, most)?),
        _ => Listed::Apart(tensor.numbers(INTS, dtype.size(), most)?),
    })
}
