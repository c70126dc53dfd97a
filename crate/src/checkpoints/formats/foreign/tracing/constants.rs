//! Constants of a file: weights, which stay where they are, and numbers that are computed with.

use super::{Tracer, Value};
use crate::checkpoints::CheckpointError;
use crate::checkpoints::formats::decode::decode;
use crate::checkpoints::formats::{Quantization, Stored, StoredType};

/// More numbers than any batch norm or bias has are not computed with.
const MOST_NUMBERS: usize = 1 << 13;
/// Nor are longer shapes looked at.
const MOST_SIZES: usize = 64;
/// More axes than this are not walked.
const MOST_AXES: usize = 8;

/// Something in the file, by its name.
#[derive(Clone, Debug)]
pub(in super::super) struct Constant {
    /// Its key among the tensors.
    pub key: String,
    /// Where it lies.
    pub stored: Stored,
}

impl Constant {
    /// How many numbers it has.
    pub fn count(&self) -> usize {
        count(&self.stored.shape).unwrap_or(usize::MAX)
    }

    /// The same numbers with other axes; none where there are gaps between them or more or fewer of them.
    fn reshaped(&self, key: &str, shape: Vec<usize>) -> Option<Self> {
        let stored = &self.stored;
        let repeats = stored.strides.iter().all(|&stride| stride == 0);
        let by_channel = matches!(stored.quantization, Some(Quantization::Channels(_)));
        if !repeats || by_channel || count(&shape)? != self.count() {
            return None;
        }
        let strides = if stored.strides.is_empty() { vec![] } else { vec![0; shape.len()] };
        Some(Self { key: key.into(), stored: Stored { shape, strides, ..stored.clone() } })
    }

    /// The same numbers with the axes in another order.
    fn transposed(&self, key: &str, order: &[usize]) -> Option<Self> {
        let stored = &self.stored;
        let strides = strides(stored);
        let is_order = order.len() == strides.len() && (0..order.len()).all(|axis| order.contains(&axis));
        if !is_order || matches!(stored.quantization, Some(Quantization::Channels(_))) {
            return None;
        }
        let shape = order.iter().map(|&axis| stored.shape[axis]).collect();
        let strides = order.iter().map(|&axis| strides[axis]).collect();
        Some(Self { key: key.into(), stored: Stored { shape, strides, ..stored.clone() } })
    }
}

/// A binary32 by the shortest decimal that it stands for: 0.001 where the nearest binary32 is stored.
pub(in super::super) fn decimal(number: f32) -> f64 {
    number.to_string().parse().unwrap_or(number.into())
}

fn count(shape: &[usize]) -> Option<usize> {
    shape.iter().try_fold(1usize, |count, &side| count.checked_mul(side))
}

/// Values from one index to the next, per axis.
fn strides(stored: &Stored) -> Vec<usize> {
    if !stored.strides.is_empty() {
        return stored.strides.clone();
    }
    let mut strides = vec![1usize; stored.shape.len()];
    for axis in (1..strides.len()).rev() {
        strides[axis - 1] = strides[axis].saturating_mul(stored.shape[axis]);
    }
    strides
}

/// Element types of numbers that are computed with but are no weights.
const NUMBERS: [(&str, usize); 8] =
    [("I64", 8), ("U64", 8), ("I32", 4), ("U32", 4), ("I16", 2), ("U16", 2), ("U8", 1), ("BOOL", 1)];

/// The element type of such numbers by its name.
pub(in super::super) fn number_type(name: &str) -> Option<StoredType> {
    NUMBERS.iter().find(|(known, _)| *known == name).map(|&(name, size)| StoredType::Other(name, size))
}

/// The numbers in these bytes, codes as they are.
fn plain(bytes: &[u8], dtype: StoredType) -> Option<Vec<f64>> {
    fn each<const N: usize>(bytes: &[u8], number: impl Fn([u8; N]) -> f64) -> Vec<f64> {
        bytes.as_chunks::<N>().0.iter().map(|&bytes| number(bytes)).collect()
    }
    Some(match dtype {
        StoredType::Other("I64", _) => each(bytes, |b| i64::from_le_bytes(b) as f64),
        StoredType::Other("U64", _) => each(bytes, |b| u64::from_le_bytes(b) as f64),
        StoredType::Other("I32", _) => each(bytes, |b| i32::from_le_bytes(b).into()),
        StoredType::Other("U32", _) => each(bytes, |b| u32::from_le_bytes(b).into()),
        StoredType::Other("I16", _) => each(bytes, |b| i16::from_le_bytes(b).into()),
        StoredType::Other("U16", _) | StoredType::U16 => each(bytes, |b| u16::from_le_bytes(b).into()),
        StoredType::Other("U8" | "BOOL", _) | StoredType::U8 => each(bytes, |[b]: [u8; 1]| b.into()),
        StoredType::I8 => each(bytes, |[b]: [u8; 1]| f64::from(b as i8)),
        StoredType::F64 => each(bytes, f64::from_le_bytes),
        _ => return None,
    })
}

