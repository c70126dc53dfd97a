//! Checksums of 32 bits, eight bytes at a time: "slicing-by-8", Kounavis and Berry 2005. The tables are made when they are needed,
//! since no compression makes them smaller; the workspace's own `crc32fast`, small for what pages load, takes a byte at a time.

use std::sync::LazyLock;

/// CRC-32 of zip (polynomial 0x04c11db7, its lowest bit first).
pub(super) static ZIP: LazyLock<Crc> = LazyLock::new(|| Crc::new(0xedb8_8320));
/// CRC-32C of Castagnoli, LevelDB's and TensorFlow's (0x1edc6f41, its lowest bit first).
pub(super) static CASTAGNOLI: LazyLock<Crc> = LazyLock::new(|| Crc::new(0x82f6_3b78));

/// The tables of a polynomial: what each value of a byte does to the remainder when so many bytes follow it.
pub(super) struct Crc([[u32; 256]; 8]);

impl Crc {
    fn new(polynomial: u32) -> Self {
        let mut tables = [[0; 256]; 8];
        for (byte, entry) in (0u32..).zip(&mut tables[0]) {
            *entry = (0..8).fold(byte, |remainder, _| (remainder >> 1) ^ (polynomial * (remainder & 1)));
        }
        for later in 1..tables.len() {
            for byte in 0..256 {
                let before = tables[later - 1][byte];
                tables[later][byte] = (before >> 8) ^ tables[0][(before & 0xff) as usize];
            }
        }
        Self(tables)
    }

    /// The checksum of some bytes after those whose checksum is `before`, which is 0 for none.
    pub fn update(&self, before: u32, bytes: &[u8]) -> u32 {
        let Self(tables) = self;
        let (words, rest) = bytes.as_chunks::<8>();
        let mut remainder = !before;
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

    /// The check values of the CRC catalogue, those of RFC 3720 (B.4), and another implementation's of any length.
    #[test]
    fn known_checksums() {
        let ascending: Vec<u8> = (0..32).collect();
        let of =
            |crc: &Crc| [&b""[..], b"123456789", &[0; 32], &[0xff; 32], &ascending].map(|bytes| crc.update(0, bytes));
        assert_eq!(of(&ZIP)[..3], [0, 0xcbf4_3926, 0x190a_55ad]);
        assert_eq!(of(&CASTAGNOLI), [0, 0xe306_9283, 0x8a91_36aa, 0x62a8_ab43, 0x46dd_794e]);
        let bytes: Vec<u8> = (0..1000u32).map(|i| (i * i / 7) as u8).collect();
        for length in 0..100 {
            let mut other = flate2::Crc::new();
            other.update(&bytes[length..5 * length]);
            let (first, second) = bytes[length..5 * length].split_at(length);
            assert_eq!(ZIP.update(ZIP.update(0, first), second), other.sum(), "{length}");
        }
    }
}
