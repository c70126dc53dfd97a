use super::tiles::{TASKS, Tile};
use super::wgsl::wgsl;

/// A compute pipeline by what it was specialised for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Shader {
    Conv {
        tile: Tile,
        half: bool,
        /// Every window is one position.
        point: bool,
        /// Some tasks pool what they read.
        pooled: bool,
    },
    /// What is left to do after a convolution in several parts.
    Sum,
    Pool,
    Average,
    Lrn,
    Add,
    Activation,
    Norm,
    Softmax,
    Sigmoid,
    L2Normalize,
    Clear,
    Normalize,
    Statistics,
    /// Of the reverse pass.
    Back(Back),
}

/// What passes a gradient back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Back {
    Relu,
    /// From the groups of a strided convolution to their positions.
    Scatter,
    Scaled,
    MaxPool,
    AveragePool,
    Average,
    Lrn,
    Activation,
    Softmax,
    Sigmoid,
    L2Normalize,
}

impl Back {
    /// One workgroup goes over all values.
    pub fn is_whole(self) -> bool {
        matches!(self, Self::Softmax | Self::Sigmoid | Self::L2Normalize)
    }

    /// It depends on what the layer has read.
    pub fn reads(self) -> bool {
        self.is_whole() || matches!(self, Self::MaxPool | Self::Lrn | Self::Activation)
    }
}

/// What every shader begins with.
pub(super) const PARAMS_SOURCE: &str = wgsl!("shaders/shared/params.wgsl");

impl Shader {
    /// The shader.
    pub fn source(self) -> String {
        let alone = |shader: &str| [PARAMS_SOURCE, shader].join("\n");
        let (pooled, epilogue) = (wgsl!("shaders/shared/pooled.wgsl"), wgsl!("shaders/shared/epilogue.wgsl"));
        let (power, functions) = (wgsl!("shaders/shared/power.wgsl"), wgsl!("shaders/shared/functions.wgsl"));
        match self {
            Self::Conv { tile, half, .. } => {
                let weights = match half {
                    true => wgsl!("shaders/shared/weights_f16.wgsl"),
                    false => wgsl!("shaders/shared/weights_f32.wgsl"),
                };
                let source = [PARAMS_SOURCE, weights, epilogue, pooled, &tile.source()].join("\n");
                match tile {
                    Tile::Shared(_) | Tile::Winograd(_) => of_tasks(&source),
                    _ => source,
                }
            }
            Self::Sum => of_tasks(&alone(&[epilogue, wgsl!("shaders/sum.wgsl")].join("\n"))),
            Self::Pool => alone(&[pooled, wgsl!("ops/pool.wgsl")].join("\n")),
            Self::Average => alone(wgsl!("ops/average.wgsl")),
            Self::Lrn => alone(&[power, wgsl!("ops/lrn.wgsl")].join("\n")),
            Self::Add => alone(wgsl!("ops/add.wgsl")),
            Self::Activation => alone(&[functions, wgsl!("ops/activation.wgsl")].join("\n")),
            Self::Norm => alone(wgsl!("ops/norm.wgsl")),
            Self::Softmax => alone(wgsl!("ops/softmax.wgsl")),
            Self::Sigmoid => alone(wgsl!("ops/sigmoid.wgsl")),
            Self::L2Normalize => alone(wgsl!("ops/l2_normalize.wgsl")),
            Self::Clear => alone(wgsl!("shaders/clear.wgsl")),
            Self::Normalize => alone(wgsl!("shaders/normalize.wgsl")),
            Self::Statistics => alone(wgsl!("shaders/statistics.wgsl")),
            Self::Back(back) => {
                let vector = wgsl!("reverse/vector.wgsl");
                let parts = match back {
                    Back::Relu => ["", wgsl!("reverse/relu.wgsl")],
                    Back::Scatter => ["", wgsl!("reverse/scatter.wgsl")],
                    Back::Scaled => ["", wgsl!("reverse/scaled.wgsl")],
                    Back::MaxPool => ["", wgsl!("reverse/max_pool.wgsl")],
                    Back::AveragePool => ["", wgsl!("reverse/average_pool.wgsl")],
                    Back::Average => ["", wgsl!("reverse/average.wgsl")],
                    Back::Lrn => [power, wgsl!("reverse/lrn.wgsl")],
                    Back::Activation => [functions, wgsl!("reverse/activation.wgsl")],
                    Back::Softmax => [vector, wgsl!("reverse/softmax.wgsl")],
                    Back::Sigmoid => [vector, wgsl!("reverse/sigmoid.wgsl")],
                    Back::L2Normalize => [vector, wgsl!("reverse/l2_normalize.wgsl")],
                };
                alone(&[wgsl!("shaders/shared/give.wgsl"), parts[0], parts[1]].join("\n"))
            }
        }
    }

