//! A network as a list of layers in execution order, with what can be known without weights:
//! shapes, parameters, multiply-adds and receptive fields.
//! Enters: rows of a network's table through [`Builder`]. Leaves: a [`Graph`].

mod builder;
mod kind;
mod layer;
mod ops;
mod receptive_field;
mod shape;
mod transposed;
mod values;
mod weights;

pub use builder::{Builder, ConvStyle, GraphError, Outputs};
pub(crate) use builder::{Pad, Spec, avg_pool, conv, fork, max_pool};
pub use kind::LayerKind;
pub use layer::{Layer, LayerId};
pub use ops::{
    Activation, AdaptiveAverage, Add, Conv, Input, Linear, Lrn, Op, Operation, Padding, Pool, PoolKind, Reverse,
    ShapeError, Window,
};
pub(crate) use ops::{L2Normalize, Sigmoid, Softmax, windows};
pub use receptive_field::ReceptiveField;
pub use shape::Shape;
pub(crate) use transposed::Transposed;
pub use values::Values;
pub use weights::{BatchNorm, FoldError, LayerWeights, Norm, Param, Tensors};

/// A whole network: layers in execution order, each reading only layers before it. Made by a [`Builder`], which has checked it.
#[derive(Clone, Debug)]
pub struct Graph {
    network: &'static str,
    layers: Vec<Layer>,
    outputs: Outputs,
}

