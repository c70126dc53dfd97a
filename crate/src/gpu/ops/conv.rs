use crate::gpu::invocation::{Invocation, Site};
use crate::gpu::params::{Params, RELU, SECOND};
use crate::gpu::shader::Shader;
use crate::gpu::tiles::Tile;
use crate::graph::Conv;

pub fn invocation(conv: &Conv, site: &Site) -> Invocation {
    let relu = site.residual.map_or(conv.relu, |residual| residual.relu);
    let second = if site.residual.is_some() { SECOND } else { 0 };
    let flags = second | if relu { RELU } else { 0 };
    let reals = [site.residual.map_or(1.0, |residual| residual.scale), 0.0];
    tiled(Params { flags, reals, ..Params::window(conv.kernel, conv.stride, conv.padding) }, site)
}

/// Products with weights over a window: implicit GEMM.
pub(super) fn tiled(params: Params, site: &Site) -> Invocation {
    let (pixels, quads) = (site.pixels(), site.quads());
    let tile = Tile::choose(site.software, pixels, quads);
    Invocation { shader: Shader::Conv { tile, half: site.half }, params, workgroups: tile.workgroups(pixels, quads) }
}
