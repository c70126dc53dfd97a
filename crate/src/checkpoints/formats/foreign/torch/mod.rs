//! State dicts as `torch.save` writes them: since PyTorch 1.6 a zip archive with a pickle and one entry a storage, before
//! a row of pickles with the storages behind them (`torch/serialization.py`).

mod labels;
mod pickle;
#[cfg(test)]
mod tests;
mod zip;

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use pickle::{CLASS, Id, Pickled, Tensor, Value};
pub use zip::Checked;
pub use zip::entries as zip_entries;

use super::{Format, SourceFile, Stored, TensorFile, TorchModule};
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
    let read = match file.bytes.head().starts_with(b"PK") {
        true => reader.archive()?,
        false => reader.pickles()?,
    };
    Ok(TensorFile { files: vec![file.bytes], name: file.name, format: Format::Torch, ..read })
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
    fn archive(&self) -> Result<TensorFile, CheckpointError> {
        let fault = |fault| CheckpointError::Zip { file: self.name.into(), fault };
        let entries = zip::entries(self.bytes).map_err(fault)?;
        let root = entries.iter().find_map(|entry| Some((entry.name.strip_suffix("data.pkl")?, entry)));
        let Some((root, pickle)) = root.filter(|(root, _)| root.is_empty() || root.ends_with('/')) else {
            return Err(self.unsupported(
                "it is a zip archive without the data.pkl of torch.save: unpack it first, or save model.state_dict()",
            ));
        };
        let inside = || entries.iter().filter_map(|entry| Some((entry.name.strip_prefix(root)?, entry)));
        let (mut storages, mut checks) = (Storages::new(), vec![pickle.checked().map_err(fault)?]);
        for (path, entry) in inside() {
            if path == "byteorder" && self.bytes[entry.content().map_err(fault)?] != *b"little" {
                return Err(
                    self.unsupported("weights in big-endian byte order are not read: save them on another machine")
                );
            }
            if let Some(key) = path.strip_prefix("data/") {
                let checked = entry.checked().map_err(fault)?;
                if storages.insert(key, checked.content.clone()).is_some() {
                    return Err(CheckpointError::DuplicateKey { key: entry.name.into() });
                }
                checks.push(checked);
            }
        }
        let read = self.tensors(&self.pickle(pickle.content().map_err(fault)?)?, &storages)?;
        let is_script = inside().any(|(path, _)| path.starts_with("code/"));
        Ok(TensorFile { checks, is_script, ..read })
    }

    /// The older layout: magic number, version, machine, state dict and keys as pickles, then each storage behind its
    /// number of values.
    fn pickles(&self) -> Result<TensorFile, CheckpointError> {
        let mut at = 0;
        let mut next = || {
            let pickle = self.pickle(at..self.bytes.len())?;
            at += pickle.length;
            Ok::<_, CheckpointError>(pickle)
        };
        if *next()?.top() != Value::Long(&MAGIC) {
            return Err(self.unsupported(
                "a pickle that torch.save did not write is not read: save model.state_dict() with torch.save",
            ));
        }
        if *next()?.top() != Value::Int(PROTOCOL) {
            return Err(self.damaged("its layout is of an unknown version: save model.state_dict() with torch.save"));
        }
        let machine = next()?;
        if machine.entry(machine.top(), "little_endian") == Some(&Value::Bool(false)) {
            return Err(self.unsupported("weights in big-endian byte order are not read: save them on another machine"));
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

    /// The tensors of the state dict or module that holds the most of them, wherever it lies in what was saved: beside it there
    /// may be settings, counters, an optimizer's state, and parts of the model of their own.
    fn tensors(&self, state: &Pickled, storages: &Storages) -> Result<TensorFile, CheckpointError> {
        let mut search = Search { state, left: MOST_LOOKS, modules: vec![] };
        let (mut all, mut modules, mut classes) = (Vec::<Set>::new(), vec![], None);
        let (mut best, mut most) = (0, 0);
        let mut due = vec![(state.top(), 0, String::new())];
        while let Some((value, depth, path)) = due.pop() {
            let found = search.gather(value);
            if found.len() > most {
                (best, most, modules) = (all.len(), found.len(), std::mem::take(&mut search.modules));
            }
            if !found.is_empty() {
                all.push((path.clone(), found));
            }
            classes = classes.or_else(|| labels::read(state, value, &path));
            if depth >= MOST_NESTED {
                continue;
            }
            let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
            match value {
                Value::Dict(items) | Value::Record(items) if search.may_look(items.len()) => {
                    let name = |key: Id| match state.get(key) {
                        Value::Text(name) if path.len() + name.len() < LONGEST_PATH => below(name),
                        _ => path.clone(),
                    };
                    due.extend(items.iter().map(|&(key, inner)| (state.get(inner), depth + 1, name(key))));
                }
                Value::List(items) | Value::Tuple(items) if search.may_look(items.len()) => {
                    let inner = items.iter().enumerate().filter(|(_, id)| is_container(state.get(**id)));
                    due.extend(inner.map(|(at, &id)| (state.get(id), depth + 1, below(&at.to_string()))));
                }
                _ => {}
            }
        }
        if all.is_empty() {
            return Err(self.unsupported("it holds no state dict: save model.state_dict() with torch.save"));
        }
        let (path, best) = all.remove(best);
        let order = best.iter().map(|(key, _)| key.clone()).collect();
        let (mut tensors, mut beside, mut sets) = (BTreeMap::new(), BTreeMap::new(), vec![path]);
        let keys: HashSet<&str> = best.iter().map(|(key, _)| key.as_str()).collect();
        let places: HashSet<_> = best.iter().map(|(_, tensor)| place(tensor)).collect();
        for (path, found) in all {
            // Other values of the same names are an average, perhaps without counters; the same values are the same once more.
            let is_same = 2 * found.len() > best.len() && found.iter().all(|(key, _)| keys.contains(key.as_str()));
            let mut parts = found.into_iter().filter(|(_, tensor)| !places.contains(&place(tensor))).peekable();
            if is_same {
                sets.extend(parts.peek().is_some().then_some(path));
                continue;
            }
            // What an optimizer keeps of a weight is no part of a model.
            for (key, tensor) in parts.filter(|(key, _)| is_of_module(key)) {
                let key = if path.is_empty() { key } else { format!("{path}.{key}") };
                beside.entry(key).or_insert(stored("", tensor, storages)?);
            }
        }
        for (key, tensor) in best {
            let stored = stored(&key, tensor, storages)?;
            if tensors.insert(key.clone(), stored).is_some() {
                return Err(CheckpointError::DuplicateKey { key });
            }
        }
        Ok(TensorFile { tensors, beside, modules, sets, order, classes, ..TensorFile::default() })
    }
}

/// How deep a state dict may lie in what was saved, and modules in one another.
const MOST_NESTED: usize = 16;
/// How many values are looked at in all: a file may refer to one container many times.
const MOST_LOOKS: usize = 1 << 20;
/// Bytes of names on the way to a state dict.
const LONGEST_PATH: usize = 256;

/// The place of a dict or module, and its tensors.
type Set<'a, 'b> = (String, Found<'a, 'b>);

fn is_container(value: &Value) -> bool {
    matches!(value, Value::Dict(_) | Value::Record(_) | Value::List(_) | Value::Tuple(_))
}

/// Whether a tensor is called as modules call theirs.
fn is_of_module(key: &str) -> bool {
    let leaf = key.rsplit('.').next().unwrap_or(key);
    ["weight", "bias", "running_"].iter().any(|stem| leaf.starts_with(stem))
}

/// The storage of a tensor and its first value there.
fn place<'a>(tensor: &Tensor<'a>) -> (&'a str, u64) {
    (tensor.storage.key, tensor.offset)
}

