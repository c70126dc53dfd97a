use super::tiles::Tile;
use super::wgsl::wgsl;

/// A compute pipeline by what it was specialised for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Shader {
    Conv { tile: Tile, half: bool },
    Pool { max: bool },
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
}

/// What every shader begins with.
pub(super) const PARAMS_SOURCE: &str = wgsl!("shaders/shared/params.wgsl");

impl Shader {
    /// The shader.
    pub fn source(self) -> String {
        let alone = |shader: &str| [PARAMS_SOURCE, shader].join("\n");
        match self {
            Self::Conv { tile, half } => {
                let weights = match half {
                    true => wgsl!("shaders/shared/weights_f16.wgsl"),
                    false => wgsl!("shaders/shared/weights_f32.wgsl"),
                };
                [PARAMS_SOURCE, weights, wgsl!("shaders/shared/epilogue.wgsl"), &tile.source()].join("\n")
            }
            Self::Pool { .. } => alone(wgsl!("ops/pool.wgsl")),
            Self::Average => alone(wgsl!("ops/average.wgsl")),
            Self::Lrn => alone(wgsl!("ops/lrn.wgsl")),
            Self::Add => alone(wgsl!("ops/add.wgsl")),
            Self::Activation => alone(wgsl!("ops/activation.wgsl")),
            Self::Norm => alone(wgsl!("ops/norm.wgsl")),
            Self::Softmax => alone(wgsl!("ops/softmax.wgsl")),
            Self::Sigmoid => alone(wgsl!("ops/sigmoid.wgsl")),
            Self::L2Normalize => alone(wgsl!("ops/l2_normalize.wgsl")),
            Self::Clear => alone(wgsl!("shaders/clear.wgsl")),
            Self::Normalize => alone(wgsl!("shaders/normalize.wgsl")),
            Self::Statistics => alone(wgsl!("shaders/statistics.wgsl")),
        }
    }

    /// Constants that the shader is compiled with.
    pub fn constants(self) -> Vec<(&'static str, f64)> {
        match self {
            Self::Conv { tile: Tile::Direct { group, .. }, .. } => vec![("GROUP", group.into())],
            Self::Pool { max } => vec![("MAXIMUM", f64::from(u8::from(max)))],
            _ => vec![],
        }
    }
}
