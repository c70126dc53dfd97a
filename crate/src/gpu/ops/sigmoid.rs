use crate::gpu::invocation::{Invocation, Site};
use crate::gpu::params::{Params, SECOND};
use crate::gpu::shader::Shader;

/// One value answers two classes.
pub fn invocation(site: &Site) -> Invocation {
    let flags = if site.input.c < site.output.c { SECOND } else { 0 };
    site.whole(Shader::Sigmoid, Params { flags, ..Params::default() })
}
