//! The part of Python's pickle format that state dicts use, of protocols 2 to 5 (CPython, `Lib/pickletools.py`).
//! The machine builds plain values and calls nothing: the few names that state dicts ask for stand for what PyTorch
//! would make of them. Whatever else a checkpoint names (settings, counters, the classes of a whole model) becomes an inert
//! record of what was set on it.

use crate::checkpoints::PickleFault;
use crate::checkpoints::formats::StoredType;

/// A value's place among [`Pickled::values`]; containers may be shared.
pub type Id = usize;

/// What a pickle describes.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    /// A number of more than eight bytes, little-endian.
    Long(&'a [u8]),
    Text(&'a str),
    Tuple(Vec<Id>),
    List(Vec<Id>),
    Dict(Vec<(Id, Id)>),
    Name(Name),
    Storage(Storage<'a>),
    Tensor(Tensor<'a>),
    /// Something that is not made: what its state and its items are, if any were set.
    Record(Vec<(Id, Id)>),
    /// A class or function that is not known: its name without its module.
    Class(&'a str),
    /// Something that stands for nothing here.
    Unknown,
}

/// What a record calls its class, beside its attributes.
pub const CLASS: &str = "__class__";

/// The names that a state dict may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    OrderedDict,
    RebuildTensor,
    RebuildParameter,
    /// A tensor of a class of one's own, made as a plain one is.
    RebuildFromType,
    Storage(StoredType),
}

/// Values that lie elsewhere in the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Storage<'a> {
    pub key: &'a str,
    pub dtype: StoredType,
    /// Number of values.
    pub length: u64,
}

/// A view of a storage.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor<'a> {
    pub storage: Storage<'a>,
    /// First value in the storage.
    pub offset: u64,
    pub shape: Vec<u64>,
    /// Values from one index to the next, per axis.
    pub strides: Vec<u64>,
}

/// All values of one pickle.
pub struct Pickled<'a> {
    values: Vec<Value<'a>>,
    top: Id,
    /// Bytes up to the end of the pickle.
    pub length: usize,
}

impl<'a> Pickled<'a> {
    /// Reads one pickle from the beginning of `bytes`; an error tells at which byte.
    pub fn read(bytes: &'a [u8]) -> Result<Self, (usize, PickleFault)> {
        let mut machine = Machine { bytes, at: 0, values: vec![], stack: vec![], marks: vec![], memo: vec![] };
        loop {
            let at = machine.at;
            match machine.step() {
                Ok(None) => {}
                Ok(Some(top)) => return Ok(Self { values: machine.values, top, length: machine.at }),
                Err(fault) => return Err((at, fault)),
            }
        }
    }

    /// The value that the pickle is of.
    pub fn top(&self) -> &Value<'a> {
        &self.values[self.top]
    }

    /// Every value, in the order of making.
    pub fn values(&self) -> impl Iterator<Item = &Value<'a>> {
        self.values.iter()
    }

    /// A value inside a container.
    pub fn get(&self, id: Id) -> &Value<'a> {
        &self.values[id]
    }

    /// The value of a text key in a dict.
    pub fn entry(&self, dict: &Value<'a>, wanted: &str) -> Option<&Value<'a>> {
        let (Value::Dict(items) | Value::Record(items)) = dict else { return None };
        items.iter().rev().find(|(key, _)| *self.get(*key) == Value::Text(wanted)).map(|(_, value)| self.get(*value))
    }
}

struct Machine<'a> {
    bytes: &'a [u8],
    at: usize,
    values: Vec<Value<'a>>,
    stack: Vec<Id>,
    /// Heights of the stack.
    marks: Vec<usize>,
    /// By rising number.
    memo: Vec<(u64, Id)>,
}

type Unpickled<T> = Result<T, PickleFault>;

const EMPTY: PickleFault = PickleFault::Malformed("an opcode finds too few values");
const ARGUMENTS: PickleFault = PickleFault::Malformed("something is called with arguments that do not fit it");

