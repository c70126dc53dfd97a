use super::device::GpuDevice;
use super::dispatch::{Call, call};
use super::error::GpuError;
use super::memory::Memory;
use super::pipelines::PARAMS;
use super::weights::Weights;
use crate::cpu::{LayerWeights, ViewRef};
use crate::graph::{Graph, Layer, LayerId, Shape};
use crate::plan::{self, Plan};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// Distance between the parameters of two calls, WebGPU's default alignment of a dynamic offset.
const SLOT: usize = 256;

/// One recorded kernel call.
struct Dispatch {
    pipeline: wgpu::ComputePipeline,
    bindings: wgpu::BindGroup,
    offset: u32,
    workgroups: [u32; 2],
}

/// A network on the GPU: weights, the plan's arenas, and every call with its bindings.
pub struct Gpu {
    device: Arc<GpuDevice>,
    graph: Arc<Graph>,
    plan: Plan,
    weights: Weights,
    memory: Memory,
    dispatches: Vec<Option<Dispatch>>,
    /// The input in vec4s.
    padded: Vec<f32>,
}

impl Gpu {
    /// A network without weights yet, which will be stored as f16 where `half` says so; see [`Gpu::prepare`].
    /// Compiles every pipeline that the network needs.
    pub fn new(device: Arc<GpuDevice>, graph: Arc<Graph>, half: bool) -> Result<Self, GpuError> {
        let plan = Plan::new(&graph, &[], plan::Memory::GPU);
        let weights = Weights::new(&device, &graph, half)?;
        let memory = Memory::new(&device, &plan)?;
        let Shape { c, h, w } = graph.input();
        let padded = vec![0.0; h * w * c.next_multiple_of(4)];
        let mut gpu = Self { device, graph, plan, weights, memory, dispatches: Vec::new(), padded };
        gpu.record()?;
        Ok(gpu)
    }

    /// The device it runs on.
    pub fn device(&self) -> &GpuDevice {
        &self.device
    }

    /// Bytes of weights on the device.
    pub fn weight_bytes(&self) -> usize {
        self.weights.bytes()
    }

    /// Uploads the weights of one layer.
    pub fn prepare(&mut self, id: LayerId, weights: &LayerWeights) -> Result<(), GpuError> {
        let named = |source| GpuError::Weights { layer: self.graph.layer(id).name.clone(), source };
        self.weights.upload(&self.device, &self.graph, id, weights).map_err(named)?;
        self.device.check()
    }

    /// Ends preparing: sends what is still on its way, and frees what it took.
    pub fn finish(&mut self) -> Result<(), GpuError> {
        self.weights.finish();
        self.device.queue.submit([]);
        self.device.wait()
    }

    /// The schedule in force.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Plans anew, keeping the outputs of `keep`.
    pub fn keep(&mut self, keep: &[LayerId]) -> Result<(), GpuError> {
        let plan = Plan::new(&self.graph, keep, plan::Memory::GPU);
        self.memory = Memory::new(&self.device, &plan)?;
        self.plan = plan;
        self.record()
    }

    /// Makes pipelines, parameters and bindings of every call.
    fn record(&mut self) -> Result<(), GpuError> {
        self.check_alignment()?;
        let software = self.device.is_software();
        let step = |step| call(&self.graph, &self.plan, &self.weights, software, step);
        let calls: Vec<Option<Call>> = self.plan.steps.iter().map(step).collect();
        let mut slots = vec![0u32; calls.len().max(1) * SLOT / 4];
        for (i, call) in calls.iter().enumerate() {
            let words = call.iter().flat_map(|c| c.params);
            slots[i * SLOT / 4..].iter_mut().zip(words).for_each(|(slot, word)| *slot = word);
        }
        let params = self.device.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("parameters"),
            size: slots.len() as u64 * 4,
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        self.device.queue.write_buffer(&params, 0, bytemuck::cast_slice(&slots));
        let mut bindings: HashMap<([usize; 3], usize), wgpu::BindGroup> = HashMap::new();
        let mut dispatch = |i: usize, call: Call| {
            let key = (call.arenas, call.weights);
            let bound = bindings.entry(key).or_insert_with(|| self.bind(&params, &call));
            Dispatch {
                pipeline: self.device.pipelines.get(&self.device.device, call.kernel),
                bindings: bound.clone(),
                offset: (i * SLOT) as u32,
                workgroups: call.workgroups,
            }
        };
        self.dispatches = calls.into_iter().enumerate().map(|(i, c)| c.map(|c| dispatch(i, c))).collect();
        self.device.check()
    }

