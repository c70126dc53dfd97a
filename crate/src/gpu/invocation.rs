//! What of a kernel call depends on the operation, and what it is asked on.

use super::params::Params;
use super::shader::Shader;
use super::tiles::flat;
use crate::graph::{Pool, Shape};
use crate::plan::Residual;

/// Where an operation is to run.
pub(super) struct Site {
    /// Shape of the (first) input.
    pub input: Shape,
    pub output: Shape,
    pub images: u32,
    /// A fused residual sum.
    pub residual: Option<Residual>,
    /// A pool through which it reads.
    pub pool: Option<Pool>,
}

/// What is to run, with the parameters that only the operation knows.
pub(super) enum Invocation {
    /// A kernel, and how many workgroups run it.
    Kernel { shader: Shader, params: Params, workgroups: [u32; 2] },
    /// Products with weights over a window, which those that run at once share a kernel for.
    Product(Params),
}

impl Site {
    /// Output positions of all images.
    pub fn pixels(&self) -> u32 {
        self.images * (self.output.h * self.output.w) as u32
    }

    /// Vec4s of output channels.
    pub fn quads(&self) -> u32 {
        self.output.c.div_ceil(4) as u32
    }

    /// An invocation for each vec4 of the output.
    pub fn each(&self, shader: Shader, params: Params) -> Invocation {
        Invocation::Kernel { shader, params, workgroups: flat(self.pixels() * self.quads(), 64) }
    }

    /// A workgroup for each image: of a vector, all of it.
    pub fn whole(&self, shader: Shader, params: Params) -> Invocation {
        Invocation::Kernel { shader, params, workgroups: [self.images, 1] }
    }
}
