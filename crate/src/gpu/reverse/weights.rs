use crate::gpu::buffers::Buffer;
use crate::gpu::device::GpuDevice;
use crate::gpu::error::GpuError;
use crate::gpu::weights::{Matrix, lanes};
use crate::graph::{FoldError, Graph, LayerId, LayerWeights, Op, Shape, Transposed};

/// How a layer with weights goes back, where it is a product: the channels of a position begin at whole vec4s.
pub(super) fn transposed(graph: &Graph, id: LayerId) -> Option<Transposed> {
    let layer = graph.layer(id);
    match &layer.op {
        Op::Conv(_) | Op::Linear(_) => Some(Transposed::new(&layer.op, shapes(graph, id), 4, 4)),
        Op::Input(_) | Op::Pool(_) | Op::AdaptiveAverage(_) | Op::GlobalAverage | Op::Lrn(_) => None,
        Op::Concat | Op::Add(_) | Op::Activation(_) | Op::Norm(_) => None,
        Op::L2Normalize | Op::Softmax | Op::Sigmoid => None,
    }
}

fn shapes(graph: &Graph, id: LayerId) -> [Shape; 2] {
    let layer = graph.layer(id);
    [graph.read_by(layer), layer.shape]
}

/// What a layer goes back by.
enum Stored {
    /// The weights of a product.
    Matrix(Buffer),
    /// Those of batch norm alone.
    Factors(Buffer),
}

impl Stored {
    fn buffer(&self) -> &Buffer {
        match self {
            Self::Matrix(buffer) | Self::Factors(buffer) => buffer,
        }
    }
}

/// The weights of layers for reverse passes, f32, each in a buffer of its own: made when a pass first asks for them.
pub(in crate::gpu) struct Reversed {
    layers: Vec<Option<Stored>>,
    /// A factor of one, no shift, for as many channels as any product has.
    identity: Buffer,
    scratch: Vec<f32>,
}

impl Reversed {
    /// Of a network, without any yet.
    pub fn new(device: &GpuDevice, graph: &Graph) -> Self {
        let widest = |(id, layer): (LayerId, &crate::graph::Layer)| {
            transposed(graph, id).map_or(layer.shape.c, |transposed| transposed.shape.c)
        };
        let quads = graph.public().map(widest).max().unwrap_or(0).div_ceil(4);
        let identity = vec![[[1.0f32; 4], [0.0; 4]]; quads];
        Self {
            layers: graph.layers().iter().map(|_| None).collect(),
            identity: filled(device, identity.as_flattened().as_flattened()),
            scratch: Vec::new(),
        }
    }

    /// Bytes of all buffers.
    pub fn bytes(&self) -> usize {
        let all = self.layers.iter().flatten().map(|stored| stored.buffer().size()).sum::<u64>();
        (all + self.identity.size()) as usize
    }

    /// Whether the weights of a layer are there.
    pub fn has(&self, id: LayerId) -> bool {
        self.layers[id.index()].is_some()
    }

    /// Weights and factors for a call: of a layer, or of none, a factor of one.
    pub fn bound(&self, id: Option<LayerId>) -> [&Buffer; 2] {
        match id.and_then(|id| self.layers[id.index()].as_ref()) {
            Some(Stored::Matrix(weights)) => [weights, &self.identity],
            Some(Stored::Factors(factors)) => [&self.identity, factors],
            None => [&self.identity, &self.identity],
        }
    }

    /// Uploads the weights of one layer.
    pub fn upload(
        &mut self,
        device: &GpuDevice,
        graph: &Graph,
        id: LayerId,
        weights: &LayerWeights,
    ) -> Result<(), GpuError> {
        let layer = graph.layer(id);
        let named = |source: FoldError| GpuError::Weights { layer: layer.name.clone(), source };
        let outputs = layer.shape.c;
        let stored = match transposed(graph, id) {
            Some(transposed) => {
                let turned = transposed.weights(outputs, weights).map_err(named)?;
                let [kh, kw] = transposed.conv.kernel;
                let matrix = Matrix { taps: kh * kw, inputs: outputs, outputs: transposed.shape.c };
                let (wanted, limit) = (matrix.quads() * 16, device.binding_limit());
                if wanted > limit {
                    let what = format!("the reverse of {}", layer.name);
                    return Err(GpuError::Limit { what, wanted, limit });
                }
                matrix.arrange(&turned.weights, &mut self.scratch);
                Stored::Matrix(filled(device, &self.scratch))
            }
            None => {
                weights.check(outputs, 0).map_err(named)?;
                let factors = weights.scale_shift(outputs).map_err(named)?;
                let quads = (0..outputs.div_ceil(4)).flat_map(|quad| [lanes(&factors, quad, |f| f.0), [0.0; 4]]);
                Stored::Factors(filled(device, quads.collect::<Vec<_>>().as_flattened()))
            }
        };
        self.layers[id.index()] = Some(stored);
        Ok(())
    }
}

fn filled(device: &GpuDevice, values: &[f32]) -> Buffer {
    let usage = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST;
    let buffer = device.buffer("reversed weights", size_of_val(values) as u64, usage);
    device.queue.write_buffer(&buffer, 0, bytemuck::cast_slice(values));
    buffer
}
