//! The tree of groups and datasets, read once and within bounds.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use hdf5_pure::{Dataset, Datatype, DatatypeByteOrder, Error, File, FormatError, Group, Layout, Source};

use super::super::content::Content;
use super::super::{Stored, StoredType};
use crate::checkpoints::CheckpointError;

/// Groups within groups; nested models of Keras are a few.
const MAX_DEPTH: usize = 32;
/// Groups and datasets of a file; a link back to a group above would make endless ones.
const MAX_OBJECTS: usize = 50_000;
/// Bytes that are read to describe the tensors, beside each of the file's own bytes twice.
const DESCRIPTION: u64 = 64 << 20;
/// How much more unpacked values may take than the whole file does, times and bytes beside.
const UNPACKED: (usize, usize) = (8, 1 << 20);
/// The training's state, whose tensors have the shapes of weights.
const OPTIMIZER: [&str; 2] = ["optimizer_weights", "optimizer"];

/// What a file holds.
#[derive(Default)]
pub struct Tree {
    /// Datasets by their path.
    pub datasets: BTreeMap<String, Stored>,
    /// Texts among the attributes of the root.
    pub attributes: BTreeMap<String, String>,
}

/// The part of a file that is HDF5, and how many of its bytes may still be read.
struct Part {
    bytes: Arc<Vec<u8>>,
    range: Range<usize>,
    left: AtomicU64,
}

impl Source for Part {
    fn len(&self) -> u64 {
        self.range.len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), FormatError> {
        let part = self.bytes.get(self.range.clone()).unwrap_or_default();
        let asked = buffer.len() as u64;
        if self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(asked)).is_err() {
            return Err(FormatError::Source("it refers to the same bytes again and again".into()));
        }
        let begin = usize::try_from(offset).unwrap_or(usize::MAX);
        match part.get(begin..begin.saturating_add(buffer.len())) {
            Some(bytes) => {
                buffer.copy_from_slice(bytes);
                Ok(())
            }
            None => Err(FormatError::UnexpectedEof { expected: buffer.len(), available: part.len() }),
        }
    }
}

/// Reads `range` of a file. Its tensors lie in the contents that are returned: the file itself, and what was unpacked.
pub fn read(name: &str, bytes: Vec<u8>, range: Range<usize>) -> Result<(Tree, Vec<Content>), CheckpointError> {
    let bytes = Arc::new(bytes);
    let mut walk =
        Walk { name, begin: range.start, length: bytes.len(), unpacked: vec![], objects: 0, tree: Tree::default() };
    let left = AtomicU64::new(DESCRIPTION + 2 * range.len() as u64);
    let part = Part { bytes: bytes.clone(), range, left };
    {
        let file = File::from_source(part).map_err(|e| walk.fault(&e))?;
        let root = file.root();
        for (key, value) in root.attrs().map_err(|e| walk.fault(&e))? {
            if let Some(text) = value.as_str() {
                walk.tree.attributes.insert(key, text.to_owned());
            }
        }
        walk.group(&root, "", 0)?;
    }
    let Walk { unpacked, tree, .. } = walk;
    let mut files = vec![Content::Whole(Arc::unwrap_or_clone(bytes))];
    if !unpacked.is_empty() {
        files.push(Content::Whole(unpacked));
    }
    Ok((tree, files))
}

struct Walk<'a> {
    name: &'a str,
    /// Where the part begins in the file, and bytes of the file.
    begin: usize,
    length: usize,
    unpacked: Vec<u8>,
    objects: usize,
    tree: Tree,
}

