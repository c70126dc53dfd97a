//! The order in which Keras lists the layers of InceptionV3 and InceptionResNetV2, where a file has no other: by depth, which is
//! the longest way to the output, the deepest first; layers of one depth as they are met from the output on, each before what it
//! reads (`keras/src/ops/function.py`, `map_graph`). Worked out from our graphs, of which each convolution is up to three layers.

use crate::checkpoints::keras_names::{ConvName, numbered, of_resnet_v2};
use crate::checkpoints::place::places;
use crate::graph::{Graph, Layer, Op};
use crate::networks;

/// Convolutions of a body that is looked for; heads have fewer.
pub const LEAST: usize = 5;
/// Convolutions that a head has of its own, at most.
const MOST_IN_HEAD: usize = 8;
/// The networks of Keras.
const NETWORKS: [&str; 2] = ["inception-v3-slim", "inception-resnet-v2"];

/// The names of a body's layers in Keras' order.
pub struct Body {
    /// Of the convolutions.
    pub convs: Vec<String>,
    /// Of the batch norms.
    pub norms: Vec<String>,
}

/// A convolution as Keras has it.
struct Conv {
    depth: usize,
    /// When it is met from the output on.
    met: usize,
    /// When our network has it.
    ordinal: usize,
    shape: [usize; 4],
    name: String,
    norm: Option<String>,
}

/// The body that begins with kernels of these shapes, of a file with so many convolutions: a whole network, or one that ends
/// with an earlier module.
pub fn find<'a>(count: usize, kernel: impl Fn(usize) -> Option<&'a [usize]>) -> Option<Body> {
    let mut best: Option<Vec<Conv>> = None;
    for id in NETWORKS {
        let network = networks::find(id)?;
        let graph = network.build(&networks::Options { auxiliary: vec![], ..network.options() }).ok()?;
        for end in ends(&graph).into_iter().filter(|&end| (LEAST..=count).contains(&end) && count - end <= MOST_IN_HEAD)
        {
            let mut convs = convolutions(&graph, id);
            convs.retain(|conv| conv.ordinal < end);
            let fits = convs.iter().enumerate().all(|(i, conv)| kernel(i).is_some_and(|shape| shape == conv.shape));
            if fits && best.as_ref().is_none_or(|best| best.len() < convs.len()) {
                best = Some(convs);
            }
        }
    }
    let convs = best?;
    let norms = convs.iter().filter_map(|conv| conv.norm.clone()).collect();
    Some(Body { convs: convs.into_iter().map(|conv| conv.name).collect(), norms })
}

/// Convolutions up to the end of each module, and of all.
fn ends(graph: &Graph) -> Vec<usize> {
    let mut ends = Vec::new();
    let mut count = 0;
    for (layer, next) in graph.layers().iter().zip(graph.layers().iter().skip(1)) {
        count += usize::from(matches!(layer.op, Op::Conv(_)));
        if layer.module != next.module || layer.module.is_none() {
            ends.push(count);
        }
    }
    ends.dedup();
    ends
}

/// How many layers Keras has for one of ours.
fn layers(layer: &Layer) -> usize {
    let is_other_name = layer.op.is_alias() && layer.inputs.len() < 2;
    let has_norm = matches!(layer.op, Op::Conv(crate::graph::Conv { norm: Some(_), .. }));
    if has_norm { 3 } else { usize::from(!is_other_name) }
}

/// The convolutions in Keras' order.
fn convolutions(graph: &Graph, id: &str) -> Vec<Conv> {
    // How deep a layer's input lies: below all that reads the layer, and its own layers in between.
    let mut depths = vec![0; graph.layers().len()];
    for (i, layer) in graph.layers().iter().enumerate().rev() {
        depths[i] += layers(layer);
        for input in &layer.inputs {
            depths[input.index()] = depths[input.index()].max(depths[i]);
        }
    }
    let mut met = vec![None; graph.layers().len()];
    let mut count = 0;
    let mut stack = vec![graph.features().index()];
    while let Some(at) = stack.pop() {
        if met[at].is_none() {
            met[at] = Some(count);
            count += 1;
            stack.extend(graph.layers()[at].inputs.iter().rev().map(|input| input.index()));
        }
    }
    let index = |name: &str| graph.layers().iter().position(|layer| layer.name == name);
    let conv = |(layer, place): (&Layer, crate::checkpoints::place::Place)| {
        let (Op::Conv(conv), Some(ordinal)) = (&layer.op, place.ordinal) else { return None };
        let (name, norm) =
            match if id == "inception-resnet-v2" { of_resnet_v2(&place)? } else { ConvName::Numbered(ordinal) } {
                ConvName::Numbered(i) => (numbered("conv2d", i), numbered("batch_normalization", i)),
                ConvName::Named(name) => (name.clone(), format!("{name}_bn")),
            };
        let at = index(&layer.name)?;
        let inputs = graph.layer(*layer.inputs.first()?).shape.c;
        let [height, width] = conv.kernel;
        Some(Conv {
            depth: depths[at],
            met: met[at]?,
            ordinal,
            shape: [height, width, inputs, layer.shape.c],
            name,
            norm: conv.norm.map(|_| norm),
        })
    };
    let mut convs: Vec<Conv> = places(graph).into_iter().filter_map(conv).collect();
    convs.sort_by_key(|conv| (std::cmp::Reverse(conv.depth), conv.met));
    convs
}

/// Names of a graph's convolutions in Keras' order.
#[cfg(test)]
pub fn names(graph: &Graph, id: &str) -> Vec<String> {
    convolutions(graph, id).into_iter().map(|conv| conv.name).collect()
}
