//! Waves of a plan as kernel calls: which places of the arena, which parameters, which tiles.

use super::invocation::{Invocation, Site};
use super::ops;
use super::params::{POOL, Params};
use super::shader::Shader;
use super::tiles::{Product, TASKS, Tile, Way, flat, ways};
use super::tuning::Tuning;
use super::weights::Places;
use crate::graph::{Graph, LayerId, Shape};
use crate::plan::{Plan, Step, Storage, View};

/// What a call reads besides the arena.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Bound {
    /// This one of the buffers of weights, and the factors.
    Weights(usize),
    /// The picture's levels and their table.
    Picture,
    /// A layer's weights for the reverse pass.
    Reversed(LayerId),
    /// Factors of one alone.
    Identity,
}

/// One kernel call: what runs, with which parameters.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub shader: Shader,
    pub bound: Bound,
    /// Of each task; all shaders but those of convolutions have one.
    pub tasks: Vec<Params>,
    pub workgroups: [u32; 2],
    /// The layers that it computes.
    pub layers: Vec<LayerId>,
}

impl Call {
    pub fn new(shader: Shader, params: Params, workgroups: [u32; 2], layers: Vec<LayerId>) -> Self {
        Self { shader, bound: Bound::Weights(0), tasks: vec![params], workgroups, layers }
    }
}

/// A layer's view in vec4s.
#[derive(Clone, Copy)]
pub(super) struct Operand {
    pub base: u32,
    pub stride: u32,
    pub shape: Shape,
}

pub(super) fn operand(plan: &Plan, id: LayerId) -> Option<Operand> {
    Some(Operand::new(&plan.storages, plan.view(id)?))
}

impl Operand {
    /// A view of one of these storages.
    pub fn new(storages: &[Storage], view: View) -> Self {
        let storage = &storages[view.storage];
        let (base, stride) = (((storage.offset + view.channel) / 4) as u32, (storage.stride / 4) as u32);
        Self { base, stride, shape: view.shape }
    }

    pub fn quads(&self) -> u32 {
        self.shape.c.div_ceil(4) as u32
    }

    /// Makes parameters those of a call of `images` images that reads this.
    pub fn read(&self, images: usize, params: &mut Params) {
        (params.in_height, params.in_width) = (self.shape.h as u32, self.shape.w as u32);
        (params.in_base, params.in_stride, params.in_quads) = (self.base, self.stride, self.quads());
        params.images = images as u32;
    }

    /// Makes them those of a call that writes this.
    pub fn written(&self, params: &mut Params) {
        (params.out_height, params.out_width) = (self.shape.h as u32, self.shape.w as u32);
        (params.out_base, params.out_stride, params.out_quads) = (self.base, self.stride, self.quads());
    }

    /// Makes them those of a call that reads this besides.
    pub fn read_second(&self, params: &mut Params) {
        (params.second_base, params.second_stride) = (self.base, self.stride);
    }
}

/// The call that makes the input of pictures in 8-bit levels.
pub(super) fn normalize(plan: &Plan) -> Option<Call> {
    let input = operand(plan, LayerId::new(0))?;
    let mut params = Params::default();
    input.read(plan.images, &mut params);
    input.written(&mut params);
    let workgroups = flat((plan.images * input.shape.h * input.shape.w) as u32, 64);
    Some(Call { bound: Bound::Picture, ..Call::new(Shader::Normalize, params, workgroups, vec![]) })
}

/// What makes calls of steps.
pub(super) struct Dispatcher<'a> {
    pub graph: &'a Graph,
    pub plan: &'a Plan,
    pub places: &'a Places,
    pub tuning: &'a Tuning,
    /// Whether the processor plays the GPU.
    pub software: bool,
    /// The first vec4 of the arena behind all activations: room for parts of sums.
    pub scratch: u32,
}

