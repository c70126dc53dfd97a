//! Graphs put together by chance, of every operation on maps, so that a plan meets what no network has.
#![allow(dead_code, clippy::unwrap_used)]

use super::numbers::{splitmix64, weights};
use inception::graph::{
    Activation, Add, BatchNorm, Builder, Conv, ConvStyle, Graph, LayerId, LayerWeights, Lrn, Op, Outputs, Padding,
    Pool, PoolKind, Shape,
};

/// A plain convolution that keeps the size.
pub const CONV: Conv = Conv {
    outputs: 4,
    kernel: [3, 3],
    stride: [1, 1],
    padding: Padding { top: 1, left: 1, bottom: 1, right: 1 },
    bias: true,
    norm: None,
    relu: false,
};

/// Number of operations.
const OPERATIONS: usize = 14;

/// Fails where these are not of every operation; a network's input, which computes nothing, may be left out.
pub fn hold_every_operation<'a>(ops: impl IntoIterator<Item = &'a Op>) {
    let place = |op: &Op| match op {
        Op::Input(_) => 0,
        Op::Conv(_) => 1,
        Op::Pool(_) => 2,
        Op::AdaptiveAverage(_) => 3,
        Op::GlobalAverage => 4,
        Op::Lrn(_) => 5,
        Op::Concat => 6,
        Op::Add(_) => 7,
        Op::Activation(_) => 8,
        Op::Linear(_) => 9,
        Op::Norm(_) => 10,
        Op::L2Normalize => 11,
        Op::Softmax => 12,
        Op::Sigmoid => 13,
    };
    let mut is_there = [false; OPERATIONS];
    is_there[0] = true;
    ops.into_iter().for_each(|op| is_there[place(op)] = true);
    let missing: Vec<usize> = (0..OPERATIONS).filter(|&place| !is_there[place]).collect();
    assert!(missing.is_empty(), "no case for the operations {missing:?} of `hold_every_operation`");
}

/// The seed's graph: an input of 4 channels, then `steps` layers, each of whatever stands before it.
pub fn graph(seed: u64, steps: usize) -> Graph {
    let mut at = 0;
    let mut choose = |of: usize| {
        at += 1;
        (splitmix64(seed, at) % of as u64) as usize
    };
    let style = ConvStyle { bias: true, norm: None };
    let mut builder = Builder::new("test", Shape::new(4, 5, 6), style).unwrap();
    // What each layer is, and whether it belongs to a concatenation or has another name.
    let mut maps: Vec<(LayerId, Shape, bool)> = vec![(LayerId::new(0), Shape::new(4, 5, 6), true)];
    for i in 1..=steps {
        let from = choose(maps.len());
        let (id, shape, joined) = maps[from];
        let mut second = |maps: &[(LayerId, Shape, bool)], fits: &dyn Fn(&(LayerId, Shape, bool)) -> bool| {
            let all: Vec<usize> = (0..maps.len()).filter(|&i| fits(&maps[i])).collect();
            (!all.is_empty()).then(|| all[choose(all.len())])
        };
        let alike = second(&maps, &|other| other.1 == shape && other.0 != id);
        let free = second(&maps, &|other| !other.2 && other.0 != id && [other.1.h, other.1.w] == [shape.h, shape.w]);
        let padding = Padding::symmetric([1, 1]);
        let kind = choose(12);
        let (op, inputs) = match kind {
            0 | 1 if alike.is_some() => (Op::Add(Add { scale: 0.3 }), vec![id, maps[alike.unwrap()].0]),
            2 | 3 if !joined && free.is_some() => {
                maps[from].2 = true;
                maps[free.unwrap()].2 = true;
                (Op::Concat, vec![id, maps[free.unwrap()].0])
            }
            4 if !joined => {
                maps[from].2 = true;
                (Op::Activation(Activation::Identity), vec![id])
            }
            5 => (Op::Activation(Activation::Relu), vec![id]),
            6 => (Op::Lrn(Lrn { size: 3, alpha: 0.5, beta: 0.75, bias: 1.0 }), vec![id]),
            7 => {
                let kind = [PoolKind::Max, PoolKind::Average { count_padding: false }][choose(2)];
                (Op::Pool(Pool { kind, kernel: [3, 3], stride: [1, 1], padding }), vec![id])
            }
            _ => {
                let (kernel, padding) = [([1, 1], Padding::default()), ([3, 3], padding)][choose(2)];
                let norm = [None, Some(BatchNorm { epsilon: 1e-3, gamma: true })][choose(2)];
                let outputs = if choose(2) == 0 { shape.c } else { 4 + 4 * choose(2) };
                let conv = Conv { outputs, kernel, stride: [1, 1], padding, bias: true, norm, relu: choose(3) == 0 };
                (Op::Conv(conv), vec![id])
            }
        };
        if choose(4) == 0 {
            builder.within(Some(format!("module {i}")));
        }
        let id = builder.push(format!("layer {i}"), op, inputs).unwrap();
        maps.push((id, builder.shape(id), false));
    }
    builder.finish(Outputs::features(LayerId::new(steps))).unwrap()
}

/// Weights of a layer that keep values in range.
pub fn weights_of(graph: &Graph, id: LayerId) -> LayerWeights {
    let tensors = graph.tensors(graph.layer(id));
    let epsilon = tensors.norm.map(|norm| norm.epsilon);
    let mut weights = weights(id.index() as u64 * 10, tensors.fan_in(), tensors.channels, tensors.bias, epsilon);
    let scale = (tensors.fan_in().max(1) as f32).sqrt().recip();
    weights.weights.iter_mut().for_each(|weight| *weight *= scale);
    weights
}

/// The layers that have weights.
pub fn weighted(graph: &Graph) -> Vec<LayerId> {
    graph.public().filter(|(_, layer)| !graph.tensors(layer).list().is_empty()).map(|(id, _)| id).collect()
}
