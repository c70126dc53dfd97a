use crate::gpu::kernel::Kernel;
use crate::gpu::params::Params;
use crate::gpu::work::{Site, Work};

pub fn work(site: &Site) -> Work {
    site.whole(Kernel::Softmax, Params::default())
}
