//! Element types and shapes.

use super::super::StoredType;
use super::bytes::{Fault, Reader};

/// Axes of a dataset.
const MAX_RANK: usize = 32;

/// An element type.
#[derive(Clone, Debug, PartialEq)]
pub enum Datatype {
    /// Numbers.
    Number(StoredType),
    /// A text of so many bytes.
    Text(usize),
    /// A text of any length, in a heap.
    Texts,
    /// Two bytes that mean nothing to HDF5.
    Opaque,
    /// What no weights are stored in, by its name.
    Other(String),
}

impl Datatype {
    pub fn read(mut content: Reader) -> Result<Self, Fault> {
        let class = content.byte()? & 15;
        let bits = content.number(3)?;
        let size = content.count(4)?;
        Ok(match class {
            0 => match size {
                1 => Self::Number(StoredType::Other("I8", 1)),
                2 => Self::Number(StoredType::Other("I16", 2)),
                4 => Self::Number(StoredType::Other("I32", 4)),
                8 => Self::Number(StoredType::Other("I64", 8)),
                _ => Self::Other(format!("integer of {size} bytes")),
            },
            1 if bits & 0x41 != 0 => Self::Other(format!("big-endian float of {size} bytes")),
            1 => {
                content.skip(5)?;
                let exponent = content.byte()?;
                content.skip(1)?;
                match (size, exponent, content.byte()?) {
                    (8, 11, 52) => Self::Number(StoredType::F64),
                    (4, 8, 23) => Self::Number(StoredType::F32),
                    (2, 5, 10) => Self::Number(StoredType::F16),
                    (2, 8, 7) => Self::Number(StoredType::Bf16),
                    _ => Self::Other(format!("a float of {size} bytes that is not IEEE's")),
                }
            }
            3 => Self::Text(size),
            5 if size == 2 => Self::Opaque,
            6 => Self::Other("compound".into()),
            // Truth values of h5py.
            8 if size == 1 => Self::Number(StoredType::Other("BOOL", 1)),
            9 if bits & 15 == 1 => Self::Texts,
            _ => Self::Other("neither float nor integer".into()),
        })
    }
}

/// The shape that a dataspace says.
pub fn dimensions(mut content: Reader) -> Result<Vec<u64>, Fault> {
    let version = content.byte()?;
    let rank = usize::from(content.byte()?);
    content.skip(1)?;
    let is_null = match version {
        1 => {
            content.skip(5)?;
            false
        }
        2 => content.byte()? == 2,
        _ => return Err("a dataspace is of a newer version"),
    };
    if rank > MAX_RANK {
        return Err("a dataset has too many axes");
    }
    if is_null {
        return Ok(vec![0]);
    }
    (0..rank).map(|_| content.length()).collect()
}
