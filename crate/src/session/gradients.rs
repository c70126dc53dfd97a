//! Gradients: a number that a layer's values make, and how it changes with each value of the layers before.

use super::{Run, Session, StepReport, tensor_of};
use crate::cpu::ViewRef;
use crate::error::Error;
use crate::graph::LayerId;
use crate::info::Tensor;
use crate::plan::Gradients;

/// The name of the network's input among layers.
pub const INPUT: &str = "input";

/// A number that is made of one layer's values.
#[derive(Clone, Debug, PartialEq)]
pub enum Objective {
    /// A channel's mean over all positions, or their sum, or its value at one row and column.
    Channel {
        /// Which channel.
        channel: usize,
        /// Row and column; none takes all.
        position: Option<[usize; 2]>,
        /// The sum over all positions instead of the mean.
        sum: bool,
    },
    /// The sum of all values, each by a factor, `[C,H,W]`.
    Weighted(Vec<f32>),
    /// The mean of all values, or their sum.
    All {
        /// The sum instead of the mean.
        sum: bool,
    },
    /// Half the mean of squares, each channel's by a factor (Mordvintsev et al. 2015, "Inceptionism"); the layer must be kept.
    Squares(Vec<f32>),
}

impl Session {
    /// The gradients that a request asks for, by name: `input` is the picture as the network reads it, `all` every layer that
    /// the other one depends on, with the picture.
    ///
    /// # Errors
    /// A name that the network does not have.
    pub fn gradients(&self, of: &str, at: &[impl AsRef<str>]) -> Result<Gradients, Error> {
        let of = self.find(of)?;
        let mut layers = Vec::new();
        for name in at {
            match name.as_ref() {
                INPUT => layers.push(LayerId::new(0)),
                "all" => layers.extend((0..of.index()).map(LayerId::new)),
                name => layers.push(self.find(name)?),
            }
        }
        layers.sort();
        layers.dedup();
        Ok(Gradients { of, at: layers })
    }

    /// Bytes of memory of the forward run's values, and of the reverse pass without weights.
    pub fn gradient_memory(&self) -> [usize; 2] {
        self.backend.memory()
    }

    /// Prepares the weights of one layer for reverse passes, read again from where they were loaded from; returns how many
    /// layers are left. Nothing where none is.
    ///
    /// # Errors
    /// A source that was not kept, or one that is gone or has changed.
    pub fn prepare_reverse(&mut self) -> Result<usize, Error> {
        let waiting = self.backend.unreversed();
        if let Some(&id) = waiting.first() {
            let weights = self.source.as_ref().ok_or(Error::NoSource)?.read(&self.graph, id, Vec::new())?;
            self.backend.prepare_reverse(id, &weights)?;
        }
        Ok(waiting.len().saturating_sub(1))
    }

    /// Begins the planned reverse pass of the run that is complete: of a number that the layer's values make. Where it `wakes`,
    /// the ReLU at the layer's own end lets everything through, so that a channel that is zero everywhere has a way to grow
    /// (lucid's redirected ReLU, of that layer alone): no gradient, but a direction for pictures that are made.
    ///
    /// # Errors
    /// No run that is complete, or no such number of this layer.
    pub fn begin_reverse(&mut self, objective: &Objective, wakes: bool) -> Result<(), Error> {
        let of = self.request.gradients.as_ref().map(|gradients| gradients.of);
        let Some(of) = of.filter(|_| self.run == Run::Complete) else {
            return Err(Error::NotKept { layer: INPUT.into() });
        };
        let seed = self.seed(of, objective)?;
        self.backend.seed(&seed, wakes)?;
        self.reverse = Run::At(0);
        Ok(())
    }

    /// The number itself, after a run that kept its layer.
    pub fn objective(&self, of: &str, objective: &Objective) -> Result<f64, Error> {
        let values = self.output(of, 0)?;
        let seed = self.seed(self.find(of)?, objective)?;
        let [channels, height, width] = values.shape;
        let (pixels, half) = (height * width, if matches!(objective, Objective::Squares(_)) { 0.5 } else { 1.0 });
        let at = |c: usize, pixel: usize| f64::from(values.data[c * pixels + pixel]);
        let product = |(i, &factor): (usize, &f32)| f64::from(factor) * at(i % channels, i / channels);
        Ok(half * seed.iter().enumerate().map(product).sum::<f64>())
    }

