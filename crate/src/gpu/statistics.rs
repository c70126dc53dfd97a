//! Mean, standard deviation, smallest and largest value and share of zeros of each channel of kept layers, computed
//! where the maps are.

use super::dispatch::{Call, operand};
use super::params::Params;
use super::shader::Shader;
use crate::graph::LayerId;
use crate::info::ChannelStats;
use crate::plan::Plan;
use std::collections::HashMap;

/// Where the statistics of each layer lie.
#[derive(Clone, Default)]
pub(super) struct Statistics {
    /// Per layer, its first value; an image's vec4 of channels takes five vec4s.
    places: HashMap<LayerId, usize>,
    /// Values in all.
    pub values: usize,
}

impl Statistics {
    /// Room for the statistics of `layers`.
    pub fn new(plan: &Plan, layers: &[LayerId]) -> Self {
        let mut all = Self::default();
        for &id in layers {
            let Some(view) = plan.view(id) else { continue };
            all.places.insert(id, all.values);
            all.values += plan.images * len(view.shape.c);
        }
        all
    }

    /// The calls that compute them and write them behind the vec4 `first` of the arena, each with the storage that it reads.
    pub fn calls(&self, plan: &Plan, first: u32) -> Vec<(usize, Call)> {
        let mut places: Vec<(LayerId, usize)> = self.places.iter().map(|(&id, &at)| (id, at)).collect();
        places.sort();
        let call = |(id, at): (LayerId, usize)| {
            let input = operand(plan, id)?;
            let quads = input.shape.c.div_ceil(4) as u32;
            let out_base = first + at as u32 / 4;
            let mut params = Params { out_base, out_height: 1, out_width: 1, out_quads: quads, ..Params::default() };
            input.read(plan.images, &mut params);
            let call = Call::new(Shader::Statistics, params, [quads, plan.images as u32], vec![]);
            Some((plan.view(id)?.storage, call))
        };
        places.into_iter().filter_map(call).collect()
    }

    /// The statistics of a layer's channels for one image, from all values read back; none for other layers.
    pub fn of(&self, plan: &Plan, values: &[f32], id: LayerId, image: usize) -> Option<Vec<ChannelStats>> {
        let (at, view) = (self.places.get(&id)?, plan.view(id)?);
        let channels = view.shape.c;
        let values = values.get(at + image * len(channels)..)?;
        let channel = |c: usize| {
            let value = |k: usize| values[(c / 4 * 5 + k) * 4 + c % 4];
            ChannelStats { mean: value(0), std: value(1), min: value(2), max: value(3), sparsity: value(4) }
        };
        Some((0..channels).map(channel).collect())
    }
}

/// Values that an image's statistics take.
fn len(channels: usize) -> usize {
    channels.div_ceil(4) * 20
}
