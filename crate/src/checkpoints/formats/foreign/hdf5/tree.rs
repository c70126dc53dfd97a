//! The tree of groups and datasets, read once and within bounds.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::super::content::Content;
use super::super::{Stored, StoredType};
use super::attribute::texts;
use super::bytes::{Fault, Space};
use super::dataset::{Layout, Place};
use super::datatype::{Datatype, dimensions};
use super::group::{MAX_OBJECTS, TOO_MANY, is_group, members};
use super::header::{Message, kind, messages, superblock};
use crate::checkpoints::CheckpointError;

/// Groups within groups; nested models of Keras are a few.
const MAX_DEPTH: usize = 32;
/// How much more unpacked values may take than the whole file does, times and bytes beside.
const UNPACKED: (usize, usize) = (8, 1 << 20);
/// Messages of all groups and datasets: each has a few.
const MAX_MESSAGES: usize = 40 * MAX_OBJECTS;
/// The training's state, whose tensors have the shapes of weights.
const OPTIMIZER: [&str; 2] = ["optimizer_weights", "optimizer"];

/// What a file holds.
#[derive(Default)]
pub struct Tree {
    /// Datasets by their path.
    pub datasets: BTreeMap<String, Stored>,
    /// Texts of the root's attributes.
    pub attributes: BTreeMap<String, String>,
}

/// Reads `range` of a file, and the attributes of its root that are `wanted`. Its tensors lie in the contents that are returned: the file itself, and what was unpacked.
pub fn read(
    name: &str,
    bytes: Vec<u8>,
    range: Range<usize>,
    wanted: &[&str],
) -> Result<(Tree, Vec<Content>), CheckpointError> {
    let damaged = |reason: Fault| CheckpointError::Hdf5 { file: name.into(), reason };
    let part = bytes.get(range.clone()).unwrap_or_default();
    let (space, root) = superblock(part).map_err(damaged)?;
    let begin = range.start + (part.len() - space.bytes.len());
    let room = space.bytes.len().saturating_mul(UNPACKED.0).saturating_add(UNPACKED.1);
    let (seen, tree) = (BTreeSet::from([root]), Tree::default());
    let mut walk = Walk { name, space, begin, unpacked: vec![], room, seen, messages: MAX_MESSAGES, tree };
    let messages = messages(space, root).map_err(damaged)?;
    for (key, text) in texts(space, &messages, wanted).map_err(damaged)? {
        walk.tree.attributes.insert(key.to_owned(), text.to_owned());
    }
    walk.group(&messages, "", 0)?;
    let Walk { unpacked, tree, .. } = walk;
    let mut files = vec![Content::Whole(bytes)];
    if !unpacked.is_empty() {
        files.push(Content::Whole(unpacked));
    }
    Ok((tree, files))
}

struct Walk<'a> {
    name: &'a str,
    space: Space<'a>,
    /// Where addresses are counted from in the file.
    begin: usize,
    unpacked: Vec<u8>,
    /// Bytes that may still be unpacked.
    room: usize,
    /// Groups that were read: links may lead back to them.
    seen: BTreeSet<u64>,
    /// Messages that may still be read.
    messages: usize,
    tree: Tree,
}

impl<'a> Walk<'a> {
    fn damaged(&self, reason: Fault) -> CheckpointError {
        CheckpointError::Hdf5 { file: self.name.into(), reason }
    }

