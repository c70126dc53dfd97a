use crate::gpu::invocation::{Invocation, Site};
use crate::gpu::params::Params;
use crate::gpu::shader::Shader;

pub fn invocation(site: &Site) -> Invocation {
    site.whole(Shader::Softmax, Params::default())
}
