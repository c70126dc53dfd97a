use std::fmt;

use crate::graph::{BatchNorm, Layer, Op, Shape};

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

    /// The parameters of a layer that reads `input`, with their shapes.
    pub fn of(layer: &Layer, input: Shape) -> Vec<(Param, Vec<usize>)> {
        let out = layer.shape.c;
        let mut params = Vec::new();
        let (bias, norm) = match &layer.op {
            Op::Conv(conv) => {
                params.push((Param::Weights, vec![out, input.c, conv.kernel[0], conv.kernel[1]]));
                (conv.bias, conv.norm)
            }
            Op::Linear { bias, .. } => {
                params.push((Param::Weights, vec![out, input.len()]));
                (*bias, None)
            }
            Op::Norm(norm) => (false, Some(*norm)),
            _ => return params,
        };
        params.extend(bias.then(|| (Param::Biases, vec![out])));
        if let Some(BatchNorm { gamma, .. }) = norm {
            params.extend(gamma.then(|| (Param::Gamma, vec![out])));
            params.extend([Param::Beta, Param::Mean, Param::Variance].map(|param| (param, vec![out])));
        }
        params
    }
}

impl fmt::Display for Param {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.name())
    }
}
