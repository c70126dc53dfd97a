//! Where a session runs: the one surface that sessions need of the CPU and the GPU.

use crate::cpu::{Cpu, Threads, ViewRef};
use crate::error::Error;
#[cfg(feature = "gpu")]
use crate::gpu::{Gpu, GpuDevice};
use crate::graph::{Graph, LayerId, LayerWeights};
use crate::image::{Input, Levels};
use crate::info::ChannelStats;
use crate::plan::{Plan, Request, ReversePlan, Timed};
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
    /// The processor, and the input's value of each 8-bit level.
    Cpu(Box<Cpu>, Box<Levels>),
    #[cfg(feature = "gpu")]
    Gpu(Box<Gpu>),
}

impl Backend {
    /// A network without weights; `half` lets a GPU store them as f16.
    #[cfg_attr(not(feature = "gpu"), allow(unused_variables))]
    pub fn new(device: &Device, graph: Arc<Graph>, threads: usize, half: bool, levels: Levels) -> Result<Self, Error> {
        match device {
            Device::Cpu => Ok(Self::Cpu(Box::new(Cpu::new(graph, Threads::new(threads))), Box::new(levels))),
            #[cfg(feature = "gpu")]
            Device::Gpu(device) => Ok(Self::Gpu(Box::new(Gpu::new(device.clone(), graph, half, &levels)?))),
        }
    }

    /// Takes the weights of one layer.
    pub fn prepare(&mut self, id: LayerId, weights: &LayerWeights) -> Result<(), Error> {
        match self {
            Self::Cpu(cpu, _) => cpu.prepare(id, weights)?,
            #[cfg(feature = "gpu")]
            Self::Gpu(gpu) => gpu.prepare(id, weights)?,
        }
        Ok(())
    }

    /// Values of the memory for activations that a backend takes from [`Backend::lend`].
    pub fn wants(&self) -> usize {
        match self {
            Self::Cpu(cpu, _) => cpu.arena_len(),
            #[cfg(feature = "gpu")]
            Self::Gpu(_) => 0,
        }
    }

    /// Takes memory that was needed to prepare weights.
    pub fn lend(&mut self, memory: Vec<f32>) {
        match self {
            Self::Cpu(cpu, _) => cpu.lend(memory),
            #[cfg(feature = "gpu")]
            Self::Gpu(_) => {}
        }
    }

    /// Ends preparing.
    pub async fn warm(&mut self) -> Result<(), Error> {
        match self {
            Self::Cpu(..) => {}
            #[cfg(feature = "gpu")]
            Self::Gpu(gpu) => gpu.warm().await?,
        }
        Ok(())
    }

    /// Threads that kernels run on; none on the GPU.
    pub fn threads(&self) -> usize {
        match self {
            Self::Cpu(cpu, _) => cpu.threads(),
            #[cfg(feature = "gpu")]
            Self::Gpu(_) => 0,
        }
    }

    /// The device, where it is a GPU.
    #[cfg(feature = "gpu")]
    pub fn gpu(&self) -> Option<&GpuDevice> {
        match self {
            Self::Cpu(..) => None,
            Self::Gpu(gpu) => Some(gpu.device()),
        }
    }

    /// Bytes of weights as the backend holds them.
    pub fn weight_bytes(&self) -> usize {
        match self {
            Self::Cpu(cpu, _) => cpu.weight_bytes(),
            #[cfg(feature = "gpu")]
            Self::Gpu(gpu) => gpu.weight_bytes(),
        }
    }

    /// The schedule in force.
    pub fn plan(&self) -> &Plan {
        match self {
            Self::Cpu(cpu, _) => cpu.plan(),
            #[cfg(feature = "gpu")]
            Self::Gpu(gpu) => gpu.plan(),
        }
    }

    /// Plans anew. What is refused at once leaves the old plan in force; a GPU refuses later, too, and needs another plan then.
    pub fn configure(&mut self, request: &Request) -> Result<(), Error> {
        match self {
            Self::Cpu(cpu, _) => cpu.configure(request)?,
            #[cfg(feature = "gpu")]
            Self::Gpu(gpu) => gpu.configure(request)?,
        }
        Ok(())
    }

