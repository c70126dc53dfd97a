//! Sums and products: of two values of the picture, or of one with numbers of the file.

use std::f64::consts::FRAC_1_SQRT_2;

use super::{Constant, Flow, Node, Tracer, Value, decimal};
use crate::checkpoints::CheckpointError;
use crate::checkpoints::formats::FileOp;
use crate::graph::Activation;

/// What is done with two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Maximum,
}

impl Arithmetic {
    /// Its result.
    pub fn of(self, x: f64, y: f64) -> f64 {
        match self {
            Self::Add => x + y,
            Self::Subtract => x - y,
            Self::Multiply => x * y,
            Self::Divide => x / y,
            Self::Maximum => x.max(y),
        }
    }
}

/// Factors and shifts of so many channels are preparation of a picture, or a residual scale; of more, parameters.
const MOST_PREPARED: usize = 4;
/// A norm that is written out has no more operations than this.
const MOST_STEPS: usize = 6;

/// Half precision has no more digits of a constant than this.
const NEAR: f64 = 1e-3;

/// What a number of single precision stands for.
fn shortest(number: f64) -> f64 {
    let single = number as f32;
    if f64::from(single) == number { decimal(single) } else { number }
}

/// The words of operations that these networks do not have, without those that keep a divisor from zero.
fn words<'a>(steps: &[&'a FileOp]) -> Option<Vec<&'a str>> {
    let word = |op: &&'a FileOp| if let FileOp::Other(word) = op { Some(word.as_str()) } else { None };
    let mut words: Vec<&str> = steps.iter().map(word).collect::<Option<_>>()?;
    words.retain(|word| !matches!(*word, "Maximum" | "Max" | "Clip" | "Expand"));
    Some(words)
}

