//! Where a session runs: the one surface that sessions need of the CPU and the GPU.

use crate::cpu::{Cpu, LayerWeights, Pool, ViewRef};
use crate::error::Error;
#[cfg(feature = "gpu")]
use crate::gpu::{Gpu, GpuDevice};
use crate::graph::{Graph, LayerId};
use crate::plan::Plan;
use std::ops::Range;
use std::sync::Arc;

/// Where a network runs.
#[derive(Clone, Default)]
pub enum Device {
    /// The processor.
    #[default]
    Cpu,
    /// The GPU, opened before.
    #[cfg(feature = "gpu")]
    Gpu(Arc<GpuDevice>),
}

/// A network on its device.
pub(crate) enum Backend {
    Cpu(Box<Cpu>),
    #[cfg(feature = "gpu")]
    Gpu(Box<Gpu>),
}

impl Backend {
    /// A network without weights; `half` lets a GPU store them as f16.
    #[cfg_attr(not(feature = "gpu"), allow(unused_variables))]
    pub fn new(device: &Device, graph: Arc<Graph>, threads: usize, half: bool) -> Result<Self, Error> {
        match device {
            Device::Cpu => Ok(Self::Cpu(Box::new(Cpu::new(graph, Pool::new(threads))))),
            #[cfg(feature = "gpu")]
            Device::Gpu(device) => Ok(Self::Gpu(Box::new(Gpu::new(device.clone(), graph, half)?))),
        }
    }

    /// Takes the weights of one layer.
    pub fn prepare(&mut self, id: LayerId, weights: &LayerWeights) -> Result<(), Error> {
        match self {
            Self::Cpu(cpu) => cpu.prepare(id, weights)?,
            #[cfg(feature = "gpu")]
            Self::Gpu(gpu) => gpu.prepare(id, weights)?,
        }
        Ok(())
    }

    /// Ends preparing.
    pub fn finish(&mut self) -> Result<(), Error> {
        match self {
            Self::Cpu(_) => {}
            #[cfg(feature = "gpu")]
            Self::Gpu(gpu) => gpu.finish()?,
        }
        Ok(())
    }

    /// Threads that kernels run on; none on the GPU.
    pub fn threads(&self) -> usize {
        match self {
            Self::Cpu(cpu) => cpu.threads(),
            #[cfg(feature = "gpu")]
            Self::Gpu(_) => 0,
        }
    }

    /// The adapter's own name, on the GPU.
    pub fn adapter(&self) -> Option<&str> {
        match self {
            Self::Cpu(_) => None,
            #[cfg(feature = "gpu")]
            Self::Gpu(gpu) => Some(gpu.device().name()),
        }
    }

    /// Bytes of weights as the backend holds them.
    pub fn weight_bytes(&self) -> usize {
        match self {
            Self::Cpu(cpu) => cpu.weight_bytes(),
            #[cfg(feature = "gpu")]
            Self::Gpu(gpu) => gpu.weight_bytes(),
        }
    }

    /// The schedule in force.
    pub fn plan(&self) -> &Plan {
        match self {
            Self::Cpu(cpu) => cpu.plan(),
            #[cfg(feature = "gpu")]
            Self::Gpu(gpu) => gpu.plan(),
        }
    }

    /// Plans anew, keeping the outputs of `keep`.
    pub fn keep(&mut self, keep: &[LayerId]) -> Result<(), Error> {
        match self {
            Self::Cpu(cpu) => cpu.keep(keep)?,
            #[cfg(feature = "gpu")]
            Self::Gpu(gpu) => gpu.keep(keep)?,
        }
        Ok(())
    }

    /// Takes the normalised image, NHWC.
    pub fn set_input(&mut self, input: &[f32]) -> Result<(), Error> {
        match self {
            Self::Cpu(cpu) => cpu.set_input(input)?,
            #[cfg(feature = "gpu")]
            Self::Gpu(gpu) => gpu.set_input(input)?,
        }
        Ok(())
    }

    /// Runs steps of the plan, or hands them to the GPU.
    pub fn run(&mut self, steps: Range<usize>) -> Result<(), Error> {
        match self {
            Self::Cpu(cpu) => steps.for_each(|step| cpu.step(step)),
            #[cfg(feature = "gpu")]
            Self::Gpu(gpu) => gpu.run(steps)?,
        }
        Ok(())
    }

    /// Ends a run: the outputs and kept layers can be viewed.
    pub fn complete(&mut self) -> Result<(), Error> {
        match self {
            Self::Cpu(_) => {}
            #[cfg(feature = "gpu")]
            Self::Gpu(gpu) => gpu.read_back()?,
        }
        Ok(())
    }

    /// The output of a kept layer, NHWC, after a complete run.
    pub fn view(&self, id: LayerId) -> ViewRef<'_> {
        match self {
            Self::Cpu(cpu) => cpu.view(id),
            #[cfg(feature = "gpu")]
            Self::Gpu(gpu) => gpu.view(id),
        }
    }
}
