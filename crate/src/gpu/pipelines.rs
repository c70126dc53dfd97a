use super::tiles::Tile;
use super::wgsl::wgsl;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// A compute pipeline by what it was specialised for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kernel {
    Conv { tile: Tile, half: bool },
    Pool { max: bool },
    Average,
    Lrn,
    Add,
    Activation,
    Norm,
    Softmax,
    Sigmoid,
    L2,
    Clear,
    Normalize,
    Statistics,
}

impl Kernel {
    fn source(self) -> String {
        let params = wgsl!("shaders/shared/params.wgsl");
        let alone = |shader: &str| [params, shader].join("\n");
        match self {
            Self::Conv { tile, half } => {
                let weights = match half {
                    true => wgsl!("shaders/shared/weights_f16.wgsl"),
                    false => wgsl!("shaders/shared/weights_f32.wgsl"),
                };
                [params, weights, wgsl!("shaders/shared/epilogue.wgsl"), &tile.source()].join("\n")
            }
            Self::Pool { .. } => alone(wgsl!("shaders/pool.wgsl")),
            Self::Average => alone(wgsl!("shaders/average.wgsl")),
            Self::Lrn => alone(wgsl!("shaders/lrn.wgsl")),
            Self::Add => alone(wgsl!("shaders/add.wgsl")),
            Self::Activation => alone(wgsl!("shaders/activation.wgsl")),
            Self::Norm => alone(wgsl!("shaders/norm.wgsl")),
            Self::Softmax => alone(wgsl!("shaders/softmax.wgsl")),
            Self::Sigmoid => alone(wgsl!("shaders/sigmoid.wgsl")),
            Self::L2 => alone(wgsl!("shaders/l2.wgsl")),
            Self::Clear => alone(wgsl!("shaders/clear.wgsl")),
            Self::Normalize => alone(wgsl!("shaders/normalize.wgsl")),
            Self::Statistics => alone(wgsl!("shaders/statistics.wgsl")),
        }
    }

    fn constants(self) -> Vec<(&'static str, f64)> {
        match self {
            Self::Conv { tile: Tile::Direct { group, .. }, .. } => vec![("GROUP", group.into())],
            Self::Pool { max } => vec![("MAXIMUM", f64::from(u8::from(max)))],
            _ => vec![],
        }
    }
}

/// Pipelines of one device, each made when it is first asked for. All share one layout: parameters, two inputs, the
/// output, weights, factors.
pub(super) struct Pipelines {
    pub layout: wgpu::BindGroupLayout,
    pipeline_layout: wgpu::PipelineLayout,
    made: Mutex<HashMap<Kernel, wgpu::ComputePipeline>>,
}

/// Bytes of a kernel's parameters.
pub(super) const PARAMS: u64 = 112;

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
        let uniform = buffer(wgpu::BufferBindingType::Uniform, true, PARAMS);
        let types = [uniform, storage(true), storage(true), storage(false), storage(true), storage(true)];
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
    pub fn get(&self, device: &wgpu::Device, kernel: Kernel) -> wgpu::ComputePipeline {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.entry(kernel).or_insert_with(|| self.compile(device, kernel)).clone()
    }

    fn compile(&self, device: &wgpu::Device, kernel: Kernel) -> wgpu::ComputePipeline {
        let label = format!("{kernel:?}");
        let source = wgpu::ShaderSource::Wgsl(kernel.source().into());
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
                constants: &kernel.constants(),
                ..wgpu::PipelineCompilationOptions::default()
            },
            cache: None,
        })
    }
}
