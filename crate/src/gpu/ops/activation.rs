use crate::gpu::invocation::{Invocation, Site};
use crate::gpu::params::{Params, RELU};
use crate::gpu::shader::Shader;
use crate::graph::Activation;

/// ReLU is a sum of one value with ReLU behind it, which most networks compile anyway.
pub fn invocation(activation: Activation, site: &Site) -> Invocation {
    if activation == Activation::Relu {
        return site.each(Shader::Add, Params { flags: RELU, ..Params::default() });
    }
    let (flags, number) = activation.coded();
    site.each(Shader::Activation, Params { flags, reals: [number, 0.0], ..Params::default() })
}
