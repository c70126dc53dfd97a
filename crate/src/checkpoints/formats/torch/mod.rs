//! State dicts as `torch.save` writes them: since PyTorch 1.6 a zip archive with a pickle and one entry a storage, before
//! a row of pickles with the storages behind them (`torch/serialization.py`).

mod pickle;
#[cfg(test)]
mod tests;
mod zip;

use std::collections::BTreeMap;
use std::ops::Range;

pub use pickle::PickleFault;
use pickle::{Pickled, Tensor, Value};
pub use zip::ZipFault;

use super::{SourceFile, Stored, TensorFile};
use crate::checkpoints::CheckpointError;

/// Begins the older layout.
const MAGIC: [u8; 10] = [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];
/// Version of the older layout.
const PROTOCOL: i64 = 1001;

/// Where each storage lies in the file; of the older layout, until that is known, the bytes of one value.
type Storages<'a> = BTreeMap<&'a str, Range<usize>>;

/// Whether the bytes begin as one of the layouts does: as a zip archive or a pickle.
pub(super) fn plausible(bytes: &[u8]) -> bool {
    matches!(bytes, [b'P', b'K', 3, 4, ..] | [0x80, 2..=5, ..])
}

/// Reads the description of every tensor; the values stay in the file's bytes.
pub(super) fn read(file: SourceFile) -> Result<TensorFile, CheckpointError> {
    let reader = Reader { name: &file.name, bytes: file.bytes.head() };
    let tensors = match file.bytes.head().starts_with(b"PK") {
        true => reader.archive()?,
        false => reader.pickles()?,
    };
    Ok(TensorFile { files: vec![file.bytes], tensors, ..TensorFile::default() })
}

struct Reader<'a> {
    name: &'a str,
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    fn damaged(&self, reason: &str) -> CheckpointError {
        CheckpointError::Header { file: self.name.into(), reason: reason.into() }
    }

    fn unsupported(&self, what: &'static str) -> CheckpointError {
        CheckpointError::Unsupported { file: self.name.into(), what }
    }

    /// One pickle in this part of the file.
    fn pickle(&self, range: Range<usize>) -> Result<Pickled<'a>, CheckpointError> {
        let begin = range.start;
        Pickled::read(&self.bytes[range]).map_err(|(at, fault)| CheckpointError::Pickle {
            file: self.name.into(),
            at: begin + at,
            fault,
        })
    }

    /// The zip archive: `NAME/data.pkl`, `NAME/data/KEY` of each storage.
    fn archive(&self) -> Result<BTreeMap<String, Stored>, CheckpointError> {
        let fault = |fault| CheckpointError::Zip { file: self.name.into(), fault };
        let entries = zip::entries(self.bytes).map_err(fault)?;
        let root = entries.iter().find_map(|entry| Some((entry.name.strip_suffix("data.pkl")?, entry)));
        let Some((root, pickle)) = root.filter(|(root, _)| root.is_empty() || root.ends_with('/')) else {
            return Err(self.unsupported("it is a zip archive without the data.pkl of torch.save"));
        };
        let inside = || entries.iter().filter_map(|entry| Some((entry.name.strip_prefix(root)?, entry)));
        if inside().any(|(path, _)| path == "constants.pkl") {
            return Err(self.unsupported("TorchScript programs are not read; save model.state_dict()"));
        }
        let mut storages = Storages::new();
        for (path, entry) in inside() {
            if path == "byteorder" && self.bytes[entry.content().map_err(fault)?] != *b"little" {
                return Err(self.unsupported("weights in big-endian byte order are not read"));
            }
            if let Some(key) = path.strip_prefix("data/")
                && storages.insert(key, entry.content().map_err(fault)?).is_some()
            {
                return Err(CheckpointError::DuplicateKey { key: entry.name.into() });
            }
        }
        self.tensors(&self.pickle(pickle.content().map_err(fault)?)?, &storages)
    }

    /// The older layout: magic number, version, machine, state dict and keys as pickles, then each storage behind its
    /// number of values.
    fn pickles(&self) -> Result<BTreeMap<String, Stored>, CheckpointError> {
        let mut at = 0;
        let mut next = || {
            let pickle = self.pickle(at..self.bytes.len())?;
            at += pickle.length;
            Ok::<_, CheckpointError>(pickle)
        };
        if *next()?.top() != Value::Long(&MAGIC) {
            return Err(self.unsupported("a pickle that torch.save did not write is not read"));
        }
        if *next()?.top() != Value::Int(PROTOCOL) {
            return Err(self.damaged("its layout is of an unknown version"));
        }
        let machine = next()?;
        if machine.entry(machine.top(), "little_endian") == Some(&Value::Bool(false)) {
            return Err(self.unsupported("weights in big-endian byte order are not read"));
        }
        let (state, keys) = (next()?, next()?);
        let Value::List(order) = keys.top() else { return Err(self.damaged("it does not list its storages")) };
        let mut storages = Storages::new();
        for value in state.values() {
            if let Value::Storage(storage) = value {
                storages.insert(storage.key, 0..storage.dtype.size());
            }
        }
        for &key in order {
            let unused = match keys.get(key) {
                Value::Text(key) => storages.get_mut(key).filter(|place| place.start == 0),
                _ => None,
            };
            let Some(place) = unused else { return Err(self.damaged("it lists a storage that no tensor has")) };
            let count = self.bytes[at..].first_chunk().map(|&count| u64::from_le_bytes(count));
            let bytes = count.and_then(|count| usize::try_from(count.checked_mul(place.len() as u64)?).ok());
            let end = bytes.and_then(|bytes| (at + 8).checked_add(bytes)).filter(|&end| end <= self.bytes.len());
            let Some(end) = end else { return Err(self.damaged("its storages are cut short")) };
            *place = at + 8..end;
            at = end;
        }
        self.tensors(&state, &storages)
    }

    /// The tensors of a state dict, which may lie under `state_dict`.
    fn tensors(&self, state: &Pickled, storages: &Storages) -> Result<BTreeMap<String, Stored>, CheckpointError> {
        let dict = state.entry(state.top(), "state_dict").unwrap_or(state.top());
        let Value::Dict(items) = dict else { return Err(self.unsupported("it holds no state dict")) };
        let mut tensors = BTreeMap::new();
        for &(key, value) in items {
            let (Value::Text(key), Value::Tensor(tensor)) = (state.get(key), state.get(value)) else {
                return Err(
                    self.unsupported("a state dict of tensors alone is read, and this one holds something else")
                );
            };
            if tensors.insert((*key).to_owned(), stored(key, tensor, storages)?).is_some() {
                return Err(CheckpointError::DuplicateKey { key: (*key).into() });
            }
        }
        Ok(tensors)
    }
}

