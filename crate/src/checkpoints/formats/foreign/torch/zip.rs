//! The zip container as PyTorch writes it: entries stored as they are, sizes and offsets in 32 or 64 bits
//! (PKWARE APPNOTE 6.3, sections 4.3 and 4.5.3).

use std::ops::Range;

use crate::checkpoints::ZipFault;
use crate::checkpoints::formats::foreign::crc::ZIP;

/// Bytes of the end of the central directory without its comment.
const END: usize = 22;
/// Stands for a 64-bit value in the extra field.
const IN_EXTRA: u64 = u32::MAX as u64;

/// An archive's bytes, read at checked places.
#[derive(Clone, Copy)]
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn slice(self, at: u64, length: u64) -> Result<&'a [u8], ZipFault> {
        let end = at.checked_add(length).and_then(|end| usize::try_from(end).ok());
        end.and_then(|end| self.0.get(at as usize..end)).ok_or(ZipFault::Damaged)
    }

    /// A little-endian number of so many bytes.
    fn number(self, at: u64, bytes: u64) -> Result<u64, ZipFault> {
        let digits = self.slice(at, bytes)?;
        Ok(digits.iter().rev().fold(0, |number, &digit| number << 8 | u64::from(digit)))
    }

    fn check_signature(self, at: u64, signature: &[u8; 4]) -> Result<(), ZipFault> {
        match self.slice(at, 4)? == signature {
            true => Ok(()),
            false => Err(ZipFault::Damaged),
        }
    }
}

/// Bytes of an archive, and their CRC-32.
#[derive(Clone, Debug)]
pub struct Checked {
    /// Where they lie.
    pub content: Range<usize>,
    /// Their checksum; 0 where the writer left it out.
    pub checksum: u32,
}

impl Checked {
    /// Whether the bytes of all of them are those that were written.
    pub fn are_whole(all: &[Self], archive: &[u8]) -> bool {
        let is_whole = |entry: &Self| {
            let bytes = archive.get(entry.content.clone());
            entry.checksum == 0 || bytes.is_some_and(|bytes| ZIP.update(0, bytes) == entry.checksum)
        };
        all.iter().all(is_whole)
    }
}

/// One file of an archive.
pub struct Entry<'a> {
    /// Its path.
    pub name: &'a str,
    content: Option<Range<usize>>,
    checksum: u32,
}

impl Entry<'_> {
    /// Where its bytes lie in the archive.
    pub fn content(&self) -> Result<Range<usize>, ZipFault> {
        self.content.clone().ok_or(ZipFault::NotStored)
    }

    /// The same with the checksum that they should have; 0 where the writer left it out.
    pub fn checked(&self) -> Result<Checked, ZipFault> {
        Ok(Checked { content: self.content()?, checksum: self.checksum })
    }
}

/// Every entry, in the directory's order.
pub fn entries(bytes: &[u8]) -> Result<Vec<Entry<'_>>, ZipFault> {
    let archive = Bytes(bytes);
    let (mut at, end) = directory(archive)?;
    let mut found = Vec::new();
    while at < end {
        archive.check_signature(at, b"PK\x01\x02")?;
        let [name, extra, comment] =
            [archive.number(at + 28, 2)?, archive.number(at + 30, 2)?, archive.number(at + 32, 2)?];
        let [mut size, mut packed, mut local] =
            [archive.number(at + 24, 4)?, archive.number(at + 20, 4)?, archive.number(at + 42, 4)?];
        let mut wide = wide_values(archive.slice(at + 46 + name, extra)?)?;
        for value in [&mut size, &mut packed, &mut local] {
            if *value == IN_EXTRA {
                *value = wide.next().ok_or(ZipFault::Damaged)?;
            }
        }
        let is_encrypted = archive.number(at + 8, 2)? & 1 == 1;
        let is_stored = archive.number(at + 10, 2)? == 0 && size == packed && !is_encrypted;
        let text = std::str::from_utf8(archive.slice(at + 46, name)?).map_err(|_| ZipFault::Damaged)?;
        let content = is_stored.then(|| content(archive, local, size)).transpose()?;
        let checksum = archive.number(at + 16, 4)? as u32;
        found.push(Entry { name: text, content, checksum });
        at += 46 + name + extra + comment;
    }
    Ok(found)
}

/// Where the central directory begins and ends.
fn directory(archive: Bytes) -> Result<(u64, u64), ZipFault> {
    let Bytes(bytes) = archive;
    let last = bytes.len().checked_sub(END).ok_or(ZipFault::NoDirectory)?;
    let first = last.saturating_sub(usize::from(u16::MAX));
    let end = (first..=last).rev().find(|&at| bytes[at..].starts_with(b"PK\x05\x06")).ok_or(ZipFault::NoDirectory)?;
    let end = end as u64;
    let (mut size, mut begin) = (archive.number(end + 12, 4)?, archive.number(end + 16, 4)?);
    if size == IN_EXTRA || begin == IN_EXTRA {
        let locator = end.checked_sub(20).ok_or(ZipFault::Damaged)?;
        archive.check_signature(locator, b"PK\x06\x07")?;
        let wide = archive.number(locator + 8, 8)?;
        archive.check_signature(wide, b"PK\x06\x06")?;
        // `check_signature` found bytes at `wide`, so that these sums do not overflow.
        (size, begin) = (archive.number(wide + 40, 8)?, archive.number(wide + 48, 8)?);
    }
    archive.slice(begin, size)?;
    Ok((begin, begin + size))
}

/// The 64-bit values of an entry's extra fields.
fn wide_values(mut extra: &[u8]) -> Result<impl Iterator<Item = u64>, ZipFault> {
    let mut values: &[u8] = &[];
    while let [a, b, c, d, rest @ ..] = extra {
        let length = usize::from(u16::from_le_bytes([*c, *d]));
        let field = rest.get(..length).ok_or(ZipFault::Damaged)?;
        if u16::from_le_bytes([*a, *b]) == 1 {
            values = field;
        }
        extra = &rest[length..];
    }
    Ok(values.as_chunks::<8>().0.iter().map(|&value| u64::from_le_bytes(value)))
}

/// The bytes of an entry, behind its local header.
fn content(archive: Bytes, local: u64, size: u64) -> Result<Range<usize>, ZipFault> {
    archive.check_signature(local, b"PK\x03\x04")?;
    let begin = local + 30 + archive.number(local + 26, 2)? + archive.number(local + 28, 2)?;
    archive.slice(begin, size)?;
    Ok(begin as usize..(begin + size) as usize)
}
