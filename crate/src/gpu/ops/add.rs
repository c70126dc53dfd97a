use crate::gpu::kernel::Kernel;
use crate::gpu::params::{Params, SECOND};
use crate::gpu::work::{Site, Work};
use crate::graph::Add;

pub fn work(add: &Add, site: &Site) -> Work {
    site.each(Kernel::Add, Params { flags: SECOND, reals: [add.scale, 0.0], ..Params::default() })
}
