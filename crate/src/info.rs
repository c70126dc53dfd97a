//! What can be told about a network and its layers, in the shapes of the package's types.

use crate::graph::{Add, Graph, LayerId, LayerKind, Op, ReceptiveField};
use crate::image::Preprocess;
use crate::networks::{Backbone, OutputActivation};
use serde::Serialize;

/// One layer, as `layers` prints it (`LayerInfo` of the package's types).
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LayerInfo {
    /// Public name.
    pub name: String,
    /// What it is.
    pub kind: LayerKind,
    /// The module it belongs to.
    pub module: Option<String>,
    /// The branch inside that module.
    pub branch: Option<usize>,
    /// Names of the layers it reads; empty where it reads the image.
    pub inputs: Vec<String>,
    /// `[C,H,W]`.
    pub shape: [usize; 3],
    /// `3x3/2, 96`.
    pub detail: String,
    /// Height and width of the window that slides over its input; none where no window does.
    pub kernel: Option<[usize; 2]>,
    /// Vertical and horizontal distance between two places of the window.
    pub stride: Option<[usize; 2]>,
    /// Of a residual sum, what its second input is multiplied with.
    pub scale: Option<f64>,
    /// The auxiliary head that it belongs to, by its logits' name; none in the body.
    pub head: Option<String>,
    /// Trainable parameters.
    pub params: u64,
    /// Multiply-adds at batch 1.
    pub macs: u64,
    /// Which input pixels one position can see.
    pub receptive_field: ReceptiveField,
}

/// Every public layer of a graph, in order of execution.
pub fn layers(graph: &Graph) -> Vec<LayerInfo> {
    let fields = graph.receptive_fields();
    // A head's layers stand before its logits.
    let head = |id: LayerId| graph.auxiliary().iter().find(|&&logits| id <= logits);
    let name = |id: &LayerId| (id.index() > 0).then(|| graph.layer(*id).name.clone());
    graph
        .public()
        .map(|(id, layer)| LayerInfo {
            name: layer.name.clone(),
            kind: layer.kind(),
            module: layer.module.clone(),
            branch: layer.branch,
            inputs: layer.inputs.iter().filter_map(name).collect(),
            shape: layer.shape.chw(),
            detail: layer.detail().into_owned(),
            kernel: layer.op.window().map(|window| window.kernel),
            stride: layer.op.window().map(|window| window.stride),
            scale: if let Op::Add(Add { scale }) = layer.op { Some(decimal(scale)) } else { None },
            head: head(id).filter(|_| layer.auxiliary).map(|&logits| graph.layer(logits).name.clone()),
            params: graph.layer_params(layer),
            macs: graph.layer_macs(layer),
            receptive_field: fields[id.index()],
        })
        .collect()
}

/// A factor as it was written down: f32 holds no 0.1.
fn decimal(factor: f32) -> f64 {
    (f64::from(factor) * 1e6).round() / 1e6
}

/// An auxiliary head that the checkpoint has.
#[derive(Clone, Debug, Serialize)]
pub struct AuxiliaryInfo {
    /// Its layer.
    pub layer: String,
    /// False where the published weights were never trained.
    pub trained: bool,
    /// Number of its classes: not the network's where that was given another classifier and kept this head.
    pub classes: usize,
}

/// A loaded model: the engine's part of `ModelInfo` of the package's types.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionInfo {
    /// Network id.
    pub network: String,
    /// Title of the checkpoint, or of its network.
    pub title: String,
    /// Number of classes; 0 without a classifier.
    pub classes: usize,
    /// What makes answers of the logits.
    pub activation: OutputActivation,
    /// What the file does not say and was assumed, a sentence each.
    pub assumptions: Vec<String>,
    /// Class names.
    pub labels: Option<Vec<String>>,
    /// Name of the catalog's list of class names, where the checkpoint names one instead of listing them.
    pub labels_name: Option<String>,
    /// Name of the catalog's list that a model from elsewhere has where nobody says how its classes are called.
    pub usual_labels: Option<&'static str>,
    /// Index of the first class that has a label: 1 where index 0 is the background.
    pub class_offset: usize,
    /// Trainable parameters, auxiliary heads included that were trained.
    pub params: u64,
    /// Multiply-adds at batch 1 without auxiliary heads.
    pub macs: u64,
    /// `[C,H,W]`.
    pub input: [usize; 3],
    /// How pictures become the input.
    pub preprocess: Preprocess,
    /// Auxiliary heads that are present; those that were never trained have no layers.
    pub auxiliary: Vec<AuxiliaryInfo>,
    /// Bytes of prepared weights.
    pub weight_bytes: usize,
    /// Where the weights come from.
    pub source: Option<String>,
    /// Their licence.
    pub license: Option<String>,
    /// What a taught head reads of the network.
    pub backbone: Backbone,
}

