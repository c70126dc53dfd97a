use super::buffers::Buffer;
use super::device::GpuDevice;
use super::error::GpuError;
use crate::graph::{FoldError, Graph, LayerId, LayerWeights, Shape};
use half::f16;

/// Bytes that are written to the device before it is told to take them: until then it holds them a second time.
const AT_ONCE: usize = 16 << 20;

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
pub(super) struct Matrix {
    pub taps: usize,
    pub inputs: usize,
    pub outputs: usize,
}

impl Matrix {
    /// The matrix of a layer that has one: a convolution, or a linear layer as a convolution over all positions.
    fn of(graph: &Graph, id: LayerId) -> Option<Self> {
        let layer = graph.layer(id);
        let (inputs, fan_in) = (graph.read_by(layer).c, graph.tensors(layer).fan_in());
        (fan_in > 0).then(|| Self { taps: fan_in / inputs, inputs, outputs: layer.shape.c })
    }

    /// Vec4s that it takes.
    pub fn quads(self) -> u64 {
        (self.taps * self.inputs.next_multiple_of(4) * self.outputs.div_ceil(4)) as u64
    }

    /// Output, input, tap -> tap, input, output; four outputs at a time, as they lie side by side.
    pub fn arrange(self, weights: &[f32], into: &mut Vec<f32>) {
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

/// Scales or shifts of a vec4 of channels.
pub(super) fn lanes(factors: &[(f64, f64)], quad: usize, part: fn(&(f64, f64)) -> f64) -> [f32; 4] {
    [0, 1, 2, 3].map(|lane| factors.get(quad * 4 + lane).map_or(0.0, |f| part(f) as f32))
}

/// Where the weights of a network lie, in as many buffers as the binding limit asks, f32 or f16.
pub(super) struct Places {
    all: Vec<Place>,
    /// Vec4s of each buffer of weights.
    sizes: Vec<u64>,
    /// Vec4s of factors.
    factors: u64,
    pub half: bool,
}

impl Places {
    /// Places in buffers of at most `limit` bytes.
    pub fn new(graph: &Graph, half: bool, limit: u64) -> Result<Self, GpuError> {
        let mut places = Self { all: vec![Place::default(); graph.layers().len()], sizes: vec![0], factors: 0, half };
        let quad = places.quad();
        for (id, layer) in graph.public() {
            let quads = Matrix::of(graph, id).map_or(0, Matrix::quads);
            if quads * quad > limit {
                let what = format!("the weights of {}", layer.name);
                return Err(GpuError::Limit { what, wanted: quads * quad, limit });
            }
            if (places.sizes[places.sizes.len() - 1] + quads) * quad > limit {
                places.sizes.push(0);
            }
            let buffer = places.sizes.len() - 1;
            places.all[id.index()] = Place { buffer, weights: places.sizes[buffer], factors: places.factors };
            places.sizes[buffer] += quads;
            if graph.params_read(layer) > 0 {
                places.factors += 2 * layer.shape.c.div_ceil(4) as u64;
            }
        }
        Ok(places)
    }

    /// Where those of a layer are.
    pub fn of(&self, id: LayerId) -> Place {
        self.all[id.index()]
    }

    /// Vec4s of a buffer.
    pub fn room(&self, buffer: usize) -> u32 {
        self.sizes[buffer] as u32
    }

    /// Bytes of four weights.
    pub fn quad(&self) -> u64 {
        if self.half { 8 } else { 16 }
    }
}

/// The weights of a network on the device.
pub(super) struct Weights {
    pub places: Places,
    pub buffers: Vec<Buffer>,
    pub factors: Buffer,
    scratch: Vec<f32>,
    bytes: Vec<u8>,
    /// Bytes written since the device last took what was.
    written: usize,
}

impl Weights {
    /// Buffers for the weights of every layer; `half` stores them as f16.
    pub fn new(device: &GpuDevice, graph: &Graph, half: bool) -> Result<Self, GpuError> {
        let places = Places::new(graph, half, device.binding_limit())?;
        let usage = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST;
        let buffers = places.sizes.iter().map(|&size| device.buffer("weights", size * places.quad(), usage)).collect();
        let factors = device.buffer("factors", places.factors * 16, usage);
        Ok(Self { places, buffers, factors, scratch: Vec::new(), bytes: Vec::new(), written: 0 })
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
        let place = self.places.of(id);
        let matrix = Matrix::of(graph, id);
        weights.check(channels, matrix.map_or(0, |m| m.taps * m.inputs))?;
        let factors = weights.scale_shift(channels)?;
        if let Some(matrix) = matrix {
            matrix.arrange(&weights.weights, &mut self.scratch);
            let bytes: &[u8] = match self.places.half {
                true => {
                    self.bytes.clear();
                    self.bytes.extend(self.scratch.iter().flat_map(|&v| f16::from_f32(v).to_le_bytes()));
                    &self.bytes
                }
                false => bytemuck::cast_slice(&self.scratch),
            };
            device.queue.write_buffer(&self.buffers[place.buffer], place.weights * self.places.quad(), bytes);
            self.written += bytes.len();
        }
        let quads = 0..channels.div_ceil(4);
        let packed: Vec<[f32; 4]> =
            quads.flat_map(|q| [lanes(&factors, q, |f| f.0), lanes(&factors, q, |f| f.1)]).collect();
        device.queue.write_buffer(&self.factors, place.factors * 16, bytemuck::cast_slice(&packed));
        if self.written >= AT_ONCE {
            device.queue.submit([]);
            self.written = 0;
        }
        Ok(())
    }

    /// Frees what uploading needed.
    pub fn finish(&mut self) {
        (self.scratch, self.bytes) = (Vec::new(), Vec::new());
    }
}
