use super::conv::tiled;
use crate::gpu::invocation::{Invocation, Site};
use crate::gpu::params::{Params, RELU};
use crate::graph::{Linear, Padding};

/// A convolution over all positions.
pub fn invocation(linear: &Linear, site: &Site) -> Invocation {
    let window = Params::window([site.input.h, site.input.w], [1, 1], Padding::default());
    tiled(Params { flags: if linear.relu { RELU } else { 0 }, ..window }, site)
}
