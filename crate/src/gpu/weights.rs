use super::buffers::Buffer;
use super::device::GpuDevice;
use super::error::GpuError;
use crate::graph::{FoldError, Graph, LayerId, LayerWeights, Shape};
use half::f16;

/// Where the weights of a layer lie.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Place {
    /// Index of the weight buffer.
    pub buffer: usize,
    /// First vec4 in it.
    pub weights: u64,
    /// First vec4 of its factors: scale, shift, scale, shift, ...
    pub factors: u64,
}

/// A matrix as `[tap][input channel][output channel]`, channels rounded up to whole vec4s.
#[derive(Clone, Copy)]
struct Matrix {
    taps: usize,
    inputs: usize,
    outputs: usize,
}

impl Matrix {
    /// The matrix of a layer that has one: a convolution, or a linear layer as a convolution over all positions.
    fn of(graph: &Graph, id: LayerId) -> Option<Self> {
        let layer = graph.layer(id);
        let (inputs, fan_in) = (graph.read_by(layer).c, graph.tensors(layer).fan_in());
        (fan_in > 0).then(|| Self { taps: fan_in / inputs, inputs, outputs: layer.shape.c })
    }

    /// Vec4s that it takes.
    fn quads(self) -> u64 {
        (self.taps * self.inputs.next_multiple_of(4) * self.outputs.div_ceil(4)) as u64
    }

    /// Output, input, tap -> tap, input, output; four outputs at a time, as they lie side by side.
    fn arrange(self, weights: &[f32], into: &mut Vec<f32>) {
        let (rows, columns) = (self.inputs.next_multiple_of(4), self.outputs.next_multiple_of(4));
        let fan_in = self.taps * self.inputs;
        into.clear();
        into.resize(self.taps * rows * columns, 0.0);
        let (quads, _) = into.as_chunks_mut::<4>();
        for (column, outputs) in weights.chunks(4 * fan_in).enumerate() {
            for (lane, output) in outputs.chunks_exact(fan_in).enumerate() {
                for (input, taps) in output.chunks_exact(self.taps).enumerate() {
                    let column = quads[input * (columns / 4) + column..].iter_mut().step_by(rows * (columns / 4));
                    column.zip(taps).for_each(|(quad, &value)| quad[lane] = value);
                }
            }
        }
    }
}

/// The weights of a network in as many buffers as the binding limit asks, f32 or f16.
pub(super) struct Weights {
    pub buffers: Vec<Buffer>,
    pub factors: Buffer,
    pub places: Vec<Place>,
    pub half: bool,
    scratch: Vec<f32>,
    bytes: Vec<u8>,
}

impl Weights {
    /// Buffers for the weights of every layer; `half` stores them as f16.
    pub fn new(device: &GpuDevice, graph: &Graph, half: bool) -> Result<Self, GpuError> {
        let limit = device.binding_limit();
        let quad = if half { 8 } else { 16 };
        let mut places = vec![Place::default(); graph.layers().len()];
        let (mut sizes, mut factors) = (vec![0u64], 0u64);
        for (id, layer) in graph.public() {
            let quads = Matrix::of(graph, id).map_or(0, Matrix::quads);
            if quads * quad > limit {
                let what = format!("the weights of {}", layer.name);
                return Err(GpuError::Limit { what, wanted: quads * quad, limit });
            }
            if (sizes[sizes.len() - 1] + quads) * quad > limit {
                sizes.push(0);
            }
            let buffer = sizes.len() - 1;
            places[id.index()] = Place { buffer, weights: sizes[buffer], factors };
            sizes[buffer] += quads;
            if graph.params_read(layer) > 0 {
                factors += 2 * layer.shape.c.div_ceil(4) as u64;
            }
        }
        let usage = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST;
        let buffer = |label, size: u64| device.buffer(label, size, usage);
        let buffers = sizes.iter().map(|&size| buffer("weights", size * quad)).collect();
        let factors = buffer("factors", factors * 16);
        Ok(Self { buffers, factors, places, half, scratch: Vec::new(), bytes: Vec::new() })
    }

    /// Bytes of all buffers.
    pub fn bytes(&self) -> usize {
        (self.buffers.iter().map(|b| b.size()).sum::<u64>() + self.factors.size()) as usize
    }

    /// Uploads the weights of one layer.
    pub fn upload(
        &mut self,
        device: &GpuDevice,
        graph: &Graph,
        id: LayerId,
        weights: &LayerWeights,
    ) -> Result<(), FoldError> {
        let Shape { c: channels, .. } = graph.layer(id).shape;
        let place = self.places[id.index()];
        let matrix = Matrix::of(graph, id);
        weights.check(channels, matrix.map_or(0, |m| m.taps * m.inputs))?;
        let factors = weights.scale_shift(channels)?;
        if let Some(matrix) = matrix {
            matrix.arrange(&weights.weights, &mut self.scratch);
            let quad = if self.half { 8 } else { 16 };
            let bytes: &[u8] = match self.half {
                true => {
                    self.bytes.clear();
                    self.bytes.extend(self.scratch.iter().flat_map(|&v| f16::from_f32(v).to_le_bytes()));
                    &self.bytes
                }
                false => bytemuck::cast_slice(&self.scratch),
            };
            device.queue.write_buffer(&self.buffers[place.buffer], place.weights * quad, bytes);
        }
        let lanes = |quad: usize, part: fn(&(f64, f64)) -> f64| {
            [0, 1, 2, 3].map(|lane| factors.get(quad * 4 + lane).map_or(0.0, |f| part(f) as f32))
        };
        let quads = 0..channels.div_ceil(4);
        let packed: Vec<[f32; 4]> = quads.flat_map(|q| [lanes(q, |f| f.0), lanes(q, |f| f.1)]).collect();
        device.queue.write_buffer(&self.factors, place.factors * 16, bytemuck::cast_slice(&packed));
        Ok(())
    }

    /// Frees what uploading needed.
    pub fn finish(&mut self) {
        (self.scratch, self.bytes) = (Vec::new(), Vec::new());
    }
}
