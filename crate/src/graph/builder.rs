use super::{Activation, BatchNorm, Conv, Graph, Layer, LayerId, Op, Padding, Pool, PoolKind, Shape};

/// Why a network cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GraphError {
    /// The image is too small: some window is larger than what reaches it.
    #[error(
        "{network} cannot take {}x{} images: {layer} has a {}x{} window, but only {}x{} reaches it",
        .input[0], .input[1], .window[0], .window[1], .found[0], .found[1]
    )]
    TooSmall {
        /// Network id.
        network: &'static str,
        /// Height and width of the image.
        input: [usize; 2],
        /// The layer that does not fit.
        layer: String,
        /// Its kernel, height and width.
        window: [usize; 2],
        /// Height and width with padding that reaches it.
        found: [usize; 2],
    },
    /// An auxiliary head whose linear layer takes one size only.
    #[error(
        "{network} cannot take {}x{} images with {head}: its linear layer reads {}x{} positions, this size gives {}x{}",
        .input[0], .input[1], .wanted[0], .wanted[1], .found[0], .found[1]
    )]
    HeadSize {
        /// Network id.
        network: &'static str,
        /// Height and width of the image.
        input: [usize; 2],
        /// The head.
        head: &'static str,
        /// Height and width it was made for.
        wanted: [usize; 2],
        /// Height and width that this image size gives.
        found: [usize; 2],
    },
    /// An image size outside what the engine takes.
    #[error("an image size of {}x{} is not possible: each side is 1 to {max}", .input[0], .input[1])]
    Size {
        /// Height and width of the image.
        input: [usize; 2],
        /// The largest side.
        max: usize,
    },
    /// A head with no outputs, or with too many to address.
    #[error("{layer} cannot have {found} outputs")]
    Outputs {
        /// The linear layer.
        layer: String,
        /// The number asked for.
        found: usize,
    },
    /// A body that is to end with a module that it does not have.
    #[error("{network} has no {name}")]
    NoModule {
        /// Network id.
        network: &'static str,
        /// The module asked for.
        name: String,
    },
    /// A head with more linear layers than there are names for.
    #[error("a head of {found} layers is not possible")]
    Layers {
        /// The number asked for.
        found: usize,
    },
}

/// How the convolutions of a network's body are stored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConvStyle {
    /// A bias of their own.
    pub bias: bool,
    /// Batch norm, unless it was folded.
    pub norm: Option<BatchNorm>,
}

/// Padding by its usual name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pad {
    /// Half the kernel on every side.
    Same,
    /// None.
    Valid,
    /// None, but the last window may hang over the edge (Caffe's and PyTorch's ceil mode).
    Ceil,
    /// So many on every side.
    By(usize),
}

#[derive(Clone, Debug)]
pub(crate) enum StepKind {
    Conv { channels: usize },
    Pool(PoolKind),
    Fork(Vec<Step>),
}

/// One row of a branch. The kernel is read from the name: `Conv2d_0b_1x7`.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub name: &'static str,
    pub kind: StepKind,
    pub stride: usize,
    pub pad: Pad,
    /// Batch norm as the body has it; without, a convolution has a bias.
    pub norm: bool,
}

impl Step {
    pub fn stride(self, stride: usize) -> Self {
        Self { stride, ..self }
    }

    pub fn pad(self, pad: Pad) -> Self {
        Self { pad, ..self }
    }

    /// A convolution with a bias and no batch norm, whatever the body has.
    pub fn plain(self) -> Self {
        Self { norm: false, ..self }
    }

    /// Stride 2 without padding, as in the reductions.
    pub fn down(self) -> Self {
        self.stride(2).pad(Pad::Valid)
    }
}

/// A convolution with stride 1 that keeps the size.
pub(crate) fn conv(name: &'static str, channels: usize) -> Step {
    Step { name, kind: StepKind::Conv { channels }, stride: 1, pad: Pad::Same, norm: true }
}

