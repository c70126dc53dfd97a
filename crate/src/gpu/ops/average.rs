use crate::gpu::kernel::Kernel;
use crate::gpu::params::Params;
use crate::gpu::work::{Site, Work};

/// Over windows that cover the input: their number is the output's size.
pub fn work(site: &Site) -> Work {
    site.each(Kernel::Average, Params::default())
}