impl Walk<'_> {
    fn fault(&self, error: &Error) -> CheckpointError {
        self.damaged(error.to_string())
    }

    fn damaged(&self, reason: String) -> CheckpointError {
        CheckpointError::Hdf5 { file: self.name.into(), reason }
    }

    fn group(&mut self, group: &Group, path: &str, depth: usize) -> Result<(), CheckpointError> {
        if depth > MAX_DEPTH {
            return Err(self.damaged("its groups are too deep within one another".into()));
        }
        for (name, dataset) in group.iter_datasets().map_err(|e| self.fault(&e))? {
            self.count()?;
            let key = format!("{path}{name}");
            let stored = self.dataset(&key, &dataset)?;
            self.tree.datasets.insert(key, stored);
        }
        for (name, child) in group.iter_groups().map_err(|e| self.fault(&e))? {
            self.count()?;
            if depth > 0 || !OPTIMIZER.contains(&name.as_str()) {
                self.group(&child, &format!("{path}{name}/"), depth + 1)?;
            }
        }
        Ok(())
    }

    fn count(&mut self) -> Result<(), CheckpointError> {
        self.objects += 1;
        match self.objects > MAX_OBJECTS {
            true => Err(self.damaged("it has too many groups and datasets".into())),
            false => Ok(()),
        }
    }

    fn dataset(&mut self, key: &str, dataset: &Dataset) -> Result<Stored, CheckpointError> {
        let unknown = |dtype: String| CheckpointError::UnknownDtype { key: key.into(), dtype };
        let datatype = dataset.datatype().map_err(|e| self.fault(&e))?;
        let (dtype, is_double) = stored_type(&datatype, dataset).map_err(unknown)?;
        let dims = dataset.shape().map_err(|e| self.fault(&e))?;
        let shape = dims.iter().map(|&d| usize::try_from(d)).collect::<Result<Vec<_>, _>>();
        let values = |shape: &Vec<usize>| shape.iter().try_fold(1usize, |all, &d| all.checked_mul(d));
        let size = if is_double { 8 } else { dtype.size() };
        let sized = shape.ok().and_then(|shape| Some((values(&shape)?.checked_mul(size)?, shape)));
        let misfit = |found| CheckpointError::ByteLength {
            key: key.into(),
            shape: dims.clone(),
            dtype: dtype.name().into(),
            found,
        };
        let Some((bytes, shape)) = sized else { return Err(misfit(self.length as u64)) };
        let segments = match dataset.layout().map_err(|e| self.fault(&e))? {
            Layout::Contiguous { address: Some(at), size } if !is_double => {
                if size != bytes as u64 {
                    return Err(misfit(size));
                }
                vec![(0, self.place(key, at, size)?)]
            }
            Layout::Virtual => return Err(unknown("a view of other datasets".into())),
            _ if bytes == 0 => vec![],
            _ => vec![(1, self.unpack(dataset, bytes, is_double, misfit)?)],
        };
        Ok(Stored { dtype, shape, strides: vec![], quantization: None, segments })
    }

    /// Where bytes of the part lie in the file.
    fn place(&self, key: &str, at: u64, size: u64) -> Result<Range<usize>, CheckpointError> {
        let begin = usize::try_from(at).ok().and_then(|at| at.checked_add(self.begin));
        let end = begin.and_then(|begin| begin.checked_add(usize::try_from(size).ok()?));
        match (begin, end) {
            (Some(begin), Some(end)) if end <= self.length => Ok(begin..end),
            _ => Err(CheckpointError::Offsets {
                key: key.into(),
                begin: at,
                end: at.saturating_add(size),
                available: self.length as u64,
            }),
        }
    }

    /// Writes out what is not in the file as it is needed.
    fn unpack(
        &mut self,
        dataset: &Dataset,
        bytes: usize,
        is_double: bool,
        misfit: impl Fn(u64) -> CheckpointError,
    ) -> Result<Range<usize>, CheckpointError> {
        let (times, beside) = UNPACKED;
        let most = self.length.saturating_mul(times).saturating_add(beside);
        if self.unpacked.len().saturating_add(bytes) > most {
            return Err(self.damaged("its compressed tensors are larger than weights are".into()));
        }
        let values = dataset.read_raw().map_err(|e| self.fault(&e))?;
        if values.len() != bytes {
            return Err(misfit(values.len() as u64));
        }
        let begin = self.unpacked.len();
        match is_double {
            true => {
                let values = values.as_chunks::<8>().0.iter().map(|&value| f64::from_le_bytes(value) as f32);
                self.unpacked.extend(values.flat_map(f32::to_le_bytes));
            }
            false => self.unpacked.extend(values),
        }
        Ok(begin..self.unpacked.len())
    }
}

/// The element type, and whether it is kept in 64 bits and read in 32; else its name for the error.
fn stored_type(datatype: &Datatype, dataset: &Dataset) -> Result<(StoredType, bool), String> {
    match datatype {
        Datatype::FloatingPoint { byte_order: DatatypeByteOrder::LittleEndian, size, layout } => {
            match (size, layout.exponent_size, layout.mantissa_size) {
                (8, 11, 52) => Ok((StoredType::F32, true)),
                (4, 8, 23) => Ok((StoredType::F32, false)),
                (2, 5, 10) => Ok((StoredType::F16, false)),
                (2, 8, 7) => Ok((StoredType::Bf16, false)),
                _ => Err(format!("a float of {size} bytes that is not IEEE's")),
            }
        }
        Datatype::FloatingPoint { size, .. } => Err(format!("big-endian float of {size} bytes")),
        Datatype::FixedPoint { size, .. } => match size {
            1 => Ok((StoredType::Other("I8", 1), false)),
            2 => Ok((StoredType::Other("I16", 2), false)),
            4 => Ok((StoredType::Other("I32", 4), false)),
            8 => Ok((StoredType::Other("I64", 8), false)),
            _ => Err(format!("integer of {size} bytes")),
        },
        // Keras 3 marks what h5py has no type for.
        Datatype::Opaque { size: 2, .. } if is_bfloat(dataset) => Ok((StoredType::Bf16, false)),
        Datatype::Enumeration { size: 1, .. } => Ok((StoredType::Other("BOOL", 1), false)),
        Datatype::Compound { .. } => Err("compound".into()),
        _ => Err("neither float nor integer".into()),
    }
}

fn is_bfloat(dataset: &Dataset) -> bool {
    dataset.attrs().is_ok_and(|attributes| attributes.get("dtype").and_then(|v| v.as_str()) == Some("bfloat16"))
}