impl Tracer<'_> {
    /// A constant of the file. Those that may be weights are tensors.
    pub fn constant(&mut self, key: &str, stored: Stored) -> Result<Value, CheckpointError> {
        let is_weight = !matches!(stored.dtype, StoredType::Other(..)) && !stored.shape.is_empty();
        if is_weight && self.tensors.insert(key.into(), stored.clone()).is_some() {
            return Err(CheckpointError::DuplicateKey { key: key.into() });
        }
        Ok(Value::Constant(Constant { key: key.into(), stored }))
    }

    /// The key of a constant that an operation reads.
    pub fn claim(&mut self, constant: &Constant) -> String {
        self.tensors.insert(constant.key.clone(), constant.stored.clone());
        self.claimed.insert(constant.key.clone());
        constant.key.clone()
    }

    /// The same of one that has a number for each channel, whatever axes of size one it has beside.
    pub fn claim_vector(&mut self, constant: &Constant) -> String {
        let flat = constant.reshaped(&constant.key, vec![constant.count()]);
        self.claim(flat.as_ref().unwrap_or(constant))
    }

    /// Notes that other constants stand for this one now.
    pub fn fold(&mut self, constant: &Constant) {
        self.folded.insert(constant.key.clone());
    }

    /// The same numbers with other axes, by the same name where that is a number for each channel.
    pub fn reshaped(&mut self, name: &str, constant: &Constant, shape: Vec<usize>) -> Option<Value> {
        let is_vector = |shape: &[usize]| shape.iter().filter(|&&side| side != 1).count() <= 1;
        let stays = is_vector(&shape) && is_vector(&constant.stored.shape);
        let found = constant.reshaped(if stays { &constant.key } else { name }, shape)?;
        if !stays {
            self.fold(constant);
        }
        Some(Value::Constant(found))
    }

    /// The same numbers with the axes in another order.
    pub fn transposed(&mut self, name: &str, constant: &Constant, order: &[usize]) -> Option<Value> {
        let found = constant.transposed(name, order)?;
        self.fold(constant);
        Some(Value::Constant(found))
    }

    fn bytes(&self, stored: &Stored) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        for (file, range) in &stored.segments {
            match self.files.get(*file) {
                Some(file) => bytes.extend_from_slice(&file.bytes.bytes(range.clone())),
                None => bytes.extend_from_slice(self.computed.get(range.clone())?),
            }
        }
        Some(bytes)
    }

    /// The numbers of a constant in the order of its axes; none where they are too many.
    pub fn numbers(&self, constant: &Constant) -> Option<Vec<f64>> {
        let stored = &constant.stored;
        let bytes: usize = stored.segments.iter().map(|(_, range)| range.len()).sum();
        if constant.count() > MOST_NUMBERS || stored.shape.len() > MOST_AXES || bytes > MOST_NUMBERS * 8 {
            return None;
        }
        let bytes = self.bytes(stored)?;
        let numbers = match (&stored.quantization, plain(&bytes, stored.dtype)) {
            (None, Some(numbers)) => numbers,
            (quantization, _) => {
                let mut values = Vec::new();
                let row = stored.shape.iter().skip(1).product();
                decode(&bytes, stored.dtype, quantization.as_ref(), row, &mut values)?;
                values.into_iter().map(f64::from).collect()
            }
        };
        let mut places = vec![0usize];
        for (&side, stride) in stored.shape.iter().zip(strides(stored)) {
            places = places.iter().flat_map(|&first| (0..side).map(move |i| first + i * stride)).collect();
        }
        places.into_iter().map(|place| numbers.get(place).copied()).collect()
    }

    /// The one number of a constant.
    pub fn number(&self, value: &Value) -> Option<f64> {
        let Value::Constant(constant) = value else { return None };
        let numbers = self.numbers(constant)?;
        (numbers.len() == 1).then(|| numbers[0])
    }

    /// Whole numbers, as far as they are known.
    pub fn sizes(&self, value: &Value) -> Option<Vec<Option<i64>>> {
        match value {
            Value::Constant(constant) if constant.count() <= MOST_SIZES => {
                Some(self.numbers(constant)?.into_iter().map(|v| Some(v as i64)).collect())
            }
            Value::Sizes(sizes) => Some(sizes.clone()),
            _ => None,
        }
    }

    /// Whole numbers that are all known.
    pub fn ints(&self, value: &Value) -> Option<Vec<i64>> {
        self.sizes(value)?.into_iter().collect()
    }

    /// Whether all of its numbers are this one. What was found is kept, since many operations may read one constant.
    pub fn is_all(&mut self, constant: &Constant, number: f64) -> bool {
        let Stored { segments, quantization, .. } = &constant.stored;
        let place = segments.first().filter(|_| quantization.is_none());
        let place = place.map(|(file, range)| (*file, range.clone(), constant.count()));
        let known = place.as_ref().and_then(|place| self.uniform.get(place));
        let uniform = known.copied().unwrap_or_else(|| {
            let numbers = self.numbers(constant)?;
            let first = numbers.first().copied()?;
            numbers.iter().all(|&found| found == first).then_some(first)
        });
        self.uniform.extend(place.map(|place| (place, uniform)));
        uniform == Some(number)
    }

    /// Bytes that may still be computed.
    pub fn room_left(&self) -> usize {
        self.room.saturating_sub(self.computed.len())
    }

    /// Makes a constant of bytes that are not in the file as they are.
    pub fn compute(
        &mut self,
        key: &str,
        dtype: StoredType,
        shape: Vec<usize>,
        bytes: &[u8],
    ) -> Result<Constant, CheckpointError> {
        let begin = self.computed.len();
        if bytes.len() > self.room_left() {
            let what = "its constants would take more memory than the file";
            return Err(CheckpointError::Unsupported {
                file: self.files.first().map_or(String::new(), |f| f.name.clone()),
                what,
            });
        }
        self.computed.extend_from_slice(bytes);
        let segments = vec![(self.files.len(), begin..self.computed.len())];
        Ok(Constant { key: key.into(), stored: Stored { dtype, shape, strides: vec![], quantization: None, segments } })
    }

    /// The same of numbers.
    pub fn compute_numbers(
        &mut self,
        key: &str,
        shape: Vec<usize>,
        numbers: &[f64],
    ) -> Result<Constant, CheckpointError> {
        let bytes: Vec<u8> = numbers.iter().flat_map(|&number| (number as f32).to_le_bytes()).collect();
        self.compute(key, StoredType::F32, shape, &bytes)
    }

    /// One number as often as a shape has places.
    pub fn repeat(&mut self, key: &str, shape: Vec<usize>, number: f64) -> Result<Constant, CheckpointError> {
        let mut constant = self.compute_numbers(key, vec![], &[number])?;
        constant.stored.strides = vec![0; shape.len()];
        constant.stored.shape = shape;
        Ok(constant)
    }

    /// A function of each number of a constant.
    pub fn map(&mut self, name: &str, constant: &Constant, function: fn(f64) -> f64) -> Result<Value, CheckpointError> {
        let Some(numbers) = self.numbers(constant) else { return Ok(Value::Nothing) };
        self.fold(constant);
        let numbers: Vec<f64> = numbers.into_iter().map(function).collect();
        Ok(Value::Constant(self.compute_numbers(name, constant.stored.shape.clone(), &numbers)?))
    }

    /// A function of the numbers of two constants, each number with its own or the one of an axis of size one.
    pub fn combine(
        &mut self,
        name: &str,
        function: impl Fn(f64, f64) -> f64,
        a: &Constant,
        b: &Constant,
    ) -> Result<Value, CheckpointError> {
        let Some(shape) = broadcast(&a.stored.shape, &b.stored.shape) else { return Ok(Value::Nothing) };
        let spread = |this: &Self, c: &Constant| Some(spread(&this.numbers(c)?, &c.stored.shape, &shape));
        let (Some(x), Some(y)) = (spread(self, a), spread(self, b)) else { return Ok(Value::Nothing) };
        self.fold(a);
        self.fold(b);
        let numbers: Vec<f64> = x.into_iter().zip(y).map(|(x, y)| function(x, y)).collect();
        Ok(Value::Constant(self.compute_numbers(name, shape, &numbers)?))
    }
}

/// The shape of arithmetic with these; none where they do not fit or it is too large.
fn broadcast(a: &[usize], b: &[usize]) -> Option<Vec<usize>> {
    let rank = a.len().max(b.len());
    let side = |shape: &[usize], axis: usize| (axis + shape.len()).checked_sub(rank).map_or(1, |axis| shape[axis]);
    let shape: Option<Vec<usize>> = (0..rank)
        .map(|axis| match (side(a, axis), side(b, axis)) {
            (x, y) if x == y => Some(x),
            (1, other) | (other, 1) => Some(other),
            _ => None,
        })
        .collect();
    shape.filter(|shape| rank <= MOST_AXES && count(shape).is_some_and(|count| count <= MOST_NUMBERS))
}

fn spread(numbers: &[f64], from: &[usize], to: &[usize]) -> Vec<f64> {
    let mut places = vec![0usize];
    for (axis, &side) in to.iter().enumerate() {
        let own = (axis + from.len()).checked_sub(to.len()).map_or(1, |axis| from[axis]);
        places = places
            .iter()
            .flat_map(|&first| (0..side).map(move |i| first * own + if own == 1 { 0 } else { i }))
            .collect();
    }
    places.into_iter().map(|place| numbers[place]).collect()
}
