use crate::gpu::invocation::{Invocation, Site};
use crate::gpu::params::{Params, SECOND};
use crate::gpu::shader::Shader;
use crate::graph::Add;

pub fn invocation(add: &Add, site: &Site) -> Invocation {
    site.each(Shader::Add, Params { flags: SECOND, reals: [add.scale, 0.0], ..Params::default() })
}