impl Graph {
    /// Network id, for example `inception-v3`.
    pub fn network(&self) -> &'static str {
        self.network
    }

    /// The layers; index 0 is the input.
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// What the head reads: pooled features, `[C,1,1]`, or the last maps where it reads every value of them.
    pub fn features(&self) -> LayerId {
        self.outputs.features
    }

    /// `Logits`, where the network has a classifier.
    pub fn logits(&self) -> Option<LayerId> {
        self.outputs.logits
    }

    /// `Predictions`: softmax or sigmoid of the logits; the logits themselves where they are values, not classes.
    pub fn predictions(&self) -> Option<LayerId> {
        self.outputs.predictions
    }

    /// `Embedding`: FaceNet's L2-normalised vector.
    pub fn embedding(&self) -> Option<LayerId> {
        self.outputs.embedding
    }

    /// What a linear head that is taught reads: the features, or, of FaceNet's, the vector before its L2 norm.
    pub fn taught_on(&self) -> LayerId {
        let normalised = self.outputs.embedding.and_then(|id| self.layer(id).inputs.first());
        normalised.copied().unwrap_or(self.outputs.features)
    }

    /// Logits of the auxiliary heads, in order of depth.
    pub fn auxiliary(&self) -> &[LayerId] {
        &self.outputs.auxiliary
    }

    /// The layers whose values every run gives.
    pub fn outputs(&self) -> impl Iterator<Item = LayerId> {
        let Outputs { features, logits, predictions, embedding, ref auxiliary } = self.outputs;
        [logits, predictions, embedding, Some(features)].into_iter().flatten().chain(auxiliary.iter().copied())
    }

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

    /// Which layers, by index, a layer depends on; itself is one.
    pub fn needed(&self, of: LayerId) -> Vec<bool> {
        let mut needed = vec![false; self.layers.len()];
        needed[of.index()] = true;
        for (index, layer) in self.layers.iter().enumerate().rev() {
            if needed[index] {
                layer.inputs.iter().for_each(|input| needed[input.index()] = true);
            }
        }
        needed
    }

    /// Input size `[C,H,W]`.
    pub fn input(&self) -> Shape {
        self.layers[0].shape
    }

    /// What a layer reads first; of the input, its own shape.
    pub fn read_by(&self, layer: &Layer) -> Shape {
        layer.inputs.first().map_or(layer.shape, |&input| self.layer(input).shape)
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

    /// The tensors that a layer reads, its own or those it shares.
    pub fn tensors(&self, layer: &Layer) -> Tensors {
        layer.op.tensors(self.read_by(layer))
    }

    /// Trainable parameters of one layer; none of a layer that shares another's.
    pub fn layer_params(&self, layer: &Layer) -> u64 {
        if layer.shares.is_some() { 0 } else { self.params_read(layer) }
    }

    /// Trainable parameters that one layer reads, its own or those it shares.
    pub fn params_read(&self, layer: &Layer) -> u64 {
        self.tensors(layer).params()
    }

    /// Multiply-adds of one layer at batch 1: every weight once at each position. Pools, batch norm, bias and ReLU are not
    /// counted.
    pub fn layer_macs(&self, layer: &Layer) -> u64 {
        let tensors = self.tensors(layer);
        (tensors.channels * tensors.fan_in() * layer.shape.h * layer.shape.w) as u64
    }

    /// Whether a taught head stands on a layer: its weights are the network's own.
    pub(crate) fn is_body(&self, id: LayerId) -> bool {
        id <= self.taught_on() && !self.layer(id).auxiliary
    }

    /// Receptive field of every layer, in the order of [`Graph::layers`].
    pub fn receptive_fields(&self) -> Vec<ReceptiveField> {
        let mut fields: Vec<ReceptiveField> = Vec::with_capacity(self.layers.len());
        for layer in &self.layers {
            let inputs = layer.inputs.iter().map(|input| fields[input.index()]);
            let field = match inputs.reduce(ReceptiveField::union) {
                Some(seen) => layer.op.receptive_field(seen, self.read_by(layer)),
                None => ReceptiveField::PIXEL,
            };
            fields.push(field);
        }
        fields
    }

    /// Every layer's output for one image by the reference kernels, in the order of [`Graph::layers`]: slow, and what all
    /// other kernels are held against. `weights` gives a layer's tensors.
    ///
    /// # Panics
    /// If the input or a tensor has another length than the network's.
    pub fn reference(&self, input: &[f32], weights: impl Fn(LayerId) -> LayerWeights) -> Vec<Values> {
        self.reference_of(Values::from_f32(self.input(), input), weights)
    }

    /// [`Graph::reference`] of an input in f64.
    ///
    /// # Panics
    /// As that.
    pub fn reference_of(&self, input: Values, weights: impl Fn(LayerId) -> LayerWeights) -> Vec<Values> {
        let mut all = vec![input];
        for (id, layer) in self.public() {
            let inputs: Vec<&Values> = layer.inputs.iter().map(|input| &all[input.index()]).collect();
            let tensors = if self.tensors(layer).list().is_empty() { LayerWeights::NONE } else { weights(id) };
            let value = layer.op.reference(&inputs, &tensors, layer.shape);
            all.push(value);
        }
        all
    }

    /// The gradient of a number at every layer that it depends on, in the order of [`Graph::layers`], by the reference
    /// kernels: at a layer's output, as all that read it have it together. `values` are those of [`Graph::reference`], `seed`
    /// the number's gradient at the layer `of`.
    ///
    /// # Panics
    /// If values or tensors are not the network's.
    pub fn reference_gradients(
        &self,
        values: &[Values],
        of: LayerId,
        seed: Values,
        weights: impl Fn(LayerId) -> LayerWeights,
    ) -> Vec<Option<Values>> {
        let mut found: Vec<Option<Values>> = vec![None; self.layers.len()];
        found[of.index()] = Some(seed);
        for (i, layer) in self.layers.iter().enumerate().rev() {
            let Some(gradient) = found[i].take() else { continue };
            let inputs: Vec<&Values> = layer.inputs.iter().map(|input| &values[input.index()]).collect();
            let tensors =
                if self.tensors(layer).list().is_empty() { LayerWeights::NONE } else { weights(LayerId::new(i)) };
            let at = Reverse { inputs: &inputs, weights: &tensors, output: &values[i], gradient: &gradient };
            for (input, part) in layer.inputs.iter().zip(layer.op.reverse(at)) {
                let sum = found[input.index()].get_or_insert_with(|| Values::zeros(part.shape));
                sum.data.iter_mut().zip(&part.data).for_each(|(sum, part)| *sum += part);
            }
            found[i] = Some(gradient);
        }
        found
    }
}
