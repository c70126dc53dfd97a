use super::pool;
use crate::gpu::invocation::{Invocation, Site};
use crate::gpu::params::{POOL, Params, RELU, SECOND};
use crate::graph::Conv;

pub fn invocation(conv: &Conv, site: &Site) -> Invocation {
    let relu = site.residual.map_or(conv.relu, |residual| residual.relu);
    let second = if site.residual.is_some() { SECOND } else { 0 };
    let flags = second | if relu { RELU } else { 0 };
    let reals = [site.residual.map_or(1.0, |residual| residual.scale), 0.0];
    let window = match site.pool {
        Some(pool) => Params { flags: flags | POOL | pool::flags(pool.kind), ..pool::window(&pool) },
        None => Params { flags, ..Params::window(conv.kernel, conv.stride, conv.padding) },
    };
    let taps = conv.kernel[0] * conv.kernel[1];
    Invocation::Product(Params { reals, depth: (taps * site.input.c.div_ceil(4)) as u32, ..window })
}
