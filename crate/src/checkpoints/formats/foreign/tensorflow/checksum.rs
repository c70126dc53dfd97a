//! CRC-32C as LevelDB and TensorFlow keep it: turned and moved, so that checksums of checksums are none.

use crate::checkpoints::formats::foreign::crc::CASTAGNOLI;

/// A checksum that is being computed.
#[derive(Default)]
pub(super) struct Checksum(u32);

impl Checksum {
    /// Takes more bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0 = CASTAGNOLI.update(self.0, bytes);
    }

    /// Whether this is what was kept; a zero was none.
    pub fn fits(&self, kept: u32) -> bool {
        kept == 0 || kept == self.0.rotate_right(15).wrapping_add(0xa282_ead8)
    }
}

#[cfg(test)]
mod tests {
    use super::Checksum;

    #[test]
    fn a_kept_checksum_is_turned_and_moved() {
        let mut checksum = Checksum::default();
        checksum.update(b"1234");
        checksum.update(b"56789");
        assert!(checksum.fits(0) && checksum.fits(0xe306_9283_u32.rotate_right(15).wrapping_add(0xa282_ead8)));
        assert!(!checksum.fits(1) && !checksum.fits(0xe306_9283));
    }
}
