//! The checksum of zip entries (CRC-32, polynomial 0x04c11db7 with its bits reversed), eight bytes at a time: "slicing-by-8",
//! Kounavis and Berry 2005. The tables are made when they are needed, since no compression makes them smaller.

/// What each value of a byte does to the remainder when so many bytes follow it.
fn tables() -> [[u32; 256]; 8] {
    let mut tables = [[0; 256]; 8];
    for (byte, entry) in (0u32..).zip(&mut tables[0]) {
        *entry = (0..8).fold(byte, |remainder, _| (remainder >> 1) ^ (0xedb8_8320 * (remainder & 1)));
    }
    for later in 1..tables.len() {
        for byte in 0..256 {
            let before = tables[later - 1][byte];
            tables[later][byte] = (before >> 8) ^ tables[0][(before & 0xff) as usize];
        }
    }
    tables
}

/// The checksums of several pieces of bytes.
pub struct Crc([[u32; 256]; 8]);

impl Crc {
    /// Makes the tables.
    pub fn new() -> Self {
        Self(tables())
    }

    /// The checksum of these bytes.
    pub fn of(&self, bytes: &[u8]) -> u32 {
        let Self(tables) = self;
        let (words, rest) = bytes.as_chunks::<8>();
        let mut remainder = !0u32;
        for word in words {
            let word = u64::from_le_bytes(*word) ^ u64::from(remainder);
            let place = |at: usize| tables[7 - at][(word >> (8 * at) & 0xff) as usize];
            remainder = (0..8).fold(0, |sum, at| sum ^ place(at));
        }
        !rest.iter().fold(remainder, |r, &byte| (r >> 8) ^ tables[0][usize::from(r as u8 ^ byte)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The check value of the CRC catalogue, RFC 3720's zeros by zlib, and another implementation's of any length.
    #[test]
    fn known_checksums() {
        let crc = Crc::new();
        assert_eq!([crc.of(b""), crc.of(b"123456789"), crc.of(&[0; 32])], [0, 0xcbf4_3926, 0x190a_55ad]);
        let bytes: Vec<u8> = (0..1000u32).map(|i| (i * i / 7) as u8).collect();
        for length in 0..100 {
            let mut other = flate2::Crc::new();
            other.update(&bytes[length..5 * length]);
            assert_eq!(crc.of(&bytes[length..5 * length]), other.sum(), "{length}");
        }
    }
}
