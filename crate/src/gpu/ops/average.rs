use crate::gpu::invocation::{Invocation, Site};
use crate::gpu::params::Params;
use crate::gpu::shader::Shader;

/// Over windows that cover the input: their number is the output's size.
pub fn invocation(site: &Site) -> Invocation {
    site.each(Shader::Average, Params::default())
}
