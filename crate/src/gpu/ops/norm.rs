use crate::gpu::kernel::Kernel;
use crate::gpu::params::Params;
use crate::gpu::work::{Site, Work};

/// Its scale and shift are the layer's factors.
pub fn work(site: &Site) -> Work {
    site.each(Kernel::Norm, Params::default())
}
