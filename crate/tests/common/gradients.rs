//! Gradients of whole networks, held against PyTorch's in float64; see "Gradients" in the reference data's description. And
//! of graphs of few operations, held against what these mean.
#![allow(dead_code)]

use super::asks::Asks;
use super::graphs::{CONV, graph, weights_of};
use super::numbers::{noise, relative_error};
use super::parity::{input, numbers, session};
use super::{golden, read_json};
use inception::graph::{
    Activation, AdaptiveAverage, BatchNorm, Builder, Conv, ConvStyle, Graph, LayerId, LayerWeights, Linear, Lrn, Op,
    Outputs, Padding, Pool, PoolKind, Shape, Values,
};
use inception::look::grad_cam;
use inception::plan::{Gradients, Request};
use inception::session::Objective;
use inception::{Device, Session};
use serde_json::Value;

/// Of the norm of a tensor's gradient, and of the root mean square of its samples over that of the tensor: what float32 can
/// reach where single units fall the other way.
const NORM: f64 = 0.005;
const SAMPLES: f64 = 0.08;

/// Of the largest value of Grad-CAM's map of an inner layer, where units fall the other way, and of the last maps.
const CAM: [f64; 2] = [0.05, 2e-4];

/// The recorded gradients of a source.
pub fn recorded(source: &str) -> Value {
    serde_json::from_str(&read_json("gradients", source)).unwrap()
}

/// How far a gradient is from a recorded one: its norm, and its samples.
fn errors(row: &Value, index: &[f64], data: &[f32]) -> [f64; 2] {
    let l2 = row["l2"].as_f64().unwrap();
    let found = data.iter().map(|&v| f64::from(v).powi(2)).sum::<f64>().sqrt();
    let rms = l2 / (data.len() as f64).sqrt();
    let wanted = numbers(&row["value"]);
    let squares = index.iter().zip(&wanted).map(|(&i, wanted)| (f64::from(data[i as usize]) - wanted).powi(2));
    let samples = (squares.sum::<f64>() / wanted.len() as f64).sqrt() / rms;
    [(found / l2 - 1.0).abs(), if samples.is_nan() { f64::INFINITY } else { samples }]
}

/// A layer's recorded indices.
fn index(golden: &Value, name: &str) -> Vec<f64> {
    let rows = golden["endpoints"].as_array().unwrap();
    numbers(&rows.iter().find(|row| row["name"] == name).unwrap()["index"])
}

/// A session that has run the source's input, with every gradient of its top logit.
pub fn run(source: &str, device: &Device, of: &str, channel: usize) -> Session {
    let mut session = session(source, device, 2);
    session.ask(of, &["input", "all"], &["all"]).unwrap();
    session.run(&input(source)).unwrap();
    session.run_reverse(&Objective::Channel { channel, position: None, sum: true }, false).unwrap();
    session
}

/// The gradient at the input and at every end point, and Grad-CAM's maps.
pub fn check(source: &str, device: &Device) {
    let (recorded, golden) = (recorded(source), golden(source));
    let class = recorded["target"]["class"].as_u64().unwrap() as usize;
    let session = run(source, device, "Logits", class);
    let mut worst = [(0.0, String::new()), (0.0, String::new())];
    let mut hold = |name: &str, row: &Value, index: &[f64]| {
        let found = errors(row, index, &session.gradient(name).unwrap().data);
        for ((worst, found), limit) in worst.iter_mut().zip(found).zip([NORM, SAMPLES]) {
            assert!(found <= limit, "{source}: {name}: {found} of {limit}");
            if found > worst.0 {
                *worst = (found, name.to_owned());
            }
        }
    };
    hold("input", &recorded["input"], &numbers(&recorded["input"]["index"]));
    for row in recorded["endpoints"].as_array().unwrap() {
        let name = row["name"].as_str().unwrap();
        hold(name, row, &index(&golden, name));
    }
    let maps = recorded["grad_cam"].as_array().unwrap();
    assert_eq!(maps.len(), CAM.len());
    for (row, tolerance) in maps.iter().zip(CAM) {
        let layer = row["layer"].as_str().unwrap();
        let found = grad_cam(&session.output(layer, 0).unwrap(), &session.gradient(layer).unwrap()).unwrap();
        assert_eq!(serde_json::json!(found.size), row["shape"], "{source}: {layer}");
        let most = row["max"].as_f64().unwrap();
        assert!((f64::from(found.scale) - most).abs() <= tolerance * most, "{source}: {layer}");
        let wanted: Vec<f32> = numbers(&row["map"]).into_iter().map(|v| v as f32).collect();
        let error = f64::from(relative_error(&found.data, &wanted));
        assert!(error <= tolerance, "{source}: Grad-CAM at {layer}: {error}");
    }
    println!("{source}: norm {:.1e} {}, samples {:.1e} {}", worst[0].0, worst[0].1, worst[1].0, worst[1].1);
}

