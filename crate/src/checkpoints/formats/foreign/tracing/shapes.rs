//! Operations that move values: other axes, some channels, channels of several values together.

use super::{Axis, Constant, Flow, NC, Tracer, Value};
use crate::checkpoints::formats::FileOp;

/// An axis that is counted from the end where it is negative.
pub(in super::super) fn whole_axis(axis: i64, rank: usize) -> Option<usize> {
    let rank = i64::try_from(rank).ok()?;
    let axis = if axis < 0 { axis.checked_add(rank)? } else { axis };
    (0..rank).contains(&axis).then_some(axis as usize)
}

/// Longer shapes are not put together.
const MOST_SIZES: usize = 64;

fn whole_axes(axes: &[i64], rank: usize) -> Option<Vec<usize>> {
    axes.iter().map(|&axis| whole_axis(axis, rank)).collect()
}

impl Tracer<'_> {
    /// A map as one vector; a vector stays one.
    pub fn flatten(&mut self, name: &str, flow: &Flow, channels_last: bool) -> Option<Value> {
        let find = |wanted| flow.axes.iter().position(|&axis| axis == wanted);
        let channels_last = match [Axis::Channel, Axis::Height, Axis::Width].map(find) {
            _ if flow.axes.is_empty() => channels_last,
            [_, None, None] => return Some(Value::Flow(Flow { node: flow.node, axes: NC.to_vec() })),
            [Some(channel), Some(height), Some(width)] if height < width && (channel < height || channel > width) => {
                channel > width
            }
            _ => return None,
        };
        Some(self.apply(name, FileOp::Flatten { channels_last }, flow, NC.to_vec()))
    }

    /// Other axes, of which those that are not known may be of any size.
    pub fn reshape(&mut self, name: &str, value: &Value, shape: &[Option<i64>], channels_last: bool) -> Option<Value> {
        let flow = match value {
            Value::Flow(flow) => flow,
            Value::Constant(constant) => return self.reshaped(name, constant, known_shape(constant, shape)?),
            Value::Sizes(sizes) => return Some(Value::Sizes(sizes.clone())),
            Value::Nothing => return None,
        };
        let alias = |axes: &[Axis]| Some(Value::Flow(Flow { node: flow.node, axes: axes.to_vec() }));
        let is_vector =
            flow.axes.iter().all(|axis| !matches!(axis, Axis::Height | Axis::Width)) && !flow.axes.is_empty();
        let one = Some(1);
        match *shape {
            [_] | [_, _] => self.flatten(name, flow, channels_last),
            [_, _, a, b] if is_vector && a == one && b == one => {
                alias(&[Axis::Batch, Axis::Channel, Axis::Unit, Axis::Unit])
            }
            [_, a, b, _] if is_vector && a == one && b == one => {
                alias(&[Axis::Batch, Axis::Unit, Axis::Unit, Axis::Channel])
            }
            // A picture that comes as one row of numbers, or without a batch.
            [_, _, _, _] if matches!(self.nodes[flow.node].op, FileOp::Input { .. }) && flow.axes.len() != 4 => {
                Some(self.picture(name, shape, channels_last))
            }
            _ => None,
        }
    }

    /// Axes of size one taken away; without a list all of them.
    pub fn squeeze(&mut self, name: &str, value: &Value, axes: Option<&[i64]>) -> Option<Value> {
        match value {
            Value::Flow(flow) => {
                let gone = match axes {
                    Some(axes) => whole_axes(axes, flow.axes.len())?,
                    None => (0..flow.axes.len())
                        .filter(|&at| !matches!(flow.axes[at], Axis::Batch | Axis::Channel))
                        .collect(),
                };
                let axes =
                    flow.axes.iter().enumerate().filter(|(at, _)| !gone.contains(at)).map(|(_, &axis)| axis).collect();
                Some(Value::Flow(Flow { node: flow.node, axes }))
            }
            Value::Constant(constant) => {
                let shape = &constant.stored.shape;
                let gone = match axes {
                    Some(axes) => whole_axes(axes, shape.len())?,
                    None => (0..shape.len()).filter(|&at| shape[at] == 1).collect(),
                };
                let shape =
                    shape.iter().enumerate().filter(|(at, _)| !gone.contains(at)).map(|(_, &side)| side).collect();
                self.reshaped(name, constant, shape)
            }
            other => Some(other.clone()),
        }
    }

    /// Axes of size one put in; the first where a value has no channels becomes that.
    pub fn unsqueeze(&mut self, name: &str, value: &Value, axes: &[i64]) -> Option<Value> {
        let rank = match value {
            Value::Flow(flow) => flow.axes.len(),
            Value::Constant(constant) => constant.stored.shape.len(),
            other => return Some(other.clone()),
        };
        let mut at = whole_axes(axes, rank + axes.len())?;
        at.sort_unstable();
        if at.windows(2).any(|pair| pair[0] == pair[1]) {
            return None;
        }
        match value {
            Value::Flow(flow) if !flow.axes.is_empty() => {
                let mut axes = flow.axes.clone();
                for at in at {
                    let lacks = |wanted| !axes.contains(&wanted);
                    let axis = match at {
                        0 if lacks(Axis::Batch) => Axis::Batch,
                        _ if lacks(Axis::Channel) => Axis::Channel,
                        _ => Axis::Unit,
                    };
                    axes.insert(at, axis);
                }
                Some(Value::Flow(Flow { node: flow.node, axes }))
            }
            Value::Constant(constant) => {
                let mut shape = constant.stored.shape.clone();
                at.into_iter().for_each(|at| shape.insert(at, 1));
                self.reshaped(name, constant, shape)
            }
            other => Some(other.clone()),
        }
    }

    /// Axes in another order.
    pub fn transpose(&mut self, name: &str, value: &Value, order: Option<&[i64]>) -> Option<Value> {
        let rank = match value {
            Value::Flow(flow) => flow.axes.len(),
            Value::Constant(constant) => constant.stored.shape.len(),
            _ => return None,
        };
        let order = match order {
            Some(order) if rank == 0 => {
                order.iter().map(|&axis| usize::try_from(axis).ok()).collect::<Option<Vec<usize>>>()?
            }
            Some(order) => whole_axes(order, rank)?,
            None => (0..rank).rev().collect(),
        };
        match value {
            Value::Flow(flow) => {
                let axes = match (&flow.axes[..], &order[..]) {
                    ([], _) => vec![],
                    // Only a picture that was taken for channel by channel is brought into that order.
                    (axes, [0, 3, 1, 2]) if *axes == super::NCHW && self.is_picture(flow) => axes.to_vec(),
                    (axes, order) if order.len() == axes.len() => order.iter().map(|&axis| axes[axis]).collect(),
                    _ => return None,
                };
                Some(Value::Flow(Flow { node: flow.node, axes }))
            }
            Value::Constant(constant) => self.transposed(name, constant, &order),
            _ => None,
        }
    }

    /// Values one after another along an axis.
    pub fn concat(&mut self, name: &str, values: &[Value], axis: i64) -> Option<Value> {
        if let [value] = values {
            return Some(value.clone());
        }
        let flows: Option<Vec<&Flow>> =
            values.iter().map(|value| if let Value::Flow(flow) = value { Some(flow) } else { None }).collect();
        match flows {
            Some(flows) => {
                let axes =
                    flows.iter().map(|flow| &flow.axes).find(|axes| !axes.is_empty()).cloned().unwrap_or_default();
                let alike = flows
                    .iter()
                    .all(|flow| flow.is_channel(axis) && (flow.axes.is_empty() || flow.axes.len() == axes.len()));
                let inputs = flows.iter().map(|flow| flow.node).collect();
                alike.then(|| Value::Flow(Flow { node: self.push(name, FileOp::Concat, inputs), axes }))
            }
            None => {
                let sizes: Option<Vec<_>> = values.iter().map(|value| self.sizes(value)).collect();
                Some(sizes?.concat()).filter(|sizes| sizes.len() <= MOST_SIZES).map(Value::Sizes)
            }
        }
    }

    /// Some channels in an order; of one number, the axis goes away.
    pub fn gather(&mut self, name: &str, value: &Value, indices: &[i64], axis: i64, is_one: bool) -> Option<Value> {
        match value {
            Value::Flow(flow) => {
                let axis = whole_axis(axis, flow.axes.len()).filter(|&axis| flow.axes[axis] == Axis::Channel)?;
                let count = self.channels(flow);
                let place = |&index: &i64| match count {
                    Some(count) => whole_axis(index, count),
                    None => usize::try_from(index).ok(),
                };
                let channels: Vec<usize> = indices.iter().map(place).collect::<Option<_>>()?;
                let mut axes = flow.axes.clone();
                if is_one {
                    axes.remove(axis);
                }
                Some(self.apply(name, FileOp::Channels(channels), flow, axes))
            }
            Value::Sizes(_) | Value::Constant(_) => {
                let sizes = self.sizes(value)?;
                let place = |&index: &i64| whole_axis(index, sizes.len()).map(|at| sizes[at]);
                Some(Value::Sizes(indices.iter().map(place).collect::<Option<_>>()?))
            }
            Value::Nothing => None,
        }
    }

    /// From `begin` to before `end` along one axis, each `step`-th, with the ends where they are beyond the values.
    pub fn slice(&mut self, name: &str, value: &Value, [begin, end, step]: [i64; 3], axis: i64) -> Option<Value> {
        let is_all = begin == 0 && end >= i64::from(i32::MAX) && step == 1;
        let count = match value {
            _ if is_all => return Some(value.clone()),
            Value::Flow(flow) => self.channels(flow),
            other => Some(self.sizes(other)?.len()),
        };
        let count = i64::try_from(count?).ok().filter(|&count| count <= 1 << 16)?;
        let place = |at: i64| if at < 0 { at.saturating_add(count) } else { at };
        let indices: Vec<i64> = match step {
            1.. => (place(begin).max(0)..place(end).min(count)).step_by(step.try_into().ok()?).collect(),
            0 => return None,
            _ => {
                let first = place(begin).min(count - 1);
                let last = place(end).max(-1);
                (0..).map(|i: i64| first.saturating_add(step.saturating_mul(i))).take_while(|&at| at > last).collect()
            }
        };
        let identity =
            matches!(value, Value::Flow(flow) if flow.is_channel(axis)) && indices.iter().copied().eq(0..count);
        if identity { Some(value.clone()) } else { self.gather(name, value, &indices, axis, false) }
    }

    /// Mean or maximum over axes, which has to be over all positions.
    pub fn reduce(&mut self, name: &str, op: FileOp, flow: &Flow, axes: &[i64], keeps_axes: bool) -> Option<Value> {
        let at = whole_axes(axes, flow.axes.len())?;
        let is_over = |wanted| at.iter().any(|&at| flow.axes[at] == wanted);
        if at.len() != 2 || !is_over(Axis::Height) || !is_over(Axis::Width) {
            // A mean over what has size one already does nothing.
            let nothing = !at.is_empty() && at.iter().all(|&at| flow.axes[at] == Axis::Unit);
            return nothing.then(|| Value::Flow(Flow { node: flow.node, axes: reduced(&flow.axes, &at, keeps_axes) }));
        }
        Some(self.apply(name, op, flow, reduced(&flow.axes, &at, keeps_axes)))
    }

    /// Mean or maximum over all positions of a map, which keeps its axes.
    pub fn global(&mut self, name: &str, op: FileOp, flow: &Flow) -> Value {
        let unit = |&axis: &Axis| if matches!(axis, Axis::Height | Axis::Width) { Axis::Unit } else { axis };
        let axes = flow.axes.iter().map(unit).collect();
        self.apply(name, op, flow, axes)
    }
}

fn reduced(axes: &[Axis], over: &[usize], keeps_axes: bool) -> Vec<Axis> {
    let kept = axes.iter().enumerate().filter_map(|(at, &axis)| match over.contains(&at) {
        false => Some(axis),
        true => keeps_axes.then_some(Axis::Unit),
    });
    kept.collect()
}

/// A shape in which a size that is not known is what is left.
fn known_shape(constant: &Constant, shape: &[Option<i64>]) -> Option<Vec<usize>> {
    let mut known = shape.iter().flatten().filter(|&&side| side >= 0);
    let known = known.try_fold(1usize, |count, &side| count.checked_mul(usize::try_from(side).ok()?))?;
    let side = |side: &Option<i64>| match side {
        Some(side) if *side >= 0 => usize::try_from(*side).ok(),
        _ => constant.count().checked_div(known),
    };
    shape.iter().map(side).collect()
}
