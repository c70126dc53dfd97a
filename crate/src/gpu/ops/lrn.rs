use crate::gpu::invocation::{Invocation, Site};
use crate::gpu::params::Params;
use crate::gpu::shader::Shader;
use crate::graph::Lrn;

pub fn invocation(&Lrn { size, alpha, beta, bias }: &Lrn, site: &Site) -> Invocation {
    let params =
        Params { kernel_width: size as u32, reals: [alpha, beta], more_reals: [bias, 0.0], ..Params::default() };
    site.each(Shader::Lrn, params)
}
