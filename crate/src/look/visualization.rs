//! Feature visualisation.

use super::ascent::Adam;
use super::color::{color_gradient, colors, rgba};
use super::error::{LookError, finite, length, within};
use super::fourier::Fourier;
use super::mapping::Mapping;
use super::random::Random;
use super::resample::Resample;

/// Standard deviation of the spectrum at the start (lucid): grey, with little contrast.
const START: f32 = 0.01;

/// Steps that a state may be after.
const MOST_STEPS: f32 = 1e6;

/// Bytes of a state before its numbers.
const HEAD: usize = 16;

/// Steps in which a channel that does not answer yet is woken (lucid).
const FIRST: usize = 16;

/// How a picture is found.
#[derive(Clone, Debug, PartialEq)]
pub struct VisualizationOptions {
    /// Rows and columns of the picture and of the network's input: even, from 2 to 1024.
    pub size: usize,
    /// What start and transforms are drawn by: the same seed, the same picture.
    pub seed: u64,
    /// Adam's rate.
    pub rate: f32,
    /// Whether the network sees the picture by turns moved, scaled and turned: what it finds in each view is no accident of
    /// single pixels.
    pub transforms: bool,
}

impl Default for VisualizationOptions {
    /// Those of lucid.
    fn default() -> Self {
        Self { size: 128, seed: 0, rate: 0.05, transforms: true }
    }
}

/// A picture on its way to what a network's number is largest for (Olah et al. 2017, "Feature Visualization"): run the network
/// on [`Visualization::input`], give the number's gradient to [`Visualization::step`], and so on; 512 steps are usual.
pub struct Visualization {
    fourier: Fourier,
    mapping: Mapping,
    random: Random,
    adam: Adam,
    size: usize,
    transforms: bool,
    spectrum: Vec<f32>,
    steps: usize,
    /// Where the numbers drawn by chance stood before the next view.
    before: u64,
    /// The spectrum's picture.
    picture: Vec<f32>,
    /// How it is seen next, what is seen, and what the network reads of that.
    view: Option<Resample>,
    seen: Vec<f32>,
    input: Vec<f32>,
}

impl Visualization {
    /// At the start.
    ///
    /// # Errors
    /// [`LookError::Size`], [`LookError::Option`].
    pub fn new(mapping: Mapping, options: &VisualizationOptions) -> Result<Self, LookError> {
        let &VisualizationOptions { size, seed, rate, transforms } = options;
        within("rate", rate, [f32::MIN_POSITIVE, 100.0], "above 0, and at most 100")?;
        let fourier = Fourier::new(size, size)?;
        let mut random = Random::new(seed);
        let mut spectrum = vec![0.0; fourier.spectrum_len()];
        random.add_normal(&mut spectrum, START);
        let adam = Adam::new(rate, spectrum.len());
        Self::at(fourier, mapping, (size, transforms), (random, adam, spectrum, 0))
    }

    /// From where another was, by its [`Visualization::state`], with the same options.
    ///
    /// # Errors
    /// Those of [`Visualization::new`]; [`LookError::Length`], [`LookError::NotFinite`] of a state of something else.
    pub fn resume(mapping: Mapping, options: &VisualizationOptions, state: &[u8]) -> Result<Self, LookError> {
        let &VisualizationOptions { size, rate, transforms, .. } = options;
        within("rate", rate, [f32::MIN_POSITIVE, 100.0], "above 0, and at most 100")?;
        let fourier = Fourier::new(size, size)?;
        let values = fourier.spectrum_len();
        length("state", state.len(), HEAD + 12 * values)?;
        let (head, rest) = state.split_at(HEAD);
        let (words, _) = head.as_chunks();
        let (numbers, _) = rest.as_chunks();
        let numbers: Vec<f32> = numbers.iter().copied().map(f32::from_le_bytes).collect();
        finite(&numbers, numbers.len())?;
        let part = |i: usize| numbers[i * values..][..values].to_vec();
        let steps = u64::from_le_bytes(words[0]);
        within("steps", steps as f32, [0.0, MOST_STEPS], "at most a million")?;
        if part(2).iter().any(|&square| square < 0.0) {
            return Err(LookError::NotFinite);
        }
        let steps = steps as usize;
        let adam = Adam::after(rate, steps, part(1), part(2));
        let random = Random::new(u64::from_le_bytes(words[1]));
        Self::at(fourier, mapping, (size, transforms), (random, adam, part(0), steps))
    }

    fn at(
        fourier: Fourier,
        mapping: Mapping,
        (size, transforms): (usize, bool),
        (random, adam, spectrum, steps): (Random, Adam, Vec<f32>, usize),
    ) -> Result<Self, LookError> {
        let (before, view, [picture, seen, input]) = (0, None, [const { Vec::new() }; 3]);
        let mut start = Self {
            fourier,
            mapping,
            random,
            adam,
            size,
            transforms,
            spectrum,
            steps,
            before,
            picture,
            view,
            seen,
            input,
        };
        start.draw()?;
        Ok(start)
    }

    /// All that the next steps depend on, for [`Visualization::resume`]: steps, numbers drawn by chance, spectrum, Adam's means.
    pub fn state(&self) -> Vec<u8> {
        let words = [self.steps as u64, self.before].into_iter().flat_map(u64::to_le_bytes);
        let [mean, square] = self.adam.moments();
        let numbers = self.spectrum.iter().chain(mean).chain(square).flat_map(|value| value.to_le_bytes());
        words.chain(numbers).collect()
    }

    /// Makes the picture of the spectrum, and draws how it is seen next.
    fn draw(&mut self) -> Result<(), LookError> {
        self.picture = self.fourier.picture(&self.spectrum)?;
        colors(&mut self.picture)?;
        self.before = self.random.state();
        self.view = self.transforms.then(|| Resample::draw(&mut self.random, self.size));
        self.seen = match &self.view {
            Some(view) => view.apply(&self.picture)?,
            None => self.picture.clone(),
        };
        self.input = self.mapping.input(&self.seen)?;
        Ok(())
    }

    /// Whether the ReLU at the end of the number's own layer should let everything through in the next step: in the first ones,
    /// as lucid's does, and as long as the number was nothing in the step `before`.
    pub fn wakes(&self, before: f64) -> bool {
        self.steps < FIRST || before <= 0.0
    }

    /// What the network is to run on for the next step: `[size,size,3]` (NHWC).
    pub fn input(&self) -> &[f32] {
        &self.input
    }

    /// Takes a step along the gradient at that input, `[3,size,size]` in the network's order of channels.
    ///
    /// # Errors
    /// [`LookError::Length`], [`LookError::NotFinite`]; then no step is done.
    pub fn step(&mut self, gradient: &[f32]) -> Result<(), LookError> {
        finite(gradient, self.picture.len())?;
        let mut gradient = self.mapping.gradient(&self.seen, gradient)?;
        if let Some(view) = &self.view {
            gradient = view.gradient(&gradient)?;
        }
        color_gradient(&self.picture, &mut gradient)?;
        self.adam.step(&mut self.spectrum, &self.fourier.gradient(&gradient)?)?;
        self.steps += 1;
        self.draw()
    }

    /// The picture as it is now, `[size,size,4]`: RGBA, neither moved nor turned.
    pub fn picture(&self) -> Vec<u8> {
        rgba(&self.picture)
    }

    /// How many steps were taken.
    pub fn steps(&self) -> usize {
        self.steps
    }
}