    /// The reverse pass in force.
    pub fn reverse_plan(&self) -> Option<&ReversePlan> {
        match self {
            Self::Cpu(cpu, _) => cpu.reverse_plan(),
            #[cfg(feature = "gpu")]
            Self::Gpu(gpu) => gpu.reverse_plan(),
        }
    }

    /// Bytes of the memory for activations, and of that of the reverse pass.
    pub fn memory(&self) -> [usize; 2] {
        match self {
            Self::Cpu(cpu, _) => [cpu.arena_len() * size_of::<f32>(), cpu.reverse_bytes()],
            #[cfg(feature = "gpu")]
            Self::Gpu(gpu) => gpu.memory(),
        }
    }

    /// The layers whose weights the reverse pass in force lacks.
    pub fn unreversed(&self) -> Vec<LayerId> {
        match self {
            Self::Cpu(cpu, _) => cpu.unreversed(),
            #[cfg(feature = "gpu")]
            Self::Gpu(gpu) => gpu.unreversed(),
        }
    }

    /// Takes the weights of one layer for reverse passes.
    pub fn prepare_reverse(&mut self, id: LayerId, weights: &LayerWeights) -> Result<(), Error> {
        match self {
            Self::Cpu(cpu, _) => Ok(cpu.prepare_reverse(id, weights)?),
            #[cfg(feature = "gpu")]
            Self::Gpu(gpu) => Ok(gpu.prepare_reverse(id, weights)?),
        }
    }

    /// Begins the reverse pass with the gradient at the layer that it is of, `[H,W,C]`.
    pub fn seed(&mut self, values: &[f32], wakes: bool) -> Result<(), Error> {
        match self {
            Self::Cpu(cpu, _) => Ok(cpu.seed(values, wakes)?),
            #[cfg(feature = "gpu")]
            Self::Gpu(gpu) => Ok(gpu.seed(values, wakes)?),
        }
    }

    /// Runs steps of the reverse pass, or hands them to the GPU.
    pub fn run_reverse(&mut self, steps: Range<usize>) -> Result<(), Error> {
        match self {
            Self::Cpu(cpu, _) => Ok(cpu.run_reverse(steps)?),
            #[cfg(feature = "gpu")]
            Self::Gpu(gpu) => Ok(gpu.run_reverse(steps)?),
        }
    }

    /// A gradient that was asked for, `[H,W,C]`, after the pass.
    pub fn gradient(&self, id: LayerId) -> Option<&[f32]> {
        match self {
            Self::Cpu(cpu, _) => cpu.gradient(id),
            #[cfg(feature = "gpu")]
            Self::Gpu(gpu) => gpu.gradient(id),
        }
    }

    /// Takes the images of a run, one after another.
    pub fn set_input(&mut self, input: &Input) -> Result<(), Error> {
        match (self, input) {
            (Self::Cpu(cpu, _), Input::Values(values)) => cpu.set_input(values)?,
            (Self::Cpu(cpu, table), Input::Levels(levels)) => cpu.set_levels(levels, table)?,
            #[cfg(feature = "gpu")]
            (Self::Gpu(gpu), Input::Values(values)) => gpu.set_input(values)?,
            #[cfg(feature = "gpu")]
            (Self::Gpu(gpu), Input::Levels(levels)) => gpu.set_levels(levels)?,
        }
        Ok(())
    }

    /// Runs steps of the plan, or hands them to the GPU.
    pub fn run(&mut self, steps: Range<usize>) -> Result<(), Error> {
        match self {
            Self::Cpu(cpu, _) => cpu.run(steps)?,
            #[cfg(feature = "gpu")]
            Self::Gpu(gpu) => gpu.run(steps)?,
        }
        Ok(())
    }

    /// Waits until at most one call of [`Backend::run`] or [`Backend::run_reverse`] is still at work.
    pub async fn settled(&mut self) -> Result<(), Error> {
        match self {
            Self::Cpu(..) => {}
            #[cfg(feature = "gpu")]
            Self::Gpu(gpu) => gpu.settled().await?,
        }
        Ok(())
    }

