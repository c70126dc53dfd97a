//! A network as a list of layers in execution order, with what can be known without weights:
//! shapes, parameters, multiply-adds and receptive fields.
//! Enters: rows of a network's table through [`Builder`]. Leaves: a [`Graph`].

mod activation;
mod builder;
mod layer;
mod receptive_field;

pub use activation::Activation;
pub use builder::{Builder, ConvStyle, GraphError};
pub(crate) use builder::{Outputs, Pad, Step, StepKind, avg_pool, conv, fork, max_pool};
pub use layer::{BatchNorm, Conv, Layer, LayerId, LayerKind, Op, Padding, Pool, PoolKind, Shape};
pub use receptive_field::ReceptiveField;
pub(crate) use receptive_field::adaptive;

/// A whole network: layers in execution order, each reading only layers before it.
#[derive(Clone, Debug)]
pub struct Graph {
    /// Network id, for example `inception-v3`.
    pub network: &'static str,
    /// The layers; index 0 is the input.
    pub layers: Vec<Layer>,
    /// What the head reads: pooled features, `[C,1,1]`, or the last maps where it reads every value of them.
    pub features: LayerId,
    /// `Logits`, where the network has a classifier.
    pub logits: Option<LayerId>,
    /// `Predictions`: softmax or sigmoid of the logits; the logits themselves where they are values, not classes.
    pub predictions: Option<LayerId>,
    /// `Embedding`: FaceNet's L2-normalised vector.
    pub embedding: Option<LayerId>,
    /// Logits of the auxiliary heads, in order of depth.
    pub auxiliary: Vec<LayerId>,
}

impl Graph {
    /// The layer behind an id.
    pub fn layer(&self, id: LayerId) -> &Layer {
        &self.layers[id.index()]
    }

    /// The public layers: all but the input.
    pub fn public(&self) -> impl Iterator<Item = (LayerId, &Layer)> {
        self.layers.iter().enumerate().skip(1).map(|(i, l)| (LayerId::new(i), l))
    }

    /// Looks a layer up by its public name.
    pub fn find(&self, name: &str) -> Option<LayerId> {
        self.public().find(|(_, l)| l.name == name).map(|(id, _)| id)
    }

    /// Input size `[C,H,W]`.
    pub fn input(&self) -> Shape {
        self.layers[0].shape
    }

    /// Trainable parameters of all layers, auxiliary heads included.
    pub fn params(&self) -> u64 {
        self.layers.iter().map(|l| self.layer_params(l)).sum()
    }

    /// Multiply-adds of convolutions and linear layers at batch 1: body and auxiliary heads.
    pub fn macs(&self) -> (u64, u64) {
        self.layers.iter().fold((0, 0), |(body, aux), l| match l.auxiliary {
            false => (body + self.layer_macs(l), aux),
            true => (body, aux + self.layer_macs(l)),
        })
    }

    /// Trainable parameters of one layer; none of a layer that shares another's.
    pub fn layer_params(&self, layer: &Layer) -> u64 {
        if layer.shares.is_some() { 0 } else { self.params_read(layer) }
    }

    /// Trainable parameters that one layer reads, its own or those it shares.
    pub fn params_read(&self, layer: &Layer) -> u64 {
        let Some(&input) = layer.inputs.first() else { return 0 };
        layer.params(self.layer(input).shape)
    }

    /// Multiply-adds of one layer at batch 1; pools, batch norm, bias and ReLU are not counted.
    pub fn layer_macs(&self, layer: &Layer) -> u64 {
        let Some(&input) = layer.inputs.first() else { return 0 };
        layer.macs(self.layer(input).shape)
    }

    /// Receptive field of every layer, in the order of [`Graph::layers`].
    pub fn receptive_fields(&self) -> Vec<ReceptiveField> {
        receptive_field::of(self)
    }
}
