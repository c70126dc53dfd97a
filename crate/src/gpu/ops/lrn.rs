use crate::gpu::invocation::{Invocation, Site};
use crate::gpu::params::Params;
use crate::gpu::shader::Shader;
use crate::graph::Lrn;

pub fn invocation(&Lrn { size, alpha, beta, bias }: &Lrn, site: &Site) -> Invocation {
    let params = Params { kernel_width: size as u32, reals: [alpha, beta], third_real: bias, ..Params::default() };
    site.each(Shader::Lrn, params)
}
