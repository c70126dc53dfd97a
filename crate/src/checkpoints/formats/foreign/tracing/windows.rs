//! Convolutions and pools.

use super::{Constant, Flow, MOST_PIXELS, NCHW, NHWC, Tracer, Value};
use crate::checkpoints::formats::decode::Axes;
use crate::checkpoints::formats::{FileOp, FilePadding, Window};
use crate::graph::Padding;

/// A window as a file says it, sizes unchecked.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct FileWindow {
    /// Height and width.
    pub kernel: Vec<i64>,
    /// Steps, down and to the right; none: one.
    pub stride: Vec<i64>,
    /// Rows above, columns to the left, rows below, columns to the right; none: nothing.
    pub pads: Vec<i64>,
    /// The word for a padding that follows from the sizes.
    pub automatic: Option<FilePadding>,
    /// Whether the last window may hang over the edge.
    pub ceil: bool,
    /// Whether the map is position by position.
    pub channels_last: bool,
}

fn numbers<const N: usize>(values: &[i64], otherwise: usize) -> Option<[usize; N]> {
    let mut numbers = [otherwise; N];
    if !values.is_empty() && values.len() != N {
        return None;
    }
    for (number, &value) in numbers.iter_mut().zip(values) {
        *number = usize::try_from(value).ok().filter(|&value| value <= MOST_PIXELS)?;
    }
    Some(numbers)
}

impl FileWindow {
    /// The window, with the zeros that were put around the map before.
    fn whole(&self, zeros: Padding) -> Option<Window> {
        let [top, left, bottom, right] = numbers(&self.pads, 0)?;
        let (kernel, stride) = (numbers(&self.kernel, 0)?, numbers(&self.stride, 1)?);
        if kernel.contains(&0) || stride.contains(&0) {
            return None;
        }
        let padding = match self.automatic {
            None => FilePadding::Explicit(Padding {
                top: top + zeros.top,
                left: left + zeros.left,
                bottom: bottom + zeros.bottom,
                right: right + zeros.right,
            }),
            Some(automatic) if zeros == Padding::default() => automatic,
            Some(_) => return None,
        };
        Some(Window { kernel, stride, padding, ceil: self.ceil })
    }
}

/// A pool over windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum FilePool {
    /// Of maxima.
    Max,
    /// Of means, and whether zeros of the padding count.
    Average(bool),
}

impl Tracer<'_> {
    /// What is padded before this value, and with how many zeros.
    fn unpadded(&self, flow: &Flow) -> (Flow, Padding) {
        match self.traits[flow.node].pads {
            Some((node, zeros)) => (Flow { node, axes: flow.axes.clone() }, zeros),
            None => (flow.clone(), Padding::default()),
        }
    }

    /// Zeros around a map: what pads it as well may take them with it, anything else finds an operation that it does not know.
    pub fn pad(&mut self, name: &str, word: &str, flow: &Flow, before: &[i64], after: &[i64]) -> Option<Value> {
        let zeros = |values: &[i64], wanted| -> Option<usize> {
            let at = flow.axes.iter().position(|&axis| axis == wanted)?;
            usize::try_from(*values.get(at)?).ok().filter(|&zeros| zeros <= MOST_PIXELS)
        };
        let elsewhere = |values: &[i64]| {
            let is_spatial = |at: usize| matches!(flow.axes.get(at), Some(super::Axis::Height | super::Axis::Width));
            values.iter().enumerate().any(|(at, &zeros)| zeros != 0 && !is_spatial(at))
        };
        if before.iter().chain(after).all(|&zeros| zeros == 0) {
            return Some(Value::Flow(flow.clone()));
        }
        if elsewhere(before) || elsewhere(after) {
            return None;
        }
        let (source, inner) = self.unpadded(flow);
        let padding = Padding {
            top: zeros(before, super::Axis::Height)? + inner.top,
            left: zeros(before, super::Axis::Width)? + inner.left,
            bottom: zeros(after, super::Axis::Height)? + inner.bottom,
            right: zeros(after, super::Axis::Width)? + inner.right,
        };
        let Value::Flow(padded) = self.other(name, word, &[Value::Flow(source.clone())]) else { return None };
        self.traits[padded.node].pads = Some((source.node, padding));
        Some(Value::Flow(padded))
    }

    /// A convolution.
    pub fn conv(
        &mut self,
        name: &str,
        flow: &Flow,
        [weights, bias]: [Option<&Constant>; 2],
        axes: Axes,
        window: &FileWindow,
    ) -> Option<Value> {
        let weights = weights?;
        let kernel: Vec<i64> = match (&weights.stored.shape[..], axes) {
            (&[_, _, height, width], Axes::OutputFirst) | (&[height, width, _, _], Axes::OutputLast) => {
                vec![height as i64, width as i64]
            }
            _ => return None,
        };
        let (source, zeros) = self.unpadded(flow);
        let window = FileWindow { kernel, ..window.clone() };
        let output = if window.channels_last { NHWC } else { NCHW };
        let window = window.whole(zeros).filter(|_| source.is_map(window.channels_last))?;
        let weights = self.claim(weights);
        let bias = bias.map(|bias| self.claim_vector(bias));
        Some(self.apply(name, FileOp::Conv { weights, bias, axes, window }, &source, output.to_vec()))
    }

    /// A pool.
    pub fn pool(&mut self, name: &str, flow: &Flow, pool: FilePool, window: &FileWindow) -> Option<Value> {
        let (source, zeros) = self.unpadded(flow);
        let has_zeros = zeros != Padding::default();
        let whole = window.whole(zeros).filter(|_| source.is_map(window.channels_last))?;
        let pads_itself = window.pads.iter().any(|&pad| pad != 0);
        let op = match pool {
            // A pool's own padding is no value: zeros are as good as that where nothing is less.
            FilePool::Max if has_zeros && !self.is_positive(&source) => return None,
            FilePool::Max => FileOp::MaxPool(whole),
            FilePool::Average(counts) if has_zeros && pads_itself && !counts => return None,
            FilePool::Average(counts) => FileOp::AveragePool(whole, counts || has_zeros),
        };
        let axes = if window.channels_last { NHWC } else { NCHW };
        Some(self.apply(name, op, &source, axes.to_vec()))
    }
}