/// A graph with its name.
pub type Case = (String, Graph);

/// Graphs put together by chance.
pub fn by_chance(count: u64) -> impl Iterator<Item = Case> {
    (0..count).map(|seed| (format!("graph {seed}"), graph(seed, 1 + (seed % 20) as usize)))
}

/// Every activation that computes something.
pub fn functions() -> impl Iterator<Item = Activation> {
    Activation::ALL.into_iter().filter(|activation| !activation.is_identity())
}

/// A graph of one operation over an input; none where it does not fit.
pub fn alone(input: Shape, op: Op) -> Option<Graph> {
    let mut builder = Builder::new("test", input, ConvStyle { bias: true, norm: None }).ok()?;
    builder.push("it", op, vec![LayerId::new(0)]).ok()?;
    builder.finish(Outputs::features(LayerId::new(1))).ok()
}

/// Convolutions of any kernel, stride and padding.
pub fn convolutions() -> Vec<Case> {
    let mut cases = vec![];
    for kernel in [[1, 1], [2, 2], [3, 3], [1, 7], [7, 1], [5, 5], [7, 7], [3, 2]] {
        for stride in [[1, 1], [2, 2], [1, 2], [3, 3], [2, 1]] {
            for [top, left, bottom, right] in [[0; 4], [1; 4], [3; 4], [0, 0, 1, 1], [1, 0, 0, 2]] {
                let padding = Padding { top, left, bottom, right };
                for (input, outputs) in [(Shape::new(3, 11, 10), 8), (Shape::new(16, 9, 12), 20)] {
                    let conv = Conv { kernel, stride, padding, outputs, relu: cases.len() % 3 == 0, ..CONV };
                    cases.extend(alone(input, Op::Conv(conv)).map(|graph| (format!("{conv:?} over {input:?}"), graph)));
                }
            }
        }
    }
    cases
}

/// Every other operation by itself.
pub fn others() -> Vec<Case> {
    let input = Shape::new(7, 9, 8);
    let mut all = vec![];
    for kind in [PoolKind::Max, PoolKind::Average { count_padding: false }, PoolKind::Average { count_padding: true }] {
        for (kernel, stride) in
            [([3, 3], [1, 1]), ([3, 3], [2, 2]), ([2, 2], [2, 2]), ([9, 8], [1, 1]), ([5, 2], [3, 1])]
        {
            for padding in [Padding::default(), Padding::symmetric([1, 1]), Padding { bottom: 1, ..Padding::default() }]
            {
                all.push((input, Op::Pool(Pool { kind, kernel, stride, padding })));
            }
        }
    }
    let wide = Pool { kind: PoolKind::Max, kernel: [19, 17], stride: [1, 1], padding: Padding::symmetric([1, 0]) };
    all.push((Shape::new(6, 19, 18), Op::Pool(wide)));
    all.push((input, Op::GlobalAverage));
    all.push((input, Op::AdaptiveAverage(AdaptiveAverage { size: [4, 3] })));
    all.push((input, Op::Linear(Linear { outputs: 11, bias: true, relu: true })));
    all.push((Shape::vector(9), Op::Linear(Linear { outputs: 11, bias: true, relu: false })));
    all.push((input, Op::Lrn(Lrn { size: 5, alpha: 2.0, beta: 0.75, bias: 1.0 })));
    all.push((Shape::new(21, 3, 2), Op::Lrn(Lrn { size: 7, alpha: 2.0, beta: 0.6, bias: 1.5 })));
    for gamma in [false, true] {
        let norm = Op::Norm(BatchNorm { epsilon: 1e-3, gamma });
        all.extend([input, Shape::vector(9)].map(|input| (input, norm.clone())));
    }
    all.extend(functions().map(|activation| (input, Op::Activation(activation))));
    all.extend([Op::L2Normalize, Op::Softmax, Op::Sigmoid].map(|op| (Shape::vector(9), op)));
    all.push((Shape::vector(1), Op::Sigmoid));
    let case = |(input, op): (Shape, Op)| Some((format!("{op:?} over {input:?}"), alone(input, op)?));
    all.into_iter()
        .filter_map(case)
        .chain([("ties".into(), ties([3, 3])), ("ties in wide windows".into(), ties([17, 17]))])
        .collect()
}

