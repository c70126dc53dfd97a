use super::buffers::Buffer;
use super::calls::{Calls, planned};
use super::device::{GpuDevice, Verdict};
use super::dispatch::{Bound, Call};
use super::error::GpuError;
use super::memory::Memory;
use super::recorded::{Dispatch, PASS, Recorded, SLOT, slot};
use super::reverse::{Reverse, Reversed};
use super::shader::Shader;
use super::statistics::Statistics;
use super::stopwatch::Stopwatch;
use super::tuning::Tuning;
use super::weights::Weights;
use crate::cpu::ViewRef;
use crate::graph::{Graph, LayerId, LayerWeights, Shape};
use crate::image::Levels;
use crate::info::ChannelStats;
use crate::plan::{Gradients, Plan, Request, Timed};
use futures_channel::oneshot;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;
use web_time::Instant;

/// The largest batch whose kernels are compiled beforehand: what the package runs at once
/// (`pkg/src/shared/images-at-once.js`).
const AT_ONCE: usize = 8;

/// A picture as 8-bit levels on the device, and the input's value of each level.
struct Picture {
    /// One word a pixel: red, green, blue from the lowest byte.
    pixels: Buffer,
    table: Buffer,
    /// The words on their way.
    words: Vec<u32>,
}

/// A network on the GPU: weights, the plan's arenas, and every call with its bindings.
///
/// What the device has to say comes late: errors of the calls that make buffers and pipelines are told by
/// [`Gpu::warm`] and [`Gpu::read_back`].
pub struct Gpu {
    pub(super) device: Arc<GpuDevice>,
    pub(super) graph: Arc<Graph>,
    pub(super) plan: Plan,
    pub(super) weights: Weights,
    pub(super) statistics: Statistics,
    pub(super) memory: Memory,
    picture: Picture,
    /// The reverse pass that is planned.
    pub(super) reverse: Option<Box<Reverse>>,
    /// The weights for reverse passes, once one was planned.
    pub(super) reversed: Option<Reversed>,
    pub(super) tuning: Tuning,
    pub(super) calls: Calls,
    recorded: Recorded,
    /// The input in vec4s.
    padded: Vec<f32>,
    /// What the device has not said yet of calls that it got.
    pub(super) verdicts: Vec<Verdict>,
    /// Whether the device has refused a call since the buffers were made: they may be invalid.
    refused: bool,
    /// Steps of the run that are not submitted yet: what nobody waits for in between goes in one submission.
    due: Range<usize>,
    /// The end of the last submission of steps.
    last: Option<oneshot::Receiver<Instant>>,
    stopwatch: Stopwatch,
}

impl Gpu {
    /// A network without weights yet, which will be stored as f16 where `half` says so; see [`Gpu::prepare`]. `levels`
    /// holds the input's value of each 8-bit level of each channel.
    pub fn new(device: Arc<GpuDevice>, graph: Arc<Graph>, half: bool, levels: &Levels) -> Result<Self, GpuError> {
        let tuning = Tuning::default();
        let software = device.is_software();
        let plan = planned(&graph, &Request::default(), software, device.binding_limit())?;
        let statistics = Statistics::default();
        let (made, verdict) = device.watched(|| {
            let weights = Weights::new(&device, &graph, half)?;
            let calls = Calls::new(&graph, &plan, &weights.places, &tuning, software, &statistics);
            let memory = Memory::new(&device, &plan, calls.values, &statistics)?;
            let picture = Picture::new(&device, &plan, levels);
            Ok::<_, GpuError>((weights, calls, memory, picture))
        });
        let (weights, calls, memory, picture) = made?;
        let mut gpu = Self {
            device,
            graph,
            plan,
            weights,
            statistics,
            memory,
            picture,
            reverse: None,
            reversed: None,
            tuning,
            calls,
            recorded: Recorded::default(),
            padded: Vec::new(),
            verdicts: vec![verdict],
            refused: false,
            due: 0..0,
            last: None,
            stopwatch: Stopwatch::default(),
        };
        gpu.record()?;
        Ok(gpu)
    }

    /// The device it runs on.
    pub fn device(&self) -> &GpuDevice {
        &self.device
    }

    /// Bytes of weights on the device.
    pub fn weight_bytes(&self) -> usize {
        self.weights.bytes() + self.reversed.as_ref().map_or(0, Reversed::bytes)
    }

