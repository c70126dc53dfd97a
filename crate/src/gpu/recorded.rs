//! Calls as they are recorded: pipelines, bindings, places of parameters.

use super::buffers::Buffer;
use super::dispatch::Call;
use super::params::Params;
use super::shader::Shader;
use super::tiles::TASKS;

/// Distance between the parameters of two calls: a multiple of WebGPU's default alignment of a dynamic offset.
pub(super) const SLOT: usize = TASKS * size_of::<Params>();

/// A pass that nothing measures.
pub(super) const PASS: wgpu::ComputePassDescriptor =
    wgpu::ComputePassDescriptor { label: None, timestamp_writes: None };

/// One recorded kernel call.
pub(super) struct Dispatch {
    pub shader: Shader,
    pub pipeline: wgpu::ComputePipeline,
    pub bindings: wgpu::BindGroup,
    pub offset: u32,
    pub workgroups: [u32; 2],
}

impl Dispatch {
    pub fn record(&self, pass: &mut wgpu::ComputePass, [x, y]: [u32; 2]) {
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, &self.bindings, &[self.offset]);
        pass.dispatch_workgroups(x, y, 1);
    }
}

/// Every call of a run.
#[derive(Default)]
pub(super) struct Recorded {
    /// From the picture's levels to the input.
    pub normalize: Option<Dispatch>,
    /// Per step of the plan, those of its wave at the first, and the storages to be copied then.
    pub steps: Vec<(Vec<Dispatch>, Vec<usize>)>,
    /// Where the dispatches' parameters are.
    pub _params: Option<Buffer>,
}

/// The parameters of a call's tasks. No workgroup is of those that it has not.
pub(super) fn slot(call: &Call) -> [u8; SLOT] {
    let mut tasks = [Params { first_group: u32::MAX, ..Params::default() }; TASKS];
    tasks[..call.tasks.len()].copy_from_slice(&call.tasks);
    bytemuck::cast(tasks)
}

impl Recorded {
    pub fn all(&self) -> impl Iterator<Item = &Dispatch> {
        self.normalize.iter().chain(self.steps.iter().flat_map(|(dispatches, _)| dispatches))
    }
}
