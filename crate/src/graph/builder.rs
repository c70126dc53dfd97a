use super::ops::{Activation, Add, Conv, Input, Linear, Op, Operation, Padding, Pool, PoolKind, ShapeError};
use super::{BatchNorm, Graph, Layer, LayerId, Shape};

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
    /// A layer that cannot read what it is given.
    #[error("{layer}: {source}")]
    Shapes {
        /// The layer.
        layer: String,
        /// What is wrong.
        source: ShapeError,
    },
    /// A layer that does not stand behind all that it reads, or whose name another has, or that takes the weights of a layer
    /// with others.
    #[error("{layer}: {why}")]
    Misplaced {
        /// The layer.
        layer: String,
        /// What is wrong.
        why: &'static str,
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
    By(u8),
}

#[derive(Clone, Debug)]
pub(crate) enum SpecKind {
    Conv { channels: usize },
    Pool(PoolKind),
    Fork(Vec<Spec>),
}

/// One row of a branch.
#[derive(Clone, Debug)]
pub(crate) struct Spec {
    pub name: &'static str,
    pub kind: SpecKind,
    /// Height, width.
    pub kernel: [u8; 2],
    pub stride: u8,
    pub pad: Pad,
    /// Batch norm as the body has it; without, a convolution has a bias.
    pub norm: bool,
}

impl Spec {
    fn new(name: &'static str, kernel: [u8; 2], kind: SpecKind) -> Self {
        Self { name, kind, kernel, stride: 1, pad: Pad::Same, norm: true }
    }

