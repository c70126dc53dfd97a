//! Attributes that are one text each.

use std::collections::BTreeMap;

use super::bytes::{CUT, Fault, Reader, Space, text};
use super::datatype::{Datatype, dimensions};
use super::header::{Message, kind};

/// Objects of one heap.
const MAX_HEAPED: usize = 1 << 16;

/// The texts of some of an object's attributes by their names; those that are of other types or lists are left out.
pub fn texts<'a>(
    space: Space<'a>,
    messages: &[Message<'a>],
    wanted: &[&str],
) -> Result<BTreeMap<&'a str, &'a str>, Fault> {
    let mut found = BTreeMap::new();
    for message in messages.iter().filter(|message| !message.is_shared) {
        let mut content = message.content;
        match message.kind {
            kind::ATTRIBUTE => {
                let is_wanted = |name: &str| wanted.contains(&name) && !found.contains_key(name);
                if let Some((name, text)) = attribute(space, content, is_wanted)? {
                    found.insert(name, text);
                }
            }
            kind::ATTRIBUTE_INFO => {
                content.skip(1)?;
                let has_order = content.byte()? & 1 != 0;
                content.skip(if has_order { 2 } else { 0 })?;
                if content.address()?.is_some() {
                    return Err(
                        "its attributes are stored as the newest versions of HDF5 do: save it without libver='latest'",
                    );
                }
            }
            _ => {}
        }
    }
    Ok(found)
}

fn attribute<'a>(
    space: Space<'a>,
    mut content: Reader<'a>,
    is_wanted: impl Fn(&str) -> bool,
) -> Result<Option<(&'a str, &'a str)>, Fault> {
    let version = content.byte()?;
    let flags = content.byte()?;
    let sizes = [content.count(2)?, content.count(2)?, content.count(2)?];
    // Only the first version pads its parts, and only later ones share types.
    let (padding, is_shared) = match version {
        1 => (8, false),
        2 => (1, flags & 3 != 0),
        3 => (1, flags & 3 != 0),
        _ => return Err("an attribute is of a newer version"),
    };
    content.skip(if version == 3 { 1 } else { 0 })?;
    let mut part = |size: usize| {
        let taken = content.take(size)?;
        content.skip(size.next_multiple_of(padding) - size)?;
        Ok::<_, Fault>(taken)
    };
    let [name, datatype, dataspace] = [part(sizes[0])?, part(sizes[1])?, part(sizes[2])?];
    let name = text(name)?;
    if is_shared || !is_wanted(name) {
        return Ok(None);
    }
    let count = dimensions(space.reader(dataspace))?.iter().try_fold(1u64, |all, &side| all.checked_mul(side));
    if count != Some(1) {
        return Ok(None);
    }
    let value = match Datatype::read(space.reader(datatype))? {
        Datatype::Text(size) => text(content.take(size)?)?,
        Datatype::Texts => {
            let length = content.number(4)?;
            let Some(at) = content.address()? else { return Ok(None) };
            text(heaped(space, at, content.number(4)?, length)?)?
        }
        _ => return Ok(None),
    };
    Ok(Some((name, value)))
}

/// An object of a global heap.
fn heaped(space: Space<'_>, heap: u64, index: u64, length: u64) -> Result<&[u8], Fault> {
    let mut reader = space.at(heap)?;
    reader.expect(b"GCOL", "a heap of texts is damaged")?;
    reader.skip(4)?;
    let size = reader.length()?;
    let mut objects = space.reader(space.slice(heap, size)?);
    objects.skip(8 + space.length)?;
    for _ in 0..MAX_HEAPED {
        let found = objects.number(2)?;
        objects.skip(6)?;
        let size = objects.length()?;
        let content = objects.take(usize::try_from(size).map_err(|_| CUT)?)?;
        if found == index {
            let length = usize::try_from(length).map_err(|_| CUT)?;
            return content.get(..length).ok_or(CUT);
        }
        if found == 0 {
            break;
        }
        objects.skip(content.len().next_multiple_of(8) - content.len())?;
    }
    Err("a heap lacks a text that is referred to")
}
