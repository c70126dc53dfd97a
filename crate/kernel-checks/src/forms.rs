//! Convolutions of the networks, each in every form that it can be computed in, to be timed by a page. In: a network's id.
//! Out: its convolutions that have more than one form, as text, and any of them on values of no meaning, ready to run.

use inception::cpu::{Epilogue, Isa, PackedConv, Threads, ViewMut, ViewRef, Winograd, chosen_form};
use inception::graph::{Conv, Graph, Layer, LayerWeights, Op, Shape};
use inception::networks;
use wasm_bindgen::prelude::wasm_bindgen;

/// A convolution in one form.
#[wasm_bindgen]
pub struct Timed {
    kernel: Kernel,
    input: (Shape, Vec<f32>),
    output: (Shape, Vec<f32>),
}

enum Kernel {
    Direct(PackedConv),
    Transformed(Winograd),
}

#[wasm_bindgen]
impl Timed {
    /// The convolution that a layer is, computed directly where `down` or `across` is 0; none where there is no such form.
    pub fn of(network: &str, layer: &str, down: usize, across: usize) -> Option<Timed> {
        let graph = graph(network)?;
        let layer = graph.layer(graph.find(layer)?);
        let (conv, input) = convolution(&graph, layer)?;
        let (isa, output) = (Isa::detect(), layer.shape);
        let weights = values(conv.kernel[0] * conv.kernel[1] * input.c * output.c);
        let weights = LayerWeights { weights, biases: None, norm: None };
        let kernel = match [down, across] {
            [0, _] | [_, 0] => Kernel::Direct(PackedConv::conv(isa, conv, input.c, &weights).ok()?),
            form if Winograd::forms(conv, input.c).contains(&form) => {
                Kernel::Transformed(Winograd::new(isa, conv, form, input.c, &weights).ok()?)
            }
            _ => return None,
        };
        Some(Self { kernel, input: (input, values(input.len())), output: (output, vec![0.0; output.len()]) })
    }

    /// Convolves on this thread.
    pub fn run(&mut self) {
        let (pool, input) = (Threads::new(1), ViewRef::dense(&self.input.1, self.input.0));
        let output = ViewMut::dense(&mut self.output.1, self.output.0);
        match &self.kernel {
            Kernel::Direct(kernel) => kernel.run(&pool, input, output, Epilogue::default()),
            Kernel::Transformed(kernel) => _ = kernel.run(&pool, input, output, Epilogue::default()),
        }
    }

    /// Bytes of weights.
    pub fn bytes(&self) -> usize {
        match &self.kernel {
            Kernel::Direct(kernel) => kernel.bytes(),
            Kernel::Transformed(kernel) => kernel.bytes(),
        }
    }
}

/// The convolutions with more than one form, one of each kind, as lines of `layer count kernel input outputs chosen
/// forms`: the input is height x width x channels, a form is outputs down x across, `0x0` the direct one; none for a network
/// that is not known.
#[wasm_bindgen]
pub fn transformable(network: &str) -> Option<Vec<String>> {
    let graph = graph(network)?;
    let mut kinds: Vec<(String, &str, usize)> = vec![];
    for (_, layer) in graph.public() {
        let Some((conv, input)) = convolution(&graph, layer) else { continue };
        let out = layer.shape;
        let forms = Winograd::forms(conv, input.c);
        if forms.is_empty() {
            continue;
        }
        let written = |[down, across]: [usize; 2]| format!("{down}x{across}");
        let chosen = written(chosen_form(conv, input.c, out).unwrap_or_default());
        let forms = forms.into_iter().map(written).collect::<Vec<_>>().join(",");
        let [kh, kw] = conv.kernel;
        let kind = format!("{kh}x{kw} {}x{}x{} {} {chosen} {forms}", input.h, input.w, input.c, out.c);
        match kinds.iter_mut().find(|(other, ..)| *other == kind) {
            Some((.., count)) => *count += 1,
            None => kinds.push((kind, &layer.name, 1)),
        }
    }
    Some(kinds.into_iter().map(|(kind, layer, count)| format!("{layer} {count} {kind}")).collect())
}

fn graph(network: &str) -> Option<Graph> {
    let network = networks::find(network)?;
    network.build(&network.options()).ok()
}

fn convolution<'a>(graph: &Graph, layer: &'a Layer) -> Option<(&'a Conv, Shape)> {
    let Op::Conv(conv) = &layer.op else { return None };
    Some((conv, graph.read_by(layer)))
}

fn values(len: usize) -> Vec<f32> {
    (0..len).map(|i| (i % 17) as f32 / 8.0 - 1.0).collect()
}
