//! A network with its weights on a backend: run module by module, read what came out.

mod gradients;

pub use gradients::{INPUT, Objective};

use crate::backend::{Backend, Device};
use crate::cpu::ViewRef;
use crate::error::Error;
use crate::graph::{Graph, LayerId, LayerWeights};
use crate::image::Input;
use crate::info::{ChannelStats, LayerDifference, LayerInfo, LayerTime, SessionInfo, Tensor, difference, layers};
use crate::inspect::{ActivationMap, Attribution, Contributions, Filters, Target};
use crate::networks::{Options, OutputActivation};
use crate::plan::{Request, Timed};
use crate::recipe::Recipe;
use crate::source::{ModelSource, Source};
use crate::taught::Fingerprint;
use std::cmp::Reverse;
use std::rc::Rc;
use std::sync::Arc;

/// Where a run stands after [`Session::step`].
#[derive(Clone, Debug)]
pub struct StepReport {
    /// The module, or layer outside of modules, that just finished.
    pub layer: String,
    /// Modules done.
    pub done: usize,
    /// Modules in all.
    pub total: usize,
}

/// How far a run, or a reverse pass, has come.
#[derive(Clone, Copy, PartialEq)]
enum Run {
    /// Nothing has run that fits the plan.
    None,
    /// The next step.
    At(usize),
    /// Every step is submitted; the outputs are still on the device.
    Submitted,
    /// The outputs can be read.
    Complete,
}

/// Pixels whose channels are put into planes together, so that a line of memory is written once.
const TOGETHER: usize = 16;

/// The time that a call is repeated for when it is measured: browsers round their clocks.
const MEASURED_MS: f64 = 2.0;

/// A network with its weights, ready to run.
pub struct Session {
    backend: Backend,
    graph: Arc<Graph>,
    info: SessionInfo,
    attribution: Option<Attribution>,
    filters: Option<Filters>,
    source: Option<Rc<Source>>,
    recipe: Recipe,
    request: Request,
    /// Whether the backend has taken the request, and its device has not refused what came of it since.
    is_planned: bool,
    run: Run,
    /// How far the reverse pass has come.
    reverse: Run,
}

impl Session {
    /// A session whose weights are all on the backend.
    pub(crate) fn new(
        backend: Backend,
        graph: Arc<Graph>,
        info: SessionInfo,
        attribution: Option<Attribution>,
        filters: Option<Filters>,
        source: Option<Rc<Source>>,
        recipe: Recipe,
    ) -> Self {
        let request = Request::default();
        Self {
            backend,
            graph,
            info,
            attribution,
            filters,
            source,
            recipe,
            request,
            is_planned: true,
            run: Run::None,
            reverse: Run::None,
        }
    }

    /// What is loaded.
    pub fn info(&self) -> &SessionInfo {
        &self.info
    }

    /// The network.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// Every public layer.
    pub fn layer_info(&self) -> Vec<LayerInfo> {
        layers(&self.graph)
    }

    /// The kernels of the convolution that reads the picture; none where the network begins with something else.
    pub fn filters(&self) -> Option<&Filters> {
        self.filters.as_ref()
    }

    /// A layer's tensors, read again from where they were loaded from: those that it shares, where it has none of its own.
    /// Nothing of them is kept; of the source, what [`LoadOptions::keep_source`](crate::LoadOptions) says.
    ///
    /// # Errors
    /// A layer that there is not, a source that was not kept, or one that is gone or has changed.
    pub fn weights(&self, layer: &str) -> Result<LayerWeights, Error> {
        let id = self.find(layer)?;
        self.source()?.read(&self.graph, id, Vec::new())
    }

    /// Whether [`Session::weights`] can be asked.
    pub fn has_source(&self) -> bool {
        self.source.is_some()
    }

    /// Takes where weights can be read again, of a session that was loaded without keeping it.
    ///
    /// # Errors
    /// Weights of another model, or other weights of the same: a file may have changed since.
    pub fn adopt(&mut self, from: ModelSource) -> Result<(), Error> {
        if from.network != self.info.network || from.digest != self.info.backbone.digest {
            return Err(Error::OtherSource);
        }
        self.source = Some(from.source);
        Ok(())
    }

    /// Where its weights can be read again.
    ///
    /// # Errors
    /// A source that was not kept.
    pub(crate) fn source(&self) -> Result<&Rc<Source>, Error> {
        self.source.as_ref().ok_or(Error::NoSource)
    }