impl Tracer<'_> {
    /// Arithmetic of two values. `axis` is where the axes of `b` begin in those of `a`, for formats that say it.
    pub fn arithmetic(
        &mut self,
        name: &str,
        word: &str,
        what: Arithmetic,
        [a, b]: [&Value; 2],
        axis: Option<i64>,
    ) -> Result<Value, CheckpointError> {
        let done = match (a, b) {
            (Value::Constant(a), Value::Constant(b)) => return self.combine(name, |x, y| what.of(x, y), a, b),
            (Value::Flow(a), Value::Flow(b)) => self.of_two(name, what, a, b),
            (Value::Flow(flow), Value::Constant(constant)) => self.with_constant(name, what, flow, constant, axis)?,
            (Value::Constant(constant), Value::Flow(flow)) => self.constant_with(name, what, constant, flow)?,
            (Value::Sizes(_), Value::Sizes(_) | Value::Constant(_)) | (Value::Constant(_), Value::Sizes(_)) => {
                return Ok(Value::Sizes(vec![None]));
            }
            _ => None,
        };
        Ok(done.unwrap_or_else(|| self.other(name, word, &[a.clone(), b.clone()])))
    }

    fn of_two(&mut self, name: &str, what: Arithmetic, a: &Flow, b: &Flow) -> Option<Value> {
        match what {
            Arithmetic::Add => {
                let axes = if a.axes.len() < b.axes.len() { b.axes.clone() } else { a.axes.clone() };
                Some(Value::Flow(Flow { node: self.push(name, FileOp::Add, vec![a.node, b.node]), axes }))
            }
            Arithmetic::Multiply => {
                if let Some(gelu) = self.gelu(name, a, b).or_else(|| self.gelu(name, b, a)) {
                    return Some(gelu);
                }
                let (value, steps) = match (self.steps(a, b), self.steps(b, a)) {
                    (Some(steps), _) => (a, steps),
                    (_, Some(steps)) => (b, steps),
                    _ => return None,
                };
                match steps[..] {
                    [&FileOp::Activation(Activation::Sigmoid)] => Some(self.activation(name, Activation::Swish, value)),
                    _ => match words(&steps)?[..] {
                        ["Rsqrt", "Sum" | "ReduceSum", "Square"] => {
                            Some(self.same_axes(name, FileOp::L2Normalize, value))
                        }
                        _ => None,
                    },
                }
            }
            Arithmetic::Divide => match words(&self.steps(a, b)?)?[..] {
                ["ReduceL2"] | ["Sqrt", "Sum" | "ReduceSum", "Square"] | ["Sqrt", "ReduceSumSquare"] => {
                    Some(self.same_axes(name, FileOp::L2Normalize, a))
                }
                _ => None,
            },
            Arithmetic::Subtract | Arithmetic::Maximum => None,
        }
    }

    /// The one factor and sum of an operation, and what it is applied to.
    fn affine(&self, at: usize) -> Option<(f64, f64, usize)> {
        match &self.nodes[at] {
            Node { op: FileOp::Affine { scale, shift }, inputs, .. } => match (&scale[..], &shift[..], &inputs[..]) {
                (&[scale], &[shift], &[input]) => Some((scale, shift, input)),
                _ => None,
            },
            _ => None,
        }
    }

    /// GELU that is written out, `x * (1 + erf(x / sqrt(2))) / 2`, whichever of its factors are where: `value` is x, or a part of
    /// it, and `gate` has the function of error. What is left to be multiplied with stands behind it.
    fn gelu(&mut self, name: &str, value: &Flow, gate: &Flow) -> Option<Value> {
        // The gate is `outer * erf(inner * x) + sum`.
        let (mut outer, mut sum, mut at) = (1.0, 0.0, gate.node);
        while let Some((scale, shift, input)) = self.affine(at) {
            (sum, outer, at) = (sum + outer * shift, outer * scale, input);
        }
        let Node { op: FileOp::Other(word), inputs, .. } = &self.nodes[at] else { return None };
        let (true, &[mut at]) = (word == "Erf", &inputs[..]) else { return None };
        let unscaled = match self.affine(value.node) {
            Some((scale, 0.0, input)) => Some((scale, input)),
            _ => None,
        };
        let mut inner = 1.0;
        let (factor, x) = loop {
            match unscaled {
                _ if at == value.node => break (1.0, value.node),
                Some((scale, x)) if at == x => break (scale, x),
                _ => {}
            }
            let (scale, 0.0, input) = self.affine(at)? else { return None };
            (inner, at) = (inner * scale, input);
        };
        let is_near = |found: f64, wanted: f64| (found - wanted).abs() <= NEAR * wanted.abs();
        if !is_near(inner, FRAC_1_SQRT_2) || !is_near(outer, sum) || outer == 0.0 {
            return None;
        }
        let gelu =
            Flow { node: self.push(name, FileOp::Activation(Activation::Gelu), vec![x]), axes: value.axes.clone() };
        let scale = 2.0 * factor * outer;
        Some(match scale == 1.0 {
            true => Value::Flow(gelu),
            false => self.same_axes(name, FileOp::Affine { scale: vec![scale], shift: vec![0.0] }, &gelu),
        })
    }

    /// The steps by which `made` is computed from `value` alone, the last first.
    fn steps(&self, value: &Flow, made: &Flow) -> Option<Vec<&FileOp>> {
        let mut steps = Vec::new();
        let mut at = made.node;
        while at != value.node {
            let node = &self.nodes[at];
            let [input] = node.inputs[..] else { return None };
            if steps.len() == MOST_STEPS {
                return None;
            }
            steps.push(&node.op);
            at = input;
        }
        Some(steps)
    }

    /// `flow` with `constant`.
    fn with_constant(
        &mut self,
        name: &str,
        what: Arithmetic,
        flow: &Flow,
        constant: &Constant,
        axis: Option<i64>,
    ) -> Result<Option<Value>, CheckpointError> {
        if !is_by_channel(flow, &constant.stored.shape, axis) || what == Arithmetic::Maximum {
            return Ok(None);
        }
        let count = constant.count();
        let is_linear = matches!(self.nodes[flow.node].op, FileOp::Conv { .. } | FileOp::Dense { .. });
        let adds = matches!(what, Arithmetic::Add | Arithmetic::Subtract);
        let is_bias = adds && is_linear && !constant.stored.shape.is_empty() && self.channels(flow) == Some(count);
        if count <= MOST_PREPARED && !is_bias {
            let Some(numbers) = self.numbers(constant) else { return Ok(None) };
            self.fold(constant);
            let numbers: Vec<f64> = numbers.into_iter().map(shortest).collect();
            let (scale, shift) = match what {
                Arithmetic::Add => (vec![1.0; count], numbers),
                Arithmetic::Subtract => (vec![1.0; count], numbers.iter().map(|v| -v).collect()),
                Arithmetic::Multiply => (numbers, vec![0.0; count]),
                Arithmetic::Divide => (numbers.iter().map(|v| 1.0 / v).collect(), vec![0.0; count]),
                Arithmetic::Maximum => return Ok(None),
            };
            // Of a factor that another takes back nothing is left.
            if let (&[scale], &[0.0], Some((before, 0.0, input))) = (&scale[..], &shift[..], self.affine(flow.node))
                && scale * before == 1.0
            {
                return Ok(Some(Value::Flow(Flow { node: input, axes: flow.axes.clone() })));
            }
            return Ok(Some(self.same_axes(name, FileOp::Affine { scale, shift }, flow)));
        }
        let positive = match what {
            Arithmetic::Add | Arithmetic::Multiply | Arithmetic::Maximum => Value::Constant(constant.clone()),
            Arithmetic::Subtract => self.map(name, constant, |v| -v)?,
            Arithmetic::Divide => self.map(name, constant, |v| 1.0 / v)?,
        };
        let Value::Constant(parameter) = positive else { return Ok(None) };
        Ok(Some(if adds { self.shifted(name, flow, &parameter) } else { self.scaled(name, flow, &parameter)? }))
    }

    /// A number for each channel added: to batch norm without a shift, that is its shift.
    pub fn shifted(&mut self, name: &str, flow: &Flow, shift: &Constant) -> Value {
        let key = self.claim_vector(shift);
        let Node { op, inputs, .. } = self.nodes[flow.node].clone();
        match op {
            FileOp::Norm { gamma, beta: None, mean, variance, epsilon } => {
                let op = FileOp::Norm { gamma, beta: Some(key), mean, variance, epsilon };
                Value::Flow(Flow { node: self.push(name, op, inputs), axes: flow.axes.clone() })
            }
            _ => self.same_axes(name, FileOp::Bias(key), flow),
        }
    }

    /// Each channel times a number: of batch norm without scale and shift, that is its scale.
    fn scaled(&mut self, name: &str, flow: &Flow, scale: &Constant) -> Result<Value, CheckpointError> {
        let count = scale.count();
        let gamma = Some(self.claim_vector(scale));
        let Node { op, inputs, .. } = self.nodes[flow.node].clone();
        if let FileOp::Norm { gamma: None, beta: None, mean, variance, epsilon } = op {
            let op = FileOp::Norm { gamma, beta: None, mean, variance, epsilon };
            return Ok(Value::Flow(Flow { node: self.push(name, op, inputs), axes: flow.axes.clone() }));
        }
        let [mean, variance] = [("mean", 0.0), ("variance", 1.0)]
            .map(|(of, number)| self.repeat(&format!("{name}/{of}"), vec![count], number));
        let (mean, variance) = (self.claim(&mean?), self.claim(&variance?));
        Ok(self.same_axes(name, FileOp::Norm { gamma, beta: None, mean, variance, epsilon: 0.0 }, flow))
    }

    /// `constant` with `flow`.
    fn constant_with(
        &mut self,
        name: &str,
        what: Arithmetic,
        constant: &Constant,
        flow: &Flow,
    ) -> Result<Option<Value>, CheckpointError> {
        match what {
            Arithmetic::Add | Arithmetic::Multiply => self.with_constant(name, what, flow, constant, None),
            Arithmetic::Subtract
                if constant.count() <= MOST_PREPARED && is_by_channel(flow, &constant.stored.shape, None) =>
            {
                let Some(shift) = self.numbers(constant) else { return Ok(None) };
                self.fold(constant);
                let shift: Vec<f64> = shift.into_iter().map(shortest).collect();
                let scale = vec![-1.0; shift.len()];
                Ok(Some(self.same_axes(name, FileOp::Affine { scale, shift }, flow)))
            }
            Arithmetic::Subtract | Arithmetic::Divide | Arithmetic::Maximum => Ok(None),
        }
    }
}

/// Whether a constant of this shape has one number, or one for each channel.
fn is_by_channel(flow: &Flow, shape: &[usize], axis: Option<i64>) -> bool {
    let mut sides = shape.iter().enumerate().filter(|(_, side)| **side != 1);
    match (sides.next(), sides.next()) {
        (None, _) => shape.len() <= flow.axes.len() || flow.axes.is_empty() || shape.len() <= 1,
        (Some(_), Some(_)) => false,
        (Some((at, _)), None) => match axis {
            Some(axis) => flow.is_channel(axis.saturating_add(at as i64)),
            None => flow.is_channel(at as i64 - shape.len() as i64),
        },
    }
}
