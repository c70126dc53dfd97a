use crate::gpu::kernel::Kernel;
use crate::gpu::params::{COUNT_PADDING, Params};
use crate::gpu::work::{Site, Work};
use crate::graph::{Pool, PoolKind};

pub fn work(pool: &Pool, site: &Site) -> Work {
    let flags = if pool.kind == (PoolKind::Average { count_padding: true }) { COUNT_PADDING } else { 0 };
    let params = Params { flags, ..Params::window(pool.kernel, pool.stride, pool.padding) };
    site.each(Kernel::Pool { max: pool.kind == PoolKind::Max }, params)
}