/// The list of class names that so many classes usually have: ImageNet's, with the background in front of it or without.
pub(crate) fn usual_labels(classes: usize) -> Option<&'static str> {
    matches!(classes, 1000 | 1001).then_some("imagenet1k")
}

/// Statistics of one channel (`ChannelStats` of the package's types).
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ChannelStats {
    /// Mean.
    pub mean: f32,
    /// Population standard deviation.
    pub std: f32,
    /// Smallest value.
    pub min: f32,
    /// Largest value.
    pub max: f32,
    /// Share of values that are exactly zero.
    pub sparsity: f32,
}

/// How long one layer takes (`LayerTime` of the package's types).
#[derive(Clone, Debug, Serialize)]
pub struct LayerTime {
    /// The layer's public name.
    pub name: String,
    /// Milliseconds for all images of a run.
    pub ms: f64,
    /// Multiply-adds an image.
    pub macs: u64,
}

/// How far one layer's output is from another device's.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LayerDifference {
    /// The layer's public name.
    pub layer: String,
    /// The largest difference over the largest absolute value of the other; at most `f32::MAX`.
    pub relative_error: f32,
}

/// The largest difference of two outputs over the largest absolute value of the second; `f32::MAX` for a difference that
/// is not a number.
pub(crate) fn difference(found: &[f32], wanted: &[f32]) -> f32 {
    let largest = wanted.iter().fold(0.0f32, |most, v| most.max(v.abs()));
    let error = found.iter().zip(wanted).map(|(a, b)| (a - b).abs());
    let worst = error.fold(0.0f32, |most, e| if e.is_nan() { f32::MAX } else { most.max(e) });
    if worst == 0.0 { 0.0 } else { (worst / largest).min(f32::MAX) }
}

/// A layer's output in CHW order.
#[derive(Clone, Debug)]
pub struct Tensor {
    /// `[C,H,W]`.
    pub shape: [usize; 3],
    /// Values, channel by channel.
    pub data: Vec<f32>,
}

impl Tensor {
    /// Statistics of every channel.
    pub fn statistics(&self) -> Vec<ChannelStats> {
        let [_, h, w] = self.shape;
        self.data.chunks(h * w).map(channel).collect()
    }
}

/// Values that are taken together, so that sums do not wait for one another.
const LANES: usize = 8;

fn channel(values: &[f32]) -> ChannelStats {
    let n = values.len() as f64;
    let (mut min, mut max, mut zeros) = ([f32::INFINITY; LANES], [f32::NEG_INFINITY; LANES], [0u32; LANES]);
    let sum = sum_of(values, |lane, v| {
        min[lane] = if v < min[lane] { v } else { min[lane] };
        max[lane] = if v > max[lane] { v } else { max[lane] };
        zeros[lane] += u32::from(v == 0.0);
        f64::from(v)
    });
    let mean = sum / n;
    let variance = sum_of(values, |_, v| (f64::from(v) - mean).powi(2)) / n;
    ChannelStats {
        mean: mean as f32,
        std: variance.sqrt() as f32,
        min: min.into_iter().fold(f32::INFINITY, f32::min),
        max: max.into_iter().fold(f32::NEG_INFINITY, f32::max),
        sparsity: (f64::from(zeros.iter().sum::<u32>()) / n) as f32,
    }
}

/// The sum of what `term` says of each value, which is told the value's lane.
fn sum_of(values: &[f32], mut term: impl FnMut(usize, f32) -> f64) -> f64 {
    let mut sums = [0.0; LANES];
    let (whole, rest) = values.as_chunks::<LANES>();
    for eight in whole {
        for lane in 0..LANES {
            sums[lane] += term(lane, eight[lane]);
        }
    }
    for (lane, &value) in rest.iter().enumerate() {
        sums[lane] += term(lane, value);
    }
    sums.iter().sum()
}