    /// Every layer has to own whole vec4s of its storage.
    fn check_alignment(&self) -> Result<(), GpuError> {
        let misplaced = |(i, layer): (usize, &Layer)| {
            let view = self.plan.view(LayerId::new(i))?;
            let storage = &self.plan.storages[view.storage];
            let end = view.channel + view.shape.c;
            let odd = [view.channel, if end == storage.shape.c { 0 } else { end }].into_iter().find(|c| c % 4 != 0)?;
            Some(GpuError::Unaligned { layer: layer.name.clone(), channel: odd })
        };
        self.graph.layers.iter().enumerate().find_map(misplaced).map_or(Ok(()), Err)
    }

    fn bind(&self, params: &wgpu::Buffer, call: &Call) -> wgpu::BindGroup {
        let slot = wgpu::BindingResource::Buffer(wgpu::BufferBinding {
            buffer: params,
            offset: 0,
            size: std::num::NonZeroU64::new(PARAMS),
        });
        let [input, second, out] = call.arenas.map(|arena| self.memory.arenas[arena].as_entire_binding());
        let weights = self.weights.buffers[call.weights].as_entire_binding();
        let resources = [slot, input, second, out, weights, self.weights.factors.as_entire_binding()];
        let entries = (0..).zip(resources).map(|(binding, resource)| wgpu::BindGroupEntry { binding, resource });
        self.device.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("call"),
            layout: &self.device.pipelines.layout,
            entries: &entries.collect::<Vec<_>>(),
        })
    }

    /// Copies the normalised image, NHWC, to its place.
    pub fn set_input(&mut self, input: &[f32]) -> Result<(), GpuError> {
        let wanted = self.graph.input().len();
        if input.len() != wanted {
            return Err(GpuError::Input { wanted, found: input.len() });
        }
        if let Some(view) = self.plan.view(LayerId::new(0)) {
            let storage = &self.plan.storages[view.storage];
            let pixels = self.padded.chunks_exact_mut(storage.stride).zip(input.chunks_exact(view.shape.c));
            pixels.for_each(|(padded, pixel)| padded[..pixel.len()].copy_from_slice(pixel));
            let arena = &self.memory.arenas[storage.arena];
            self.device.queue.write_buffer(arena, storage.offset as u64 * 4, bytemuck::cast_slice(&self.padded));
        }
        self.device.check()
    }

    /// Submits steps of the plan.
    pub fn run(&mut self, steps: Range<usize>) -> Result<(), GpuError> {
        let mut encoder = self.device.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        for dispatch in self.dispatches[steps].iter().flatten() {
            pass.set_pipeline(&dispatch.pipeline);
            pass.set_bind_group(0, &dispatch.bindings, &[dispatch.offset]);
            let [x, y] = dispatch.workgroups;
            pass.dispatch_workgroups(x, y, 1);
        }
        drop(pass);
        self.device.queue.submit([encoder.finish()]);
        self.device.check()
    }

    /// Waits for what was submitted and reads the outputs and kept layers back.
    pub fn read_back(&mut self) -> Result<(), GpuError> {
        self.memory.read_back(&self.device, &self.plan)
    }

    /// The output of a layer, NHWC, as it was last read back: the graph's outputs and kept layers; all others are empty.
    pub fn view(&self, id: LayerId) -> ViewRef<'_> {
        let found = self.plan.view(id).and_then(|view| Some((view, self.memory.places[view.storage]?)));
        let Some((view, place)) = found else { return ViewRef::dense(&[], Shape::new(0, 0, 0)) };
        let storage = &self.plan.storages[view.storage];
        let values = &self.memory.host[place..place + storage.range().len()];
        ViewRef::new(values, view.channel, storage.stride, view.shape)
    }
}
