//! What the first convolution looks for: of all weights, only those that read the picture can be seen as pictures.

use crate::graph::{Graph, LayerId, LayerWeights, Op};

/// The kernels of the convolution that reads the picture, as they are computed with, before batch norm.
#[derive(Clone, Debug)]
pub struct Filters {
    /// The convolution's public name.
    pub layer: String,
    /// `[out, in, height, width]`; the input channels are in the order of the preprocessed picture.
    pub shape: [usize; 4],
    /// Values in that order.
    pub data: Vec<f32>,
}

impl Filters {
    /// A copy of a layer's weights, where it is the one.
    pub fn of(graph: &Graph, id: LayerId, weights: &LayerWeights) -> Option<Self> {
        let layer = graph.layer(id);
        let input = *layer.inputs.first()?;
        let (Op::Conv(conv), Op::Input(_)) = (&layer.op, &graph.layer(input).op) else { return None };
        let [height, width] = conv.kernel;
        let shape = [layer.shape.c, graph.layer(input).shape.c, height, width];
        Some(Self { layer: layer.name.clone(), shape, data: weights.weights.clone() })
    }
}
