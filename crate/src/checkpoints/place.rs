use std::collections::HashMap;

use crate::graph::{Graph, Layer, Op};

/// Where a layer stands in its network, in the terms that the libraries' naming rules use.
#[derive(Clone, Debug)]
pub(super) struct Place<'a> {
    /// Public name.
    pub name: &'a str,
    /// Module, for example `Mixed_5b` or `Repeat/block35_1`.
    pub module: Option<&'a str>,
    /// Branch inside the module.
    pub branch: Option<usize>,
    /// Which convolution of its branch, from 0.
    pub step: usize,
    /// Convolutions in its branch.
    pub steps: usize,
    /// The branch begins with a pool.
    pub pooled: bool,
    /// Which convolution of the body, from 0; `None` for other layers and in auxiliary heads.
    pub ordinal: Option<usize>,
}

impl<'a> Place<'a> {
    /// A layer known by its name only, such as `Logits`.
    pub fn named(name: &'a str) -> Self {
        Self { name, module: None, branch: None, step: 0, steps: 0, pooled: false, ordinal: None }
    }

    /// The module's last letters: `5b` of `Mixed_5b`.
    pub fn tag(&self) -> Option<&'a str> {
        self.module?.strip_prefix("Mixed_")
    }

    /// Number within the branch where the pool counts as the first.
    pub fn sequence(&self) -> usize {
        self.step + usize::from(self.pooled)
    }

    /// The branch is one convolution and nothing else.
    pub fn alone(&self) -> bool {
        self.steps == 1 && !self.pooled
    }
}

/// The layers with weights, each with its place; one that shares another's has that one's.
pub(super) fn places(graph: &Graph) -> Vec<(&Layer, Place<'_>)> {
    let mut branches = HashMap::<_, (usize, bool)>::new();
    let mut convolutions = 0;
    let mut places = Vec::new();
    for layer in graph.layers() {
        let module = layer.module.as_deref();
        let (steps, pooled) = branches.entry((module, layer.branch)).or_default();
        let conv = matches!(layer.op, Op::Conv(_));
        *pooled |= matches!(layer.op, Op::Pool(_));
        if !graph.tensors(layer).list().is_empty() {
            let ordinal = (conv && !layer.auxiliary).then_some(convolutions);
            let (branch, step, pooled) = (layer.branch, *steps, *pooled);
            places.push((layer, Place { name: &layer.name, module, branch, step, steps: 0, pooled, ordinal }));
            *steps += usize::from(conv);
            convolutions += usize::from(ordinal.is_some());
        }
    }
    for (_, place) in &mut places {
        place.steps = branches.get(&(place.module, place.branch)).map_or(0, |b| b.0);
    }
    // Weights stand where their owner does.
    for at in 0..places.len() {
        let owner = places[at].0.shares.map(|id| graph.layer(id));
        let found = owner.and_then(|owner| places[..at].iter().find(|(layer, _)| layer.name == owner.name));
        if let Some((_, place)) = found.cloned() {
            places[at].1 = place;
        }
    }
    places
}
