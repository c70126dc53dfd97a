//! Where a dataset's values lie.

use super::bytes::{Fault, Reader, Space};
use super::packed::{Chunks, filters};

/// What is said of tensors that would not fit in memory.
pub const TOO_LARGE: Fault = "its compressed tensors are larger than weights are";
/// What is said of layouts that Keras does not write.
const NEWEST: Fault = "its datasets are stored as the newest versions of HDF5 do: save it without libver='latest'";

/// The place of values.
pub enum Place<'a> {
    /// In the header.
    Compact(&'a [u8]),
    /// In one piece; none where they were never written.
    Contiguous(Option<u64>),
    /// In chunks with these sides, the last of which is an element's bytes, below a tree's node.
    Tree(Vec<usize>, Option<u64>),
    /// In one chunk with these sides, of so many bytes where it is filtered, with the filters that were left out.
    Single(Vec<usize>, Option<u64>, Option<(u64, u64)>),
}

/// A layout.
pub struct Layout<'a> {
    pub place: Place<'a>,
    /// Bytes of a place in one piece, where it says them.
    pub size: Option<u64>,
}

impl<'a> Layout<'a> {
    pub fn read(mut content: Reader<'a>) -> Result<Self, Fault> {
        let version = content.byte()?;
        if version < 3 {
            return Self::old(content);
        }
        let class = content.byte()?;
        let place = match (version, class) {
            (3 | 4, 0) => {
                let size = content.count(2)?;
                Place::Compact(content.take(size)?)
            }
            (3 | 4, 1) => {
                let address = content.address()?;
                return Ok(Self { place: Place::Contiguous(address), size: Some(content.length()?) });
            }
            (3, 2) => {
                let rank = content.byte()?;
                let tree = content.address()?;
                Place::Tree(sides(&mut content, rank, 4)?, tree)
            }
            (4, 2) => {
                let flags = content.byte()?;
                let rank = content.byte()?;
                let width = usize::from(content.byte()?);
                if !(1..=8).contains(&width) {
                    return Err("a dataset's layout is damaged");
                }
                let sides = sides(&mut content, rank, width)?;
                if content.byte()? != 1 {
                    return Err(NEWEST);
                }
                let filtered = match flags & 2 {
                    0 => None,
                    _ => Some((content.length()?, content.number(4)?)),
                };
                Place::Single(sides, content.address()?, filtered)
            }
            (3 | 4, _) => return Err("a dataset is a view of others"),
            _ => return Err(NEWEST),
        };
        Ok(Self { place, size: None })
    }

    /// The first two versions.
    fn old(mut content: Reader<'a>) -> Result<Self, Fault> {
        let rank = content.byte()?;
        let class = content.byte()?;
        content.skip(5)?;
        let address = if class == 0 { None } else { content.address()? };
        let sides = sides(&mut content, rank, 4)?;
        let place = match class {
            0 => {
                let size = content.count(4)?;
                Place::Compact(content.take(size)?)
            }
            1 => Place::Contiguous(address),
            _ => Place::Tree(sides, address),
        };
        Ok(Self { place, size: None })
    }

    /// The values of a dataset that is not in one piece, which take away of `room` what they and their chunks' overhang have in
    /// bytes.
    pub fn gather(
        self,
        space: Space,
        pipeline: Option<Reader>,
        shape: &[usize],
        size: usize,
        room: &mut usize,
    ) -> Result<Vec<u8>, Fault> {
        let bytes = shape.iter().product::<usize>() * size;
        let misfit = "a dataset's chunks do not fit its shape";
        let (sides, address) = match &self.place {
            Place::Compact(values) if values.len() == bytes => {
                *room = room.checked_sub(bytes).ok_or(TOO_LARGE)?;
                return Ok(values.to_vec());
            }
            Place::Compact(_) | Place::Contiguous(_) => return Err(misfit),
            Place::Tree(sides, address) | Place::Single(sides, address, _) => (sides, *address),
        };
        let Some((&element, sides)) = sides.split_last() else { return Err(misfit) };
        if sides.len() != shape.len() || element != size || sides.contains(&0) {
            return Err(misfit);
        }
        let filters = pipeline.map(filters).transpose()?.unwrap_or_default();
        let chunks = Chunks { sides: sides.to_vec(), shape: shape.to_vec(), size, filters };
        let (chunk, count) = chunks.sizes().ok_or(misfit)?;
        let all = chunk.checked_mul(count).and_then(|all| room.checked_sub(all));
        *room = all.ok_or(TOO_LARGE)?;
        let address = address.ok_or("a dataset was never written")?;
        let mut values = vec![0; bytes];
        match self.place {
            Place::Single(_, _, filtered) => {
                let (stored, left_out) = filtered.unwrap_or((chunk as u64, 0));
                let unpacked = chunks.unpack(space.slice(address, stored)?, left_out)?;
                chunks.put(&unpacked, &vec![0; shape.len()], &mut values)?;
            }
            // A node of the tree has one entry at least.
            _ => chunks.gather(space, address, None, &mut count.saturating_mul(2), &mut values)?,
        }
        Ok(values)
    }
}

fn sides(content: &mut Reader, rank: u8, width: usize) -> Result<Vec<usize>, Fault> {
    (0..rank).map(|_| content.count(width)).collect()
}
