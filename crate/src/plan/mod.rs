//! The memory plan: which steps run, where each layer's output lies in the arena, and for how long.
//! Enters: a [`Graph`] and a [`Request`]. Leaves: a [`Plan`] that any backend can follow without allocating.
//!
//! A concatenation is never copied: the last layer of each branch writes at its channel offset of the module's
//! storage, so a branch is a strided view. A residual block's linear convolution takes the scaled sum and the ReLU
//! with it, unless one of the values in between is kept. Where the backend asks for it, the steps of a module that do
//! not wait for one another form a wave, and a 1x1 convolution pools what it reads.

mod arena;
mod reverse;

pub use reverse::{Gradients, Kept, Pass, ReversePlan, ReverseStep};

use crate::graph::{Activation, Add, Conv, Graph, LayerId, Op, Pool, Shape};
use std::ops::Range;

/// What a backend asks of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The distance between pixels is a multiple of so many values.
    pub lanes: usize,
    /// Steps of a module that do not wait for one another run at once.
    pub waves: bool,
    /// A 1x1 convolution pools what it reads.
    pub pools: bool,
    /// What is held stays in the arena to the end of a run; else it is taken out as soon as it is there.
    pub holds: bool,
    /// What a reverse pass reads stays in the arena to the end of a run; else it is noted after each step.
    pub stays: bool,
}

impl Layout {
    /// Dense pixels, one step after another.
    pub const CPU: Self = Self { lanes: 1, waves: false, pools: false, holds: true, stays: false };
    /// Pixels of whole vec4s, as few calls as can be.
    pub const GPU: Self = Self { lanes: 4, waves: true, pools: true, holds: false, stays: true };
    /// Pixels of whole vec4s where the processor plays the GPU, which has nothing to gain from fewer calls.
    pub const SOFTWARE_GPU: Self = Self { lanes: 4, waves: false, pools: false, holds: false, stays: true };
}

/// What is asked of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Layers whose outputs are kept besides the graph's own outputs.
    pub keep: Vec<LayerId>,
    /// Number of images that run at once.
    pub images: usize,
    /// Layers whose output is zero instead of what they compute, each for one image.
    pub off: Vec<(usize, LayerId)>,
    /// The gradients that a reverse pass gives after a run, of one image.
    pub gradients: Option<Gradients>,
}

impl Default for Request {
    fn default() -> Self {
        Self { keep: Vec::new(), images: 1, off: Vec::new(), gradients: None }
    }
}

/// Activations of one or more layers: NHWC at a fixed place in an arena, one image after another.
#[derive(Clone, Copy, Debug)]
pub struct Storage {
    /// Size of one image with all channels.
    pub shape: Shape,
    /// Number of images.
    pub images: usize,
    /// Values from one pixel to the next.
    pub stride: usize,
    /// First value in the arena.
    pub offset: usize,
}

impl Storage {
    /// The storage's values in its arena, all images; to the largest number where they cannot be counted.
    pub fn range(&self) -> Range<usize> {
        self.offset..self.offset.saturating_add(self.images.saturating_mul(self.image_len()))
    }

    /// The values of one image in the arena.
    pub fn image(&self, index: usize) -> Range<usize> {
        let start = self.offset.saturating_add(index.saturating_mul(self.image_len()));
        start..start.saturating_add(self.image_len())
    }

    /// Values of one image.
    pub fn image_len(&self) -> usize {
        Shape { c: self.stride, ..self.shape }.len()
    }
}

/// One layer's output inside a storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// Index into [`Plan::storages`].
    pub storage: usize,
    /// First channel.
    pub channel: usize,
    /// The layer's own size.
    pub shape: Shape,
}

/// The residual sum that a convolution takes with it: `shortcut + scale * convolution`, then ReLU.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Residual {
    /// The layer added to.
    pub shortcut: LayerId,
    /// Factor of the convolution's output.
    pub scale: f32,
    /// ReLU after the sum.
    pub relu: bool,
}

/// One layer's computation, with what it takes with it.
#[derive(Clone, Debug)]
pub struct Step {
    /// The layer whose operation runs.
    pub layer: LayerId,
    /// What it reads, except for a residual's shortcut.
    pub inputs: Vec<LayerId>,
    /// The pool through which a convolution reads.
    pub pool: Option<Pool>,
    /// The layer whose view is written: `layer`, or a later one where a residual is fused.
    pub output: LayerId,
    /// A fused residual sum.
    pub residual: Option<Residual>,
    /// Index into [`Plan::groups`].
    pub group: usize,
    /// Counts up along the steps; those of one wave wait for none of each other.
    pub wave: usize,
    /// Images whose output is zeros instead.
    pub off: Vec<usize>,
}

/// What is timed by itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Timed {
    /// A step of the plan.
    Step(usize),
    /// One of the ways of a GPU's kernels, of those that are to be tried.
    Way(usize),
}

