//! What the classifier head makes of the last maps: class activation maps (Zhou et al. 2016, "Learning deep features for
//! discriminative localization", section 2) and each channel's part of a logit. Through hidden layers the head is taken as
//! the linear function that it is around this image: an activation counts with its slope there, a maximum as its position.

use crate::graph::{Activation, FoldError, Graph, LayerId, LayerWeights, Linear, Op, Pool, PoolKind};
use crate::info::Tensor;

/// What one layer of the head does.
enum Stage {
    /// `[outputs, inputs]` and biases, then ReLU where it is said.
    Linear { weights: Vec<f32>, biases: Vec<f32>, relu: bool },
    /// Scale and shift of each channel.
    Affine(Vec<(f64, f64)>),
    /// A function of each value.
    Activation(Activation),
}

/// What the head reads of the last maps.
#[derive(Clone, Copy, PartialEq)]
enum Reading {
    Mean,
    /// The mean of so many rows and columns from the first.
    Corner([usize; 2]),
    Maximum,
    /// Every value, channel by channel.
    All,
}

/// The layers from the pooled features to the logits, with their weights.
pub struct Attribution {
    maps: LayerId,
    layers: Vec<LayerId>,
    stages: Vec<Option<Stage>>,
    /// How many of them stand before a taught head.
    taught: usize,
    has_logits: bool,
    reading: Reading,
    /// Whether one logit answers two classes, the first with its negative.
    is_pair: bool,
}

/// A number that is looked for in the last maps.
#[derive(Clone, Copy, Debug)]
pub enum Target<'a> {
    /// The logit of a class of the network's own head.
    Class(usize),
    /// `weights * features + bias` of what a taught head reads: the logit of one of its classes.
    Taught {
        /// One for each feature.
        weights: &'a [f32],
        /// Added to their sum.
        bias: f32,
    },
}

/// How much each channel of the last maps adds to a logit.
#[derive(Clone, Debug)]
pub struct Contributions {
    /// Per channel, the gradient of what the head reads of it times that: its mean, its maximum, or each of its values.
    pub contribution: Vec<f32>,
    /// What is left without any activation; with the contributions it sums to the logit.
    pub bias: f32,
    /// The logit.
    pub logit: f32,
    /// False where hidden layers or a maximum make the contributions those of this image only.
    pub exact: bool,
}

/// The logit of a class, position by position: the mean over all positions is the logit.
#[derive(Clone, Debug)]
pub struct ActivationMap {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Row by row.
    pub data: Vec<f32>,
    /// False where hidden layers or a maximum make the map this image's gradient.
    pub exact: bool,
}

impl Attribution {
    /// The head of a graph; it waits for the weights of the layers that have any. Where there are no logits, it is what a taught
    /// head reads.
    pub fn new(graph: &Graph) -> Option<Self> {
        let features = graph.layer(graph.features());
        let all = (Reading::All, graph.features());
        let (reading, maps) = match features.op {
            Op::GlobalAverage => (Reading::Mean, *features.inputs.first()?),
            Op::Pool(Pool { kind: PoolKind::Average { .. }, kernel, .. }) => {
                (Reading::Corner(kernel), *features.inputs.first()?)
            }
            Op::Pool(_) => (Reading::Maximum, *features.inputs.first()?),
            Op::Input(_) | Op::Conv(_) | Op::AdaptiveAverage(_) | Op::Lrn(_) | Op::Concat | Op::Add(_) => all,
            Op::Activation(_) | Op::Linear(_) | Op::Norm(_) | Op::L2Normalize | Op::Softmax | Op::Sigmoid => all,
        };
        let mut layers = Vec::new();
        let at_logits = graph.logits();
        let mut at = at_logits.unwrap_or(graph.taught_on());
        while at != graph.features() {
            layers.push(at);
            at = *graph.layer(at).inputs.first()?;
        }
        layers.reverse();
        // The others wait for their weights.
        let stage = |id: &LayerId| {
            let Op::Activation(activation) = graph.layer(*id).op else { return None };
            Some(Stage::Activation(activation))
        };
        let stages = layers.iter().map(stage).collect();
        let classes = |id: Option<LayerId>| id.map_or(0, |id| graph.layer(id).shape.c);
        let is_pair = classes(graph.predictions()) > classes(at_logits);
        let taught = layers.iter().position(|&id| id == graph.taught_on()).map_or(0, |at| at + 1);
        Some(Self { maps, layers, stages, taught, has_logits: at_logits.is_some(), reading, is_pair })
    }

