//! The safetensors format, <https://github.com/huggingface/safetensors>: a little-endian u64 header length, a JSON header, data.
//! Stricter than the `safetensors` crate in what it names: each defect has its own error, and a key may occur once.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

use super::{Content, Quantization, SourceFile, Stored, StoredType, TensorFile};
use crate::checkpoints::CheckpointError;

/// Before the JSON text of the header.
const LENGTH_BYTES: usize = 8;
/// Bytes that tell such a file: the length and the brace after it.
pub(super) const START: usize = LENGTH_BYTES + 1;
/// Prefix of the metadata entries that hold scale and minimum of a tensor, or of each of its output channels.
pub(in crate::checkpoints) const QUANTIZATION_PREFIX: &str = "quant:";

impl Content {
    /// A safetensors file of `len` bytes that `read` copies some of; none where it is no such file by its beginning.
    pub fn elsewhere(len: usize, read: impl Fn(Range<usize>) -> Vec<u8> + 'static) -> Option<Self> {
        let end = header_end(&read(0..len.min(START)), len)?;
        Some(Self::Elsewhere { head: read(0..end), len, read: Box::new(read) })
    }
}

/// What the header says of a tensor.
struct Entry {
    dtype: String,
    shape: Vec<u64>,
    data_offsets: [u64; 2],
}

impl Entry {
    fn of(json: &Value) -> Option<Self> {
        let numbers = |name: &str| json[name].as_array()?.iter().map(Value::as_u64).collect::<Option<Vec<u64>>>();
        let dtype = json["dtype"].as_str()?.to_owned();
        Some(Self { dtype, shape: numbers("shape")?, data_offsets: numbers("data_offsets")?.try_into().ok()? })
    }
}

/// A JSON object as the list of its members, so that a key that occurs twice is seen.
struct Members(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MembersVisitor;
        impl<'de> Visitor<'de> for MembersVisitor {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(MembersVisitor)
    }
}

/// What `__metadata__` says, and the tensors in the order of the file.
type Header = (Vec<(String, String)>, Vec<(String, Entry)>);

/// The header's content, or what is wrong with it.
fn header(json: &[u8]) -> Result<Header, String> {
    let Members(members) = serde_json::from_slice(json).map_err(|e| e.to_string())?;
    let (mut metadata, mut entries) = (vec![], vec![]);
    for (key, value) in members {
        match (key.as_str(), value) {
            ("__metadata__", Value::Object(members)) => {
                for (name, text) in members {
                    let Value::String(text) = text else { return Err(format!("{name} of its metadata is no text")) };
                    metadata.push((name, text));
                }
            }
            (_, value) => match Entry::of(&value) {
                Some(entry) => entries.push((key, entry)),
                None => return Err(format!("{key} is no tensor with dtype, shape and data_offsets")),
            },
        }
    }
    Ok((metadata, entries))
}

fn claimed(bytes: &[u8]) -> Option<u64> {
    bytes.first_chunk::<LENGTH_BYTES>().map(|&length| u64::from_le_bytes(length))
}

/// Where the header ends in a file of `len` bytes that begins so; none where it does not fit or no brace begins it.
pub(super) fn header_end(start: &[u8], len: usize) -> Option<usize> {
    let end = usize::try_from(claimed(start)?).ok()?.checked_add(LENGTH_BYTES)?;
    (end <= len && start.get(LENGTH_BYTES) == Some(&b'{')).then_some(end)
}

/// By its beginning, a safetensors file.
pub(super) fn plausible(file: &Content) -> bool {
    header_end(file.head(), file.len()).is_some()
}

fn dtype(key: &str, name: &str) -> Result<StoredType, CheckpointError> {
    Ok(match name {
        "F32" => StoredType::F32,
        "F16" => StoredType::F16,
        "BF16" => StoredType::Bf16,
        "U8" => StoredType::U8,
        "U16" => StoredType::U16,
        "F64" => StoredType::F64,
        "I64" => StoredType::Other("I64", 8),
        "U64" => StoredType::Other("U64", 8),
        "I32" => StoredType::Other("I32", 4),
        "U32" => StoredType::Other("U32", 4),
        "I16" => StoredType::Other("I16", 2),
        "I8" => StoredType::Other("I8", 1),
        "BOOL" => StoredType::Other("BOOL", 1),
        "F8_E4M3" => StoredType::Other("F8_E4M3", 1),
        "F8_E5M2" => StoredType::Other("F8_E5M2", 1),
        _ => return Err(CheckpointError::UnknownDtype { key: key.into(), dtype: name.into() }),
    })
}

/// Bytes that shape and type take, if they can be counted.
pub(super) fn byte_length(shape: &[u64], dtype: StoredType) -> Option<u64> {
    shape.iter().try_fold(dtype.size() as u64, |bytes, &d| bytes.checked_mul(d))
}

