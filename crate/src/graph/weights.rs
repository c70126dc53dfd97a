//! The tensors that layers have: what they are called, which of them an operation takes, and their values.

use super::Values;
use std::fmt;

/// What a layer's weights are called; the names are those of our own files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Param {
    /// `[out, in, height, width]` of a convolution, `[out, in]` of a linear layer.
    Weights,
    /// `[out]`.
    Biases,
    /// Scale of a batch norm, `[out]`.
    Gamma,
    /// Shift of a batch norm, `[out]`.
    Beta,
    /// Running mean of a batch norm, `[out]`.
    Mean,
    /// Running variance of a batch norm, `[out]`.
    Variance,
}

impl Param {
    /// Every parameter.
    pub const ALL: [Param; 6] =
        [Param::Weights, Param::Biases, Param::Gamma, Param::Beta, Param::Mean, Param::Variance];

    /// Last part of the key in our own files.
    pub fn name(self) -> &'static str {
        match self {
            Param::Weights => "weights",
            Param::Biases => "biases",
            Param::Gamma => "gamma",
            Param::Beta => "beta",
            Param::Mean => "mean",
            Param::Variance => "variance",
        }
    }
}

/// Batch normalisation in inference: `(x - mean) / sqrt(variance + epsilon) * gamma + beta`.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct BatchNorm {
    /// Added to the variance.
    pub epsilon: f64,
    /// False where the scale is fixed to one (TF-slim's `scale=False`).
    pub gamma: bool,
}

impl fmt::Display for Param {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.name())
    }
}
/// Which tensors a layer has.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tensors {
    /// Output channels.
    pub channels: usize,
    /// `[out, in, height, width]` of a convolution, `[out, in]` of a linear layer; empty where there are none.
    pub weights: Vec<usize>,
    /// Has a bias.
    pub bias: bool,
    /// Batch norm after the bias.
    pub norm: Option<BatchNorm>,
}

impl Tensors {
    /// Each with its shape.
    pub fn list(&self) -> Vec<(Param, Vec<usize>)> {
        let has_gamma = self.norm.is_some_and(|norm| norm.gamma);
        let is_there = |param: Param| match param {
            Param::Weights => !self.weights.is_empty(),
            Param::Biases => self.bias,
            Param::Gamma => has_gamma,
            Param::Beta | Param::Mean | Param::Variance => self.norm.is_some(),
        };
        let shape = |param: Param| if param == Param::Weights { self.weights.clone() } else { vec![self.channels] };
        Param::ALL.into_iter().filter(|&param| is_there(param)).map(|param| (param, shape(param))).collect()
    }

    /// Weights of each output.
    pub fn fan_in(&self) -> usize {
        self.weights.iter().skip(1).product::<usize>() * usize::from(!self.weights.is_empty())
    }

    /// Trainable parameters: all values but running means and variances.
    pub fn params(&self) -> u64 {
        let per_channel =
            self.fan_in() + usize::from(self.bias) + self.norm.map_or(0, |norm| 1 + usize::from(norm.gamma));
        (self.channels * per_channel) as u64
    }
}

/// Batch norm's tensors, `[channels]` each.
#[derive(Clone, Debug)]
pub struct Norm {
    /// Scale; ones where absent.
    pub gamma: Option<Vec<f32>>,
    /// Shift.
    pub beta: Vec<f32>,
    /// Running mean.
    pub mean: Vec<f32>,
    /// Running variance.
    pub variance: Vec<f32>,
    /// Added to the variance.
    pub epsilon: f64,
}

/// The tensors of one layer as a checkpoint holds them.
#[derive(Clone, Debug)]
pub struct LayerWeights {
    /// OIHW of a convolution, `[out, in]` of a linear layer; empty for a batch norm of its own.
    pub weights: Vec<f32>,
    /// `[out]`.
    pub biases: Option<Vec<f32>>,
    /// Batch norm after the bias.
    pub norm: Option<Norm>,
}

/// Why batch norm cannot be folded.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum FoldError {
    /// The square root of `variance + epsilon` does not exist.
    #[error("channel {channel} has a variance of {variance}, which with epsilon {epsilon} is not positive")]
    Variance {
        /// Output channel.
        channel: usize,
        /// Its running variance.
        variance: f32,
        /// The layer's epsilon.
        epsilon: f64,
    },
    /// A tensor has another length than its layer.
    #[error("{tensor} has {found} values instead of {wanted}")]
    Length {
        /// Which tensor.
        tensor: &'static str,
        /// The length its layer needs.
        wanted: usize,
        /// The length found.
        found: usize,
    },
}

