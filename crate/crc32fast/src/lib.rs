//! The checksum of PNG and gzip (CRC-32, polynomial 0x04c11db7 with its bits reversed), with the names of the crate
//! `crc32fast`, which the workspace's `[patch]` puts this one in the place of.
//!
//! Why: `crc32fast` works on sixteen bytes at a time with 16 kB of tables that no compression makes smaller, 4 % of what
//! a browser downloads. One table of 1 kB does for pictures: a checksum of 1 MB takes about 3 ms in a browser.

/// What each value of a byte does to the remainder.
static TABLE: [u32; 256] = table();

const fn table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < table.len() {
        let mut remainder = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            remainder = (remainder >> 1) ^ (0xedb8_8320 * (remainder & 1));
            bit += 1;
        }
        table[byte] = remainder;
        byte += 1;
    }
    table
}

/// The checksum of bytes that come in parts.
#[derive(Clone, Debug, Default)]
pub struct Hasher {
    checksum: u32,
    length: u64,
}

impl Hasher {
    /// Of no bytes so far.
    pub fn new() -> Self {
        Self::default()
    }

    /// Goes on from the checksum of `length` earlier bytes.
    pub fn new_with_initial_len(checksum: u32, length: u64) -> Self {
        Self { checksum, length }
    }

    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        let step = |remainder: u32, &byte: &u8| (remainder >> 8) ^ TABLE[(remainder as u8 ^ byte) as usize];
        self.checksum = !bytes.iter().fold(!self.checksum, step);
        self.length += bytes.len() as u64;
    }

    /// The checksum of all bytes.
    pub fn finalize(self) -> u32 {
        self.checksum
    }

    /// Forgets all bytes.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// Takes the bytes of `other` as the next ones, in time that grows with their number.
    pub fn combine(&mut self, other: &Self) {
        let shift = |remainder: u32, _| (remainder >> 8) ^ TABLE[remainder as u8 as usize];
        self.checksum = (0..other.length).fold(self.checksum, shift) ^ other.checksum;
        self.length += other.length;
    }
}

/// The checksum of some bytes.
pub fn hash(bytes: &[u8]) -> u32 {
    let mut hasher = Hasher::new();
    hasher.update(bytes);
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The check value of the CRC catalogue, and those of the PNG specification's `IEND` and RFC 3720's zeros by zlib.
    #[test]
    fn known_checksums() {
        assert_eq!(hash(b""), 0);
        assert_eq!(hash(b"123456789"), 0xcbf4_3926);
        assert_eq!(hash(b"IEND"), 0xae42_6082);
        assert_eq!(hash(&[0; 32]), 0x190a_55ad);
    }

    #[test]
    fn parts_add_up() {
        let bytes: Vec<u8> = (0..1000u32).map(|i| (i * i / 7) as u8).collect();
        for cut in [0, 1, 255, 999, 1000] {
            let (left, right) = bytes.split_at(cut);
            let mut whole = Hasher::new();
            whole.update(left);
            whole.update(right);
            let mut resumed = Hasher::new_with_initial_len(hash(left), cut as u64);
            resumed.update(right);
            let (mut first, mut second) = (Hasher::new(), Hasher::new());
            first.update(left);
            second.update(right);
            first.combine(&second);
            assert_eq!([whole.finalize(), resumed.finalize(), first.finalize()], [hash(&bytes); 3], "{cut}");
        }
    }
}
