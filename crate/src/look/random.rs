//! Numbers drawn by chance.

use super::turn::turn;

/// splitmix64 (Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators"): the same numbers for the same
/// seed, everywhere.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The numbers of a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The numbers of one of a seed's many streams.
    pub fn stream(seed: u64, stream: usize) -> Self {
        Self(Self(seed).bits() ^ Self(!(stream as u64)).bits())
    }

    /// Where the numbers stand: [`Random::new`] of it goes on from here.
    pub fn state(&self) -> u64 {
        self.0
    }

    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Evenly from 0 to 1, which is not reached.
    pub fn unit(&mut self) -> f32 {
        (self.bits() >> 40) as f32 / 16_777_216.0
    }

    /// A whole number from 0 to `count` - 1, each as likely; `count` is small.
    pub fn below(&mut self, count: usize) -> usize {
        (((self.bits() >> 32) * count as u64) >> 32) as usize
    }

    /// Adds numbers of the normal distribution with this standard deviation (Box and Muller 1958).
    pub fn add_normal(&mut self, values: &mut [f32], deviation: f32) {
        for pair in values.chunks_mut(2) {
            // The logarithm is of 1 at most, and never of 0.
            let length = deviation * (-2.0 * (1.0 - self.unit()).ln()).sqrt();
            let direction = turn(f64::from(self.unit()));
            pair.iter_mut().zip(direction).for_each(|(value, part)| *value += length * part as f32);
        }
    }
}