/// Two pools in a row: where windows share a maximum, the second one has several places with the largest value.
fn ties(kernel: [usize; 2]) -> Graph {
    let mut builder = Builder::new("test", Shape::new(7, 19, 18), ConvStyle { bias: true, norm: None }).unwrap();
    let pool = |kernel| {
        let padding = Padding::symmetric([1, 1]);
        Op::Pool(Pool { kind: PoolKind::Max, kernel, stride: [1, 1], padding })
    };
    let first = builder.push("first", pool([3, 3]), vec![LayerId::new(0)]).unwrap();
    let second = builder.push("second", pool(kernel), vec![first]).unwrap();
    builder.finish(Outputs::features(second)).unwrap()
}

/// Two convolutions of the input, with ReLU or without, side by side.
pub fn two_sides(relu: bool) -> Graph {
    let mut builder = Builder::new("test", Shape::new(4, 6, 6), ConvStyle { bias: true, norm: None }).unwrap();
    let conv = Op::Conv(Conv { relu, ..CONV });
    let first = builder.push("first", conv.clone(), vec![LayerId::new(0)]).unwrap();
    let second = builder.push("second", conv, vec![LayerId::new(0)]).unwrap();
    builder.push("both", Op::Concat, vec![first, second]).unwrap();
    builder.finish(Outputs::features(LayerId::new(3))).unwrap()
}

/// Weights of one of them with which it gives nothing above zero.
pub fn dead(graph: &Graph, id: LayerId) -> LayerWeights {
    LayerWeights { biases: Some(vec![-1e3; 4]), ..weights_of(graph, id) }
}

/// Holds that channels which are zero everywhere have no gradient, and, woken, that of what stands before their ReLU: by the
/// gradient at the input that something computes of [`two_sides`] with [`dead`] weights.
pub fn hold_waking(gradient: impl Fn(Graph, bool) -> Vec<f32>) {
    assert!(gradient(two_sides(true), false).iter().all(|&v| v == 0.0));
    let wanted = gradient(two_sides(false), false);
    assert!(wanted.iter().any(|&v| v.abs() > 0.1));
    assert_eq!(gradient(two_sides(true), true), wanted);
}

/// Of a case, a run that keeps all, and the gradients at all layers of the last.
pub fn request(graph: &Graph) -> Request {
    let all: Vec<LayerId> = (0..graph.layers().len()).map(LayerId::new).collect();
    let gradients = Some(Gradients { of: LayerId::new(all.len() - 1), at: all.clone() });
    Request { keep: all[1..].to_vec(), gradients, ..Request::default() }
}

/// The input of a case.
pub fn picture(graph: &Graph) -> Vec<f32> {
    noise(3, graph.input().len())
}

/// Of a case, the factors of the last layer's values in the sum whose gradient is asked.
pub fn factors(graph: &Graph) -> Vec<f32> {
    let last = LayerId::new(graph.layers().len() - 1);
    noise(5, graph.layer(last).shape.len())
}

/// Holds the gradients that were found against those by the references, with the device's own values, so that each ReLU and
/// each maximum decides alike.
pub fn hold(graph: &Graph, what: &str, value: impl Fn(LayerId) -> Vec<f32>, gradient: impl Fn(LayerId) -> Vec<f32>) {
    let mut values = vec![Values::from_f32(graph.input(), &picture(graph))];
    values.extend(graph.public().map(|(id, layer)| Values::from_f32(layer.shape, &value(id))));
    let of = LayerId::new(graph.layers().len() - 1);
    let seed = Values::from_f32(graph.layer(of).shape, &factors(graph));
    let wanted = graph.reference_gradients(&values, of, seed, |id| weights_of(graph, id));
    for (id, wanted) in (0..graph.layers().len()).map(LayerId::new).zip(wanted) {
        let layer = graph.layer(id);
        let found = gradient(id);
        let Some(wanted) = wanted.map(|wanted| wanted.to_f32()) else {
            assert!(found.is_empty(), "{what}: {} does not matter", layer.name);
            continue;
        };
        let error = relative_error(&found, &wanted);
        assert!(error < 2e-4, "{what}: at {}, {:?}: {error}", layer.name, layer.op);
    }
}
