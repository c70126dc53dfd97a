use crate::gpu::kernel::Kernel;
use crate::gpu::params::Params;
use crate::gpu::work::{Site, Work};
use crate::graph::Lrn;

pub fn work(&Lrn { size, alpha, beta, bias }: &Lrn, site: &Site) -> Work {
    let params =
        Params { kernel_width: size as u32, reals: [alpha, beta], more_reals: [bias, 0.0], ..Params::default() };
    site.each(Kernel::Lrn, params)
}
