//! Weights for measuring a network without a checkpoint.

use crate::cpu::{LayerWeights, Norm};
use crate::graph::{Graph, LayerId, Op};

/// He-uniform weights and a batch norm near one, so that values stay in range through any depth.
pub(crate) fn random_weights(graph: &Graph, id: LayerId) -> LayerWeights {
    let layer = graph.layer(id);
    let input = layer.inputs.first().map_or(layer.shape, |&i| graph.layer(i).shape);
    let channels = layer.shape.c;
    let (fan_in, bias, norm) = match &layer.op {
        Op::Conv(conv) => (input.c * conv.kernel[0] * conv.kernel[1], conv.bias, conv.norm),
        Op::Linear { bias, .. } => (input.len(), *bias, None),
        Op::Norm(norm) => (0, false, Some(*norm)),
        _ => (0, false, None),
    };
    let mut state = id.index() as u64 + 1;
    let bound = (6.0 / fan_in.max(1) as f32).sqrt();
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 40) as f32 / 8_388_608.0 - 1.0) * bound
    };
    LayerWeights {
        weights: (0..fan_in * channels).map(|_| next()).collect(),
        biases: bias.then(|| vec![0.0; channels]),
        norm: norm.map(|norm| Norm {
            gamma: norm.gamma.then(|| vec![1.0; channels]),
            beta: vec![0.0; channels],
            mean: vec![0.0; channels],
            variance: vec![1.0; channels],
            epsilon: norm.epsilon,
        }),
    }
}