impl<'a> Machine<'a> {
    /// Takes one opcode; gives the value at the end.
    fn step(&mut self) -> Unpickled<Option<Id>> {
        match self.number(1)? as u8 {
            0x80 => match self.number(1)? {
                2..=5 => {}
                _ => return Err(PickleFault::Malformed("its protocol is none of 2 to 5")),
            },
            0x95 => drop(self.number(8)?),
            b'(' => self.marks.push(self.stack.len()),
            b'N' => self.push(Value::None),
            0x88 => self.push(Value::Bool(true)),
            0x89 => self.push(Value::Bool(false)),
            b'K' => self.integer(1)?,
            b'M' => self.integer(2)?,
            b'J' => {
                let value = self.number(4)? as u32 as i32;
                self.push(Value::Int(value.into()));
            }
            0x8a => self.long()?,
            b'X' | b'T' => self.text(4)?,
            0x8c | b'U' => self.text(1)?,
            b'G' => {
                let bits = self.take(8)?.iter().fold(0, |bits, &byte| bits << 8 | u64::from(byte));
                self.push(Value::Float(f64::from_bits(bits)));
            }
            // Bytes, which nothing here reads.
            b'C' => self.bytes(1)?,
            b'B' => self.bytes(4)?,
            0x8e => self.bytes(8)?,
            0x8f => self.push(Value::List(vec![])),
            0x90 => {
                let items = self.pop_to_mark()?;
                self.list()?.extend(items);
            }
            0x91 => {
                let items = self.pop_to_mark()?;
                self.push(Value::List(items));
            }
            b'0' => drop(self.pop()?),
            b'2' => {
                let top = self.top()?;
                self.stack.push(top);
            }
            // An object made of its class and arguments, and of keywords.
            0x81 => self.record(2)?,
            0x92 => self.record(3)?,
            b')' => self.push(Value::Tuple(vec![])),
            b']' => self.push(Value::List(vec![])),
            b'}' => self.push(Value::Dict(vec![])),
            count @ 0x85..=0x87 => {
                let first = self.stack.len().checked_sub(usize::from(count - 0x84)).ok_or(EMPTY)?;
                if first < self.floor() {
                    return Err(EMPTY);
                }
                let items = self.stack.split_off(first);
                self.push(Value::Tuple(items));
            }
            b't' => {
                let items = self.pop_to_mark()?;
                self.push(Value::Tuple(items));
            }
            b'q' => self.remember(1)?,
            b'r' => self.remember(4)?,
            0x94 => self.remember(0)?,
            b'h' => self.recall(1)?,
            b'j' => self.recall(4)?,
            b'c' => {
                let (module, name) = (self.line()?, self.line()?);
                self.name(module, name)?;
            }
            0x93 => {
                let (name, module) = (self.pop()?, self.pop()?);
                let (Value::Text(module), Value::Text(name)) = (&self.values[module], &self.values[name]) else {
                    return Err(PickleFault::Malformed("a name is not a text"));
                };
                self.name(module, name)?;
            }
            b'Q' => self.storage()?,
            b'R' => self.call()?,
            b'b' => {
                // What torch hangs on a state dict, the versions of its modules, is left aside; a record is what is set on it.
                let (state, target) = (self.pop()?, self.top()?);
                let state = match &self.values[state] {
                    Value::Dict(items) => items.clone(),
                    Value::Tuple(_)
                    | Value::None
                    | Value::Text(_)
                    | Value::Int(_)
                    | Value::List(_)
                    | Value::Record(_) => vec![],
                    _ => return Err(PickleFault::Malformed("a state is set that is no dict")),
                };
                match &mut self.values[target] {
                    Value::Dict(_) => {}
                    Value::Record(items) => items.extend(state),
                    _ => return Err(PickleFault::Malformed("a state is set on something that has none")),
                }
            }
            b's' => {
                let (value, key) = (self.pop()?, self.pop()?);
                self.dict()?.push((key, value));
            }
            b'u' => {
                let items = self.pop_to_mark()?;
                let (pairs, rest) = items.as_chunks::<2>();
                if !rest.is_empty() {
                    return Err(PickleFault::Malformed("a key has no value"));
                }
                self.dict()?.extend(pairs.iter().map(|&[key, value]| (key, value)));
            }
            b'a' => {
                let item = self.pop()?;
                self.list()?.push(item);
            }
            b'e' => {
                let items = self.pop_to_mark()?;
                self.list()?.extend(items);
            }
            b'.' => return self.pop().map(Some),
            opcode => return Err(PickleFault::Opcode(opcode)),
        }
        Ok(None)
    }