    /// Uploads the weights of one layer.
    pub fn prepare(&mut self, id: LayerId, weights: &LayerWeights) -> Result<(), GpuError> {
        let named = |source| GpuError::Weights { layer: self.graph.layer(id).name.clone(), source };
        let (done, verdict) = self.device.watched(|| self.weights.upload(&self.device, &self.graph, id, weights));
        self.verdicts.push(verdict);
        done.map_err(named)?;
        self.check()
    }

    /// Ends preparing: runs one workgroup of every pipeline, which compiles it, and waits for all that was sent. That of layers
    /// that are kept or switched off, too: later runs may ask for them. What batches need besides is compiled, not run.
    pub async fn warm(&mut self) -> Result<(), GpuError> {
        self.weights.finish();
        let later = [Shader::Statistics, Shader::Clear].map(|shader| self.calls.idle(shader));
        let (_params, verdict) = self.device.watched(|| {
            let (later, params) = self.dispatches(&later.each_ref());
            let mut encoder = self.encoder();
            let mut pass = encoder.begin_compute_pass(&PASS);
            let mut seen = HashSet::new();
            for dispatch in self.recorded.all().chain(&later).filter(|d| seen.insert(d.shader)) {
                dispatch.record(&mut pass, [1, 1]);
            }
            drop(pass);
            self.device.queue.submit([encoder.finish()]);
            params
        });
        self.verdicts.push(verdict);
        // A device that refuses it says so again when a batch comes; one picture runs all the same.
        let ((), _) = self.device.watched(|| self.compile_batches());
        self.judge().await?;
        self.device.wait(self.device.done()).await.map(drop)
    }

    /// Compiles what batches of up to [`AT_ONCE`] images need besides, where they keep no layers. Where the processor plays the
    /// GPU they take the same kernels.
    fn compile_batches(&self) {
        let limit = self.device.binding_limit();
        if self.device.is_software() {
            return;
        }
        for images in 2..=AT_ONCE {
            let calls = Calls::plain(&self.graph, images, &self.weights.places, &self.tuning, false, limit);
            for call in calls.iter().flat_map(Calls::all) {
                self.device.pipelines.get(&self.device.device, call.shader);
            }
        }
    }

    /// Waits for what the device says of earlier calls: the first refusal says more than what follows from it.
    pub(super) async fn judge(&mut self) -> Result<(), GpuError> {
        for verdict in std::mem::take(&mut self.verdicts) {
            if let Some(error) = verdict.await {
                self.refused = true;
                return match self.device.check() {
                    Err(lost @ GpuError::Lost { .. }) => Err(lost),
                    _ => Err(error),
                };
            }
        }
        self.device.check()
    }

    /// The device's last error, unless it has yet to say what it thinks of earlier calls.
    pub(super) fn check(&self) -> Result<(), GpuError> {
        if self.verdicts.is_empty() { self.device.check() } else { Ok(()) }
    }

    /// The schedule in force.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Plans anew.
    pub fn configure(&mut self, request: &Request) -> Result<(), GpuError> {
        let software = self.device.is_software();
        let plan = planned(&self.graph, request, software, self.device.binding_limit())?;
        let statistics = Statistics::new(&plan, &request.keep);
        self.schedule(plan, statistics, request.gradients.as_ref())
    }

    /// Has waves go the ways that were measured on a device of this kind: what [`Gpu::tuned`] gave.
    pub fn tune(&mut self, tuned: &str) -> Result<(), GpuError> {
        self.tuning = Tuning::read(tuned);
        self.retile()
    }

    /// What was measured of ways, to be kept for the next time.
    pub fn tuned(&self) -> String {
        self.tuning.text()
    }

    /// Makes the calls of the plan in force anew.
    pub(super) fn retile(&mut self) -> Result<(), GpuError> {
        let gradients = self.reverse.as_ref().map(|reverse| reverse.plan.gradients.clone());
        self.schedule(self.plan.clone(), self.statistics.clone(), gradients.as_ref())
    }

