//! DeepDream.

use super::ascent::ascend;
use super::color::rgba;
use super::error::{LookError, finite, length, within};
use super::fourier::MAX_SIDE;
use super::mapping::Mapping;
use super::random::Random;
use super::resample::Resample;
use crate::image::Rgb8;

/// How a picture is dreamt on.
#[derive(Clone, Debug, PartialEq)]
pub struct DreamOptions {
    /// In how many sizes, where the smallest is not too small: 1 to 16.
    pub octaves: usize,
    /// How much larger each is than the one before: 1.05 to 4.
    pub scale: f32,
    /// Steps in each size: 1 or more.
    pub steps: usize,
    /// How far a step goes on average, in levels of 255.
    pub step: f32,
    /// The picture is rolled by up to so many pixels before each step, so that the network's grid leaves no trace.
    pub jitter: usize,
    /// Shortest side of the smallest size, in pixels: what the network can read.
    pub minimum: usize,
    /// What the picture is rolled by: the same seed, the same picture.
    pub seed: u64,
}

impl Default for DreamOptions {
    /// Those of the Caffe notebook.
    fn default() -> Self {
        Self { octaves: 4, scale: 1.4, steps: 10, step: 1.5, jitter: 32, minimum: 75, seed: 0 }
    }
}

/// How far a dream is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Sizes that are done.
    pub octave: usize,
    /// Sizes in all.
    pub octaves: usize,
    /// Steps done in this size.
    pub step: usize,
    /// Steps in each size.
    pub steps: usize,
}

/// A picture that a network's number is made larger on, in several sizes (Mordvintsev et al. 2015, "Inceptionism"): run the
/// network on [`Dream::input`] at [`Dream::size`], which grows, give the gradient to [`Dream::step`], until that says that it
/// was the last one.
pub struct Dream {
    mapping: Mapping,
    options: DreamOptions,
    random: Random,
    /// The picture itself in each size, the largest first, without those that are done.
    octaves: Vec<([usize; 2], Vec<f32>)>,
    /// The whole picture's size.
    full: [usize; 2],
    progress: Progress,
    /// The picture dreamt on, in the size at hand.
    picture: Vec<f32>,
    /// Rows and columns that it is rolled by, and what it is then.
    shift: [usize; 2],
    rolled: Vec<f32>,
    input: Vec<f32>,
}

impl Dream {
    /// On a picture of up to 1024 x 1024 pixels; it ends in the same size.
    ///
    /// # Errors
    /// [`LookError::Size`] of a picture that is empty, too large, or smaller than the minimum; [`LookError::Length`] of its
    /// pixels; [`LookError::Option`].
    pub fn new(mapping: Mapping, picture: &Rgb8, options: DreamOptions) -> Result<Self, LookError> {
        within("octaves", options.octaves as f32, [1.0, 16.0], "from 1 to 16")?;
        within("scale", options.scale, [1.05, 4.0], "from 1.05 to 4")?;
        within("steps", options.steps as f32, [1.0, 1e6], "from 1 to 1000000")?;
        within("step", options.step, [0.0, 255.0], "from 0 to 255")?;
        let full = [picture.height as usize, picture.width as usize];
        let [height, width] = full;
        let least = options.minimum.max(1);
        if height.min(width) < least || height.max(width) > MAX_SIDE {
            let rule = format!("the shorter side is at least {least}, the longer one at most {MAX_SIDE}");
            return Err(LookError::Size { height, width, rule });
        }
        length("pixels", picture.pixels.len(), 3 * height * width)?;
        let mut values = Vec::with_capacity(picture.pixels.len());
        for c in 0..3 {
            values.extend(picture.pixels.iter().skip(c).step_by(3).map(|&v| f32::from(v) / 255.0));
        }
        let mut octaves = vec![(full, values)];
        while let Some((size, values)) = octaves.last().filter(|_| octaves.len() < options.octaves) {
            let smaller = size.map(|side| (side as f32 / options.scale + 0.5) as usize);
            if smaller.iter().any(|&side| side < least) {
                break;
            }
            let values = Resample::resize(*size, smaller).apply(values)?;
            octaves.push((smaller, values));
        }
        let progress = Progress { octave: 0, octaves: octaves.len(), step: 0, steps: options.steps };
        let picture = octaves.last().map(|(_, values)| values.clone()).unwrap_or_default();
        let (random, shift) = (Random::new(options.seed), [0; 2]);
        let [rolled, input] = [const { Vec::new() }; 2];
        let mut dream = Self { mapping, options, random, octaves, full, progress, picture, shift, rolled, input };
        dream.roll()?;
        Ok(dream)
    }