    /// The layer whose channels the head weighs.
    pub fn maps(&self) -> LayerId {
        self.maps
    }

    /// Takes the weights of a layer, where it is one of the head's.
    pub fn take(&mut self, graph: &Graph, id: LayerId, weights: &LayerWeights) -> Result<(), FoldError> {
        let Some(at) = self.layers.iter().position(|&layer| layer == id) else { return Ok(()) };
        let channels = graph.layer(id).shape.c;
        self.stages[at] = match &graph.layer(id).op {
            Op::Linear(Linear { relu, .. }) => Some(Stage::Linear {
                weights: weights.weights.clone(),
                biases: weights.biases.clone().unwrap_or_else(|| vec![0.0; channels]),
                relu: *relu,
            }),
            Op::Norm(_) => Some(Stage::Affine(weights.scale_shift(channels)?)),
            // None that a head has weights for: without its stage it says nothing.
            Op::Input(_) | Op::Conv(_) | Op::Pool(_) | Op::AdaptiveAverage(_) | Op::GlobalAverage | Op::Lrn(_) => None,
            Op::Concat | Op::Add(_) | Op::Activation(_) | Op::L2Normalize | Op::Softmax | Op::Sigmoid => None,
        };
        Ok(())
    }

    /// The head around what it reads, as a linear function of it; none for a class or a layer that does not exist, or while
    /// weights are missing. `each`: values of a channel that the head reads.
    fn around(&self, pooled: &[f32], each: usize, target: Target) -> Option<Linearised> {
        let stages = match target {
            Target::Class(_) if !self.has_logits => return None,
            Target::Class(_) => &self.stages[..],
            Target::Taught { .. } => &self.stages[..self.taught],
        };
        let stages: Vec<&Stage> = stages.iter().map(Option::as_ref).collect::<Option<_>>()?;
        let mut values = vec![pooled.iter().map(|&v| v.into()).collect::<Vec<f64>>()];
        for stage in &stages {
            let next = stage.outputs(values.last()?);
            values.push(next);
        }
        let outputs = values.pop()?;
        let mut gradient = vec![0.0; outputs.len()];
        let logit = match target {
            Target::Class(class) => {
                let (output, sign) = if self.is_pair && class < 2 { (0, [-1.0, 1.0][class]) } else { (class, 1.0) };
                *gradient.get_mut(output)? = sign;
                sign * outputs[output]
            }
            Target::Taught { weights, .. } if weights.len() * each != outputs.len() => return None,
            Target::Taught { weights, bias } => {
                // Where every value is read, a taught head reads the mean of a channel's.
                let all = gradient.chunks_exact_mut(each).zip(weights);
                all.for_each(|(channel, &weight)| channel.fill(f64::from(weight) / each as f64));
                gradient.iter().zip(&outputs).map(|(g, v)| g * v).sum::<f64>() + f64::from(bias)
            }
        };
        for (stage, inputs) in stages.iter().zip(&values).rev() {
            gradient = stage.gradient(inputs, gradient);
        }
        let bias = logit - gradient.iter().zip(pooled).map(|(g, &v)| g * f64::from(v)).sum::<f64>();
        let is_bent = |stage: &&Stage| matches!(stage, Stage::Linear { relu: true, .. } | Stage::Activation(_));
        let exact = self.reading != Reading::Maximum && !stages.iter().any(is_bent);
        Some(Linearised { gradient, bias, logit, exact })
    }

    /// The contributions of `channels` channels to a logit, from what the head reads of them; none for a class that does not
    /// exist, or weights of another number than the features.
    pub fn contributions(&self, pooled: &[f32], channels: usize, target: Target) -> Option<Contributions> {
        let each = pooled.len().checked_div(channels)?.max(1);
        let Linearised { gradient, bias, logit, exact } = self.around(pooled, each, target)?;
        let products: Vec<f64> = gradient.iter().zip(pooled).map(|(g, &v)| g * f64::from(v)).collect();
        let contribution = products.chunks(each).map(|channel| channel.iter().sum::<f64>() as f32).collect();
        Some(Contributions { contribution, bias: bias as f32, logit: logit as f32, exact })
    }