/// Reads the header; the tensors stay in the file's bytes.
pub(super) fn read(file: SourceFile) -> Result<TensorFile, CheckpointError> {
    let SourceFile { name, bytes } = file;
    let Some(claimed) = claimed(bytes.head()) else {
        return Err(CheckpointError::TruncatedHeader { file: name, bytes: bytes.len() });
    };
    let available = (bytes.len() - LENGTH_BYTES) as u64;
    if claimed > available {
        return Err(CheckpointError::HeaderLength { file: name, claimed, available });
    }
    let data_start = LENGTH_BYTES + claimed as usize;
    let (metadata, entries) = header(&bytes.bytes(LENGTH_BYTES..data_start))
        .map_err(|reason| CheckpointError::Header { file: name.clone(), reason })?;

    let available = available - claimed;
    let mut tensors = BTreeMap::new();
    let mut ranges = Vec::with_capacity(entries.len());
    for (key, Entry { dtype: type_name, shape, data_offsets: [begin, end] }) in entries {
        let dtype = dtype(&key, &type_name)?;
        if begin > end || end > available {
            return Err(CheckpointError::Offsets { key, begin, end, available });
        }
        if byte_length(&shape, dtype) != Some(end - begin) {
            return Err(CheckpointError::ByteLength { key, shape, dtype: type_name, found: end - begin });
        }
        let range = data_start + begin as usize..data_start + end as usize;
        let shape = shape.into_iter().map(|d| d as usize).collect();
        let stored = Stored { dtype, shape, strides: vec![], quantization: None, segments: vec![(0, range)] };
        ranges.push((begin, end, key.clone()));
        if tensors.insert(key.clone(), stored).is_some() {
            return Err(CheckpointError::DuplicateKey { key });
        }
    }
    check_cover(&name, ranges, available)?;
    let metadata = take_quantization(metadata, &mut tensors)?;
    Ok(TensorFile { files: vec![bytes], tensors, metadata, ..TensorFile::default() })
}

/// The tensors have to cover the data once and without holes.
fn check_cover(file: &str, mut ranges: Vec<(u64, u64, String)>, available: u64) -> Result<(), CheckpointError> {
    ranges.sort();
    let mut covered = 0;
    for (i, (begin, end, key)) in ranges.iter().enumerate() {
        if *begin < covered {
            let other = ranges[..i].iter().rev().find(|r| r.1 > *begin).map(|r| r.2.clone()).unwrap_or_default();
            return Err(CheckpointError::Overlap { key: key.clone(), other });
        }
        if *begin > covered {
            return Err(CheckpointError::Unclaimed { file: file.into(), begin: covered, end: *begin });
        }
        covered = *end;
    }
    match covered == available {
        true => Ok(()),
        false => Err(CheckpointError::Unclaimed { file: file.into(), begin: covered, end: available }),
    }
}

fn take_quantization(
    members: Vec<(String, String)>,
    tensors: &mut BTreeMap<String, Stored>,
) -> Result<BTreeMap<String, String>, CheckpointError> {
    let mut metadata = BTreeMap::new();
    for (name, text) in members {
        let Some(key) = name.strip_prefix(QUANTIZATION_PREFIX) else {
            metadata.insert(name, text);
            continue;
        };
        let fault = |reason: String| CheckpointError::Quantization { key: key.into(), reason };
        let entry: Value = serde_json::from_slice(text.as_bytes())
            .map_err(|e| fault(format!("its scale and minimum cannot be read: {e}")))?;
        let (scale, min, axis) = (&entry["scale"], &entry["min"], &entry["axis"]);
        if scale.is_null() || min.is_null() {
            return Err(fault("its scale or minimum is missing".into()));
        }
        let Some(stored) = tensors.get_mut(key) else {
            return Err(fault("a scale and minimum is given, but there is no such tensor".into()));
        };
        if !matches!(stored.dtype, StoredType::U8 | StoredType::U16) {
            return Err(fault(format!("a scale and minimum is given, but it is stored as {}", stored.dtype.name())));
        }
        stored.quantization = Some(match (axis.as_u64(), scale.as_f64(), min.as_f64(), numbers(scale), numbers(min)) {
            (None, Some(scale), Some(min), ..) => Quantization::tensor(key, scale, min)?,
            (Some(0), _, _, Some(scale), Some(min)) => {
                let channels = stored.shape.first().copied().unwrap_or(0);
                Quantization::channels(key, channels, &scale, &min)?
            }
            _ if !axis.is_null() && axis.as_u64().is_none() => {
                return Err(fault(format!("its scale and minimum cannot be read: its axis {axis} is no number")));
            }
            (Some(axis), ..) if axis > 0 => {
                return Err(fault(format!(
                    "its scales lie along axis {axis}; those of output channels, axis 0, are read"
                )));
            }
            _ => return Err(fault("scale and minimum are two numbers, or two lists with \"axis\": 0".into())),
        });
    }
    Ok(metadata)
}

/// A list of numbers.
fn numbers(value: &Value) -> Option<Vec<f64>> {
    value.as_array()?.iter().map(Value::as_f64).collect()
}