impl Dispatcher<'_> {
    /// The calls of the steps of a wave: what they compute, unless they are switched off for every image, then zeros for
    /// those where they are.
    pub fn wave(&self, steps: &[Step]) -> Vec<Call> {
        let (mut calls, mut products) = (vec![], vec![]);
        for step in steps.iter().filter(|step| step.off.len() < self.plan.images) {
            let layer = step.layer;
            match self.computed(step) {
                Some(Invocation::Kernel { shader, params, workgroups }) => {
                    calls.push(Call::new(shader, params, workgroups, vec![layer]));
                }
                Some(Invocation::Product(params)) => products.push((layer, params)),
                None => {}
            }
        }
        calls.extend(self.products(&products));
        let off = steps.iter().flat_map(|step| step.off.iter().map(|&image| (step.output, image)));
        calls.extend(off.filter_map(|(id, image)| self.clear(id, image)));
        calls
    }

    /// A call of products, and the sums behind it, in every way that it may go within so many vec4s of scratch; those
    /// that would take more have no calls.
    pub fn ways(&self, call: &Call, scratch: u32) -> Vec<Vec<Call>> {
        let Bound::Weights(buffer) = call.bound else { return vec![] };
        let tasks: Vec<(LayerId, Params)> = call.layers.iter().copied().zip(call.tasks.iter().copied()).collect();
        let sizes: Vec<Product> = call.tasks.iter().map(Params::product).collect();
        let tiled = |way: Way| self.tiled(buffer, &tasks, &way);
        let fits = |calls: Vec<Call>| if Tiler::scratch(&calls) <= scratch { calls } else { vec![] };
        ways(&sizes).into_iter().map(|way| fits(tiled(way))).collect()
    }

    /// Zeros in one image's output of a layer.
    fn clear(&self, id: LayerId, image: usize) -> Option<Call> {
        let mut out = operand(self.plan, id)?;
        let pixels = out.shape.h * out.shape.w;
        out.base += (image * pixels) as u32 * out.stride;
        let mut params = Params::default();
        out.read(1, &mut params);
        out.written(&mut params);
        Some(Call::new(Shader::Clear, params, flat(pixels as u32 * out.quads(), 64), vec![id]))
    }

    /// What a step asks for, with all parameters but those of the tile; none where there is nothing to compute.
    fn computed(&self, step: &Step) -> Option<Invocation> {
        let Self { graph, plan, places, .. } = self;
        let layer = graph.layer(step.layer);
        let (input, out) = (operand(plan, *step.inputs.first()?)?, operand(plan, step.output)?);
        let images = plan.images as u32;
        let site = Site { input: input.shape, output: out.shape, images, residual: step.residual, pool: step.pool };
        let place = places.of(step.layer);
        let shortcut = step.residual.map(|r| r.shortcut).or(step.inputs.get(1).copied());
        let second = shortcut.and_then(|id| operand(plan, id));
        let mut invocation = ops::invocation(&layer.op, &site)?;
        let (Invocation::Kernel { params, .. } | Invocation::Product(params)) = &mut invocation;
        input.read(plan.images, params);
        second.as_ref().unwrap_or(&input).read_second(params);
        out.written(params);
        (params.weights, params.factors) = (place.weights as u32, place.factors as u32);
        params.channels = layer.shape.c as u32;
        Some(invocation)
    }

    /// The calls of products that do not wait for one another: as few as can be.
    fn products(&self, products: &[(LayerId, Params)]) -> Vec<Call> {
        let mut calls = vec![];
        let mut shared: Vec<(usize, Vec<(LayerId, Params)>)> = vec![];
        for &(layer, params) in products {
            let (product, buffer) = (params.product(), self.places.of(layer).buffer);
            let alone = match (self.software, product.is_vector() && params.flags & POOL == 0) {
                (true, _) => Tile::software(product),
                (false, true) => Tile::Vector,
                (false, false) => {
                    match shared.iter_mut().find(|(at, tasks)| *at == buffer && tasks.len() < TASKS) {
                        Some((_, tasks)) => tasks.push((layer, params)),
                        None => shared.push((buffer, vec![(layer, params)])),
                    }
                    continue;
                }
            };
            calls.extend(self.tiled(buffer, &[(layer, params)], &Way::whole(alone)));
        }
        for (buffer, tasks) in shared {
            let sizes: Vec<Product> = tasks.iter().map(|(_, params)| params.product()).collect();
            calls.extend(self.tiled(buffer, &tasks, &self.tuning.way(&sizes, self.places.half)));
        }
        calls
    }

    fn tiled(&self, buffer: usize, products: &[(LayerId, Params)], way: &Way) -> Vec<Call> {
        let tiler = Tiler { half: self.places.half, scratch: self.scratch };
        tiler.calls(Bound::Weights(buffer), products, way)
    }
}

/// What makes calls of products with a tile.
pub(super) struct Tiler {
    /// Weights are f16.
    pub half: bool,
    /// The first vec4 of the room for parts of sums.
    pub scratch: u32,
}

impl Tiler {
    /// Vec4s of the arena that calls need for parts of sums.
    pub fn scratch(calls: &[Call]) -> u32 {
        let parts = |params: &Params| match params.product() {
            Product { pixels, quads, .. } if params.splits > 1 => params.splits * pixels * quads,
            _ => 0,
        };
        calls.iter().map(|call| call.tasks.iter().map(parts).sum()).max().unwrap_or(0)
    }

    /// The call of products with a tile; where some are split, also the one that adds up their parts.
    pub fn calls(&self, bound: Bound, products: &[(LayerId, Params)], way: &Way) -> Vec<Call> {
        let (mut tasks, mut layers, mut sums, mut summed) = (vec![], vec![], vec![], vec![]);
        let (mut groups, mut sum_groups, mut partial) = (0, 0, self.scratch);
        let tile = way.tile;
        for (&(layer, params), &splits) in products.iter().zip(&way.splits) {
            let product = params.product();
            let task = Params { first_group: groups, splits, partial, ..params };
            groups += tile.workgroups(product, splits);
            if splits > 1 {
                partial += splits * product.pixels * product.quads;
                sums.push(Params { first_group: sum_groups, ..task });
                summed.push(layer);
                sum_groups += (product.pixels * product.quads).div_ceil(64);
            }
            tasks.push(task);
            layers.push(layer);
        }
        let pooled = tasks.iter().any(|task| task.flags & POOL != 0);
        let shader = Shader::Conv { tile, half: self.half, point: tasks.iter().all(is_point), pooled };
        let mut calls = vec![Call { shader, bound, tasks, workgroups: flat(groups, 1), layers }];
        if !sums.is_empty() {
            calls.push(Call {
                shader: Shader::Sum,
                bound,
                tasks: sums,
                workgroups: flat(sum_groups, 1),
                layers: summed,
            });
        }
        calls
    }
}

/// Whether a product reads one position for each of the output's, inside the image.
fn is_point(params: &Params) -> bool {
    let is_one = [params.kernel_height, params.kernel_width] == [1, 1] && params.flags & POOL == 0;
    let is_inside =
        |outputs: u32, stride: u32, before: u32, inputs: u32| before == 0 && (outputs - 1) * stride < inputs;
    is_one
        && is_inside(params.out_height, params.stride_y, params.top, params.in_height)
        && is_inside(params.out_width, params.stride_x, params.left, params.in_width)
}
