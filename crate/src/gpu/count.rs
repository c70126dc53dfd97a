//! The work of a run on a GPU, counted: what can be said of a plan without a device.

use super::calls::Calls;
use super::dispatch::Call;
use super::error::GpuError;
use super::params::Params;
use super::shader::Shader;
use super::tiles::{Shared, Tile, Winograd};
use super::tuning::Tuning;
use super::weights::Places;
use crate::graph::{Graph, LayerId};

/// What one dispatch of a run does.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Counts {
    /// The layers that it computes.
    pub layers: Vec<String>,
    /// The kernel; of convolutions the tile too, as pixels x channels, and the most parts of a sum.
    pub kernel: String,
    /// Workgroups.
    pub workgroups: u64,
    /// Steps of 16 inputs of a sum that the longest invocation goes through, one after another; none but in convolutions and
    /// linear layers.
    pub serial_steps: f64,
    /// Multiply-adds of numbers, of convolutions and linear layers.
    pub multiply_adds: u64,
    /// Bytes that workgroups read from storage.
    pub bytes_read: u64,
    /// Bytes that they write.
    pub bytes_written: u64,
    /// The share of multiply-adds that are of no output, as tiles reach over the edge.
    pub padding: f64,
    /// Barriers that the longest workgroup goes through.
    pub barriers: u32,
}

/// Bytes of a vec4 of activations.
const QUAD: u64 = 16;

/// The dispatches of a run of one picture that keeps nothing, in order; `half` for weights of f16.
///
/// # Errors
/// A network whose weights or activations are more than the default limits of WebGPU let a shader bind.
pub fn count(graph: &Graph, half: bool) -> Result<Vec<Counts>, GpuError> {
    let limit = wgpu::Limits::default().max_storage_buffer_binding_size;
    let places = Places::new(graph, half, limit)?;
    let calls = Calls::plain(graph, 1, &places, &Tuning::default(), false, limit)?;
    let name = |id: &LayerId| graph.layer(*id).name.clone();
    Ok(calls
        .all()
        .into_iter()
        .map(|call| Counts { layers: call.layers.iter().map(name).collect(), ..counts(call, places.quad()) })
        .collect())
}

fn counts(call: &Call, weight: u64) -> Counts {
    let workgroups = call.workgroups.iter().map(|&n| u64::from(n)).product();
    let tasks = || call.tasks.iter();
    let outputs = |params: &Params| u64::from(params.product().pixels) * u64::from(params.out_quads);
    let wanted: f64 = tasks().map(|task| outputs(task) as f64 * f64::from(task.depth)).sum();
    let (mut done, mut products) = (wanted, 1.0);
    let counts = Counts {
        layers: vec![],
        kernel: kernel(call),
        workgroups,
        serial_steps: 0.0,
        multiply_adds: 0,
        bytes_read: 0,
        bytes_written: tasks().map(|task| outputs(task) * u64::from(task.splits.max(1)) * QUAD).sum(),
        padding: 0.0,
        barriers: 0,
    };
    let counts = match call.shader {
        Shader::Conv { tile: Tile::Shared(tile), .. } => {
            let steps = tasks().map(|task| tile.steps(task.product(), task.splits)).max().unwrap_or(0);
            let computed = |task: &Params| {
                let groups = Tile::Shared(tile).workgroups(task.product(), task.splits) * tile.tile() * tile.columns;
                f64::from(groups) * f64::from(tile.steps(task.product(), task.splits) * tile.step())
            };
            done = tasks().map(computed).sum();
            Counts {
                serial_steps: f64::from(steps * tile.depth) / 4.0,
                bytes_read: tasks().map(|task| shared_reads(tile, task, weight)).sum(),
                barriers: 2 * steps + tile.barriers(),
                ..counts
            }
        }
        Shader::Conv { tile: Tile::Winograd(tile), .. } => {
            let steps = tasks().map(|task| tile.steps(task.product(), task.splits)).max().unwrap_or(0);
            let groups = |task: &Params| tile.tiles(task.product()).map(u64::from).iter().product::<u64>();
            let computed =
                |task: &Params| (groups(task) * u64::from(tile.tile() * tile.columns)) as f64 * f64::from(task.depth);
            done = tasks().map(computed).sum();
            products = tile.products();
            Counts {
                serial_steps: f64::from(steps) / 4.0,
                bytes_read: tasks().map(|task| winograd_reads(tile, task, weight)).sum(),
                barriers: tile.barriers(steps),
                ..counts
            }
        }
        Shader::Conv { tile: Tile::Vector, .. } => Counts {
            serial_steps: tasks().map(|task| f64::from(task.depth.div_ceil(64)) / 4.0).sum(),
            bytes_read: tasks().map(|task| u64::from(task.depth) * (outputs(task) * (4 * weight) + QUAD)).sum(),
            barriers: 2,
            ..counts
        },
        Shader::Conv { tile: Tile::Direct { pixels, quads, .. }, .. } => Counts {
            serial_steps: tasks().map(|task| f64::from(task.depth) / 4.0).sum(),
            bytes_read: tasks()
                .map(|task| {
                    let [p, q] = [pixels, quads].map(u64::from);
                    let tiles = u64::from(task.product().pixels).div_ceil(p) * u64::from(task.out_quads).div_ceil(q);
                    tiles * u64::from(task.depth) * (p * QUAD + 4 * q * weight)
                })
                .sum(),
            ..counts
        },
        Shader::Sum => {
            Counts { bytes_read: tasks().map(|task| outputs(task) * u64::from(task.splits) * QUAD).sum(), ..counts }
        }
        Shader::Pool => {
            Counts { bytes_read: tasks().map(|task| windows(task) * u64::from(task.in_quads) * QUAD).sum(), ..counts }
        }
        _ => Counts { bytes_read: tasks().map(inputs).sum(), ..counts },
    };
    let padding = if done > 0.0 { 1.0 - wanted / done } else { 0.0 };
    Counts { multiply_adds: (16.0 * done * products) as u64, padding, ..counts }
}

