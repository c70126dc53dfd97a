//! Weights for measuring a network without a checkpoint.

use crate::graph::{Graph, LayerId, LayerWeights, Param};
use std::convert::Infallible;

/// He-uniform weights and a batch norm near one, so that values stay in range through any depth.
pub(crate) fn random_weights(graph: &Graph, id: LayerId) -> LayerWeights {
    let tensors = graph.tensors(graph.layer(id));
    let mut state = id.index() as u64 + 1;
    let bound = (6.0 / tensors.fan_in().max(1) as f32).sqrt();
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 40) as f32 / 8_388_608.0 - 1.0) * bound
    };
    let Ok(weights) = LayerWeights::collect(&tensors, |param, length| {
        Ok::<_, Infallible>(match param {
            Param::Weights => (0..length).map(|_| next()).collect(),
            Param::Gamma | Param::Variance => vec![1.0; length],
            Param::Biases | Param::Beta | Param::Mean => vec![0.0; length],
        })
    });
    weights
}
