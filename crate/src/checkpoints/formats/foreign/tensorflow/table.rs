//! Sorted tables of keys and values, the format of LevelDB that TensorFlow's checkpoints use
//! (<https://github.com/google/leveldb/blob/main/doc/table_format.md>).

use super::checksum::Checksum;
use super::snappy;
use crate::checkpoints::CheckpointError;
use crate::checkpoints::formats::foreign::protobuf::Message;

/// Ends every table.
const MAGIC: [u8; 8] = 0xdb47_7524_8b80_fb57_u64.to_le_bytes();
/// Bytes of the end, with the places of two blocks in it.
const FOOTER: usize = 48;
/// After a block: how it is packed, and a checksum.
const TRAILER: u64 = 5;
/// Names are not longer.
const MOST_KEY: usize = 1 << 12;

/// Whether a file ends as a table does.
pub(in super::super) fn plausible(bytes: &[u8]) -> bool {
    bytes.len() >= FOOTER && bytes.ends_with(&MAGIC)
}

/// Whether a value lies in the file as it is, and not in a packed block.
pub(super) type IsThere = bool;

/// Calls for every key of a table in order, with its value.
pub(super) fn visit(
    file: &str,
    bytes: &[u8],
    mut each: impl FnMut(&[u8], Message, IsThere) -> Result<(), CheckpointError>,
) -> Result<(), CheckpointError> {
    let whole = Message::whole(file, bytes);
    let Some(start) = bytes.len().checked_sub(FOOTER).filter(|_| plausible(bytes)) else {
        return Err(fault(file, "its end is missing"));
    };
    let mut footer = Message { bytes: &bytes[start..], start, ..whole };
    let _metaindex = handle(&mut footer)?;
    let index = handle(&mut footer)?;
    let mut next = 0;
    block(whole, index, |_, mut value, _| {
        let (at, size) = handle(&mut value)?;
        // They follow one another, so that none is read twice.
        if at < next {
            return Err(fault(file, "its blocks are not in order"));
        }
        next = at.saturating_add(size);
        block(whole, (at, size), &mut each)
    })
}

fn fault(file: &str, reason: &str) -> CheckpointError {
    CheckpointError::Header { file: file.into(), reason: format!("{reason}: it is damaged or cut short") }
}

/// Place and size of a block.
fn handle(rest: &mut Message) -> Result<(u64, u64), CheckpointError> {
    Ok((rest.varint()?, rest.varint()?))
}

/// The entries of a block. Each key says how much of the one before it begins with.
fn block(
    whole: Message,
    (at, size): (u64, u64),
    mut each: impl FnMut(&[u8], Message, IsThere) -> Result<(), CheckpointError>,
) -> Result<(), CheckpointError> {
    let fault = |reason| fault(whole.file, reason);
    let mut rest = whole;
    rest.take(at)?;
    let content = rest.take(size)?;
    let trailer = rest.take(TRAILER)?.bytes;
    let packing = trailer[0];
    let mut checksum = Checksum::default();
    checksum.update(content.bytes);
    checksum.update(&[packing]);
    if !checksum.fits(trailer.last_chunk().map_or(0, |&kept| u32::from_le_bytes(kept))) {
        return Err(CheckpointError::Checksum { what: format!("a block of {}", whole.file) });
    }
    let unpacked;
    let entries = match packing {
        0 => content,
        1 => {
            unpacked = snappy::unpack(content.bytes).ok_or_else(|| fault("a block of it cannot be unpacked"))?;
            Message { bytes: &unpacked, start: 0, ..content }
        }
        _ => return Err(fault("its blocks are packed in an unknown way")),
    };
    let count = entries.bytes.last_chunk().map(|&count| u32::from_le_bytes(count) as usize);
    let restarts = count.and_then(|count| count.checked_mul(4)?.checked_add(4));
    let end = restarts.and_then(|restarts| entries.bytes.len().checked_sub(restarts));
    let Some(end) = end else { return Err(fault("a block of it ends too early")) };
    let mut entries = Message { bytes: &entries.bytes[..end], ..entries };
    let mut key = Vec::new();
    while !entries.bytes.is_empty() {
        let (shared, own, length) = (entries.varint()?, entries.varint()?, entries.varint()?);
        let shared = usize::try_from(shared).ok().filter(|&shared| shared <= key.len());
        let Some(shared) = shared else { return Err(fault("its keys do not fit one another")) };
        key.truncate(shared);
        key.extend_from_slice(entries.take(own)?.bytes);
        if key.len() > MOST_KEY {
            return Err(fault("a key of it is too long"));
        }
        each(&key, entries.take(length)?, packing == 0)?;
    }
    Ok(())
}
