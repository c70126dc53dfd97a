//! Batch norm folded into the weights before it, in f64.

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