/// Tensors with their keys.
type Found<'a, 'b> = Vec<(String, &'b Tensor<'a>)>;

/// Looks for tensors in what a pickle describes.
struct Search<'a, 'b> {
    state: &'b Pickled<'a>,
    /// Values that may still be looked at.
    left: usize,
    /// The modules of what was gathered last.
    modules: Vec<TorchModule>,
}

impl<'a, 'b> Search<'a, 'b> {
    fn may_look(&mut self, values: usize) -> bool {
        let left = self.left.checked_sub(values);
        self.left = left.unwrap_or(0);
        left.is_some()
    }

    /// The tensors of a dict with names, or of a module with its modules, by their keys.
    fn gather(&mut self, value: &'b Value<'a>) -> Found<'a, 'b> {
        let mut found = Vec::new();
        self.modules.clear();
        match value {
            Value::Dict(items) => self.named(items, "", &mut found),
            Value::Record(_) => self.module(value, "", 0, &mut found),
            _ => {}
        }
        found
    }

    /// Takes the tensors among the items.
    fn named(&mut self, items: &'b [(Id, Id)], prefix: &str, found: &mut Found<'a, 'b>) {
        if !self.may_look(items.len()) {
            return;
        }
        for &(key, value) in items {
            if let (Value::Text(key), Value::Tensor(tensor)) = (self.state.get(key), self.state.get(value)) {
                found.push((format!("{prefix}{key}"), tensor));
            }
        }
    }

