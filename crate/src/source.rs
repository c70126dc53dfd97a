//! Where a network's weights come from: a checkpoint or chance. Read layer by layer when it is loaded, and again where it is
//! kept, for weights in another form.

use crate::checkpoints::Checkpoint;
use crate::error::Error;
use crate::graph::{Graph, LayerId, LayerWeights, Param};
use crate::random::random_weights;
use std::rc::Rc;

/// Where a model's weights come from.
pub struct ModelSource {
    /// Network id.
    pub(crate) network: String,
    /// That of the body's weights, as [`Backbone`] has it.
    pub(crate) digest: String,
    pub(crate) source: Rc<Source>,
}

/// A network's weights, not in memory but for the files' own bytes, where those are.
pub(crate) struct Source {
    /// None: random weights.
    checkpoint: Option<Box<Checkpoint>>,
    /// Whether weights are rounded to f16.
    half: bool,
}

impl Source {
    pub fn new(checkpoint: Option<Checkpoint>, half: bool) -> Self {
        Self { checkpoint: checkpoint.map(Box::new), half }
    }

    /// Whether its weights are f16 throughout.
    pub fn is_half(&self) -> bool {
        self.half || self.checkpoint.as_ref().is_some_and(|checkpoint| checkpoint.is_half())
    }

    /// Whether weights come from a file.
    pub fn is_file(&self) -> bool {
        self.checkpoint.is_some()
    }

    /// Where the bytes of a layer end: the file, by its place in the list that was opened, and the place in it.
    pub fn end(&self, graph: &Graph, id: LayerId) -> (usize, usize) {
        self.checkpoint.as_ref().map_or((0, 0), |checkpoint| checkpoint.end(&graph.layer(id).name))
    }

    /// The tensors of one layer; its weights take the memory of `values`.
    ///
    /// # Errors
    /// The file's bytes are gone or changed, or f16 cannot hold a weight.
    pub fn read(&self, graph: &Graph, id: LayerId, mut values: Vec<f32>) -> Result<LayerWeights, Error> {
        let layer = graph.layer(id);
        values.clear();
        let mut weights = match &self.checkpoint {
            None => random_weights(graph, id),
            Some(checkpoint) => LayerWeights::collect(&graph.tensors(layer), |param, _| match param {
                Param::Weights => {
                    checkpoint.read_into(&layer.name, param, &mut values)?;
                    Ok(std::mem::take(&mut values))
                }
                param => checkpoint.read(&layer.name, param),
            })?,
        };
        if self.half {
            round(&mut weights.weights).map_err(|value| Error::HalfRange { layer: layer.name.clone(), value })?;
        }
        Ok(weights)
    }
}

/// Rounds weights to f16; fails with the first that f16 cannot hold.
fn round(weights: &mut [f32]) -> Result<(), f32> {
    for weight in weights {
        let rounded = half::f16::from_f32(*weight);
        if rounded.is_infinite() && weight.is_finite() {
            return Err(*weight);
        }
        *weight = rounded.to_f32();
    }
    Ok(())
}