/// The bytes of a tensor, which has to lie in one piece and inside its storage.
fn stored(key: &str, tensor: &Tensor, storages: &Storages) -> Result<Stored, CheckpointError> {
    let Tensor { storage, offset, shape, strides } = tensor;
    let Some(place) = storages.get(storage.key) else {
        return Err(CheckpointError::NoStorage { key: key.into(), storage: storage.key.into() });
    };
    let size = storage.dtype.size() as u64;
    let available = place.len() as u64;
    let length = shape.iter().try_fold(size, |bytes, &side| bytes.checked_mul(side));
    let begin = offset.checked_mul(size);
    let end = begin.and_then(|begin| begin.checked_add(length?));
    if storage.length.checked_mul(size) != Some(available) || end.is_none_or(|end| end > available) {
        let [begin, end] = [begin, end].map(|place| place.unwrap_or(u64::MAX));
        return Err(CheckpointError::Offsets { key: key.into(), begin, end, available });
    }
    if !is_contiguous(shape, strides) {
        return Err(CheckpointError::Strided { key: key.into(), shape: shape.clone(), strides: strides.clone() });
    }
    // Both fit: the storage lies in memory.
    let [begin, end] = [begin, end].map(|place| place.unwrap_or_default() as usize);
    Ok(Stored {
        dtype: storage.dtype,
        shape: shape.iter().map(|&side| side as usize).collect(),
        quantization: None,
        segments: vec![(0, place.start + begin..place.start + end)],
    })
}

/// Whether the last axis varies fastest and nothing lies in between.
fn is_contiguous(shape: &[u64], strides: &[u64]) -> bool {
    let mut wanted = 1u64;
    let mut axes = shape.iter().zip(strides).rev();
    let fits = |(&side, &stride): (&u64, &u64)| {
        let fits = side <= 1 || stride == wanted;
        wanted = wanted.saturating_mul(side.max(1));
        fits
    };
    shape.len() == strides.len() && axes.all(fits)
}
