use super::kind::LayerKind;
use super::ops::{Op, Operation};
use super::shape::Shape;
use std::borrow::Cow;

/// Position of a layer in [`super::Graph::layers`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LayerId(u32);

impl LayerId {
    /// The layer at this index.
    pub fn new(index: usize) -> Self {
        Self(index as u32)
    }

    /// Index into the list of layers.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// One named step of a network.
#[derive(Clone, Debug)]
pub struct Layer {
    /// Public name: the TF-slim end point.
    pub name: String,
    /// What it computes.
    pub op: Op,
    /// What it reads.
    pub inputs: Vec<LayerId>,
    /// Output size.
    pub shape: Shape,
    /// The module it belongs to; a module's own output carries its own name.
    pub module: Option<String>,
    /// The branch inside that module.
    pub branch: Option<usize>,
    /// Belongs to an auxiliary head.
    pub auxiliary: bool,
    /// The layer whose weights it has, where it has none of its own.
    pub shares: Option<LayerId>,
}

impl Layer {
    /// Public kind.
    pub fn kind(&self) -> LayerKind {
        match self.op.kind() {
            LayerKind::Concat if self.branch.is_some() => LayerKind::Branch,
            kind => kind,
        }
    }

    /// Kernel, stride and channels in the words of the papers: `3x3/2, 96`.
    pub fn detail(&self) -> Cow<'static, str> {
        self.op.detail(self.shape)
    }
}