    /// Constants that the shader is compiled with.
    pub fn constants(self) -> Vec<(&'static str, f64)> {
        match self {
            Self::Conv { tile: Tile::Direct { group, .. }, .. } => vec![("GROUP", group.into())],
            Self::Conv { tile: Tile::Shared(_), point, pooled, .. } => {
                [("POINT", point), ("POOLED", pooled)].map(|(name, is)| (name, f64::from(u8::from(is)))).into()
            }
            _ => vec![],
        }
    }
}

/// A shader whose workgroups each work on one of several tasks, which has its own parameters.
fn of_tasks(source: &str) -> String {
    let one = "var<uniform>params:Params;";
    let many = format!("var<uniform> tasks: array<Params, {TASKS}>;\nvar<private> task: u32;\nconst TASKS = {TASKS}u;");
    let source = source.replace(one, &many).replace("params.", "tasks[task].");
    [&source[..], wgsl!("shaders/shared/tasks.wgsl")].join("\n")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::gpu::tiles::{SHARED, WINOGRAD};
    use wgpu::naga;

    /// Every shader, but for constants that it is compiled with.
    fn all() -> Vec<Shader> {
        let direct = [(1, 1), (8, 3)].map(|(pixels, quads)| Tile::Direct { pixels, quads, group: 8 });
        let tiles = SHARED.map(Tile::Shared).into_iter().chain(WINOGRAD.map(Tile::Winograd)).chain(direct);
        let convs = tiles
            .chain([Tile::Vector])
            .flat_map(|tile| [false, true].map(|half| Shader::Conv { tile, half, point: false, pooled: false }));
        convs.chain(std::iter::successors(Some(Shader::Sum), |shader| after(*shader))).collect()
    }

    /// The shader that follows in the list of those that are no convolution's; the compiler asks here for another one.
    fn after(shader: Shader) -> Option<Shader> {
        let next = match shader {
            Shader::Conv { .. } => Shader::Sum,
            Shader::Sum => Shader::Pool,
            Shader::Pool => Shader::Average,
            Shader::Average => Shader::Lrn,
            Shader::Lrn => Shader::Add,
            Shader::Add => Shader::Activation,
            Shader::Activation => Shader::Norm,
            Shader::Norm => Shader::Softmax,
            Shader::Softmax => Shader::Sigmoid,
            Shader::Sigmoid => Shader::L2Normalize,
            Shader::L2Normalize => Shader::Clear,
            Shader::Clear => Shader::Normalize,
            Shader::Normalize => Shader::Statistics,
            Shader::Statistics => Shader::Back(Back::Relu),
            Shader::Back(back) => Shader::Back(match back {
                Back::Relu => Back::Scatter,
                Back::Scatter => Back::Scaled,
                Back::Scaled => Back::MaxPool,
                Back::MaxPool => Back::AveragePool,
                Back::AveragePool => Back::Average,
                Back::Average => Back::Lrn,
                Back::Lrn => Back::Activation,
                Back::Activation => Back::Softmax,
                Back::Softmax => Back::Sigmoid,
                Back::Sigmoid => Back::L2Normalize,
                Back::L2Normalize => return None,
            }),
        };
        Some(next)
    }

    /// An adapter is not needed for this: what is no WGSL is seen on any machine.
    #[test]
    fn every_shader_is_valid() {
        for shader in all() {
            let source = shader.source();
            let module = naga::front::wgsl::parse_str(&source);
            let module = module.unwrap_or_else(|e| panic!("{shader:?}: {}", e.emit_to_string(&source)));
            // What WGSL has wherever there is WebGPU.
            let known = naga::valid::Capabilities::SHADER_FLOAT16_IN_FLOAT32;
            let mut validator = naga::valid::Validator::new(naga::valid::ValidationFlags::all(), known);
            validator.validate(&module).unwrap_or_else(|e| panic!("{shader:?}: {}", e.emit_to_string(&source)));
        }
    }
}
