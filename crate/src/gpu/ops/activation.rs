use crate::gpu::kernel::Kernel;
use crate::gpu::params::{Params, RELU};
use crate::gpu::work::{Site, Work};
use crate::graph::Activation;

/// ReLU is a sum of one value with ReLU behind it, which most networks compile anyway.
pub fn work(activation: Activation, site: &Site) -> Work {
    if activation == Activation::Relu {
        return site.each(Kernel::Add, Params { flags: RELU, ..Params::default() });
    }
    let (flags, number) = activation.coded();
    site.each(Kernel::Activation, Params { flags, reals: [number, 0.0], ..Params::default() })
}