    /// What it was made by.
    pub(crate) fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// The least side of a square picture that leaves every layer of the network something to read.
    pub fn least_side(&self) -> usize {
        let Recipe { network, options, .. } = &self.recipe;
        let builds = |&side: &usize| {
            let size = [side; 2];
            network.build(&Options { size, auxiliary: vec![], ..options.clone() }).is_ok()
        };
        let [_, height, width] = self.info.input;
        let own = height.min(width);
        (1..own).find(builds).unwrap_or(own)
    }

    /// A digest of what a layer is made of behind the body that [`SessionInfo::backbone`] tells of: the weights of a classifier or
    /// of an auxiliary head as far as that layer, and what follows the logits. None of a layer of the body.
    ///
    /// # Errors
    /// Those of [`Session::weights`].
    pub fn head_digest(&self, layer: &str) -> Result<Option<String>, Error> {
        let needed = self.graph.needed(self.find(layer)?);
        let source = self.source()?;
        let mut digest: Option<Fingerprint> = None;
        for (id, layer) in self.graph.public().filter(|&(id, _)| needed[id.index()] && !self.graph.is_body(id)) {
            let digest = digest.get_or_insert_default();
            let name = format!("{} {:?}", layer.name, layer.op);
            let weights = source.read(&self.graph, id, Vec::new())?;
            digest.take(&name, &weights, usize::MAX);
        }
        Ok(digest.map(Fingerprint::to_text))
    }

    /// Where it runs.
    pub fn device(&self) -> Device {
        self.recipe.device.clone()
    }

    /// Threads that kernels run on; none on the GPU.
    pub fn threads(&self) -> usize {
        self.backend.threads()
    }

    /// The device, where it is a GPU.
    #[cfg(feature = "gpu")]
    pub fn gpu(&self) -> Option<&crate::gpu::GpuDevice> {
        self.backend.gpu()
    }

    /// The GPU's own name, where the network runs on one.
    pub fn adapter(&self) -> Option<&str> {
        #[cfg(feature = "gpu")]
        return self.backend.gpu().map(crate::gpu::GpuDevice::name);
        #[cfg(not(feature = "gpu"))]
        return None;
    }

    /// Chooses what the next runs compute besides the answers. Ends a run in progress.
    ///
    /// # Errors
    /// No image, or no memory. What was chosen before stays in force then.
    pub fn configure(&mut self, request: Request) -> Result<(), Error> {
        if request.images == 0 {
            return Err(Error::NoImages);
        }
        if request.gradients.is_some() && request.images > 1 {
            return Err(Error::GradientsOfMany);
        }
        self.reverse = Run::None;
        if request != self.request || !self.is_planned {
            (self.run, self.is_planned) = (Run::None, false);
            self.backend.configure(&request)?;
            (self.request, self.is_planned) = (request, true);
        }
        if self.run != Run::Complete {
            self.run = Run::None;
        }
        Ok(())
    }

    /// Layers by name, for [`Request::keep`]; `all` is every one.
    ///
    /// # Errors
    /// A name that the network does not have.
    pub fn layers(&self, names: &[impl AsRef<str>]) -> Result<Vec<LayerId>, Error> {
        let mut layers: Vec<LayerId> = match names.iter().any(|name| name.as_ref() == "all") {
            true => self.graph.public().map(|(id, _)| id).collect(),
            false => names.iter().map(|name| self.find(name.as_ref())).collect::<Result<_, _>>()?,
        };
        layers.sort();
        layers.dedup();
        Ok(layers)
    }

    /// Layers and branches to switch off, for [`Request::off`]: names for each image in its order, none for the images after
    /// the last.
    ///
    /// # Errors
    /// A name that the network does not have.
    pub fn off(&self, names: &[Vec<impl AsRef<str>>]) -> Result<Vec<(usize, LayerId)>, Error> {
        let mut off = Vec::new();
        for (image, names) in names.iter().enumerate() {
            for name in names {
                off.push((image, self.find(name.as_ref())?));
            }
        }
        off.sort();
        off.dedup();
        Ok(off)
    }

    /// What was chosen with [`Session::configure`].
    pub fn request(&self) -> &Request {
        &self.request
    }

    fn find(&self, name: &str) -> Result<LayerId, Error> {
        self.graph.find(name).ok_or_else(|| {
            let alike = |known: &str| {
                known.bytes().zip(name.bytes()).take_while(|(known, given)| known.eq_ignore_ascii_case(given)).count()
            };
            let names = self.graph.public().map(|(_, layer)| &layer.name);
            let example = names.max_by_key(|known| (alike(known), Reverse(known.len())));
            let example = example.cloned().unwrap_or_default();
            Error::UnknownLayer { name: name.into(), network: self.graph.network(), example }
        })
    }

