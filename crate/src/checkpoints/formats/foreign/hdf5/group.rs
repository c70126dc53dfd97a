//! What lies in a group: links in its header, or a tree of symbol tables.

use super::bytes::{CUT, Fault, Reader, Space, text};
use super::header::{Message, kind};

/// Levels of a tree; each has at least one node of the next.
const MAX_LEVELS: u8 = 16;
/// Groups and datasets of a file.
pub const MAX_OBJECTS: usize = 50_000;
/// What is said of more.
pub const TOO_MANY: Fault = "it has too many groups and datasets";
/// Bytes of a name in a heap, where only a zero ends it.
const MAX_NAME: usize = 1 << 12;

/// Names and addresses of a group's members; links to other names and files are left out.
pub fn members<'a>(space: Space<'a>, messages: &[Message<'a>]) -> Result<Vec<(&'a str, u64)>, Fault> {
    let mut found = Vec::new();
    let mut left = MAX_OBJECTS;
    for message in messages {
        let mut content = message.content;
        match message.kind {
            kind::SYMBOL_TABLE => {
                let tree = content.address()?;
                let heap = content.address()?.ok_or(CUT)?;
                let names = names(space, heap)?;
                if let Some(tree) = tree {
                    symbols(space, tree, names, MAX_LEVELS, &mut left, &mut found)?;
                }
            }
            kind::LINK => found.extend(link(content)?),
            kind::LINK_INFO => {
                content.skip(1)?;
                let has_order = content.byte()? & 1 != 0;
                content.skip(if has_order { 8 } else { 0 })?;
                if content.address()?.is_some() {
                    return Err(
                        "its groups are stored as the newest versions of HDF5 do: save it without libver='latest'",
                    );
                }
            }
            _ => {}
        }
    }
    Ok(found)
}

/// Whether an object is a group.
pub fn is_group(messages: &[Message]) -> bool {
    messages.iter().any(|message| matches!(message.kind, kind::SYMBOL_TABLE | kind::LINK_INFO | kind::LINK))
}

/// A local heap's bytes.
fn names(space: Space<'_>, heap: u64) -> Result<&[u8], Fault> {
    let mut reader = space.at(heap)?;
    reader.expect(b"HEAP", "a heap of names is damaged")?;
    reader.skip(4)?;
    let size = reader.length()?;
    reader.length()?;
    space.slice(reader.address()?.ok_or(CUT)?, size)
}

/// The members below a node of a tree whose level is below `above`; at most `left` nodes and members.
fn symbols<'a>(
    space: Space<'a>,
    node: u64,
    names: &'a [u8],
    above: u8,
    left: &mut usize,
    found: &mut Vec<(&'a str, u64)>,
) -> Result<(), Fault> {
    let mut reader = space.at(node)?;
    reader.expect(b"TREE\0", "a group's tree is damaged")?;
    let level = reader.byte()?;
    if level >= above {
        return Err("a group's tree is too deep");
    }
    let count = reader.count(2)?;
    reader.skip(2 * space.address)?;
    for _ in 0..count {
        reader.length()?;
        let child = reader.address()?.ok_or(CUT)?;
        *left = left.checked_sub(1).ok_or(TOO_MANY)?;
        if level > 0 {
            symbols(space, child, names, level, left, found)?;
            continue;
        }
        let mut table = space.at(child)?;
        table.expect(b"SNOD", "a symbol table is damaged")?;
        table.skip(2)?;
        for _ in 0..table.count(2)? {
            let name = table.count(space.length.max(space.address))?;
            let object = table.address()?;
            let cached = table.number(4)?;
            table.skip(20)?;
            // A cache of the second kind is a link to another name.
            if let (Some(object), 0 | 1) = (object, cached) {
                let name = names.get(name..).ok_or(CUT)?;
                found.push((text(&name[..name.len().min(MAX_NAME)])?, object));
            }
            *left = left.checked_sub(1).ok_or(TOO_MANY)?;
        }
    }
    Ok(())
}

/// A link in a header; none where it is to another name or file.
fn link(mut content: Reader<'_>) -> Result<Option<(&str, u64)>, Fault> {
    content.skip(1)?;
    let flags = content.byte()?;
    let is_hard = flags & 8 == 0 || content.byte()? == 0;
    content.skip(if flags & 4 == 0 { 0 } else { 8 })?;
    content.skip(if flags & 16 == 0 { 0 } else { 1 })?;
    let length = content.count(1 << (flags & 3))?;
    let name = text(content.take(length)?)?;
    if !is_hard {
        return Ok(None);
    }
    Ok(content.address()?.map(|address| (name, address)))
}
