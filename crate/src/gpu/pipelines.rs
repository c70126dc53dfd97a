use super::params::Params;
use super::shader::Shader;
use super::tiles::TASKS;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Pipelines of one device, each made when it is first asked for. All share one layout: parameters, arena, weights,
/// factors.
pub(super) struct Pipelines {
    pub layout: wgpu::BindGroupLayout,
    pipeline_layout: wgpu::PipelineLayout,
    made: Mutex<HashMap<Shader, wgpu::ComputePipeline>>,
}

impl Pipelines {
    pub fn new(device: &wgpu::Device) -> Self {
        let buffer = |ty, dynamic, size| wgpu::BindingType::Buffer {
            ty,
            has_dynamic_offset: dynamic,
            min_binding_size: std::num::NonZeroU64::new(size),
        };
        let storage = |read_only| buffer(wgpu::BufferBindingType::Storage { read_only }, false, 16);
        let entry = |(binding, ty)| wgpu::BindGroupLayoutEntry {
            binding,
            visibility: wgpu::ShaderStages::COMPUTE,
            ty,
            count: None,
        };
        let uniform = buffer(wgpu::BufferBindingType::Uniform, true, (TASKS * size_of::<Params>()) as u64);
        let types = [uniform, storage(false), storage(true), storage(true)];
        let entries: Vec<_> = (0..).zip(types).map(entry).collect();
        let layout = device
            .create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label: Some("kernel"), entries: &entries });
        let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some("kernel"),
            bind_group_layouts: &[Some(&layout)],
            immediate_size: 0,
        });
        Self { layout, pipeline_layout, made: Mutex::default() }
    }

    /// The pipeline of a kernel; compiles it the first time.
    pub fn get(&self, device: &wgpu::Device, shader: Shader) -> wgpu::ComputePipeline {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.entry(shader).or_insert_with(|| self.compile(device, shader)).clone()
    }

    /// How many have been made.
    pub fn count(&self) -> usize {
        self.made.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    fn compile(&self, device: &wgpu::Device, shader: Shader) -> wgpu::ComputePipeline {
        let label = format!("{shader:?}");
        let source = wgpu::ShaderSource::Wgsl(shader.source().into());
        let description = wgpu::ShaderModuleDescriptor { label: Some(&label), source };
        // SAFETY: every index comes from a view of the plan, which lies inside the buffers that the call binds, and
        // every loop counts to a parameter, so neither clamped indices nor bounded loops are needed.
        let module =
            unsafe { device.create_shader_module_trusted(description, wgpu::ShaderRuntimeChecks::unchecked()) };
        device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some(&label),
            layout: Some(&self.pipeline_layout),
            module: &module,
            entry_point: Some("main"),
            compilation_options: wgpu::PipelineCompilationOptions {
                constants: &shader.constants(),
                ..wgpu::PipelineCompilationOptions::default()
            },
            cache: None,
        })
    }
}