    /// Notes what a module is, and the numbers and switches that are set on it.
    fn note(&mut self, value: &'b Value<'a>, prefix: &str) {
        let (Some(Value::Class(class)), Value::Record(items)) = (self.state.entry(value, CLASS), value) else { return };
        if !self.may_look(items.len()) {
            return;
        }
        let mut numbers = BTreeMap::new();
        for &(key, value) in items {
            let Value::Text(key) = self.state.get(key) else { continue };
            let number = match self.state.get(value) {
                &Value::Float(number) => number,
                &Value::Int(number) => number as f64,
                &Value::Bool(is_on) => f64::from(u8::from(is_on)),
                // How GELU is computed, and what a convolution finds outside of the image, are the only words that matter.
                Value::Text("tanh" | "reflect" | "replicate" | "circular") => 1.0,
                Value::Dict(items) if key.ends_with("_hooks") && !items.is_empty() => 1.0,
                Value::Tuple(sides) if sides.len() == 2 => {
                    for (axis, &side) in sides.iter().enumerate() {
                        if let &Value::Int(side) = self.state.get(side) {
                            numbers.insert(format!("{key}.{axis}"), side as f64);
                        }
                    }
                    continue;
                }
                _ => continue,
            };
            numbers.insert((*key).to_owned(), number);
        }
        let path = prefix.strip_suffix('.').unwrap_or(prefix).to_owned();
        self.modules.push(TorchModule { path, class: (*class).to_owned(), numbers });
    }

    /// Takes a module's parameters and buffers, and those of the modules within it. What a scripted or pickled program would do
    /// with them is not read: its tensors have to be a network's, by their names.
    fn module(&mut self, value: &'b Value<'a>, prefix: &str, depth: usize, found: &mut Found<'a, 'b>) {
        self.note(value, prefix);
        for of in ["_parameters", "_buffers"] {
            if let Some(Value::Dict(items)) = self.state.entry(value, of) {
                self.named(items, prefix, found);
            }
        }
        // A TorchScript module has its tensors and modules as attributes.
        let modules = match (self.state.entry(value, "_modules"), value) {
            (Some(Value::Dict(modules)), _) => modules,
            (None, Value::Record(attributes)) => {
                self.named(attributes, prefix, found);
                attributes
            }
            _ => return,
        };
        if depth >= MOST_NESTED || !self.may_look(modules.len()) {
            return;
        }
        for &(name, inner) in modules {
            if let (Value::Text(name), inner @ Value::Record(_)) = (self.state.get(name), self.state.get(inner)) {
                self.module(inner, &format!("{prefix}{name}."), depth + 1, found);
            }
        }
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
    let is_whole = is_contiguous(shape, strides);
    let values =
        if is_whole { shape.iter().try_fold(1u64, |n, &side| n.checked_mul(side)) } else { span(shape, strides) };
    let length = values.and_then(|values| values.checked_mul(size));
    let begin = offset.checked_mul(size);
    let end = begin.and_then(|begin| begin.checked_add(length?));
    if storage.length.checked_mul(size) != Some(available) || end.is_none_or(|end| end > available) {
        let [begin, end] = [begin, end].map(|place| place.unwrap_or(u64::MAX));
        return Err(CheckpointError::Offsets { key: key.into(), begin, end, available });
    }
    // A view that says values several times over would be larger than what it is of.
    let count = shape.iter().try_fold(1u64, |n, &side| n.checked_mul(side));
    if !is_whole && (shape.len() != strides.len() || count.is_none_or(|count| count > storage.length)) {
        return Err(CheckpointError::Strided { key: key.into(), shape: shape.clone(), strides: strides.clone() });
    }
    // Both fit: the storage lies in memory.
    let [begin, end] = [begin, end].map(|place| place.unwrap_or_default() as usize);
    Ok(Stored {
        dtype: storage.dtype,
        shape: shape.iter().map(|&side| side as usize).collect(),
        quantization: None,
        strides: if is_whole { vec![] } else { strides.iter().map(|&stride| stride as usize).collect() },
        segments: vec![(0, place.start + begin..place.start + end)],
    })
}

/// Values from the first to the last of a view; none where that is too many to count.
fn span(shape: &[u64], strides: &[u64]) -> Option<u64> {
    let last = shape
        .iter()
        .zip(strides)
        .try_fold(0u64, |sum, (&side, &stride)| sum.checked_add(side.checked_sub(1)?.checked_mul(stride)?));
    last?.checked_add(1)
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