    fn schedule(&mut self, plan: Plan, statistics: Statistics, gradients: Option<&Gradients>) -> Result<(), GpuError> {
        let software = self.device.is_software();
        let calls = Calls::new(&self.graph, &plan, &self.weights.places, &self.tuning, software, &statistics);
        let (reverse, verdict) = self.device.watched(|| {
            if gradients.is_some() && self.reversed.is_none() {
                self.reversed = Some(Reversed::new(&self.device, &self.graph));
            }
            let planned =
                |gradients| Reverse::new(&self.device, &self.graph, (&plan, gradients), &self.tuning, calls.values);
            gradients.map(planned).transpose()
        });
        self.verdicts.push(verdict);
        let reverse = reverse?.map(Box::new);
        let values = reverse.as_ref().map_or(calls.values, |reverse| reverse.values);
        if self.refused || plan.images != self.plan.images || !self.memory.suits(&plan, values, &statistics) {
            let (made, verdict) = self.device.watched(|| {
                let memory = Memory::new(&self.device, &plan, values, &statistics)?;
                Ok::<_, GpuError>((memory, Picture::pixels(&self.device, &plan)))
            });
            self.verdicts.push(verdict);
            (self.memory, self.picture.pixels) = made?;
            self.refused = false;
        }
        (self.statistics, self.plan, self.calls, self.reverse) = (statistics, plan, calls, reverse);
        self.record()
    }

    /// Makes pipelines, parameters and bindings of every call.
    fn record(&mut self) -> Result<(), GpuError> {
        let (recorded, verdict) = self.device.watched(|| self.recorded(&self.calls));
        self.recorded = recorded;
        self.verdicts.push(verdict);
        self.check()
    }

    fn recorded(&self, calls: &Calls) -> Recorded {
        let (made, params) = self.dispatches(&calls.all());
        let mut made = made.into_iter();
        let mut some = |calls: &[Call]| -> Vec<Dispatch> { made.by_ref().take(calls.len()).collect() };
        let normalize = some(calls.normalize.as_slice()).pop();
        let mut steps: Vec<_> = self.plan.steps.iter().map(|_| (Vec::new(), Vec::new())).collect();
        for wave in &calls.waves {
            steps[wave.steps.start] = (some(&wave.calls), wave.filled.clone());
        }
        Recorded { normalize, steps, _params: Some(params) }
    }

    /// Calls with their pipelines and bindings, and the buffer of their parameters.
    pub(super) fn dispatches(&self, calls: &[&Call]) -> (Vec<Dispatch>, Buffer) {
        let slots: Vec<[u8; SLOT]> = calls.iter().map(|call| slot(call)).collect();
        let usage = wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST;
        let params = self.device.buffer("parameters", (slots.len() * SLOT).max(SLOT) as u64, usage);
        self.device.queue.write_buffer(&params, 0, slots.as_flattened());
        let mut bindings: HashMap<Bound, wgpu::BindGroup> = HashMap::new();
        let dispatch = |(call, offset): (&&Call, u32)| Dispatch {
            shader: call.shader,
            pipeline: self.device.pipelines.get(&self.device.device, call.shader),
            bindings: bindings.entry(call.bound).or_insert_with(|| self.bind(&params, call.bound)).clone(),
            offset,
            workgroups: call.workgroups,
        };
        (calls.iter().zip((0..).step_by(SLOT)).map(dispatch).collect(), params)
    }

