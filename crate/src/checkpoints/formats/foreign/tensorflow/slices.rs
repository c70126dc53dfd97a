//! Checkpoints of version 1 (`saved_tensor_slice.proto`), those of 2016: one table with what is said of the tensors, then their values.

use std::collections::HashMap;

use super::{bundle, table, tensor};
use crate::checkpoints::CheckpointError;
use crate::checkpoints::formats::foreign::protobuf::{Listed, Message};
use crate::checkpoints::formats::foreign::tracing::{Tracer, with_bytes};
use crate::checkpoints::formats::{SourceFile, Stored, StoredType, TensorFile};

/// Packed blocks that are larger when they are unpacked than this hold no weights.
const MOST_GAIN: usize = 2;

/// Whether the table at this position of the files begins with what is said of the tensors.
pub(super) fn plausible(files: &[SourceFile], at: usize) -> Result<bool, CheckpointError> {
    let mut is = None;
    table::visit(&files[at].name, files[at].bytes.head(), |_, value, _| {
        is = is.or(Some(value.part(1)?.is_some()));
        Ok(())
    })?;
    Ok(is == Some(true))
}

/// Reads the checkpoint at this position of the files.
pub(super) fn read(files: Vec<SourceFile>, at: usize) -> Result<TensorFile, CheckpointError> {
    let found = tensors(&files, at)?;
    Ok(with_bytes(found, files))
}

fn tensors(files: &[SourceFile], at: usize) -> Result<(TensorFile, Vec<u8>), CheckpointError> {
    let SourceFile { name: file, bytes } = &files[at];
    let mut tracer = Tracer::new(files);
    tracer.room = tracer.room.saturating_mul(MOST_GAIN);
    let mut described: HashMap<String, (StoredType, Vec<usize>, usize)> = HashMap::new();
    table::visit(file, bytes.head(), |_, entry, is_there| {
        for tensor in entry.part(1)?.into_iter().flat_map(|meta| meta.each(1)) {
            let tensor = tensor?;
            if let (Some(dtype), Some(shape)) = (tensor::element_type(tensor.int(3)?), tensor::shape(tensor.part(2)?)?)
            {
                described.insert(tensor.text(1)?.to_owned(), (dtype, shape, tensor.each(4).count()));
            }
        }
        let Some(slice) = entry.part(2)? else { return Ok(()) };
        let key = slice.text(1)?;
        let (Some((dtype, shape, slices)), Some(values)) = (described.get(key), slice.part(3)?) else { return Ok(()) };
        if matches!(dtype, StoredType::Other(..)) || shape.is_empty() {
            return Ok(());
        }
        if *slices > 1 {
            let reason = format!("{key} is kept in several parts, which is not read");
            return Err(CheckpointError::Header { file: file.clone(), reason });
        }
        let stored = stored(&mut tracer, at, key, values, is_there, (*dtype, shape))?;
        match tracer.tensors.insert(key.to_owned(), stored) {
            Some(_) => Err(CheckpointError::DuplicateKey { key: key.into() }),
            None => Ok(()),
        }
    })?;
    bundle::drop_slots(&mut tracer.tensors);
    Ok(tracer.finish_tensors())
}

/// Where the values of a whole tensor lie.
fn stored(
    tracer: &mut Tracer,
    at: usize,
    key: &str,
    values: Message,
    is_there: bool,
    (dtype, shape): (StoredType, &Vec<usize>),
) -> Result<Stored, CheckpointError> {
    let length = shape.iter().try_fold(dtype.size(), |bytes, &side| bytes.checked_mul(side));
    let most = length.unwrap_or(0).min(tracer.room_left());
    let values = match dtype {
        StoredType::F32 => values.fixed(5)?,
        StoredType::F64 => values.fixed(6)?,
        StoredType::F16 | StoredType::Bf16 => Listed::Apart(values.numbers(13, dtype.size(), most)?),
        _ => Listed::Apart(values.numbers(7, dtype.size(), most)?),
    };
    let segments = match &values {
        Listed::There(piece) if is_there => vec![(at, piece.range())],
        values => tracer.compute(key, dtype, vec![], values.bytes())?.stored.segments,
    };
    let found: usize = segments.iter().map(|(_, range)| range.len()).sum();
    if length != Some(found) {
        let shape = shape.iter().map(|&side| side as u64).collect();
        return Err(CheckpointError::ByteLength {
            key: key.into(),
            shape,
            dtype: dtype.name().into(),
            found: found as u64,
        });
    }
    Ok(Stored { dtype, shape: shape.clone(), strides: vec![], quantization: None, segments })
}
