use crate::gpu::invocation::{Invocation, Site};
use crate::gpu::params::Params;
use crate::gpu::shader::Shader;

/// Its scale and shift are the layer's factors.
pub fn invocation(site: &Site) -> Invocation {
    site.each(Shader::Norm, Params::default())
}
