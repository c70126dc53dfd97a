//! Datasets in chunks, and their filters.

use super::bytes::{CUT, Fault, Reader, Space};

/// Levels of a tree of chunks.
const MAX_LEVELS: u8 = 16;

/// What was done to a chunk's bytes.
#[derive(Clone, Copy, PartialEq)]
pub enum Filter {
    Deflate,
    Shuffle,
    Checksum,
}

/// A dataset's chunks.
pub struct Chunks {
    /// Sides of a chunk.
    pub sides: Vec<usize>,
    /// Sides of the dataset.
    pub shape: Vec<usize>,
    /// Bytes of an element.
    pub size: usize,
    pub filters: Vec<Filter>,
}

/// The filters of a pipeline, in the order of writing.
pub fn filters(mut content: Reader) -> Result<Vec<Filter>, Fault> {
    let version = content.byte()?;
    let count = content.byte()?;
    content.skip(if version == 1 { 6 } else { 0 })?;
    let mut found = Vec::new();
    for _ in 0..count {
        let id = content.number(2)?;
        let has_name = version == 1 || id >= 256;
        let name = if has_name { content.count(2)? } else { 0 };
        content.skip(2)?;
        let values = content.count(2)?;
        content.skip(if version == 1 { name.next_multiple_of(8) } else { name })?;
        content.skip(4 * values)?;
        content.skip(if version == 1 && values % 2 == 1 { 4 } else { 0 })?;
        found.push(match id {
            1 => Filter::Deflate,
            2 => Filter::Shuffle,
            3 => Filter::Checksum,
            _ => return Err("its datasets are compressed by something other than gzip: save it anew"),
        });
    }
    Ok(found)
}

impl Chunks {
    /// Bytes of a chunk, and how many chunks cover the dataset; none where that overflows.
    pub fn sizes(&self) -> Option<(usize, usize)> {
        let bytes = self.sides.iter().try_fold(self.size, |all, &side| all.checked_mul(side))?;
        let covering = self.shape.iter().zip(&self.sides);
        let count = covering.map(|(side, chunk)| side.div_ceil((*chunk).max(1)));
        Some((bytes, count.into_iter().try_fold(1usize, |all, n| all.checked_mul(n))?))
    }

    /// Puts every chunk below a node of a tree in its place in `values`; at most `left` nodes and chunks.
    pub fn gather(
        &self,
        space: Space,
        node: u64,
        above: Option<u8>,
        left: &mut usize,
        values: &mut [u8],
    ) -> Result<(), Fault> {
        let mut reader = space.at(node)?;
        reader.expect(b"TREE\x01", "a dataset's tree of chunks is damaged")?;
        let level = reader.byte()?;
        if level >= above.unwrap_or(MAX_LEVELS) {
            return Err("a dataset's tree of chunks is too deep");
        }
        let count = reader.count(2)?;
        reader.skip(2 * space.address)?;
        for _ in 0..count {
            *left = left.checked_sub(1).ok_or("a dataset has more chunks than cover it")?;
            let stored = reader.number(4)?;
            let left_out = reader.number(4)?;
            let begin: Vec<usize> = self.sides.iter().map(|_| reader.count(8)).collect::<Result<_, _>>()?;
            reader.skip(8)?;
            let child = reader.address()?.ok_or(CUT)?;
            if level > 0 {
                self.gather(space, child, Some(level), left, values)?;
                continue;
            }
            let chunk = self.unpack(space.slice(child, stored)?, left_out)?;
            self.put(&chunk, &begin, values)?;
        }
        Ok(())
    }

    /// A chunk's bytes as they were before its filters.
    pub fn unpack(&self, stored: &[u8], left_out: u64) -> Result<Vec<u8>, Fault> {
        let (wanted, _) = self.sizes().ok_or(CUT)?;
        let mut bytes = stored.to_vec();
        for (at, filter) in self.filters.iter().enumerate().rev() {
            if left_out >> at & 1 == 1 {
                continue;
            }
            match filter {
                Filter::Deflate => {
                    bytes = miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(&bytes, wanted + 4)
                        .map_err(|_| "a compressed dataset is damaged")?;
                }
                Filter::Shuffle => bytes = self.in_order(&bytes),
                Filter::Checksum => bytes.truncate(bytes.len().saturating_sub(4)),
            }
        }
        match bytes.len() == wanted {
            true => Ok(bytes),
            false => Err("a chunk of a dataset has another length than the others"),
        }
    }

    /// Undoes the filter that keeps all first bytes of the elements together, then all second ones.
    fn in_order(&self, shuffled: &[u8]) -> Vec<u8> {
        let count = shuffled.len() / self.size.max(1);
        let mut bytes = shuffled.to_vec();
        for (i, element) in bytes.chunks_exact_mut(self.size.max(1)).enumerate() {
            element.iter_mut().enumerate().for_each(|(at, byte)| *byte = shuffled[at * count + i]);
        }
        bytes
    }

    /// Copies a chunk's rows into the dataset; what hangs over its edges is left out.
    pub fn put(&self, chunk: &[u8], begin: &[usize], values: &mut [u8]) -> Result<(), Fault> {
        let rank = self.sides.len();
        let mut place = vec![0; rank];
        let row = self.sides.last().copied().unwrap_or(1).saturating_mul(self.size);
        for row in chunk.chunks_exact(row.max(1)) {
            let (mut at, mut is_inside) = (0, true);
            for axis in 0..rank {
                let i = begin[axis].checked_add(place[axis]).ok_or(CUT)?;
                is_inside &= i < self.shape[axis];
                // Of places inside, which are fewer than the dataset's values.
                at = if is_inside { at * self.shape[axis] + i } else { 0 };
            }
            if is_inside {
                let width = begin.last().map_or(1, |first| self.shape[rank - 1] - first).saturating_mul(self.size);
                let from = &row[..row.len().min(width)];
                values
                    .get_mut(at * self.size..)
                    .and_then(|to| to.get_mut(..from.len()))
                    .ok_or(CUT)?
                    .copy_from_slice(from);
            }
            for axis in (0..rank.saturating_sub(1)).rev() {
                place[axis] += 1;
                if place[axis] < self.sides[axis] {
                    break;
                }
                place[axis] = 0;
            }
        }
        Ok(())
    }
}