    /// The number's gradient at its layer, `[H,W,C]`.
    fn seed(&self, of: LayerId, objective: &Objective) -> Result<Vec<f32>, Error> {
        let layer = self.graph.layer(of);
        let (shape, pixels) = (layer.shape, layer.shape.h * layer.shape.w);
        let is_there = match objective {
            &Objective::Channel { channel, position, .. } => {
                channel < shape.c && position.is_none_or(|[y, x]| y < shape.h && x < shape.w)
            }
            Objective::All { .. } => true,
            Objective::Weighted(factors) => factors.len() == shape.len(),
            Objective::Squares(factors) => factors.len() == shape.c,
        };
        if !is_there {
            return Err(Error::NoObjective { layer: layer.name.clone(), shape: shape.chw() });
        }
        let kept = match objective {
            Objective::Squares(_) => self.output(&layer.name, 0)?.data,
            Objective::Channel { .. } | Objective::All { .. } | Objective::Weighted(_) => Vec::new(),
        };
        let mean = |count: usize, sum: bool| if sum { 1.0 } else { 1.0 / count as f32 };
        let mut seed = vec![0.0; shape.len()];
        for (pixel, values) in seed.chunks_exact_mut(shape.c).enumerate() {
            for (c, value) in values.iter_mut().enumerate() {
                *value = match objective {
                    Objective::Channel { channel, .. } if c != *channel => 0.0,
                    Objective::Channel { position: None, sum, .. } => mean(pixels, *sum),
                    Objective::Channel { position: Some([y, x]), .. } => f32::from(pixel == y * shape.w + x),
                    Objective::All { sum } => mean(shape.len(), *sum),
                    Objective::Weighted(factors) => factors[c * pixels + pixel],
                    Objective::Squares(factors) => kept[c * pixels + pixel] * factors[c] * mean(shape.len(), false),
                };
            }
        }
        Ok(seed)
    }

    /// Runs the reverse pass to the end of the next module, or hands it to the GPU; `None` after the last. On the CPU the
    /// gradients are then there; a GPU's are after [`Session::complete`].
    pub fn step_reverse(&mut self) -> Result<Option<StepReport>, Error> {
        let (Run::At(start), Some(plan)) = (self.reverse, self.backend.reverse_plan()) else { return Ok(None) };
        let Some(first) = plan.steps.get(start) else {
            self.reverse = self.ended();
            return Ok(None);
        };
        let (group, total) = (first.group, plan.steps.last().map_or(0, |last| last.group + 1));
        let end = start + plan.steps[start..].iter().take_while(|step| step.group == group).count();
        let layer = self.graph.layer(first.layer);
        let name = layer.module.as_ref().unwrap_or(&layer.name).clone();
        self.reverse = Run::None;
        self.backend.run_reverse(start..end)?;
        self.reverse = Run::At(end);
        Ok(Some(StepReport { layer: name, done: group + 1, total }))
    }

    /// The gradient at a layer that was asked for, or at `input`, after a reverse pass. Zeros where the number does not depend
    /// on the layer.
    pub fn gradient(&self, name: &str) -> Result<Tensor, Error> {
        let id = if name == INPUT { LayerId::new(0) } else { self.find(name)? };
        let missing = || Error::NotKept { layer: name.into() };
        if self.reverse != Run::Complete {
            return Err(missing());
        }
        let shape = self.graph.layer(id).shape;
        let values = self.backend.gradient(id).ok_or_else(missing)?;
        Ok(match values.is_empty() {
            true => Tensor { shape: shape.chw(), data: vec![0.0; shape.len()] },
            false => tensor_of(ViewRef::dense(values, shape)),
        })
    }
}

impl Session {
    /// Runs the planned reverse pass from start to end; see [`Session::begin_reverse`].
    #[cfg(not(target_arch = "wasm32"))]
    pub fn run_reverse(&mut self, objective: &Objective, wakes: bool) -> Result<(), Error> {
        while self.prepare_reverse()? > 0 {}
        self.begin_reverse(objective, wakes)?;
        while self.step_reverse()?.is_some() {}
        pollster::block_on(self.complete())
    }
}