/// A maximum pool with stride 1 that keeps the size.
pub(crate) fn max_pool(name: &'static str) -> Step {
    Step { name, kind: StepKind::Pool(PoolKind::Max), stride: 1, pad: Pad::Same, norm: true }
}

/// An average pool with stride 1 that keeps the size.
pub(crate) fn avg_pool(name: &'static str, count_padding: bool) -> Step {
    Step { name, kind: StepKind::Pool(PoolKind::Average { count_padding }), stride: 1, pad: Pad::Same, norm: true }
}

/// Parallel steps over one input, concatenated: the split ends of v3's and v4's last modules.
pub(crate) fn fork(steps: Vec<Step>) -> Step {
    Step { name: "", kind: StepKind::Fork(steps), stride: 1, pad: Pad::Same, norm: true }
}

/// Height and width from the end of a name such as `Conv2d_0b_1x7`.
fn kernel_of(name: &str) -> [usize; 2] {
    let size = name.rsplit('_').next().unwrap_or_default();
    let (h, w) = size.split_once('x').unwrap_or_default();
    [h.parse().unwrap_or(1), w.parse().unwrap_or(1)]
}

/// Builds a [`Graph`] from the rows of a network's table.
pub struct Builder {
    network: &'static str,
    style: ConvStyle,
    layers: Vec<Layer>,
    last: LayerId,
    module: Option<String>,
    branch: Option<usize>,
    auxiliary: bool,
}

impl Builder {
    /// The largest height and width of an image.
    pub const MAX_SIZE: usize = 4096;

    /// Starts a network at its input, `[3, height, width]`.
    pub fn new(network: &'static str, input: [usize; 2], style: ConvStyle) -> Result<Self, GraphError> {
        if input.iter().any(|side| !(1..=Self::MAX_SIZE).contains(side)) {
            return Err(GraphError::Size { input, max: Self::MAX_SIZE });
        }
        let layer = Layer {
            name: "Input".into(),
            op: Op::Input,
            inputs: vec![],
            shape: Shape::new(3, input[0], input[1]),
            module: None,
            branch: None,
            auxiliary: false,
            shares: None,
        };
        let last = LayerId::new(0);
        Ok(Self { network, style, layers: vec![layer], last, module: None, branch: None, auxiliary: false })
    }