    /// Draws how the picture is rolled, and rolls it.
    fn roll(&mut self) -> Result<(), LookError> {
        let (size, jitter) = (self.size(), self.options.jitter.min(MAX_SIDE));
        // Forward by up to the jitter, or as far back.
        self.shift = size.map(|side| (self.random.below(2 * jitter + 1) + side * jitter - jitter) % side);
        self.rolled = rolled(&self.picture, size, self.shift);
        self.input = self.mapping.input(&self.rolled)?;
        Ok(())
    }

    /// Rows and columns that the network is to run at for the next step.
    pub fn size(&self) -> [usize; 2] {
        self.octaves.last().map_or(self.full, |(size, _)| *size)
    }

    /// What the network is to run on for the next step: `[H,W,3]` (NHWC).
    pub fn input(&self) -> &[f32] {
        &self.input
    }

    /// Takes a step along the gradient at that input, `[3,H,W]` in the network's order of channels; whether there is another
    /// one to take.
    ///
    /// # Errors
    /// [`LookError::Length`], [`LookError::NotFinite`], and [`LookError::Run`] after the last step; then no step is done.
    pub fn step(&mut self, gradient: &[f32]) -> Result<bool, LookError> {
        let Progress { octave, octaves, steps, .. } = self.progress;
        if octave == octaves {
            return Err(LookError::Run { run: octaves * steps, runs: octaves * steps });
        }
        finite(gradient, self.picture.len())?;
        let gradient = self.mapping.gradient(&self.rolled, gradient)?;
        let size = self.size();
        let back = [0, 1].map(|axis| size[axis] - self.shift[axis]);
        ascend(&mut self.picture, &rolled(&gradient, size, back), self.options.step / 255.0)?;
        self.picture.iter_mut().for_each(|v| *v = v.clamp(0.0, 1.0));
        self.progress.step += 1;
        if self.progress.step == steps {
            self.progress.octave += 1;
            if octave + 1 == octaves {
                return Ok(false);
            }
            self.progress.step = 0;
            let next = self.octaves.len() - 2;
            self.picture = self.enlarged(next)?;
            self.octaves.truncate(next + 1);
        }
        self.roll()?;
        Ok(true)
    }

    /// The picture in a larger size, with the detail found so far.
    fn enlarged(&self, octave: usize) -> Result<Vec<f32>, LookError> {
        let (Some((size, base)), Some((to, larger))) = (self.octaves.last(), self.octaves.get(octave)) else {
            return Ok(Vec::new());
        };
        let detail: Vec<f32> = self.picture.iter().zip(base).map(|(v, base)| v - base).collect();
        let detail = Resample::resize(*size, *to).apply(&detail)?;
        Ok(larger.iter().zip(detail).map(|(v, detail)| (v + detail).clamp(0.0, 1.0)).collect())
    }

    /// The picture as it is now, `[H,W,4]` in its full size: RGBA. Until the last size, with what was found in smaller ones.
    pub fn picture(&self) -> Vec<u8> {
        self.enlarged(0).map(|picture| rgba(&picture)).unwrap_or_default()
    }

    /// How far it is.
    pub fn progress(&self) -> Progress {
        self.progress
    }
}

/// Planes moved down and to the right by so many pixels; what leaves comes in on the other side.
fn rolled(planes: &[f32], [height, width]: [usize; 2], [down, right]: [usize; 2]) -> Vec<f32> {
    let mut out = Vec::with_capacity(planes.len());
    for plane in planes.chunks_exact(height * width) {
        for row in 0..height {
            let row = &plane[(row + height - down) % height * width..][..width];
            out.extend_from_slice(&row[width - right..]);
            out.extend_from_slice(&row[..width - right]);
        }
    }
    out
}