    fn group(&mut self, group: &[Message<'a>], path: &str, depth: usize) -> Result<(), CheckpointError> {
        if depth > MAX_DEPTH {
            return Err(self.damaged("its groups are too deep within one another"));
        }
        for (name, address) in members(self.space, group).map_err(|reason| self.damaged(reason))? {
            if depth == 0 && OPTIMIZER.contains(&name) {
                continue;
            }
            let key = format!("{path}{name}");
            let object = messages(self.space, address).map_err(|reason| self.damaged(reason))?;
            let left = self.messages.checked_sub(1 + object.len());
            self.messages = left.ok_or_else(|| self.damaged(TOO_MANY))?;
            if object.iter().any(|message| message.kind == kind::LAYOUT) {
                let stored = self.dataset(&key, &object)?;
                self.tree.datasets.insert(key, stored);
            } else if is_group(&object) && self.seen.insert(address) {
                self.group(&object, &format!("{key}/"), depth + 1)?;
            }
        }
        Ok(())
    }

    fn dataset(&mut self, key: &str, object: &[Message<'a>]) -> Result<Stored, CheckpointError> {
        let find = |kind| object.iter().find(|message| message.kind == kind);
        let lacking = "a dataset lacks its type, shape or place, or shares it with others";
        let own = |kind| find(kind).filter(|message| !message.is_shared).ok_or_else(|| self.damaged(lacking));
        let [datatype, dataspace, layout] = [own(kind::DATATYPE)?, own(kind::DATASPACE)?, own(kind::LAYOUT)?];
        let unknown = |dtype: &str| CheckpointError::UnknownDtype { key: key.into(), dtype: dtype.into() };
        let dtype = match Datatype::read(datatype.content).map_err(|reason| self.damaged(reason))? {
            Datatype::Number(dtype) => dtype,
            // Keras 3 marks what h5py has no type for.
            Datatype::Opaque if is_bfloat(self.space, object) => StoredType::Bf16,
            Datatype::Other(name) => return Err(unknown(&name)),
            Datatype::Text(_) | Datatype::Texts | Datatype::Opaque => return Err(unknown("neither float nor integer")),
        };
        let dims = dimensions(dataspace.content).map_err(|reason| self.damaged(reason))?;
        let shape: Option<Vec<usize>> = dims.iter().map(|&side| usize::try_from(side).ok()).collect();
        let sized = shape.and_then(|shape| {
            let bytes = shape.iter().try_fold(dtype.size(), |all, &side| all.checked_mul(side))?;
            Some((bytes, shape))
        });
        let misfit = |found: u64| CheckpointError::ByteLength {
            key: key.into(),
            shape: dims.clone(),
            dtype: dtype.name().into(),
            found,
        };
        let Some((bytes, shape)) = sized else { return Err(misfit(self.space.bytes.len() as u64)) };
        let segments = match Layout::read(layout.content).map_err(|reason| self.damaged(reason))? {
            _ if bytes == 0 => vec![],
            Layout { place: Place::Contiguous(address), size } => {
                if size.is_some_and(|size| size != bytes as u64) {
                    return Err(misfit(size.unwrap_or(0)));
                }
                vec![(0, self.place(key, address, bytes)?)]
            }
            layout => {
                let filters = find(kind::FILTERS).map(|message| message.content);
                let values = layout.gather(self.space, filters, &shape, dtype.size(), &mut self.room);
                let values = values.map_err(|reason| self.damaged(reason))?;
                let begin = self.unpacked.len();
                self.unpacked.extend(values);
                vec![(1, begin..self.unpacked.len())]
            }
        };
        Ok(Stored { dtype, shape, strides: vec![], quantization: None, segments })
    }

    /// Where bytes of the part lie in the file.
    fn place(&self, key: &str, address: Option<u64>, bytes: usize) -> Result<Range<usize>, CheckpointError> {
        let Some(at) = address else { return Err(self.damaged("a dataset was never written")) };
        match self.space.slice(at, bytes as u64) {
            Ok(_) => Ok(self.begin + at as usize..self.begin + at as usize + bytes),
            Err(_) => Err(CheckpointError::Offsets {
                key: key.into(),
                begin: at,
                end: at.saturating_add(bytes as u64),
                available: self.space.bytes.len() as u64,
            }),
        }
    }
}

fn is_bfloat(space: Space, object: &[Message]) -> bool {
    texts(space, object, &["dtype"]).is_ok_and(|texts| texts.get("dtype") == Some(&"bfloat16"))
}