    fn take(&mut self, length: usize) -> Unpickled<&'a [u8]> {
        let end = self.at.checked_add(length).ok_or(PickleFault::Short)?;
        let taken = self.bytes.get(self.at..end).ok_or(PickleFault::Short)?;
        self.at = end;
        Ok(taken)
    }

    /// A little-endian operand of so many bytes.
    fn number(&mut self, bytes: usize) -> Unpickled<u64> {
        let digits = self.take(bytes)?;
        Ok(digits.iter().rev().fold(0, |number, &digit| number << 8 | u64::from(digit)))
    }

    fn line(&mut self) -> Unpickled<&'a str> {
        let rest = &self.bytes[self.at..];
        let length = rest.iter().position(|&b| b == b'\n').ok_or(PickleFault::Short)?;
        let line = self.take(length)?;
        self.take(1)?;
        utf8(line)
    }

    fn push(&mut self, value: Value<'a>) {
        self.stack.push(self.values.len());
        self.values.push(value);
    }

    /// The height below which the stack belongs to an open mark's outside.
    fn floor(&self) -> usize {
        self.marks.last().copied().unwrap_or_default()
    }

    fn top(&self) -> Unpickled<Id> {
        match self.stack.last() {
            Some(&id) if self.stack.len() > self.floor() => Ok(id),
            _ => Err(EMPTY),
        }
    }

    fn pop(&mut self) -> Unpickled<Id> {
        let top = self.top()?;
        self.stack.pop();
        Ok(top)
    }

    fn pop_to_mark(&mut self) -> Unpickled<Vec<Id>> {
        let mark = self.marks.pop().ok_or(PickleFault::Malformed("a mark is missing"))?;
        Ok(self.stack.split_off(mark))
    }

    fn integer(&mut self, bytes: usize) -> Unpickled<()> {
        let value = self.number(bytes)?;
        self.push(Value::Int(value as i64));
        Ok(())
    }

    /// A signed number behind its length.
    fn long(&mut self) -> Unpickled<()> {
        let length = self.number(1)? as usize;
        let digits = self.take(length)?;
        let sign = if digits.last().is_some_and(|&digit| digit >= 0x80) { -1 } else { 0 };
        let value = digits.iter().rev().fold(sign, |number, &digit| number << 8 | i64::from(digit));
        self.push(if length > 8 { Value::Long(digits) } else { Value::Int(value) });
        Ok(())
    }

    /// A text behind its length, which takes so many bytes.
    fn text(&mut self, bytes: usize) -> Unpickled<()> {
        let length = usize::try_from(self.number(bytes)?).map_err(|_| PickleFault::Short)?;
        let text = utf8(self.take(length)?)?;
        self.push(Value::Text(text));
        Ok(())
    }

    /// Notes the top value under a number of so many bytes; of none, under the next one.
    fn remember(&mut self, bytes: usize) -> Unpickled<()> {
        let next = self.memo.last().map_or(0, |(last, _)| last + 1);
        let place = if bytes == 0 { next } else { self.number(bytes)? };
        if place < next {
            return Err(PickleFault::Malformed("its notes are out of order"));
        }
        let top = self.top()?;
        self.memo.push((place, top));
        Ok(())
    }

    fn recall(&mut self, bytes: usize) -> Unpickled<()> {
        let place = self.number(bytes)?;
        let found = self.memo.binary_search_by_key(&place, |note| note.0);
        let found = found.map_err(|_| PickleFault::Malformed("it refers to a value that is not there"))?;
        self.stack.push(self.memo[found].1);
        Ok(())
    }

    fn name(&mut self, module: &str, name: &'a str) -> Unpickled<()> {
        let known = match (module, name) {
            ("collections", "OrderedDict") => Name::OrderedDict,
            ("torch._utils", "_rebuild_tensor" | "_rebuild_tensor_v2") => Name::RebuildTensor,
            ("torch._utils", "_rebuild_parameter" | "_rebuild_parameter_with_state") => Name::RebuildParameter,
            ("torch._tensor", "_rebuild_from_type_v2") => Name::RebuildFromType,
            ("torch", "FloatStorage") => Name::Storage(StoredType::F32),
            ("torch", "HalfStorage") => Name::Storage(StoredType::F16),
            ("torch", "BFloat16Storage") => Name::Storage(StoredType::Bf16),
            ("torch", "DoubleStorage") => Name::Storage(StoredType::F64),
            ("torch", "LongStorage") => Name::Storage(StoredType::Other("I64", 8)),
            ("torch", "IntStorage") => Name::Storage(StoredType::Other("I32", 4)),
            ("torch", "ShortStorage") => Name::Storage(StoredType::Other("I16", 2)),
            ("torch", "CharStorage") => Name::Storage(StoredType::Other("I8", 1)),
            ("torch", "ByteStorage") => Name::Storage(StoredType::U8),
            ("torch", "BoolStorage") => Name::Storage(StoredType::Other("BOOL", 1)),
            _ => {
                // TorchScript has the whole path in the name.
                self.push(Value::Class(name.rsplit('.').next().unwrap_or(name)));
                return Ok(());
            }
        };
        self.push(Value::Name(known));
        Ok(())
    }

    fn dict(&mut self) -> Unpickled<&mut Vec<(Id, Id)>> {
        let top = self.top()?;
        match &mut self.values[top] {
            Value::Dict(items) | Value::Record(items) => Ok(items),
            _ => Err(PickleFault::Malformed("a key is set on something that is no dict")),
        }
    }

    fn list(&mut self) -> Unpickled<&mut Vec<Id>> {
        let top = self.top()?;
        match &mut self.values[top] {
            Value::List(items) => Ok(items),
            _ => Err(PickleFault::Malformed("something is appended to what is no list")),
        }
    }

    /// The values of a tuple; `None` for anything else.
    fn tuple(&self, id: Id) -> Option<Vec<&Value<'a>>> {
        match &self.values[id] {
            Value::Tuple(items) => Some(items.iter().map(|&item| &self.values[item]).collect()),
            _ => None,
        }
    }

    /// `('storage', type, key, device, length)`, and in older files a view, which is always none.
    fn storage(&mut self) -> Unpickled<()> {
        let id = self.pop()?;
        let storage = match self.tuple(id).ok_or(ARGUMENTS)?.as_slice() {
            [
                Value::Text("storage"),
                Value::Name(Name::Storage(dtype)),
                Value::Text(key),
                Value::Text(_),
                Value::Int(length),
            ]
            | [
                Value::Text("storage"),
                Value::Name(Name::Storage(dtype)),
                Value::Text(key),
                Value::Text(_),
                Value::Int(length),
                Value::None,
            ] => Storage { key, dtype: *dtype, length: u64::try_from(*length).map_err(|_| ARGUMENTS)? },
            _ => return Err(PickleFault::Malformed("it refers to something that is no storage")),
        };
        self.push(Value::Storage(storage));
        Ok(())
    }

    fn call(&mut self) -> Unpickled<()> {
        let (arguments, callable) = (self.pop()?, self.pop()?);
        let given = self.tuple(arguments).ok_or(ARGUMENTS)?;
        // What makes a tensor of a class of its own calls what makes a plain one.
        let (callable, given) = match (&self.values[callable], given.as_slice()) {
            (Value::Name(Name::RebuildFromType), &[inner, _, Value::Tuple(arguments), ..]) => {
                (inner, arguments.iter().map(|&item| &self.values[item]).collect())
            }
            (callable, _) => (callable, given),
        };
        let made = match (callable, given.as_slice()) {
            (Value::Name(Name::OrderedDict), []) => Value::Dict(vec![]),
            (Value::Name(Name::OrderedDict), [Value::List(items)]) => Value::Dict(self.pairs(items)?),
            (Value::Name(Name::RebuildParameter), [tensor @ Value::Tensor(_), ..]) => (*tensor).clone(),
            (
                Value::Name(Name::RebuildTensor),
                [Value::Storage(storage), Value::Int(offset), Value::Tuple(shape), Value::Tuple(strides), ..],
            ) => Value::Tensor(Tensor {
                storage: storage.clone(),
                offset: u64::try_from(*offset).map_err(|_| ARGUMENTS)?,
                shape: self.sizes(shape)?,
                strides: self.sizes(strides)?,
            }),
            (Value::Class(_) | Value::Unknown | Value::Record(_), _) => Value::Record(vec![]),
            (Value::Name(Name::OrderedDict), [_, ..]) => Value::Record(vec![]),
            _ => return Err(ARGUMENTS),
        };
        self.push(made);
        Ok(())
    }

    /// Takes a class with what it would be made of, so many values; nothing is made.
    fn record(&mut self, values: usize) -> Unpickled<()> {
        let mut class = None;
        for _ in 0..values {
            class = Some(self.pop()?);
        }
        let mut record = vec![];
        if let Some(class) = class.filter(|&class| matches!(self.values[class], Value::Class(_))) {
            self.values.push(Value::Text(CLASS));
            record.push((self.values.len() - 1, class));
        }
        self.push(Value::Record(record));
        Ok(())
    }

    /// Bytes behind their length, which takes so many bytes.
    fn bytes(&mut self, size: usize) -> Unpickled<()> {
        let length = usize::try_from(self.number(size)?).map_err(|_| PickleFault::Short)?;
        self.take(length)?;
        self.push(Value::Unknown);
        Ok(())
    }

    /// The items of an `OrderedDict` as Python 2 wrote them.
    fn pairs(&self, items: &[Id]) -> Unpickled<Vec<(Id, Id)>> {
        let pair = |&item: &Id| match &self.values[item] {
            Value::List(pair) | Value::Tuple(pair) => match pair[..] {
                [key, value] => Ok((key, value)),
                _ => Err(ARGUMENTS),
            },
            _ => Err(ARGUMENTS),
        };
        items.iter().map(pair).collect()
    }

    fn sizes(&self, items: &[Id]) -> Unpickled<Vec<u64>> {
        let size = |&item: &Id| match self.values[item] {
            Value::Int(value) => u64::try_from(value).map_err(|_| ARGUMENTS),
            _ => Err(ARGUMENTS),
        };
        items.iter().map(size).collect()
    }
}

fn utf8(bytes: &[u8]) -> Unpickled<&str> {
    std::str::from_utf8(bytes).map_err(|_| PickleFault::Malformed("a text is not UTF-8"))
}
