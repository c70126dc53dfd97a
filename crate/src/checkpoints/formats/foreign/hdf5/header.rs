//! The superblock, and object headers: what a group or a dataset is, in messages.

use super::bytes::{CUT, Fault, Reader, Space};

const SIGNATURE: &[u8; 8] = b"\x89HDF\r\n\x1a\n";
/// Messages of one header, and pieces that it lies in.
const MAX_MESSAGES: usize = 1 << 16;
const MAX_PIECES: usize = 1 << 10;

/// Kinds of messages.
pub mod kind {
    pub const DATASPACE: u16 = 0x01;
    pub const LINK_INFO: u16 = 0x02;
    pub const DATATYPE: u16 = 0x03;
    pub const LINK: u16 = 0x06;
    pub const LAYOUT: u16 = 0x08;
    pub const FILTERS: u16 = 0x0b;
    pub const ATTRIBUTE: u16 = 0x0c;
    pub const CONTINUATION: u16 = 0x10;
    pub const SYMBOL_TABLE: u16 = 0x11;
    pub const ATTRIBUTE_INFO: u16 = 0x15;
}

/// One message.
#[derive(Clone, Copy)]
pub struct Message<'a> {
    pub kind: u16,
    /// Whether its content stands elsewhere.
    pub is_shared: bool,
    pub content: Reader<'a>,
}

/// Where the signature stands: at the beginning, or at a power of two from 512 on.
pub fn begin(bytes: &[u8]) -> Option<usize> {
    let places = std::iter::successors(Some(512usize), |place| place.checked_mul(2));
    std::iter::once(0)
        .chain(places)
        .take_while(|&place| place < bytes.len())
        .find(|&place| bytes[place..].starts_with(SIGNATURE))
}

/// The file as its superblock describes it, and the address of the root.
pub fn superblock(bytes: &[u8]) -> Result<(Space<'_>, u64), Fault> {
    let bytes = begin(bytes).and_then(|begin| bytes.get(begin..)).ok_or("it has no superblock")?;
    let mut reader = Space { bytes, address: 8, length: 8 }.at(SIGNATURE.len() as u64)?;
    let version = reader.byte()?;
    match version {
        0 | 1 => reader.skip(4)?,
        2 | 3 => {}
        _ => return Err("its superblock is of a newer version"),
    }
    let (address, length) = (usize::from(reader.byte()?), usize::from(reader.byte()?));
    if ![2, 4, 8].contains(&address) || ![2, 4, 8].contains(&length) {
        return Err("its addresses have an impossible size");
    }
    let space = Space { bytes, address, length };
    reader.space = space;
    let root = match version {
        0 | 1 => {
            // Sizes of the trees' nodes and flags, four addresses of the file, the offset of the root's name.
            reader.skip(if version == 0 { 9 } else { 13 })?;
            reader.skip(5 * address)?;
            reader.address()?
        }
        _ => {
            reader.skip(1 + 3 * address)?;
            reader.address()?
        }
    };
    Ok((space, root.ok_or("it has no root")?))
}

/// The messages of the object at an address.
pub fn messages(space: Space<'_>, address: u64) -> Result<Vec<Message<'_>>, Fault> {
    let mut reader = space.at(address)?;
    let is_new = reader.bytes.starts_with(b"OHDR");
    let mut flags = 0;
    let first = if is_new {
        reader.skip(4)?;
        if reader.byte()? != 2 {
            return Err("an object header is of a newer version");
        }
        flags = reader.byte()?;
        let times = if flags & 0x20 == 0 { 0 } else { 16 };
        let limits = if flags & 0x10 == 0 { 0 } else { 4 };
        reader.skip(times + limits)?;
        let size = reader.count(1 << (flags & 3))?;
        reader.take(size)?
    } else {
        if reader.byte()? != 1 {
            return Err("an object header is damaged");
        }
        reader.skip(7)?;
        let size = reader.count(4)?;
        reader.skip(4)?;
        reader.take(size)?
    };
    let mut pieces = vec![first];
    let mut found = Vec::new();
    let mut next = 0;
    while let Some(&piece) = pieces.get(next) {
        next += 1;
        let mut reader = space.reader(piece);
        let head = match (is_new, flags & 4) {
            (false, _) => 8,
            (true, 0) => 4,
            (true, _) => 6,
        };
        while reader.bytes.len() >= head {
            let (kind, size, of_message);
            if is_new {
                (kind, size, of_message) = (u16::from(reader.byte()?), reader.count(2)?, reader.byte()?);
                reader.skip(head - 4)?;
            } else {
                (kind, size, of_message) = (reader.number(2)? as u16, reader.count(2)?, reader.byte()?);
                reader.skip(3)?;
            }
            let mut content = space.reader(reader.take(size)?);
            if kind == kind::CONTINUATION {
                let (at, length) = (content.address()?.ok_or(CUT)?, content.length()?);
                let mut piece = space.reader(space.slice(at, length)?);
                if is_new {
                    piece.expect(b"OCHK", "an object header is damaged")?;
                    piece.bytes = piece.bytes.split_last_chunk::<4>().ok_or(CUT)?.0;
                }
                pieces.push(piece.bytes);
            } else {
                found.push(Message { kind, is_shared: of_message & 2 != 0, content });
            }
            if found.len() > MAX_MESSAGES || pieces.len() > MAX_PIECES {
                return Err("an object header has no end");
            }
        }
    }
    Ok(found)
}