    pub fn stride(self, stride: u8) -> Self {
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
pub(crate) fn conv(name: &'static str, kernel: [u8; 2], channels: usize) -> Spec {
    Spec::new(name, kernel, SpecKind::Conv { channels })
}

/// A maximum pool with stride 1 that keeps the size.
pub(crate) fn max_pool(name: &'static str, side: u8) -> Spec {
    Spec::new(name, [side; 2], SpecKind::Pool(PoolKind::Max))
}

/// An average pool with stride 1 that keeps the size.
pub(crate) fn avg_pool(name: &'static str, side: u8, count_padding: bool) -> Spec {
    Spec::new(name, [side; 2], SpecKind::Pool(PoolKind::Average { count_padding }))
}

/// Parallel steps over one input, concatenated: the split ends of v3's and v4's last modules.
pub(crate) fn fork(steps: Vec<Spec>) -> Spec {
    Spec::new("", [1, 1], SpecKind::Fork(steps))
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

    /// Starts a network at its input.
    pub fn new(network: &'static str, input: Shape, style: ConvStyle) -> Result<Self, GraphError> {
        if [input.h, input.w].iter().any(|side| !(1..=Self::MAX_SIZE).contains(side)) {
            return Err(GraphError::Size { input: [input.h, input.w], max: Self::MAX_SIZE });
        }
        let last = LayerId::new(0);
        let mut builder = Self { network, style, layers: vec![], last, module: None, branch: None, auxiliary: false };
        builder.push("Input", Op::Input(Input { shape: input }), vec![])?;
        Ok(builder)
    }

    pub(crate) fn network(&self) -> &'static str {
        self.network
    }

    pub(crate) fn last(&self) -> LayerId {
        self.last
    }

    /// The shape of a layer.
    pub fn shape(&self, id: LayerId) -> Shape {
        self.layers[id.index()].shape
    }

    pub(crate) fn size(&self) -> [usize; 2] {
        let Shape { h, w, .. } = self.layers[0].shape;
        [h, w]
    }

    /// Says to which module the layers belong that are appended from now on.
    pub fn within(&mut self, module: Option<String>) {
        self.module = module;
    }

    /// Appends a layer that reads earlier ones and makes it the last.
    ///
    /// # Errors
    /// What it reads does not suit its operation, or does not stand before it.
    pub fn push(&mut self, name: impl Into<String>, op: Op, inputs: Vec<LayerId>) -> Result<LayerId, GraphError> {
        self.append(name.into(), op, inputs)
    }

    fn append(&mut self, name: String, op: Op, inputs: Vec<LayerId>) -> Result<LayerId, GraphError> {
        if inputs.iter().any(|input| input.index() >= self.layers.len()) {
            return Err(self.misplaced(&name, "it reads what does not stand before it"));
        }
        let read: Vec<Shape> = inputs.iter().map(|&input| self.shape(input)).collect();
        let shape = op.output(&read).map_err(|source| self.refused(&name, source))?;
        let (module, branch, auxiliary) = (self.module.clone(), self.branch, self.auxiliary);
        self.layers.push(Layer { name, op, inputs, shape, module, branch, auxiliary, shares: None });
        self.last = LayerId::new(self.layers.len() - 1);
        Ok(self.last)
    }

    fn misplaced(&self, layer: &str, why: &'static str) -> GraphError {
        GraphError::Misplaced { layer: layer.into(), why }
    }

    fn refused(&self, layer: &str, source: ShapeError) -> GraphError {
        let layer = layer.into();
        match source {
            ShapeError::Window { window, found } if !self.layers.is_empty() => {
                GraphError::TooSmall { network: self.network, input: self.size(), layer, window, found }
            }
            source => GraphError::Shapes { layer, source },
        }
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
    pub(crate) fn step(&mut self, step: Spec) -> Result<LayerId, GraphError> {
        self.step_named(step.name.into(), &step)
    }

    /// A row under another name.
    pub(crate) fn step_named(&mut self, name: String, step: &Spec) -> Result<LayerId, GraphError> {
        self.row(name, step, self.last)
    }

    /// Continues after an earlier layer.
    pub(crate) fn rewind(&mut self, to: LayerId) {
        self.last = to;
    }

    /// A row with a convolution that differs from the body's style.
    pub(crate) fn styled(&mut self, step: Spec, style: ConvStyle) -> Result<LayerId, GraphError> {
        let body = std::mem::replace(&mut self.style, style);
        let id = self.step(step);
        self.style = body;
        id
    }

    fn row(&mut self, name: String, step: &Spec, from: LayerId) -> Result<LayerId, GraphError> {
        let (kernel, stride) = (step.kernel.map(usize::from), [usize::from(step.stride); 2]);
        let padding = self.padding(step, from);
        let op = match &step.kind {
            SpecKind::Conv { channels } => Op::Conv(Conv {
                outputs: *channels,
                kernel,
                stride,
                padding,
                bias: self.style.bias || !step.norm,
                norm: self.style.norm.filter(|_| step.norm),
                relu: true,
            }),
            SpecKind::Pool(kind) => Op::Pool(Pool { kind: *kind, kernel, stride, padding }),
            SpecKind::Fork(steps) => {
                let branch = name.trim_end_matches('/').to_string();
                let end = |s: &Spec| self.row(format!("{branch}/{}", s.name), s, from);
                let ends = steps.iter().map(end).collect::<Result<Vec<_>, _>>()?;
                return self.push(branch, Op::Concat, ends);
            }
        };
        self.push(name, op, vec![from])
    }

    /// A row's padding, with the overhang of ceil mode made explicit.
    fn padding(&self, step: &Spec, from: LayerId) -> Padding {
        let Shape { h, w, .. } = self.shape(from);
        let ([kh, kw], stride) = (step.kernel.map(usize::from), usize::from(step.stride));
        // The last window hangs over the edge where there is a rest, unless it would begin behind the edge.
        let overhang = |size: usize, kernel: usize| {
            let rest = size.saturating_sub(kernel) % stride;
            let next = size.saturating_sub(kernel) - rest + stride;
            if rest > 0 && next < size { stride - rest } else { 0 }
        };
        match step.pad {
            Pad::Same => Padding::symmetric([kh / 2, kw / 2]),
            Pad::Valid => Padding::default(),
            Pad::By(pad) => Padding::symmetric([usize::from(pad); 2]),
            Pad::Ceil => Padding { bottom: overhang(h, kh), right: overhang(w, kw), ..Padding::default() },
        }
    }

    /// The branches of a module from one input; an empty one is left out and leaves its number out.
    fn branches(&mut self, module: &str, branches: Vec<Vec<Spec>>) -> Result<Vec<LayerId>, GraphError> {
        let from = self.last;
        let mut ends = Vec::new();
        for (k, steps) in branches.iter().enumerate().filter(|(_, steps)| !steps.is_empty()) {
            self.branch = Some(k);
            let name = format!("{module}/Branch_{k}");
            let end = steps.iter().try_fold(from, |at, step| self.row(format!("{name}/{}", step.name), step, at))?;
            let forked = matches!(steps.last(), Some(Spec { kind: SpecKind::Fork(_), .. }));
            ends.push(if forked { end } else { self.push(name, Op::Concat, vec![end])? });
        }
        self.branch = None;
        Ok(ends)
    }

    /// A module: branches side by side, concatenated along channels.
    pub(crate) fn module(&mut self, name: &str, branches: Vec<Vec<Spec>>) -> Result<LayerId, GraphError> {
        self.module = Some(name.into());
        let ends = self.branches(name, branches)?;
        let id = self.push(name, Op::Concat, ends)?;
        self.module = None;
        Ok(id)
    }

    /// A residual block: branches, a linear 1x1 convolution back to the input's channels, the scaled sum, ReLU.
    pub(crate) fn residual(
        &mut self,
        name: &str,
        scale: f32,
        relu: bool,
        branches: Vec<Vec<Spec>>,
    ) -> Result<LayerId, GraphError> {
        let from = self.last;
        self.module = Some(name.into());
        let ends = self.branches(name, branches)?;
        let concat = self.push(format!("{name}/Concat"), Op::Concat, ends)?;
        let linear = Conv {
            outputs: self.shape(from).c,
            kernel: [1, 1],
            stride: [1, 1],
            padding: Padding::default(),
            bias: true,
            norm: None,
            relu: false,
        };
        let residual = self.push(format!("{name}/Conv2d_1x1"), Op::Conv(linear), vec![concat])?;
        let sum = self.push(format!("{name}/Sum"), Op::Add(Add { scale }), vec![from, residual])?;
        let activation = if relu { Activation::Relu } else { Activation::Identity };
        let id = self.push(name, Op::Activation(activation), vec![sum])?;
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
    pub(crate) fn linear(
        &mut self,
        name: impl Into<String>,
        outputs: usize,
        relu: bool,
    ) -> Result<LayerId, GraphError> {
        self.push(name, Op::Linear(Linear { outputs, bias: true, relu }), vec![self.last])
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

    /// The network, checked: each layer has its own name, no value belongs to two concatenations (they are never copied), and
    /// a layer that shares weights shares those of its own kind.
    ///
    /// # Errors
    /// The first layer that has no place.
    pub fn finish(self, outputs: Outputs) -> Result<Graph, GraphError> {
        let mut names: Vec<&str> = self.layers.iter().map(|layer| &*layer.name).collect();
        names.sort_unstable();
        if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(self.misplaced(twice[0], "two layers are called so"));
        }
        let mut joined = vec![false; self.layers.len()];
        for layer in &self.layers {
            let wrong = |why| Err(self.misplaced(&layer.name, why));
            if layer.op.is_alias() && layer.inputs.contains(&LayerId::new(0)) {
                return wrong("the picture cannot be joined with anything");
            }
            for input in layer.inputs.iter().filter(|_| layer.op.is_alias()) {
                if std::mem::replace(&mut joined[input.index()], true) {
                    return wrong("it joins what has been joined before");
                }
            }
            let tensors =
                |layer: &Layer| layer.op.tensors(layer.inputs.first().map_or(layer.shape, |&input| self.shape(input)));
            if layer.shares.is_some_and(|of| tensors(&self.layers[of.index()]) != tensors(layer)) {
                return wrong("it shares the weights of a layer that has others");
            }
        }
        let graph = Graph { network: self.network, layers: self.layers, outputs };
        let beyond = graph.outputs().find(|id| id.index() >= graph.layers.len());
        match beyond {
            Some(_) => Err(GraphError::NoModule { network: graph.network, name: "such an output".into() }),
            None => Ok(graph),
        }
    }
}

/// The layers that a finished graph points out; [`Graph`] says what each is.
#[derive(Clone, Debug, PartialEq)]
pub struct Outputs {
    /// See [`Graph::features`].
    pub features: LayerId,
    /// See [`Graph::logits`].
    pub logits: Option<LayerId>,
    /// See [`Graph::predictions`].
    pub predictions: Option<LayerId>,
    /// See [`Graph::embedding`].
    pub embedding: Option<LayerId>,
    /// See [`Graph::auxiliary`].
    pub auxiliary: Vec<LayerId>,
}

impl Outputs {
    /// A network without head.
    pub fn features(features: LayerId) -> Self {
        Self { features, logits: None, predictions: None, embedding: None, auxiliary: vec![] }
    }
}