    /// The class activation map of a logit, from the pooled features and the maps that were pooled; none for a class that does
    /// not exist, or weights of another number than the features.
    pub fn activation_map(&self, pooled: &[f32], maps: &Tensor, target: Target) -> Option<ActivationMap> {
        let [channels, height, width] = maps.shape;
        let positions = height * width;
        let each = pooled.len().checked_div(channels)?.max(1);
        let Linearised { gradient, bias, exact, .. } = self.around(pooled, each, target)?;
        let mut sums = vec![bias; positions];
        for (c, map) in maps.data.chunks_exact(positions).enumerate() {
            match self.reading {
                Reading::Mean => sums.iter_mut().zip(map).for_each(|(sum, &v)| *sum += gradient[c] * f64::from(v)),
                Reading::Corner([rows, columns]) => {
                    let part = gradient[c] * positions as f64 / (rows * columns) as f64;
                    let read = sums.chunks_exact_mut(width).zip(map.chunks_exact(width)).take(rows);
                    for (sums, map) in read {
                        sums.iter_mut().zip(map).take(columns).for_each(|(sum, &v)| *sum += part * f64::from(v));
                    }
                }
                Reading::Maximum => {
                    let first = |at: usize, (i, v): (usize, &f32)| if *v > map[at] { i } else { at };
                    let at = map.iter().enumerate().fold(0, first);
                    sums[at] += positions as f64 * gradient[c] * f64::from(map[at]);
                }
                Reading::All => {
                    let weights = &gradient[c * positions..][..positions];
                    let products = weights.iter().zip(map).map(|(g, &v)| positions as f64 * g * f64::from(v));
                    sums.iter_mut().zip(products).for_each(|(sum, product)| *sum += product);
                }
            }
        }
        let data = sums.into_iter().map(|v| v as f32).collect();
        Some(ActivationMap { width, height, data, exact })
    }
}

/// A class's logit as `gradient * pooled + bias`.
struct Linearised {
    gradient: Vec<f64>,
    bias: f64,
    logit: f64,
    /// Whether this holds for all pooled features.
    exact: bool,
}

impl Stage {
    fn outputs(&self, inputs: &[f64]) -> Vec<f64> {
        match self {
            Self::Linear { weights, biases, relu } => {
                let sum = |row: &[f32]| row.iter().zip(inputs).map(|(&w, v)| f64::from(w) * v).sum::<f64>();
                let rows = weights.chunks_exact(inputs.len()).zip(biases);
                let products = rows.map(|(row, &bias)| f64::from(bias) + sum(row));
                products.map(|v| if *relu { v.max(0.0) } else { v }).collect()
            }
            Self::Affine(factors) => {
                let each = (inputs.len() / factors.len().max(1)).max(1);
                let channels = inputs.chunks(each).zip(factors);
                channels.flat_map(|(values, (scale, shift))| values.iter().map(move |v| v * scale + shift)).collect()
            }
            Self::Activation(activation) => inputs.iter().map(|&v| activation.of(v)).collect(),
        }
    }

    /// The gradient with respect to the inputs, from the one with respect to the outputs.
    fn gradient(&self, inputs: &[f64], outputs: Vec<f64>) -> Vec<f64> {
        match self {
            Self::Linear { weights, relu, .. } => {
                let open = self.outputs(inputs).into_iter().map(|v| !relu || v > 0.0);
                let mut sums = vec![0.0; inputs.len()];
                let rows = weights.chunks_exact(inputs.len()).zip(outputs).zip(open);
                for ((row, g), _) in rows.filter(|((_, g), open)| *open && *g != 0.0) {
                    sums.iter_mut().zip(row).for_each(|(sum, &w)| *sum += g * f64::from(w));
                }
                sums
            }
            Self::Affine(factors) => {
                let each = (inputs.len() / factors.len().max(1)).max(1);
                let channels = outputs.chunks(each).zip(factors);
                channels.flat_map(|(values, (scale, _))| values.iter().map(move |g| g * scale)).collect()
            }
            Self::Activation(activation) => inputs.iter().zip(outputs).map(|(&v, g)| g * activation.slope(v)).collect(),
        }
    }
}
