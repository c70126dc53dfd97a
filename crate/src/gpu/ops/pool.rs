use crate::gpu::invocation::{Invocation, Site};
use crate::gpu::params::{COUNT_PADDING, MAXIMUM, Params};
use crate::gpu::shader::Shader;
use crate::graph::{Pool, PoolKind};

pub fn invocation(pool: &Pool, site: &Site) -> Invocation {
    site.each(Shader::Pool, Params { flags: flags(pool.kind), ..window(pool) })
}

pub fn window(pool: &Pool) -> Params {
    Params::window(pool.kernel, pool.stride, pool.padding)
}

pub fn flags(kind: PoolKind) -> u32 {
    match kind {
        PoolKind::Max => MAXIMUM,
        PoolKind::Average { count_padding: true } => COUNT_PADDING,
        PoolKind::Average { count_padding: false } => 0,
    }
}
