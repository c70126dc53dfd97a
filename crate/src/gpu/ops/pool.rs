use crate::gpu::invocation::{Invocation, Site};
use crate::gpu::params::{COUNT_PADDING, Params};
use crate::gpu::shader::Shader;
use crate::graph::{Pool, PoolKind};

pub fn invocation(pool: &Pool, site: &Site) -> Invocation {
    let flags = if pool.kind == (PoolKind::Average { count_padding: true }) { COUNT_PADDING } else { 0 };
    let params = Params { flags, ..Params::window(pool.kernel, pool.stride, pool.padding) };
    site.each(Shader::Pool { max: pool.kind == PoolKind::Max }, params)
}
