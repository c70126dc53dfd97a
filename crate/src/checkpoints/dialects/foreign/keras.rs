//! Keras' Inception-v3 (`keras/src/applications/inception_v3.py`) and what is built on it, such as nsfwjs, and Inception-ResNet-v2
//! (`inception_resnet_v2.py`): `conv2d_7/kernel` and `batch_normalization_7/beta` are numbered in order of creation, which is the
//! order of our layers, from any first number; dense layers follow under any name.

use std::collections::BTreeSet;

use super::KeyRule;
use crate::checkpoints::Param;
use crate::checkpoints::formats::TensorFile;
use crate::checkpoints::keras_names::{ConvName, numbered, of_resnet_v2};
use crate::checkpoints::place::Place;

/// What Inception-ResNet-v2 has and Inception-v3 has not.
const FIRST_BLOCK: &str = "block35_1_conv/kernel";
/// Outputs of the dense layers of nsfwjs 4.4's Inception-v3.
pub(in crate::checkpoints) const NSFWJS_HEAD: [usize; 3] = [256, 128, 5];

/// The number behind `stem`: Keras leaves out that of the first layer in a session.
fn number(layer: &str, stem: &str) -> Option<usize> {
    match layer.strip_prefix(stem)? {
        "" => Some(0),
        rest => rest.strip_prefix('_')?.parse().ok(),
    }
}

fn layers(file: &TensorFile) -> BTreeSet<&str> {
    file.tensors.keys().filter_map(|key| Some(key.rsplit_once('/')?.0)).collect()
}

fn first(layers: &BTreeSet<&str>, stem: &str) -> Option<usize> {
    layers.iter().filter_map(|layer| number(layer, stem)).min()
}

/// Dense layers by their number, `predictions` last.
fn dense(layers: &BTreeSet<&str>) -> Vec<String> {
    let convolutional = |layer: &str| {
        ["conv2d", "batch_normalization"].iter().any(|stem| number(layer, stem).is_some()) || is_named(layer)
    };
    let mut dense: Vec<&str> = layers.iter().copied().filter(|layer| !convolutional(layer)).collect();
    dense.sort_by_key(|layer| {
        let digits = layer.rsplit_once('_').and_then(|(_, n)| n.parse::<usize>().ok());
        (*layer == "predictions", digits)
    });
    dense.into_iter().map(str::to_owned).collect()
}

/// The head of nsfwjs, which wants pictures unlike Keras' own.
pub(super) fn is_nsfwjs(file: &TensorFile) -> bool {
    let dense = dense(&layers(file));
    let outputs = dense.iter().map(|layer| file.tensors.get(&format!("{layer}/kernel"))?.shape.last().copied());
    outputs.eq(NSFWJS_HEAD.map(Some))
}

/// Whether a layer is one that Inception-ResNet-v2 has by name: the last convolutions of its blocks and of its body.
fn is_named(layer: &str) -> bool {
    ["block35_", "block17_", "block8_"].iter().any(|stem| layer.starts_with(stem)) || layer.starts_with("conv_7b")
}

/// Applies to files with numbered convolutions and batch norms.
pub(super) fn inception_v3(file: &TensorFile) -> Option<KeyRule> {
    let rule = rule(file, |place| place.ordinal.map(ConvName::Numbered))?;
    (!file.tensors.contains_key(FIRST_BLOCK)).then_some(rule)
}

/// Applies to the same with residual blocks.
pub(super) fn inception_resnet_v2(file: &TensorFile) -> Option<KeyRule> {
    file.tensors.contains_key(FIRST_BLOCK).then(|| rule(file, of_resnet_v2)).flatten()
}

fn rule(file: &TensorFile, name_of: fn(&Place) -> Option<ConvName>) -> Option<KeyRule> {
    let layers = layers(file);
    let conv = first(&layers, "conv2d")?;
    let norm = first(&layers, "batch_normalization")?;
    let dense = dense(&layers);
    Some(Box::new(move |place: &Place, param: Param| {
        let is_norm = !matches!(param, Param::Weights | Param::Biases);
        let layer = match (name_of(place), is_norm) {
            (Some(ConvName::Numbered(i)), false) => numbered("conv2d", conv + i),
            (Some(ConvName::Numbered(i)), true) => numbered("batch_normalization", norm + i),
            (Some(ConvName::Named(name)), false) => name,
            (Some(ConvName::Named(name)), true) => format!("{name}_bn"),
            (None, _) => {
                let hidden = dense.len().checked_sub(1)?;
                match place.name {
                    "FC_1b" if hidden >= 1 => dense[0].clone(),
                    "FC_1c" if hidden >= 2 => dense[1].clone(),
                    "Logits" => dense[hidden].clone(),
                    _ => return None,
                }
            }
        };
        let variable = match param {
            Param::Weights => "kernel",
            Param::Biases => "bias",
            Param::Gamma => "gamma",
            Param::Beta => "beta",
            Param::Mean => "moving_mean",
            Param::Variance => "moving_variance",
        };
        Some(format!("{layer}/{variable}"))
    }))
}