    fn bind(&self, params: &Buffer, bound: Bound) -> wgpu::BindGroup {
        let slot = wgpu::BindingResource::Buffer(wgpu::BufferBinding {
            buffer: params,
            offset: 0,
            size: std::num::NonZeroU64::new(SLOT as u64),
        });
        let forward = |buffer: usize| [&self.weights.buffers[buffer], &self.weights.factors];
        let [weights, factors] = match (bound, &self.reversed) {
            (Bound::Picture, _) => [&self.picture.pixels, &self.picture.table],
            (Bound::Weights(buffer), _) => forward(buffer),
            (Bound::Reversed(id), Some(reversed)) => reversed.bound(Some(id)),
            (Bound::Identity, Some(reversed)) => reversed.bound(None),
            // No plan has such calls without them.
            (Bound::Reversed(_) | Bound::Identity, None) => forward(0),
        };
        let buffers = [&self.memory.arena, weights, factors].map(|buffer| buffer.as_entire_binding());
        let resources = std::iter::once(slot).chain(buffers);
        let entries = (0..).zip(resources).map(|(binding, resource)| wgpu::BindGroupEntry { binding, resource });
        self.device.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("call"),
            layout: &self.device.pipelines.layout,
            entries: &entries.collect::<Vec<_>>(),
        })
    }

    fn check_input(&self, found: usize) -> Result<(), GpuError> {
        let wanted = self.graph.input().len() * self.plan.images;
        match found == wanted {
            true => Ok(()),
            false => Err(GpuError::Input { wanted, found }),
        }
    }

    /// Copies the normalised images, NHWC, to their place.
    pub fn set_input(&mut self, input: &[f32]) -> Result<(), GpuError> {
        self.check_input(input.len())?;
        self.forget();
        if let Some(view) = self.plan.view(LayerId::new(0)) {
            let storage = &self.plan.storages[view.storage];
            self.padded.resize(storage.range().len(), 0.0);
            let pixels = self.padded.chunks_exact_mut(storage.stride).zip(input.chunks_exact(view.shape.c));
            pixels.for_each(|(padded, pixel)| padded[..pixel.len()].copy_from_slice(pixel));
        }
        self.send(|gpu| {
            if let Some(view) = gpu.plan.view(LayerId::new(0)) {
                let at = gpu.plan.storages[view.storage].offset as u64 * 4;
                gpu.device.queue.write_buffer(&gpu.memory.arena, at, bytemuck::cast_slice(&gpu.padded));
            }
            gpu.device.queue.submit([]);
        })
    }

    /// Copies pictures of the input's size in 8-bit levels, `[height, width, 3]` in the network's channel order, and
    /// normalises them on the device.
    pub fn set_levels(&mut self, levels: &[u8]) -> Result<(), GpuError> {
        self.check_input(levels.len())?;
        self.forget();
        self.picture.words.clear();
        let (pixels, _) = levels.as_chunks();
        self.picture.words.extend(pixels.iter().map(|&[a, b, c]| u32::from_le_bytes([a, b, c, 0])));
        self.send(|gpu| {
            gpu.device.queue.write_buffer(&gpu.picture.pixels, 0, bytemuck::cast_slice(&gpu.picture.words));
            let mut encoder = gpu.encoder();
            let mut pass = encoder.begin_compute_pass(&PASS);
            gpu.recorded.normalize.iter().for_each(|dispatch| dispatch.record(&mut pass, dispatch.workgroups));
            drop(pass);
            gpu.device.queue.submit([encoder.finish()]);
        })
    }

    /// Sends an input. Where the device has yet to say what it thinks of the buffers, what it says of this belongs to that.
    fn send(&mut self, send: impl FnOnce(&Self)) -> Result<(), GpuError> {
        if self.verdicts.is_empty() {
            send(self);
        } else {
            let ((), verdict) = self.device.watched(|| send(self));
            self.verdicts.push(verdict);
        }
        self.stopwatch.start(self.device.done());
        self.check()
    }

    /// What is left of a run before is not run any more.
    fn forget(&mut self) {
        (self.due, self.last) = (0..0, None);
        if let Some(reverse) = &mut self.reverse {
            reverse.due = 0..0;
        }
    }

    pub(super) fn encoder(&self) -> wgpu::CommandEncoder {
        self.device.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default())
    }

    /// Steps, in as few passes as copies between them allow.
    fn encoded(&self, steps: Range<usize>) -> wgpu::CommandEncoder {
        let mut encoder = self.encoder();
        let mut pass = None;
        for (dispatches, filled) in &self.recorded.steps[steps] {
            for dispatch in dispatches {
                let pass = pass.get_or_insert_with(|| encoder.begin_compute_pass(&PASS).forget_lifetime());
                dispatch.record(pass, dispatch.workgroups);
            }
            if !filled.is_empty() {
                pass = None;
                filled.iter().for_each(|&storage| self.memory.copy(&self.plan, storage, &mut encoder));
            }
        }
        drop(pass);
        encoder
    }

    /// Takes the next steps of the plan. They are submitted by [`Gpu::settled`] or [`Gpu::read_back`].
    pub fn run(&mut self, steps: Range<usize>) -> Result<(), GpuError> {
        let begin = if self.due.is_empty() { steps.start } else { self.due.start };
        self.due = begin..steps.end;
        self.check()
    }

    /// Submits what is due, and waits until at most one submission of the run is still at work.
    pub async fn settled(&mut self) -> Result<(), GpuError> {
        self.judge().await?;
        let due = std::mem::take(&mut self.due);
        let before = self.last.take();
        let mut encoder = self.encoded(due);
        if let Some(reverse) = &mut self.reverse {
            reverse.encode(&self.memory.arena, &mut encoder);
        }
        self.device.queue.submit([encoder.finish()]);
        self.last = Some(self.device.done());
        if let Some(done) = before {
            self.stopwatch.give_up();
            self.device.wait(done).await?;
        }
        self.device.check()
    }

    /// Submits what is due, waits for all of the run and reads outputs, kept layers and their statistics back.
    pub async fn read_back(&mut self) -> Result<(), GpuError> {
        self.judge().await?;
        let due = std::mem::take(&mut self.due);
        let encoder = self.encoded(due);
        self.memory.read_back(&self.device, &self.plan, encoder).await?;
        self.stopwatch.stop();
        Ok(())
    }

    /// Milliseconds that the device took for the last run, without what it takes to hear of it; none of a run with
    /// [`Gpu::settled`] between its steps.
    pub fn device_ms(&self) -> Option<f64> {
        self.stopwatch.ms()
    }

    /// Milliseconds that `repeats` runs of a step by itself, or of a way, take: by the device's own clock where it has one.
    /// None of a way that needs more memory than the plan has.
    pub async fn time(&mut self, timed: Timed, repeats: u32) -> Result<Option<f64>, GpuError> {
        let (calls, round) = match timed {
            Timed::Step(step) => (self.calls.alone[step].clone(), self.calls.alone[step].len()),
            Timed::Way(place) => self.way(place),
        };
        if calls.is_empty() {
            return Ok(if let Timed::Way(_) = timed { None } else { Some(0.0) });
        }
        let ((dispatches, _params), verdict) =
            self.device.watched(|| self.dispatches(&calls.iter().collect::<Vec<_>>()));
        self.verdicts.push(verdict);
        let ms = super::profile::time(&self.device, repeats, &dispatches, round).await?;
        self.judge().await?;
        if let Timed::Step(step) = timed {
            let mut encoder = self.encoder();
            let filled = self.plan.held.iter().filter(|&&storage| self.plan.filled(storage) == Some(step));
            filled.for_each(|&storage| self.memory.copy(&self.plan, storage, &mut encoder));
            self.device.queue.submit([encoder.finish()]);
        }
        Ok(Some(ms))
    }

    /// The output of a layer for one image, NHWC, as it was last read back: the graph's outputs and kept layers; all
    /// others are empty.
    pub fn view(&self, id: LayerId, image: usize) -> ViewRef<'_> {
        let found = self.plan.view(id).and_then(|view| Some((view, self.memory.places[view.storage]?)));
        let Some((view, place)) = found else { return ViewRef::dense(&[], Shape::new(0, 0, 0)) };
        let storage = &self.plan.storages[view.storage];
        let first = place + image * storage.image_len();
        ViewRef::new(&self.memory.host[first..first + storage.image_len()], view.channel, storage.stride, view.shape)
    }

    /// Statistics of a kept layer's channels for one image, as they were last read back; none for other layers.
    pub fn statistics(&self, id: LayerId, image: usize) -> Option<Vec<ChannelStats>> {
        self.statistics.of(&self.plan, &self.memory.host[self.memory.statistics_at..], id, image)
    }
}

impl Picture {
    fn new(device: &GpuDevice, plan: &Plan, levels: &Levels) -> Self {
        let table = device.buffer("levels", 256 * 16, wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST);
        let rows = levels.map(|[a, b, c]| [a, b, c, 0.0]);
        device.queue.write_buffer(&table, 0, bytemuck::cast_slice(&rows));
        Self { pixels: Self::pixels(device, plan), table, words: Vec::new() }
    }

    /// Room for the pictures of a run.
    fn pixels(device: &GpuDevice, plan: &Plan) -> Buffer {
        let input = plan.view(LayerId::new(0)).map_or(0, |view| view.shape.h * view.shape.w);
        let usage = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST;
        device.buffer("picture", (plan.images * input * 4) as u64, usage)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn batches_are_as_large_as_the_packages() {
        let script = include_str!("../../../pkg/src/shared/images-at-once.js");
        assert!(script.contains(&format!("IMAGES_AT_ONCE = {};", super::AT_ONCE)));
    }
}
