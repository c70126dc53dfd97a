//! Checkpoints of version 2 (`tensor_bundle.proto`): a table of the tensors, `NAME.index`, and their values in
//! `NAME.data-00000-of-00001` and so on.

use std::collections::{BTreeMap, HashMap};

use super::checksum::Checksum;
use super::{table, tensor};
use crate::checkpoints::CheckpointError;
use crate::checkpoints::formats::foreign::protobuf::Message;
use crate::checkpoints::formats::{SourceFile, Stored, StoredType};

/// Bytes of a tensor that are looked at at a time.
const PIECE: usize = 1 << 20;
/// The key of how a Keras model's objects hang together.
const OBJECTS: &str = "_CHECKPOINTABLE_OBJECT_GRAPH";
/// What optimizers keep for each variable. Moving averages of variables are left aside where the variables are there: networks
/// are named after these.
const SLOTS: [&str; 12] = [
    "/Adam",
    "/Adam_1",
    "/Momentum",
    "/RMSProp",
    "/RMSProp_1",
    "/Adagrad",
    "/Adadelta",
    "/Adadelta_1",
    "/Ftrl",
    "/Ftrl_1",
    "/AdamW",
    "/ExponentialMovingAverage",
];

/// The tensors of the checkpoint whose table is at this position of the files, by the names of its variables. Those that are
/// missing are looked for in `folder`, which is empty or ends in a slash.
pub(super) fn read(files: &[SourceFile], at: usize, folder: &str) -> Result<BTreeMap<String, Stored>, CheckpointError> {
    let SourceFile { name, bytes } = &files[at];
    let fault = |reason: &str| CheckpointError::Header { file: name.clone(), reason: reason.into() };
    let mut tensors = BTreeMap::new();
    let mut checksums = HashMap::new();
    let mut shards = 1;
    let mut objects = None;
    table::visit(name, bytes.head(), |key, value, _| {
        if key.is_empty() {
            shards = value.int(1)?;
            let is_big = value.int(2)? != 0;
            return if is_big {
                Err(fault("its numbers are in big-endian byte order, which is not read"))
            } else {
                Ok(())
            };
        }
        // Parts of variables that were kept in several.
        let Some(key) = std::str::from_utf8(key).ok().filter(|key| !key.starts_with('\0')) else { return Ok(()) };
        if key == OBJECTS {
            objects = Some(place(files, [folder, name], shards, key, value)?);
            return Ok(());
        }
        let shape = tensor::shape(value.part(2)?)?;
        let (Some(dtype), Some(shape)) = (tensor::element_type(value.int(1)?), shape) else { return Ok(()) };
        if matches!(dtype, StoredType::Other(..)) || shape.is_empty() || is_beside(key) {
            return Ok(());
        }
        if value.part(7)?.is_some() {
            return Err(fault(&format!("{key} is kept in several parts, which is not read")));
        }
        let (file, range) = place(files, [folder, name], shards, key, value)?;
        let length = shape.iter().try_fold(dtype.size(), |bytes, &side| bytes.checked_mul(side));
        if length != Some(range.len()) {
            let shape = shape.iter().map(|&side| side as u64).collect();
            return Err(CheckpointError::ByteLength {
                key: key.into(),
                shape,
                dtype: dtype.name().into(),
                found: range.len() as u64,
            });
        }
        checksums.insert(key.to_owned(), value.fixed_int(6)?);
        let stored = Stored { dtype, shape, strides: vec![], quantization: None, segments: vec![(file, range)] };
        match tensors.insert(key.to_owned(), stored) {
            Some(_) => Err(CheckpointError::DuplicateKey { key: key.into() }),
            None => Ok(()),
        }
    })?;
    drop_slots(&mut tensors);
    for (key, stored) in &tensors {
        check(files, key, stored, checksums.get(key).copied().unwrap_or(0))?;
    }
    if let Some((file, range)) = objects {
        let bytes = files[file].bytes.bytes(range);
        rename(&mut tensors, Message::whole(&files[file].name, &bytes))?;
    }
    Ok(tensors)
}

/// That a tensor's bytes are those that its checksum was made of.
fn check(files: &[SourceFile], key: &str, stored: &Stored, kept: u32) -> Result<(), CheckpointError> {
    let mut checksum = Checksum::default();
    for (file, range) in stored.segments.iter().filter(|_| kept != 0) {
        for begin in range.clone().step_by(PIECE) {
            checksum.update(&files[*file].bytes.bytes(begin..range.end.min(begin + PIECE)));
        }
    }
    match checksum.fits(kept) {
        true => Ok(()),
        false => Err(CheckpointError::Checksum { what: key.into() }),
    }
}

/// Drops what was kept for a variable where that is there.
pub(super) fn drop_slots(tensors: &mut BTreeMap<String, Stored>) {
    let is_slot = |key: &String| {
        let variable = SLOTS.iter().find_map(|slot| key.strip_suffix(slot));
        variable.is_some_and(|variable| tensors.contains_key(variable))
    };
    let slots: Vec<String> = tensors.keys().filter(|key| is_slot(key)).cloned().collect();
    slots.iter().for_each(|slot| _ = tensors.remove(slot));
}

/// What a Keras model's checkpoint has beside the model.
fn is_beside(key: &str) -> bool {
    key.contains("/.OPTIMIZER_SLOT/")
        || key.starts_with("optimizer/")
        || key.starts_with("keras_api/")
        || key.starts_with("save_counter/")
}

/// The file and bytes that an entry says.
fn place(
    files: &[SourceFile],
    [folder, index]: [&str; 2],
    shards: i64,
    key: &str,
    entry: Message,
) -> Result<(usize, std::ops::Range<usize>), CheckpointError> {
    let stem = index.strip_suffix(".index").unwrap_or(index);
    let suffix = format!(".data-{:05}-of-{shards:05}", entry.int(3)?);
    let named = files.iter().position(|file| file.name == format!("{stem}{suffix}"));
    // Of a download that was renamed.
    let alike = || files.iter().position(|file| file.name.ends_with(&suffix));
    let Some(file) = named.or_else(alike) else {
        return Err(CheckpointError::MissingShard { name: format!("{folder}{stem}{suffix}") });
    };
    let (begin, available) = (entry.int(4)? as u64, files[file].bytes.len() as u64);
    let end = begin.checked_add(entry.int(5)? as u64);
    match end.filter(|&end| end <= available) {
        Some(end) => Ok((file, begin as usize..end as usize)),
        None => Err(CheckpointError::Offsets { key: key.into(), begin, end: end.unwrap_or(u64::MAX), available }),
    }
}

/// Gives tensors the names of the variables that the objects of a Keras model are, where those are unique.
fn rename(tensors: &mut BTreeMap<String, Stored>, mut objects: Message) -> Result<(), CheckpointError> {
    // A text of its length, a checksum, and the text.
    objects.varint()?;
    objects.take(4)?;
    let mut names: HashMap<&str, &str> = HashMap::new();
    let mut taken: HashMap<&str, usize> = HashMap::new();
    for node in objects.each(1) {
        for attribute in node?.each(2) {
            let attribute = attribute?;
            let (name, key) = (attribute.text(2)?, attribute.text(3)?);
            if !name.is_empty() && tensors.contains_key(key) && names.insert(key, name).is_none() {
                *taken.entry(name).or_default() += 1;
            }
        }
    }
    let named = |key: String| match names.get(key.as_str()) {
        Some(&name) if taken.get(name) == Some(&1) => name.to_owned(),
        _ => key,
    };
    *tensors = std::mem::take(tensors).into_iter().map(|(key, stored)| (named(key), stored)).collect();
    Ok(())
}