/// Positions inside the image that the windows of all outputs read.
fn windows(params: &Params) -> u64 {
    let along = |outputs: u32, stride: u32, before: u32, kernel: u32, inputs: u32| -> u64 {
        let inside = |at: u32| {
            let (first, end) = (at * stride, at * stride + kernel);
            u64::from(end.min(inputs + before).saturating_sub(first.max(before)))
        };
        (0..outputs).map(inside).sum()
    };
    let Params { out_height, stride_y, top, kernel_height, in_height, .. } = *params;
    let Params { out_width, stride_x, left, kernel_width, in_width, .. } = *params;
    let down = along(out_height, stride_y, top, kernel_height, in_height);
    u64::from(params.images) * down * along(out_width, stride_x, left, kernel_width, in_width)
}

/// Bytes of all that a call reads once.
fn inputs(params: &Params) -> u64 {
    u64::from(params.images * params.in_height * params.in_width) * u64::from(params.in_quads) * QUAD
}

/// Each column of tiles reads all inputs, and each row of them all weights.
fn shared_reads(tile: Shared, params: &Params, weight: u64) -> u64 {
    let product = params.product();
    let [columns, rows] = tile.tiles(product).map(u64::from);
    let panel = u64::from(product.depth) * u64::from(product.quads) * 4 * weight;
    columns * windows(params) * u64::from(params.in_quads) * QUAD + rows * panel
}

/// Each column of tiles reads the inputs of all patches, and each row of them all weights.
fn winograd_reads(tile: Winograd, params: &Params, weight: u64) -> u64 {
    let product = params.product();
    let [columns, rows] = tile.tiles(product).map(u64::from);
    let panel = u64::from(product.depth) * u64::from(product.quads) * 4 * weight;
    let [down, across] = tile.sides([params.kernel_height, params.kernel_width]);
    let patches = Params {
        kernel_height: params.kernel_height + down - 1,
        kernel_width: params.kernel_width + across - 1,
        out_height: params.out_height.div_ceil(down),
        out_width: params.out_width.div_ceil(across),
        stride_y: down,
        stride_x: across,
        ..*params
    };
    columns * windows(&patches) * u64::from(params.in_quads) * QUAD + rows * panel
}

/// What a call runs: the tile of convolutions, as pixels x channels, and the most parts of a sum.
pub(super) fn kernel(call: &Call) -> String {
    let most = call.tasks.iter().map(|task| task.splits).max().unwrap_or(1);
    let split = if most > 1 { format!(" in {most}") } else { String::new() };
    match call.shader {
        Shader::Conv { tile: Tile::Shared(tile), .. } => format!("conv {}x{}{split}", tile.tile(), 4 * tile.columns),
        Shader::Conv { tile: Tile::Winograd(tile), .. } => {
            let form = match tile.cross {
                [1, 1] => format!("F({}, {})", tile.side, tile.taps),
                _ => format!("F({0}x{0}, {1}x{1})", tile.side, tile.taps),
            };
            format!("{form} {}x{}{split}", tile.tile(), 4 * tile.columns)
        }
        Shader::Conv { tile: Tile::Vector, .. } => "vector".into(),
        Shader::Conv { tile: Tile::Direct { pixels, quads, .. }, .. } => format!("direct {pixels}x{}", 4 * quads),
        other => format!("{other:?}").to_lowercase(),
    }
}