/// A schedule with places for everything it writes.
#[derive(Clone, Debug)]
pub struct Plan {
    /// In order of execution.
    pub steps: Vec<Step>,
    /// What the views lie in.
    pub storages: Vec<Storage>,
    /// Per layer; none where the value is never written, because it was fused or has no reader.
    pub views: Vec<Option<View>>,
    /// Names of modules, and of single layers outside of modules, in order of execution.
    pub groups: Vec<String>,
    /// Length of the arena in values.
    pub arena: usize,
    /// Storages whose values are wanted: where the layout holds them, they are there at the end of a run, else after
    /// [`Plan::filled`].
    pub held: Vec<usize>,
    /// Number of images that a run takes.
    pub images: usize,
}

impl Plan {
    /// Plans a run.
    pub fn new(graph: &Graph, request: &Request, layout: Layout) -> Self {
        let Request { keep, images, off, gradients } = request;
        let images = *images;
        let mut kept = vec![false; graph.layers().len()];
        for id in graph.outputs().chain(keep.iter().copied()) {
            kept[id.index()] = true;
        }
        let mut whole = kept.clone();
        off.iter().for_each(|(_, id)| whole[id.index()] = true);
        let read = gradients.as_ref().filter(|_| layout.stays).map(|gradients| reverse::read(graph, gradients));
        let read = read.unwrap_or_default();
        read.iter().for_each(|id| whole[id.index()] = true);
        let fused = fusions(graph, &whole, layout);
        let (views, shapes) = place(graph, &fused);
        let (mut steps, groups) = schedule(graph, &fused);
        match layout.waves {
            true => waves(graph, &mut steps),
            false => steps.iter_mut().enumerate().for_each(|(i, step)| step.wave = i),
        }
        switch_off(graph, &mut steps, off, images);
        let pinned = |storage: usize| {
            let view = |v: &Option<View>| v.is_some_and(|v| v.storage == storage);
            views.iter().zip(&kept).any(|(v, &kept)| kept && view(v))
        };
        let held: Vec<usize> = (0..shapes.len()).filter(|&s| pinned(s)).collect();
        let stays: Vec<usize> = read.iter().filter_map(|id| Some(views[id.index()]?.storage)).collect();
        let is_pinned = |storage: usize| (layout.holds && held.contains(&storage)) || stays.contains(&storage);
        let lives = arena::lifetimes(&steps, &views, shapes.len(), is_pinned);
        let storage =
            |shape: Shape| Storage { shape, images, stride: shape.c.next_multiple_of(layout.lanes), offset: 0 };
        let mut storages: Vec<Storage> = shapes.into_iter().map(storage).collect();
        let sizes: Vec<usize> = storages.iter().map(|s| s.range().len()).collect();
        let (offsets, arena) = arena::place(&sizes, &lives);
        storages.iter_mut().zip(offsets).for_each(|(storage, offset)| storage.offset = offset);
        Self { steps, storages, views, groups, arena, held, images }
    }

    /// The last step that writes a storage; of the input's, which is there before, the first that reads it.
    pub fn filled(&self, storage: usize) -> Option<usize> {
        let is_in = |id: &LayerId| self.view(*id).is_some_and(|view| view.storage == storage);
        let written = self.steps.iter().rposition(|step| is_in(&step.output));
        written.or_else(|| self.steps.iter().position(|step| step.inputs.iter().any(is_in)))
    }

    /// Where a layer's output lies, if it is written.
    pub fn view(&self, id: LayerId) -> Option<View> {
        self.views[id.index()]
    }
}

/// Per layer, what its step does besides, so that values in between are not stored.
struct Fusions {
    /// A convolution's residual and the layer that its step writes.
    residual: Vec<Option<(Residual, LayerId)>>,
    /// The pool through which a convolution reads.
    pool: Vec<Option<LayerId>>,
    /// Layers that no step computes.
    absorbed: Vec<bool>,
}

/// Marks the steps that write the layers to be switched off: of a concatenation, all that it joins.
fn switch_off(graph: &Graph, steps: &mut [Step], off: &[(usize, LayerId)], images: usize) {
    for &(image, id) in off.iter().filter(|(image, _)| *image < images) {
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            match graph.layer(id).op.is_alias() {
                true => open.extend(&graph.layer(id).inputs),
                false => steps.iter_mut().filter(|s| s.output == id).for_each(|s| s.off.push(image)),
            }
        }
    }
    for step in steps {
        step.off.sort();
        step.off.dedup();
    }
}