    /// Starts a run on the images, one after another, as [`Preprocess::input`] makes them.
    pub fn begin(&mut self, input: &Input) -> Result<(), Error> {
        (self.run, self.reverse) = (Run::None, Run::None);
        self.backend.set_input(input)?;
        self.run = Run::At(0);
        Ok(())
    }

    /// How many modules, and layers outside of modules, a run goes through.
    pub fn modules(&self) -> usize {
        self.backend.plan().groups.len()
    }

    /// How many layers a run computes.
    pub fn computed_layers(&self) -> usize {
        self.backend.plan().steps.len()
    }

    /// Runs to the end of the next module, or hands it to the GPU; `None` after the last. On the CPU the run is then
    /// complete; a GPU's is after [`Session::complete`].
    pub fn step(&mut self) -> Result<Option<StepReport>, Error> {
        let Run::At(start) = self.run else { return Ok(None) };
        let steps = &self.backend.plan().steps;
        let Some(group) = steps.get(start).map(|s| s.group) else {
            self.run = self.ended();
            return Ok(None);
        };
        let end = start + steps[start..].iter().take_while(|s| s.group == group).count();
        self.run = Run::None;
        self.backend.run(start..end)?;
        self.run = Run::At(end);
        let groups = &self.backend.plan().groups;
        Ok(Some(StepReport { layer: groups[group].clone(), done: group + 1, total: groups.len() }))
    }

    /// Where a run is after its last step.
    fn ended(&self) -> Run {
        if matches!(self.backend, Backend::Cpu(..)) { Run::Complete } else { Run::Submitted }
    }

    /// Waits until at most one module is still at work on the device.
    pub async fn settled(&mut self) -> Result<(), Error> {
        let settled = self.backend.settled().await;
        self.is_planned &= settled.is_ok();
        settled
    }

    /// Ends a run, or a reverse pass, whose last step is done: waits for the device and reads the outputs, or the gradients.
    pub async fn complete(&mut self) -> Result<(), Error> {
        let is_reverse = self.reverse == Run::Submitted;
        let at = if is_reverse { &mut self.reverse } else { &mut self.run };
        if *at == Run::Submitted {
            (*at, self.is_planned) = (Run::None, false);
            self.backend.complete(is_reverse).await?;
            self.is_planned = true;
            *(if is_reverse { &mut self.reverse } else { &mut self.run }) = Run::Complete;
        }
        Ok(())
    }

    /// Milliseconds that the GPU took for the last run, without what it takes to hear of it; none on the CPU, and none
    /// of a run with [`Session::settled`] between its steps, which may be idle meanwhile.
    pub fn device_ms(&self) -> Option<f64> {
        self.backend.device_ms()
    }