    /// Milliseconds that the device took for the last run, where that is known; see [`Gpu::device_ms`].
    pub fn device_ms(&self) -> Option<f64> {
        match self {
            Self::Cpu(..) => None,
            #[cfg(feature = "gpu")]
            Self::Gpu(gpu) => gpu.device_ms(),
        }
    }

    /// Ends a run: the outputs and kept layers can be viewed; or a reverse pass: the gradients.
    #[cfg_attr(not(feature = "gpu"), allow(unused_variables))]
    pub async fn complete(&mut self, is_reverse: bool) -> Result<(), Error> {
        match self {
            Self::Cpu(..) => {}
            #[cfg(feature = "gpu")]
            Self::Gpu(gpu) if is_reverse => gpu.read_gradients().await?,
            #[cfg(feature = "gpu")]
            Self::Gpu(gpu) => gpu.read_back().await?,
        }
        Ok(())
    }

    /// Milliseconds that `repeats` runs of something take; none of a way for which there is no room.
    pub async fn time(&mut self, timed: Timed, repeats: u32) -> Result<Option<f64>, Error> {
        match self {
            Self::Cpu(cpu, _) => {
                let Timed::Step(step) = timed else { return Ok(None) };
                let start = web_time::Instant::now();
                (0..repeats).try_for_each(|_| cpu.run(step..step + 1))?;
                Ok(Some(start.elapsed().as_secs_f64() * 1e3))
            }
            #[cfg(feature = "gpu")]
            Self::Gpu(gpu) => Ok(gpu.time(timed, repeats).await?),
        }
    }

    /// How many ways of its kernels a GPU can be asked to time.
    pub fn ways(&self) -> usize {
        match self {
            Self::Cpu(..) => 0,
            #[cfg(feature = "gpu")]
            Self::Gpu(gpu) => gpu.ways(),
        }
    }

    /// How many of them there are of each kind.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn ways_of_kinds(&self) -> Vec<usize> {
        match self {
            Self::Cpu(..) => vec![],
            #[cfg(feature = "gpu")]
            Self::Gpu(gpu) => gpu.ways_of_kinds(),
        }
    }

    /// The kernel of each of them.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn way_kernels(&self) -> Vec<String> {
        match self {
            Self::Cpu(..) => vec![],
            #[cfg(feature = "gpu")]
            Self::Gpu(gpu) => gpu.way_kernels(),
        }
    }

    /// Takes the times of all ways; gives how many kinds of waves now go another way than predicted.
    #[cfg_attr(not(feature = "gpu"), allow(unused_variables))]
    pub fn take_ways(&mut self, times: &[f64]) -> Result<usize, Error> {
        match self {
            Self::Cpu(..) => Ok(0),
            #[cfg(feature = "gpu")]
            Self::Gpu(gpu) => Ok(gpu.take_ways(times)?),
        }
    }

    /// What was measured of ways; nothing on the CPU.
    pub fn tuned(&self) -> String {
        match self {
            Self::Cpu(..) => String::new(),
            #[cfg(feature = "gpu")]
            Self::Gpu(gpu) => gpu.tuned(),
        }
    }

    /// Takes what [`Backend::tuned`] gave before.
    #[cfg_attr(not(feature = "gpu"), allow(unused_variables))]
    pub fn tune(&mut self, tuned: &str) -> Result<(), Error> {
        match self {
            Self::Cpu(..) => {}
            #[cfg(feature = "gpu")]
            Self::Gpu(gpu) => gpu.tune(tuned)?,
        }
        Ok(())
    }

    /// The output of a kept layer for one image, NHWC, after a complete run.
    pub fn view(&self, id: LayerId, image: usize) -> ViewRef<'_> {
        match self {
            Self::Cpu(cpu, _) => cpu.view(id, image),
            #[cfg(feature = "gpu")]
            Self::Gpu(gpu) => gpu.view(id, image),
        }
    }

    /// Statistics of a kept layer, where they were computed with the run.
    #[cfg_attr(not(feature = "gpu"), allow(unused_variables))]
    pub fn statistics(&self, id: LayerId, image: usize) -> Option<Vec<ChannelStats>> {
        match self {
            Self::Cpu(..) => None,
            #[cfg(feature = "gpu")]
            Self::Gpu(gpu) => gpu.statistics(id, image),
        }
    }
}
