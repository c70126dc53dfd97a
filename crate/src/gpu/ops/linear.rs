use crate::gpu::invocation::{Invocation, Site};
use crate::gpu::params::{Params, RELU};
use crate::graph::{Linear, Padding};

/// A convolution over all positions.
pub fn invocation(linear: &Linear, site: &Site) -> Invocation {
    let size = [site.input.h, site.input.w];
    let depth = (site.input.h * site.input.w * site.input.c.div_ceil(4)) as u32;
    let flags = if linear.relu { RELU } else { 0 };
    Invocation::Product(Params { flags, depth, ..Params::window(size, [1, 1], Padding::default()) })
}