impl LayerWeights {
    /// Those of a layer that has none.
    pub const NONE: Self = Self { weights: vec![], biases: None, norm: None };

    /// What `tensor` gives of each that a layer has.
    pub fn collect<E>(
        tensors: &Tensors,
        mut tensor: impl FnMut(Param, usize) -> Result<Vec<f32>, E>,
    ) -> Result<Self, E> {
        let Tensors { channels, bias, norm, .. } = *tensors;
        let length = tensors.fan_in() * channels;
        let mut of_channels = |param: Param, is_there: bool| is_there.then(|| tensor(param, channels)).transpose();
        let biases = of_channels(Param::Biases, bias)?;
        let norm = match norm {
            Some(BatchNorm { epsilon, gamma }) => Some(Norm {
                gamma: of_channels(Param::Gamma, gamma)?,
                beta: tensor(Param::Beta, channels)?,
                mean: tensor(Param::Mean, channels)?,
                variance: tensor(Param::Variance, channels)?,
                epsilon,
            }),
            None => None,
        };
        let weights = if length > 0 { tensor(Param::Weights, length)? } else { vec![] };
        Ok(Self { weights, biases, norm })
    }

    /// Bias and batch norm of each channel, as the reference kernels apply them.
    ///
    /// # Panics
    /// If there are not as many as the channels, or a variance has no square root.
    pub(super) fn affine(&self, input: &Values) -> Values {
        let bias = |c: usize| self.biases.as_ref().map_or(0.0, |biases| f64::from(biases[c]));
        Values::from_fn(input.shape, |y, x, c| {
            let value = input.channels(y * input.shape.w + x)[c] + bias(c);
            let Some(norm) = &self.norm else { return value };
            let [beta, mean, variance] = [&norm.beta, &norm.mean, &norm.variance].map(|tensor| f64::from(tensor[c]));
            let gamma = norm.gamma.as_ref().map_or(1.0, |gamma| f64::from(gamma[c]));
            (value - mean) / (variance + norm.epsilon).sqrt() * gamma + beta
        })
    }

    /// What a gradient behind bias and batch norm is before them, as the reference kernels have it.
    ///
    /// # Panics
    /// As [`LayerWeights::affine`].
    pub(super) fn slopes(&self, gradient: &Values) -> Values {
        Values::from_fn(gradient.shape, |y, x, c| {
            let value = gradient.channels(y * gradient.shape.w + x)[c];
            let Some(norm) = &self.norm else { return value };
            let gamma = norm.gamma.as_ref().map_or(1.0, |gamma| f64::from(gamma[c]));
            value * gamma / (f64::from(norm.variance[c]) + norm.epsilon).sqrt()
        })
    }

    /// Checks lengths against `channels` outputs of `fan_in` weights each.
    pub(crate) fn check(&self, channels: usize, fan_in: usize) -> Result<(), FoldError> {
        let norm = self.norm.as_ref();
        let tensors = [
            ("weights", Some(&self.weights), channels * fan_in),
            ("biases", self.biases.as_ref(), channels),
            ("gamma", norm.and_then(|n| n.gamma.as_ref()), channels),
            ("beta", norm.map(|n| &n.beta), channels),
            ("mean", norm.map(|n| &n.mean), channels),
            ("variance", norm.map(|n| &n.variance), channels),
        ];
        for (tensor, values, wanted) in tensors {
            match values.map(Vec::len) {
                Some(found) if found != wanted => return Err(FoldError::Length { tensor, wanted, found }),
                _ => {}
            }
        }
        Ok(())
    }

    /// Per output channel, the factor of its weights and its bias: `(w * x) * scale + shift`.
    pub fn scale_shift(&self, channels: usize) -> Result<Vec<(f64, f64)>, FoldError> {
        let bias = |c: usize| self.biases.as_ref().map_or(0.0, |b| f64::from(b[c]));
        let Some(norm) = &self.norm else { return Ok((0..channels).map(|c| (1.0, bias(c))).collect()) };
        (0..channels)
            .map(|c| {
                let variance = f64::from(norm.variance[c]) + norm.epsilon;
                if variance <= 0.0 || variance.is_nan() {
                    let (variance, epsilon) = (norm.variance[c], norm.epsilon);
                    return Err(FoldError::Variance { channel: c, variance, epsilon });
                }
                let scale = norm.gamma.as_ref().map_or(1.0, |g| f64::from(g[c])) / variance.sqrt();
                Ok((scale, (bias(c) - f64::from(norm.mean[c])) * scale + f64::from(norm.beta[c])))
            })
            .collect()
    }
}