    pub(crate) fn network(&self) -> &'static str {
        self.network
    }

    pub(crate) fn last(&self) -> LayerId {
        self.last
    }

    pub(crate) fn shape(&self, id: LayerId) -> Shape {
        self.layers[id.index()].shape
    }

    pub(crate) fn size(&self) -> [usize; 2] {
        let Shape { h, w, .. } = self.layers[0].shape;
        [h, w]
    }

    /// Appends a layer and makes it the last.
    pub(crate) fn push(&mut self, name: impl Into<String>, op: Op, inputs: Vec<LayerId>, shape: Shape) -> LayerId {
        self.layers.push(Layer {
            name: name.into(),
            op,
            inputs,
            shape,
            module: self.module.clone(),
            branch: self.branch,
            auxiliary: self.auxiliary,
            shares: None,
        });
        self.last = LayerId::new(self.layers.len() - 1);
        self.last
    }

    /// Takes away all that comes after a layer of the body; `auxiliary` keeps the heads that stand before.
    pub(crate) fn end_at(&mut self, name: &str, auxiliary: &mut Vec<LayerId>) -> Result<(), GraphError> {
        let Some(at) = self.layers.iter().position(|layer| layer.name == name && !layer.auxiliary) else {
            return Err(GraphError::NoModule { network: self.network, name: name.into() });
        };
        // Whole heads only: those that begin later are gone, none is cut.
        auxiliary.retain(|id| id.index() <= at);
        self.layers.truncate(at + 1);
        self.last = LayerId::new(at);
        Ok(())
    }

    /// A row of the stem or between modules, after the last layer.
    pub(crate) fn step(&mut self, step: Step) -> Result<LayerId, GraphError> {
        self.step_named(step.name.into(), &step)
    }

    /// A row under a name that does not tell its kernel; `step.name` does.
    pub(crate) fn step_named(&mut self, name: String, step: &Step) -> Result<LayerId, GraphError> {
        self.append(name, step, self.last)
    }

    /// Continues after an earlier layer.
    pub(crate) fn rewind(&mut self, to: LayerId) {
        self.last = to;
    }

    /// A row with a convolution that differs from the body's style.
    pub(crate) fn styled(&mut self, step: Step, style: ConvStyle) -> Result<LayerId, GraphError> {
        let body = std::mem::replace(&mut self.style, style);
        let id = self.step(step);
        self.style = body;
        id
    }

    fn append(&mut self, name: String, step: &Step, from: LayerId) -> Result<LayerId, GraphError> {
        let input = self.shape(from);
        let kernel = kernel_of(step.name);
        match &step.kind {
            StepKind::Conv { channels } => {
                let (padding, [h, w]) = self.window(&name, input, kernel, step)?;
                let op = Op::Conv(Conv {
                    kernel,
                    stride: [step.stride; 2],
                    padding,
                    bias: self.style.bias || !step.norm,
                    norm: self.style.norm.filter(|_| step.norm),
                    relu: true,
                });
                Ok(self.push(name, op, vec![from], Shape::new(*channels, h, w)))
            }
            StepKind::Pool(kind) => {
                let (padding, [h, w]) = self.window(&name, input, kernel, step)?;
                let op = Op::Pool(Pool { kind: *kind, kernel, stride: [step.stride; 2], padding });
                Ok(self.push(name, op, vec![from], Shape::new(input.c, h, w)))
            }
            StepKind::Fork(steps) => {
                let branch = name.trim_end_matches('/').to_string();
                let end = |s: &Step| self.append(format!("{branch}/{}", s.name), s, from);
                let ends = steps.iter().map(end).collect::<Result<Vec<_>, _>>()?;
                Ok(self.concat(branch, ends))
            }
        }
    }

    /// Padding with the overhang of ceil mode made explicit, and the output size.
    fn window(
        &self,
        name: &str,
        input: Shape,
        kernel: [usize; 2],
        step: &Step,
    ) -> Result<(Padding, [usize; 2]), GraphError> {
        let pad = match step.pad {
            Pad::Same => [kernel[0] / 2, kernel[1] / 2],
            Pad::Valid | Pad::Ceil => [0, 0],
            Pad::By(pad) => [pad; 2],
        };
        let padded = [input.h + 2 * pad[0], input.w + 2 * pad[1]];
        if padded[0] < kernel[0] || padded[1] < kernel[1] {
            return Err(GraphError::TooSmall {
                network: self.network,
                input: self.size(),
                layer: name.into(),
                window: kernel,
                found: padded,
            });
        }
        let mut padding = Padding::symmetric(pad);
        let mut out = [(padded[0] - kernel[0]) / step.stride + 1, (padded[1] - kernel[1]) / step.stride + 1];
        if step.pad == Pad::Ceil {
            for (axis, extra) in [&mut padding.bottom, &mut padding.right].into_iter().enumerate() {
                let rest = (padded[axis] - kernel[axis]) % step.stride;
                let starts_inside = out[axis] * step.stride < padded[axis];
                if rest > 0 && starts_inside {
                    *extra += step.stride - rest;
                    out[axis] += 1;
                }
            }
        }
        Ok((padding, out))
    }

    fn concat(&mut self, name: String, inputs: Vec<LayerId>) -> LayerId {
        let Shape { h, w, .. } = self.shape(inputs[0]);
        let channels = inputs.iter().map(|&i| self.shape(i).c).sum();
        self.push(name, Op::Concat, inputs, Shape::new(channels, h, w))
    }

    /// The branches of a module from one input; an empty one is left out and leaves its number out.
    fn branches(&mut self, module: &str, branches: Vec<Vec<Step>>) -> Result<Vec<LayerId>, GraphError> {
        let from = self.last;
        let mut ends = Vec::new();
        for (k, steps) in branches.iter().enumerate().filter(|(_, steps)| !steps.is_empty()) {
            self.branch = Some(k);
            let name = format!("{module}/Branch_{k}");
            let end = steps.iter().try_fold(from, |at, step| self.append(format!("{name}/{}", step.name), step, at))?;
            let forked = matches!(steps.last(), Some(Step { kind: StepKind::Fork(_), .. }));
            ends.push(if forked { end } else { self.concat(name, vec![end]) });
        }
        self.branch = None;
        Ok(ends)
    }

    /// A module: branches side by side, concatenated along channels.
    pub(crate) fn module(&mut self, name: &str, branches: Vec<Vec<Step>>) -> Result<LayerId, GraphError> {
        self.module = Some(name.into());
        let ends = self.branches(name, branches)?;
        let id = self.concat(name.into(), ends);
        self.module = None;
        Ok(id)
    }

    /// A residual block: branches, a linear 1x1 convolution back to the input's channels, the scaled sum, ReLU.
    pub(crate) fn residual(
        &mut self,
        name: &str,
        scale: f32,
        relu: bool,
        branches: Vec<Vec<Step>>,
    ) -> Result<LayerId, GraphError> {
        let from = self.last;
        let shape = self.shape(from);
        self.module = Some(name.into());
        let ends = self.branches(name, branches)?;
        let concat = self.concat(format!("{name}/Concat"), ends);
        let linear =
            Conv { kernel: [1, 1], stride: [1, 1], padding: Padding::default(), bias: true, norm: None, relu: false };
        let residual = self.push(format!("{name}/Conv2d_1x1"), Op::Conv(linear), vec![concat], shape);
        let sum = self.push(format!("{name}/Sum"), Op::Add { scale }, vec![from, residual], shape);
        let id = self.push(
            name,
            Op::Activation(if relu { Activation::Relu } else { Activation::Identity }),
            vec![sum],
            shape,
        );
        self.module = None;
        Ok(id)
    }

    /// Gives every convolution below `name` the weights of the one below `of` that is called alike; a convolution may be
    /// named itself.
    pub(crate) fn share(&mut self, name: &str, of: &str) {
        let id = |name: &str| self.layers.iter().position(|layer| layer.name == name).map(LayerId::new);
        let owner = |layer: &Layer| {
            let rest = layer.name.strip_prefix(name).filter(|rest| rest.is_empty() || rest.starts_with('/'))?;
            let is_conv = matches!(layer.op, Op::Conv(_));
            is_conv.then(|| id(&format!("{of}{rest}"))).flatten()
        };
        let owners: Vec<_> = self.layers.iter().map(owner).collect();
        for (layer, owner) in self.layers.iter_mut().zip(owners) {
            layer.shares = owner.or(layer.shares);
        }
    }

    /// A linear layer with bias over the last layer.
    pub(crate) fn linear(&mut self, name: impl Into<String>, outputs: usize, relu: bool) -> LayerId {
        self.push(name, Op::Linear { bias: true, relu }, vec![self.last], Shape::vector(outputs))
    }

    /// Writes an auxiliary head that starts at `from`, then returns to the body.
    pub(crate) fn auxiliary(
        &mut self,
        from: LayerId,
        head: impl FnOnce(&mut Self) -> Result<LayerId, GraphError>,
    ) -> Result<LayerId, GraphError> {
        let body = std::mem::replace(&mut self.last, from);
        self.auxiliary = true;
        let id = head(self);
        self.auxiliary = false;
        self.last = body;
        id
    }

    pub(crate) fn finish(self, outputs: Outputs) -> Graph {
        let Outputs { features, logits, predictions, embedding, auxiliary } = outputs;
        Graph { network: self.network, layers: self.layers, features, logits, predictions, embedding, auxiliary }
    }
}

/// The layers that a finished graph points out.
pub(crate) struct Outputs {
    pub features: LayerId,
    pub logits: Option<LayerId>,
    pub predictions: Option<LayerId>,
    pub embedding: Option<LayerId>,
    pub auxiliary: Vec<LayerId>,
}
