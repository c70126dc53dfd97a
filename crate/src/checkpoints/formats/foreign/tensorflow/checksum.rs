//! CRC-32C (Castagnoli) as LevelDB and TensorFlow keep it: turned and moved, so that checksums of checksums are none.

/// The polynomial, its lowest bit first.
const POLYNOMIAL: u32 = 0x82f6_3b78;
/// Bytes that are taken at once.
const SLICES: usize = 8;
/// What a byte does to the checksum so many bytes before the end.
const TABLES: [[u32; 256]; SLICES] = tables();

const fn tables() -> [[u32; 256]; SLICES] {
    let mut tables = [[0; 256]; SLICES];
    let mut byte = 0;
    while byte < 256 {
        let (mut value, mut bit) = (byte as u32, 0);
        while bit < 8 {
            value = (value >> 1) ^ (POLYNOMIAL * (value & 1));
            bit += 1;
        }
        tables[0][byte] = value;
        byte += 1;
    }
    let mut slice = 1;
    while slice < SLICES {
        let mut byte = 0;
        while byte < 256 {
            let before = tables[slice - 1][byte];
            tables[slice][byte] = (before >> 8) ^ tables[0][(before & 0xff) as usize];
            byte += 1;
        }
        slice += 1;
    }
    tables
}

/// A checksum that is being computed.
pub(super) struct Checksum(u32);

impl Checksum {
    pub fn new() -> Self {
        Self(!0)
    }

    /// Takes more bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        let (chunks, rest) = bytes.as_chunks::<SLICES>();
        for chunk in chunks {
            let mut bytes = *chunk;
            bytes.iter_mut().zip(self.0.to_le_bytes()).for_each(|(byte, of)| *byte ^= of);
            self.0 =
                bytes.iter().zip(TABLES.iter().rev()).fold(0, |all, (&byte, table)| all ^ table[usize::from(byte)]);
        }
        for &byte in rest {
            self.0 = (self.0 >> 8) ^ TABLES[0][usize::from(self.0 as u8 ^ byte)];
        }
    }

    /// Whether this is what was kept; a zero was none.
    pub fn fits(&self, kept: u32) -> bool {
        kept == 0 || kept == (!self.0).rotate_right(15).wrapping_add(0xa282_ead8)
    }
}

#[cfg(test)]
mod tests {
    use super::Checksum;

    #[test]
    fn known_checksums() {
        // RFC 3720, B.4.
        let ascending: Vec<u8> = (0..32).collect();
        for (bytes, wanted) in [(&[0; 32][..], 0x8a91_36aa_u32), (&[0xff; 32], 0x62a8_ab43), (&ascending, 0x46dd_794e)]
        {
            for cut in [0, 3, 8, 32] {
                let mut checksum = Checksum::new();
                checksum.update(&bytes[..cut]);
                checksum.update(&bytes[cut..]);
                assert_eq!(!checksum.0, wanted);
            }
        }
        let mut checksum = Checksum::new();
        checksum.update(b"123456789");
        assert!(checksum.fits(0) && checksum.fits(0xe306_9283_u32.rotate_right(15).wrapping_add(0xa282_ead8)));
        assert!(!checksum.fits(1));
    }
}