/// The sums that convolutions take with them: of a convolution without an activation, whose value nothing else reads and
/// which runs when the shortcut is there. And the pools of stride 1 through which 1x1 convolutions read, where nothing
/// else reads them. `kept` are the layers whose values must exist.
fn fusions(graph: &Graph, kept: &[bool], layout: Layout) -> Fusions {
    let layers = graph.layers();
    let mut readers = vec![0; layers.len()];
    for layer in layers {
        layer.inputs.iter().for_each(|i| readers[i.index()] += 1);
    }
    let hidden = |id: LayerId| !kept[id.index()] && readers[id.index()] == 1;
    let none = vec![None; layers.len()];
    let mut fused = Fusions { residual: vec![None; layers.len()], pool: none, absorbed: vec![false; layers.len()] };
    for (i, layer) in layers.iter().enumerate() {
        let (&Op::Add(Add { scale }), &[shortcut, conv]) = (&layer.op, &*layer.inputs) else { continue };
        let takes_sums = matches!(graph.layer(conv).op, Op::Conv(Conv { relu: false, .. }));
        if !takes_sums || !hidden(conv) || shortcut >= conv {
            continue;
        }
        let sum = LayerId::new(i);
        let next = layers.get(i + 1);
        let relu = hidden(sum) && next.is_some_and(|n| n.op == Op::Activation(Activation::Relu) && n.inputs == [sum]);
        let output = if relu { LayerId::new(i + 1) } else { sum };
        fused.residual[conv.index()] = Some((Residual { shortcut, scale, relu }, output));
        fused.absorbed[i] = true;
        fused.absorbed[output.index()] = true;
    }
    for (id, layer) in graph.public().filter(|_| layout.pools) {
        let (Op::Conv(conv), &[from]) = (&layer.op, &*layer.inputs) else { continue };
        let pool = graph.layer(from);
        let slides = matches!(pool.op, Op::Pool(Pool { stride: [1, 1], .. }));
        if conv.is_pointwise() && slides && pool.module == layer.module && hidden(from) {
            fused.pool[id.index()] = Some(from);
            fused.absorbed[from.index()] = true;
        }
    }
    fused
}

/// Views of all layers, and the shapes of the storages they lie in.
fn place(graph: &Graph, fused: &Fusions) -> (Vec<Option<View>>, Vec<Shape>) {
    let mut views: Vec<Option<View>> = vec![None; graph.layers().len()];
    let mut shapes = Vec::new();
    for (i, layer) in graph.layers().iter().enumerate().rev() {
        let dropped = fused.residual[i].is_some() || fused.pool.contains(&Some(LayerId::new(i)));
        let absorbed_sum = fused.absorbed[i] && matches!(layer.op, Op::Add(_));
        let written = fused.residual.iter().flatten().any(|(_, output)| output.index() == i);
        if dropped || (absorbed_sum && !written) {
            continue;
        }
        let view = *views[i].get_or_insert_with(|| {
            shapes.push(layer.shape);
            View { storage: shapes.len() - 1, channel: 0, shape: layer.shape }
        });
        if layer.op.is_alias() {
            let mut channel = view.channel;
            for input in &layer.inputs {
                let shape = graph.layer(*input).shape;
                views[input.index()] = Some(View { storage: view.storage, channel, shape });
                channel += shape.c;
            }
        }
    }
    (views, shapes)
}

fn schedule(graph: &Graph, fused: &Fusions) -> (Vec<Step>, Vec<String>) {
    let mut steps = Vec::new();
    let mut groups: Vec<String> = Vec::new();
    for (id, layer) in graph.public() {
        if layer.op.is_alias() || fused.absorbed[id.index()] {
            continue;
        }
        let name = layer.module.as_ref().unwrap_or(&layer.name);
        if groups.last() != Some(name) {
            groups.push(name.clone());
        }
        let (residual, output) = match fused.residual[id.index()] {
            Some((residual, output)) => (Some(residual), output),
            None => (None, id),
        };
        let through = fused.pool[id.index()].map(|pool| graph.layer(pool));
        let inputs = through.unwrap_or(layer).inputs.clone();
        let pool = through.and_then(|pool| if let Op::Pool(pool) = pool.op { Some(pool) } else { None });
        steps.push(Step {
            layer: id,
            inputs,
            pool,
            output,
            residual,
            group: groups.len() - 1,
            wave: 0,
            off: Vec::new(),
        });
    }
    (steps, groups)
}

/// Orders the steps of each group by how many steps of it they wait for, one after another.
fn waves(graph: &Graph, steps: &mut [Step]) {
    let mut first = 0;
    for group in steps.chunk_by_mut(|a, b| a.group == b.group) {
        // The wave that writes each layer of the group; a concatenation is there with the last that it joins.
        let mut written = vec![None; graph.layers().len()];
        for step in group.iter_mut() {
            let mut wave = first;
            let mut open = step.inputs.clone();
            open.extend(step.residual.map(|residual| residual.shortcut));
            while let Some(id) = open.pop() {
                match graph.layer(id).op.is_alias() {
                    true => open.extend(&graph.layer(id).inputs),
                    false => wave = wave.max(written[id.index()].map_or(first, |before: usize| before + 1)),
                }
            }
            (step.wave, written[step.output.index()]) = (wave, Some(wave));
        }
        group.sort_by_key(|step| step.wave);
        first = group.last().map_or(first, |step| step.wave + 1);
    }
}
