//! Which pixels made an answer.

use super::error::{LookError, finite, length, within};
use super::mapping::Mapping;
use super::random::Random;
use crate::info::Tensor;

/// What integrated gradients start from.
#[derive(Clone, Debug, PartialEq)]
pub enum Baseline {
    /// A black picture.
    Black,
    /// A grey one.
    Grey,
    /// One of the picture's mean colour.
    Mean,
    /// An input of the network, `[H,W,3]` (NHWC).
    Given(Vec<f32>),
}

/// How the pixels are found.
#[derive(Clone, Debug, PartialEq)]
pub enum Method {
    /// The gradient at the picture (Simonyan et al. 2013, "Deep inside convolutional networks").
    Gradient,
    /// The mean of gradients at noisy copies (Smilkov et al. 2017, "SmoothGrad").
    Smooth {
        /// How many copies: 25 to 50 are usual, 4096 are the most.
        samples: usize,
        /// Standard deviation of the noise, of the range of the input's values: 0.15 is usual, 1 the most.
        noise: f32,
        /// What the noise is drawn by.
        seed: u64,
    },
    /// The gradient along the way from a baseline, in equal steps, at the middle of each (Sundararajan et al. 2017, "Axiomatic
    /// attribution for deep networks").
    Integrated {
        /// How many steps: 32 are few, 4096 are the most.
        steps: usize,
        /// Where it starts.
        baseline: Baseline,
    },
}

/// Gradients of several runs that become one: run the network on [`Saliency::input`] for each of [`Saliency::runs`], give each
/// gradient to [`Saliency::take`], and end with [`Saliency::finish`].
pub struct Saliency {
    size: [usize; 2],
    /// The network's input, `[H,W,3]`.
    input: Vec<f32>,
    method: Method,
    /// Standard deviation of the noise.
    deviation: f32,
    /// `[H,W,3]`, or nothing.
    baseline: Vec<f32>,
    /// `[3,H,W]`.
    sum: Vec<f32>,
    taken: usize,
}

impl Saliency {
    /// Of the network's input `[H,W,3]` (NHWC), of this many rows and columns; `mapping` says what baselines are there.
    ///
    /// # Errors
    /// [`LookError::Length`], [`LookError::Option`].
    pub fn new(input: Vec<f32>, size: [usize; 2], mapping: &Mapping, method: Method) -> Result<Self, LookError> {
        length("input", input.len(), size[0].saturating_mul(size[1]).saturating_mul(3))?;
        let (mut deviation, mut baseline) = (0.0, Vec::new());
        match &method {
            Method::Gradient => {}
            &Method::Smooth { samples, noise, .. } => {
                within("samples", samples as f32, [1.0, 4096.0], "from 1 to 4096")?;
                within("noise", noise, [0.0, 1.0], "from 0 to 1")?;
                let ends = |[low, high]: [f32; 2], &v: &f32| [low.min(v), high.max(v)];
                let [low, high] = input.iter().fold([f32::INFINITY, f32::NEG_INFINITY], ends);
                deviation = noise * (high - low);
            }
            Method::Integrated { steps, baseline: from } => {
                within("steps", *steps as f32, [1.0, 4096.0], "from 1 to 4096")?;
                baseline = match from {
                    Baseline::Black => mapping.input(&vec![0.0; input.len()])?,
                    Baseline::Grey => mapping.input(&vec![0.5; input.len()])?,
                    Baseline::Mean => {
                        let pixels = (input.len() / 3) as f64;
                        let sum = |c| input.iter().skip(c).step_by(3).map(|&v| f64::from(v)).sum::<f64>();
                        let mean = [0, 1, 2].map(|c| (sum(c) / pixels) as f32);
                        mean.repeat(input.len() / 3)
                    }
                    Baseline::Given(values) => values.clone(),
                };
                length("baseline", baseline.len(), input.len())?;
            }
        }
        let sum = vec![0.0; input.len()];
        Ok(Self { size, input, method, deviation, baseline, sum, taken: 0 })
    }

    /// How many runs there are.
    pub fn runs(&self) -> usize {
        match self.method {
            Method::Gradient => 1,
            Method::Smooth { samples, .. } => samples,
            Method::Integrated { steps, .. } => steps,
        }
    }

    /// What the network is to run on for one of the runs: `[H,W,3]` (NHWC), the same whenever it is asked for.
    ///
    /// # Errors
    /// [`LookError::Run`]: there are not so many.
    pub fn input(&self, run: usize) -> Result<Vec<f32>, LookError> {
        let runs = self.runs();
        if run >= runs {
            return Err(LookError::Run { run, runs });
        }
        let mut input = self.input.clone();
        if let Method::Smooth { seed, .. } = self.method {
            Random::stream(seed, run).add_normal(&mut input, self.deviation);
        }
        let part = (run as f32 + 0.5) / runs as f32;
        input.iter_mut().zip(&self.baseline).for_each(|(v, from)| *v = from + part * (*v - from));
        Ok(input)
    }

    /// Takes the gradient of a run, `[3,H,W]` in the network's order of channels. Each run has to be taken once, in any order.
    ///
    /// # Errors
    /// [`LookError::Length`], [`LookError::NotFinite`], and [`LookError::Run`] when there were enough; then it is not taken.
    pub fn take(&mut self, gradient: &[f32]) -> Result<(), LookError> {
        let runs = self.runs();
        if self.taken >= runs {
            return Err(LookError::Run { run: self.taken, runs });
        }
        finite(gradient, self.sum.len())?;
        self.sum.iter_mut().zip(gradient).for_each(|(sum, v)| *sum += v);
        self.taken += 1;
        Ok(())
    }

    /// What was found, `[3,H,W]` in the network's order of channels: the mean gradient; of integrated gradients what each value
    /// adds, which is the mean gradient times the way from the baseline, and sums to the number's difference from there.
    ///
    /// # Errors
    /// [`LookError::Run`]: runs are missing. SmoothGrad can end after any.
    pub fn finish(&self) -> Result<Tensor, LookError> {
        let (taken, runs) = (self.taken, self.runs());
        if taken == 0 || (taken < runs && !self.baseline.is_empty()) {
            return Err(LookError::Run { run: taken, runs });
        }
        let [height, width] = self.size;
        let pixels = height * width;
        let mut data: Vec<f32> = self.sum.iter().map(|v| v / taken as f32).collect();
        for (i, (value, from)) in self.input.iter().zip(&self.baseline).enumerate() {
            data[i % 3 * pixels + i / 3] *= value - from;
        }
        Ok(Tensor { shape: [3, height, width], data })
    }
}