    /// Runs normalised images, NHWC `[height, width, 3]`, from start to end.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn run(&mut self, input: &[f32]) -> Result<(), Error> {
        self.run_input(&Input::Values(input.to_vec()))
    }

    /// Runs images from start to end.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn run_input(&mut self, input: &Input) -> Result<(), Error> {
        self.begin(input)?;
        while self.step()?.is_some() {}
        pollster::block_on(self.complete())
    }

    /// How long each layer that is computed takes, in order. A run must have been begun; it is complete but for
    /// [`Session::complete`] afterwards.
    pub async fn profile(&mut self) -> Result<Vec<LayerTime>, Error> {
        let mut times = Vec::new();
        while let Some(time) = self.time(times.len()).await? {
            times.push(time);
        }
        Ok(times)
    }

    /// How long the layer that is computed at this place of the order takes: it is repeated until it has taken two
    /// milliseconds. `None` after the last, which ends the run as [`Session::profile`] does.
    pub async fn time(&mut self, place: usize) -> Result<Option<LayerTime>, Error> {
        self.run = Run::None;
        let Some(layer) = self.backend.plan().steps.get(place).map(|step| step.layer) else {
            self.run = Run::At(self.backend.plan().steps.len());
            return Ok(None);
        };
        let ms = self.measured(Timed::Step(place)).await?.unwrap_or(0.0);
        let layer = self.graph.layer(layer);
        Ok(Some(LayerTime { name: layer.name.clone(), ms, macs: self.graph.layer_macs(layer) }))
    }

    /// Milliseconds of something, repeated until it has taken two; none of what there is no memory for.
    async fn measured(&mut self, timed: Timed) -> Result<Option<f64>, Error> {
        // The first call may compile.
        self.backend.time(timed, 1).await?;
        let mut repeats = 1;
        loop {
            let Some(ms) = self.backend.time(timed, repeats).await? else { return Ok(None) };
            if ms >= MEASURED_MS || repeats >= 1 << 12 {
                return Ok(Some(ms / f64::from(repeats)));
            }
            let wanted = (f64::from(repeats) * 1.2 * MEASURED_MS / ms.max(0.05)).ceil();
            repeats = (wanted as u32).max(2 * repeats).min(1 << 12);
        }
    }

    /// How many ways of the GPU's kernels there are to be tried that have not been: none on the CPU, nor on a GPU without a
    /// clock of its own.
    pub fn ways(&self) -> usize {
        self.backend.ways()
    }

    /// How many of [`Session::ways`] there are of each kind of kernels, in order.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn ways_of_kinds(&self) -> Vec<usize> {
        self.backend.ways_of_kinds()
    }

    /// The kernel of each of [`Session::ways`], as `inception plan` names them; nothing where there is no memory for it.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn way_kernels(&self) -> Vec<String> {
        self.backend.way_kernels()
    }

    /// Milliseconds that one of [`Session::ways`] takes; infinity where there is no memory for it. Ends a run in progress.
    pub async fn time_way(&mut self, place: usize) -> Result<f64, Error> {
        self.run = Run::None;
        Ok(self.measured(Timed::Way(place)).await?.unwrap_or(f64::INFINITY))
    }

    /// Takes the fastest of the ways, by the time of each, for all runs from now on; gives how many kinds of kernels then go
    /// another way than the usual one. Ends a run in progress.
    pub fn take_ways(&mut self, times: &[f64]) -> Result<usize, Error> {
        self.run = Run::None;
        self.backend.take_ways(times)
    }

    /// Goes back to the usual ways. Ends a run in progress.
    pub fn untune(&mut self) -> Result<(), Error> {
        self.run = Run::None;
        self.backend.tune("")
    }

    /// What has been measured of the GPU's kernels, for [`Loader::tune`](crate::Loader::tune) of another
    /// session on a device of the same kind.
    pub fn tuned(&self) -> String {
        self.backend.tuned()
    }

    /// Per layer that both sessions have kept, how far its output is from the other's.
    pub fn differences(&self, other: &Session) -> Result<Vec<LayerDifference>, Error> {
        let kept = self.request.keep.iter().filter(|id| other.request.keep.contains(id));
        kept.map(|id| {
            let layer = self.graph.layer(*id).name.clone();
            let relative_error = difference(&self.output(&layer, 0)?.data, &other.output(&layer, 0)?.data);
            Ok(LayerDifference { layer, relative_error })
        })
        .collect()
    }

    /// The output of a kept layer, or of one of the network's outputs, for one image after a complete run.
    pub fn output(&self, name: &str, image: usize) -> Result<Tensor, Error> {
        Ok(self.tensor(self.held(name, image)?, image))
    }

    /// Statistics of each channel of what [`Session::output`] gives.
    pub fn statistics(&self, name: &str, image: usize) -> Result<Vec<ChannelStats>, Error> {
        let id = self.held(name, image)?;
        Ok(self.backend.statistics(id, image).unwrap_or_else(|| self.tensor(id, image).statistics()))
    }

    /// [`Session::output`] and [`Session::statistics`] at once.
    pub fn features(&self, name: &str, image: usize) -> Result<(Tensor, Vec<ChannelStats>), Error> {
        let id = self.held(name, image)?;
        let tensor = self.tensor(id, image);
        let statistics = self.backend.statistics(id, image).unwrap_or_else(|| tensor.statistics());
        Ok((tensor, statistics))
    }

    fn held(&self, name: &str, image: usize) -> Result<LayerId, Error> {
        let id = self.find(name)?;
        let held = self.request.keep.contains(&id) || self.graph.outputs().any(|output| output == id);
        match held && self.run == Run::Complete && image < self.request.images {
            true => Ok(id),
            false => Err(Error::NotKept { layer: name.into() }),
        }
    }

    fn tensor(&self, id: LayerId, image: usize) -> Tensor {
        tensor_of(self.backend.view(id, image))
    }

    fn result(&self, id: LayerId, image: usize) -> Result<Tensor, Error> {
        self.output(&self.graph.layer(id).name, image)
    }

    /// Probability of every class, for one image of the run; values where [`SessionInfo::activation`] is none.
    pub fn predictions(&self, image: usize) -> Result<Vec<f32>, Error> {
        let id = self.graph.predictions().ok_or(Error::NoClassifier { network: self.graph.network() })?;
        Ok(self.result(id, image)?.data)
    }

    /// Per trained auxiliary head, its layer and the probability of every class, for one image of the run.
    pub fn auxiliary(&self, image: usize) -> Result<Vec<(String, Vec<f32>)>, Error> {
        let predictions = |&id: &LayerId| {
            let logits = self.result(id, image)?.data;
            // A head that was kept from another network answers as it did there.
            let is_own =
                self.graph.logits().is_none_or(|own| self.graph.layer(own).shape == self.graph.layer(id).shape);
            let activation = if is_own { self.info.activation } else { OutputActivation::Softmax };
            Ok((self.graph.layer(id).name.clone(), activation.answer(logits)))
        };
        self.graph.auxiliary().iter().map(predictions).collect()
    }

    /// The embedding where the network has one, else the pooled features, for one image of the run.
    pub fn embedding(&self, image: usize) -> Result<Vec<f32>, Error> {
        Ok(self.result(self.graph.embedding().unwrap_or(self.graph.features()), image)?.data)
    }

    /// The layer whose channels the classifier weighs: the one to keep for [`Session::activation_map`].
    pub fn last_maps(&self) -> Option<&str> {
        self.attribution.as_ref().map(|attribution| self.graph.layer(attribution.maps()).name.as_str())
    }

    fn attribution(&self) -> Result<&Attribution, Error> {
        self.attribution.as_ref().ok_or(Error::NoClassifier { network: self.graph.network() })
    }

    /// How much each channel of the last maps adds to a logit, for one image of the run.
    pub fn contributions(&self, target: Target, image: usize) -> Result<Contributions, Error> {
        let attribution = self.attribution()?;
        let channels = self.graph.layer(attribution.maps()).shape.c;
        let pooled = self.result(self.graph.features(), image)?.data;
        attribution.contributions(&pooled, channels, target).ok_or_else(|| self.no_target(target))
    }

    /// The class activation map of a logit, for one image of a run that kept [`Session::last_maps`].
    pub fn activation_map(&self, target: Target, image: usize) -> Result<ActivationMap, Error> {
        let attribution = self.attribution()?;
        let pooled = self.result(self.graph.features(), image)?.data;
        let maps = self.result(attribution.maps(), image)?;
        attribution.activation_map(&pooled, &maps, target).ok_or_else(|| self.no_target(target))
    }

    fn no_target(&self, target: Target) -> Error {
        match target {
            Target::Class(_) if self.graph.logits().is_none() => Error::NoClassifier { network: self.graph.network() },
            Target::Class(class) => Error::NoClass { class, classes: self.info.classes },
            Target::Taught { weights, .. } => {
                Error::Features { found: weights.len(), wanted: self.info.backbone.length }
            }
        }
    }

    /// What a taught head reads of one image of a run that kept the layer of [`SessionInfo::backbone`]: the pooled features,
    /// FaceNet's vector before its L2 norm, or the means of the last maps where the network's own head reads every position.
    pub fn taught_features(&self, image: usize) -> Result<Vec<f32>, Error> {
        let Tensor { shape: [_, height, width], data } = self.result(self.graph.taught_on(), image)?;
        let mean = |map: &[f32]| (map.iter().copied().map(f64::from).sum::<f64>() / map.len() as f64) as f32;
        Ok(if height * width == 1 { data } else { data.chunks_exact(height * width).map(mean).collect() })
    }
}

/// The values of a view, channel by channel.
fn tensor_of(view: ViewRef) -> Tensor {
    let pixels = view.shape.h * view.shape.w;
    let mut data = vec![0.0; view.shape.len()];
    for first in (0..pixels).step_by(TOGETHER) {
        let together: Vec<&[f32]> = (first..pixels.min(first + TOGETHER)).map(|pixel| view.channels(pixel)).collect();
        for (c, channel) in data.chunks_exact_mut(pixels).enumerate() {
            for (value, channels) in channel[first..].iter_mut().zip(&together) {
                *value = channels[c];
            }
        }
    }
    Tensor { shape: view.shape.chw(), data }
}
