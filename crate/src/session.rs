//! A network with its weights on a backend: load layer by layer, run module by module, read what came out.

use crate::backend::{Backend, Device};
use crate::checkpoints::{Checkpoint, Labels, Param, SourceFile};
use crate::cpu::{CpuError, LayerWeights, Norm, softmax};
use crate::error::{Error, network};
use crate::graph::{Graph, LayerId, Op};
use crate::image::{Input, Preprocess};
use crate::info::{
    AuxiliaryInfo, ChannelStats, LayerDifference, LayerInfo, LayerTime, SessionInfo, Tensor, difference, layers,
};
use crate::inspect::{ActivationMap, Contributions, Head};
use crate::networks::{Network, Options};
use crate::plan::Request;
use crate::random::random_weights;
use std::sync::Arc;

/// What a caller may say about a checkpoint.
#[derive(Clone, Default)]
pub struct LoadOptions {
    /// Network id, where the keys alone do not say.
    pub network: Option<String>,
    /// Class names.
    pub labels: Option<Vec<String>>,
    /// Preprocessing options over the checkpoint's own; another `width` or `height` changes the network's input.
    pub preprocess: Option<serde_json::Value>,
    /// Number of threads on the CPU; 0 takes one per core.
    pub threads: usize,
    /// Where the network runs.
    pub device: Device,
    /// Weights rounded to f16, on any device; a GPU then holds them in half the memory. Checkpoints that are f16
    /// throughout lose nothing.
    pub half: bool,
}

enum Weights {
    File(Box<Checkpoint>),
    Random,
}

/// A session on its way in, one layer at a time.
pub struct Loader {
    backend: Backend,
    graph: Arc<Graph>,
    info: SessionInfo,
    weights: Weights,
    head: Option<Head>,
    half: bool,
    /// The largest first: what is unpacked next to the packed weights is small when those are nearly complete.
    layers: Vec<LayerId>,
    done: usize,
}

impl Loader {
    /// Recognises the files' checkpoint.
    pub fn new(files: Vec<SourceFile>, mut options: LoadOptions) -> Result<Self, Error> {
        if let Some(id) = &options.network {
            network(id)?;
        }
        let checkpoint = Checkpoint::open(files, options.network.as_deref())?;
        let preprocess = match &options.preprocess {
            Some(json) => checkpoint.preprocess.merged(json)?,
            None => checkpoint.preprocess.clone(),
        };
        let size = [preprocess.height as usize, preprocess.width as usize];
        let network_options = Options { size, ..checkpoint.options.clone() };
        let graph = checkpoint.network.build(&network_options)?;
        let named = match checkpoint.labels.clone() {
            Some(Labels::List(labels)) => (Some(labels), None),
            Some(Labels::Named(name)) => (None, Some(name)),
            None => (None, None),
        };
        let mut info = describe(checkpoint.network, &graph, preprocess);
        info.title = checkpoint.title.clone().unwrap_or(info.title);
        (info.labels, info.labels_name) = named;
        info.class_offset = checkpoint.class_offset;
        info.auxiliary.iter_mut().for_each(|a| a.trained = checkpoint.auxiliary_trained);
        info.source = checkpoint.source.clone();
        info.license = checkpoint.license.clone();
        if let Some(labels) = options.labels.take() {
            let (found, classes) = (labels.len(), info.classes);
            if found != classes && found + info.class_offset != classes {
                return Err(Error::Labels { found, classes });
            }
            (info.labels, info.labels_name) = (Some(labels), None);
        }
        Self::start(graph, info, Weights::File(Box::new(checkpoint)), &options)
    }

    /// A network with random weights, for measuring; its outputs mean nothing.
    pub fn random(network: &'static Network, options: &Options, load: &LoadOptions) -> Result<Self, Error> {
        let graph = network.build(options)?;
        let [height, width] = options.size.map(|side| side as u32);
        let preprocess = Preprocess { width, height, ..crate::checkpoints::usual_preprocess(network.id) };
        let info = describe(network, &graph, preprocess);
        Self::start(graph, info, Weights::Random, load)
    }

    fn start(graph: Graph, info: SessionInfo, weights: Weights, options: &LoadOptions) -> Result<Self, Error> {
        let graph = Arc::new(graph);
        let half = options.half || matches!(&weights, Weights::File(checkpoint) if checkpoint.is_half());
        let levels = info.preprocess.levels();
        let backend = Backend::new(&options.device, graph.clone(), options.threads, half, levels)?;
        let weighted = |(id, layer)| (graph.layer_params(layer) > 0).then_some(id);
        let mut layers: Vec<LayerId> = graph.public().filter_map(weighted).collect();
        layers.sort_by_key(|&id| std::cmp::Reverse(graph.layer_params(graph.layer(id))));
        let head = Head::new(&graph);
        Ok(Self { backend, graph, info, weights, head, half, layers, done: 0 })
    }

    /// Number of layers with weights.
    pub fn total(&self) -> usize {
        self.layers.len()
    }

    /// Prepares the next layer; returns how many are done.
    pub fn advance(&mut self) -> Result<usize, Error> {
        if let Some(&id) = self.layers.get(self.done) {
            let mut weights = match &self.weights {
                Weights::File(checkpoint) => read(checkpoint, &self.graph, id)?,
                Weights::Random => random_weights(&self.graph, id),
            };
            if self.half {
                round(&mut weights.weights)
                    .map_err(|value| Error::HalfRange { layer: self.graph.layer(id).name.clone(), value })?;
            }
            self.backend.prepare(id, &weights)?;
            if let Some(head) = &mut self.head {
                let named = |source| CpuError::Weights { layer: self.graph.layer(id).name.clone(), source };
                head.take(&self.graph, id, &weights).map_err(named)?;
            }
            self.done += 1;
        }
        Ok(self.done)
    }

    /// Waits until the device has compiled and received what it needs. A GPU tells here what it refuses.
    pub async fn warm(&mut self) -> Result<(), Error> {
        self.backend.warm().await
    }

    /// The session; prepares what is left. In a browser, [`Loader::warm`] comes before.
    pub fn finish(mut self) -> Result<Session, Error> {
        while self.done < self.total() {
            self.advance()?;
        }
        #[cfg(not(target_arch = "wasm32"))]
        pollster::block_on(self.warm())?;
        let Self { backend, graph, mut info, head, .. } = self;
        info.weight_bytes = backend.weight_bytes();
        Ok(Session { backend, graph, info, head, request: Request::default(), run: Run::None })
    }
}

/// Rounds weights to f16; fails with the first that f16 cannot hold.
fn round(weights: &mut [f32]) -> Result<(), f32> {
    for weight in weights {
        let rounded = half::f16::from_f32(*weight);
        if rounded.is_infinite() && weight.is_finite() {
            return Err(*weight);
        }
        *weight = rounded.to_f32();
    }
    Ok(())
}

fn describe(network: &'static Network, graph: &Graph, preprocess: Preprocess) -> SessionInfo {
    let auxiliary = graph.auxiliary.iter().map(|&id| graph.layer(id).name.clone());
    SessionInfo {
        network: network.id.into(),
        title: network.title.into(),
        classes: graph.logits.map_or(0, |id| graph.layer(id).shape.c),
        labels: None,
        labels_name: None,
        class_offset: 0,
        params: graph.params(),
        macs: graph.macs().0,
        input: graph.input().chw(),
        preprocess,
        auxiliary: auxiliary.map(|layer| AuxiliaryInfo { layer, trained: true }).collect(),
        weight_bytes: 0,
        source: None,
        license: None,
    }
}

/// The tensors of one layer, as its operation says.
fn read(checkpoint: &Checkpoint, graph: &Graph, id: LayerId) -> Result<LayerWeights, Error> {
    let layer = graph.layer(id);
    let tensor = |param: Param| checkpoint.read(&layer.name, param);
    let wanted = |on: bool, param: Param| on.then(|| tensor(param)).transpose();
    let (matrix, bias, norm) = match &layer.op {
        Op::Conv(conv) => (true, conv.bias, conv.norm),
        Op::Linear { bias, .. } => (true, *bias, None),
        Op::Norm(norm) => (false, false, Some(*norm)),
        _ => (false, false, None),
    };
    let norm = match norm {
        Some(norm) => Some(Norm {
            gamma: wanted(norm.gamma, Param::Gamma)?,
            beta: tensor(Param::Beta)?,
            mean: tensor(Param::Mean)?,
            variance: tensor(Param::Variance)?,
            epsilon: norm.epsilon,
        }),
        None => None,
    };
    Ok(LayerWeights {
        weights: wanted(matrix, Param::Weights)?.unwrap_or_default(),
        biases: wanted(bias, Param::Biases)?,
        norm,
    })
}

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

/// How far a run has come.
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

/// The time that a call is repeated for when it is measured: browsers round their clocks.
const MEASURED_MS: f64 = 2.0;

/// A network with its weights, ready to run.
pub struct Session {
    backend: Backend,
    graph: Arc<Graph>,
    info: SessionInfo,
    head: Option<Head>,
    request: Request,
    run: Run,
}

impl Session {
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

    /// Chooses the layers whose outputs the next runs keep; `all` keeps every one. Ends a run in progress.
    pub fn keep(&mut self, names: &[String]) -> Result<(), Error> {
        let mut kept: Vec<LayerId> = match names.iter().any(|n| n == "all") {
            true => self.graph.public().map(|(id, _)| id).collect(),
            false => names.iter().map(|n| self.find(n)).collect::<Result<_, _>>()?,
        };
        kept.sort();
        kept.dedup();
        self.replan(Request { keep: kept, ..self.request.clone() })
    }

    /// Switches layers and branches off for the next runs: their output is zeros. `layers` names those of each image, in
    /// its order; none for the images after the last. Ends a run in progress.
    pub fn switch_off(&mut self, layers: &[Vec<String>]) -> Result<(), Error> {
        let mut off = Vec::new();
        for (image, names) in layers.iter().enumerate() {
            for name in names {
                off.push((image, self.find(name)?));
            }
        }
        off.sort();
        off.dedup();
        self.replan(Request { off, ..self.request.clone() })
    }

    /// Chooses how many images the next runs take at once. Ends a run in progress.
    ///
    /// # Errors
    /// No image, or more than there is memory for.
    pub fn batch(&mut self, images: usize) -> Result<(), Error> {
        match images {
            0 => Err(Error::NoImages),
            _ => self.replan(Request { images, ..self.request.clone() }),
        }
    }

    /// How many images the next runs take at once.
    pub fn images(&self) -> usize {
        self.request.images
    }

    fn replan(&mut self, request: Request) -> Result<(), Error> {
        if request != self.request {
            self.run = Run::None;
            self.backend.replan(&request)?;
            self.request = request;
        }
        if self.run != Run::Complete {
            self.run = Run::None;
        }
        Ok(())
    }

    fn find(&self, name: &str) -> Result<LayerId, Error> {
        self.graph.find(name).ok_or_else(|| Error::UnknownLayer {
            name: name.into(),
            network: self.graph.network,
            example: self.graph.layer(self.graph.features).name.clone(),
        })
    }

    /// Starts a run on the images, one after another, as [`Preprocess::input`] makes them.
    pub fn begin(&mut self, input: &Input) -> Result<(), Error> {
        self.run = Run::None;
        self.backend.set_input(input)?;
        self.run = Run::At(0);
        Ok(())
    }

    /// Runs to the end of the next module, or hands it to the GPU; `None` after the last. On the CPU the run is then
    /// complete; a GPU's is after [`Session::complete`].
    pub fn step(&mut self) -> Result<Option<StepReport>, Error> {
        let Run::At(start) = self.run else { return Ok(None) };
        let steps = &self.backend.plan().steps;
        let Some(group) = steps.get(start).map(|s| s.group) else {
            self.run = if matches!(self.backend, Backend::Cpu(..)) { Run::Complete } else { Run::Submitted };
            return Ok(None);
        };
        let end = start + steps[start..].iter().take_while(|s| s.group == group).count();
        self.run = Run::None;
        self.backend.run(start..end)?;
        self.run = Run::At(end);
        let groups = &self.backend.plan().groups;
        Ok(Some(StepReport { layer: groups[group].clone(), done: group + 1, total: groups.len() }))
    }

    /// Waits until at most one module is still at work on the device.
    pub async fn settled(&mut self) -> Result<(), Error> {
        self.backend.settled().await
    }

    /// Ends a run whose last step is done: waits for the device and reads the outputs.
    pub async fn complete(&mut self) -> Result<(), Error> {
        if self.run == Run::Submitted {
            self.run = Run::None;
            self.backend.complete().await?;
            self.run = Run::Complete;
        }
        Ok(())
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

    /// How long each layer that is computed takes, in order; each is repeated until it has taken two milliseconds. A
    /// run must have been begun; it is complete but for [`Session::complete`] afterwards.
    pub async fn profile(&mut self) -> Result<Vec<LayerTime>, Error> {
        self.run = Run::None;
        let mut times = Vec::new();
        for index in 0..self.backend.plan().steps.len() {
            let mut repeats = 1;
            // The first call may compile.
            self.backend.time(index, 1).await?;
            let ms = loop {
                let ms = self.backend.time(index, repeats).await?;
                if ms >= MEASURED_MS || repeats >= 1 << 12 {
                    break ms / f64::from(repeats);
                }
                let wanted = (f64::from(repeats) * 1.2 * MEASURED_MS / ms.max(0.05)).ceil();
                repeats = (wanted as u32).max(2 * repeats).min(1 << 12);
            };
            let layer = self.graph.layer(self.backend.plan().steps[index].layer);
            times.push(LayerTime { name: layer.name.clone(), ms, macs: self.graph.layer_macs(layer) });
        }
        self.run = Run::At(self.backend.plan().steps.len());
        Ok(times)
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

    /// What [`Session::output`] gives, with the statistics of each channel.
    pub fn features(&self, name: &str, image: usize) -> Result<(Tensor, Vec<ChannelStats>), Error> {
        let id = self.held(name, image)?;
        let tensor = self.tensor(id, image);
        let statistics = self.backend.statistics(id, image).unwrap_or_else(|| tensor.statistics());
        Ok((tensor, statistics))
    }

    fn held(&self, name: &str, image: usize) -> Result<LayerId, Error> {
        let id = self.find(name)?;
        let outputs = [self.graph.logits, self.graph.predictions, self.graph.embedding, Some(self.graph.features)];
        let held = outputs.contains(&Some(id)) || self.graph.auxiliary.contains(&id) || self.request.keep.contains(&id);
        match held && self.run == Run::Complete && image < self.request.images {
            true => Ok(id),
            false => Err(Error::NotKept { layer: name.into() }),
        }
    }

    fn tensor(&self, id: LayerId, image: usize) -> Tensor {
        let view = self.backend.view(id, image);
        let pixels = view.shape.h * view.shape.w;
        let mut data = vec![0.0; view.shape.len()];
        for pixel in 0..pixels {
            for (c, &v) in view.channels(pixel).iter().enumerate() {
                data[c * pixels + pixel] = v;
            }
        }
        Tensor { shape: view.shape.chw(), data }
    }

    fn result(&self, id: LayerId, image: usize) -> Result<Tensor, Error> {
        self.output(&self.graph.layer(id).name, image)
    }

    /// Probability of every class, for one image of the run.
    pub fn predictions(&self, image: usize) -> Result<Vec<f32>, Error> {
        let id = self.graph.predictions.ok_or(Error::NoClassifier { network: self.graph.network })?;
        Ok(self.result(id, image)?.data)
    }

    /// Per trained auxiliary head, its layer and the probability of every class, for one image of the run.
    pub fn auxiliary(&self, image: usize) -> Result<Vec<(String, Vec<f32>)>, Error> {
        let trained = |name: &str| self.info.auxiliary.iter().any(|a| a.layer == name && a.trained);
        let heads = self.graph.auxiliary.iter().map(|&id| (id, &self.graph.layer(id).name));
        heads
            .filter(|(_, name)| trained(name))
            .map(|(id, name)| {
                let logits = self.result(id, image)?.data;
                let mut probabilities = vec![0.0; logits.len()];
                softmax(&logits, &mut probabilities);
                Ok((name.clone(), probabilities))
            })
            .collect()
    }

    /// The embedding where the network has one, else the pooled features, for one image of the run.
    pub fn embedding(&self, image: usize) -> Result<Vec<f32>, Error> {
        Ok(self.result(self.graph.embedding.unwrap_or(self.graph.features), image)?.data)
    }

    /// The layer whose channels the classifier weighs: the one to keep for [`Session::activation_map`].
    pub fn last_maps(&self) -> Option<&str> {
        self.head.as_ref().map(|head| self.graph.layer(head.maps()).name.as_str())
    }

    fn head(&self) -> Result<&Head, Error> {
        self.head.as_ref().ok_or(Error::NoClassifier { network: self.graph.network })
    }

    /// How much each channel of the last maps adds to a class's logit, for one image of the run.
    pub fn contributions(&self, class: usize, image: usize) -> Result<Contributions, Error> {
        let pooled = self.result(self.graph.features, image)?.data;
        self.head()?.contributions(&pooled, class).ok_or(Error::NoClass { class, classes: self.info.classes })
    }

    /// The class activation map of a class, for one image of a run that kept [`Session::last_maps`].
    pub fn activation_map(&self, class: usize, image: usize) -> Result<ActivationMap, Error> {
        let head = self.head()?;
        let pooled = self.result(self.graph.features, image)?.data;
        let maps = self.result(head.maps(), image)?;
        head.activation_map(&pooled, &maps, class).ok_or(Error::NoClass { class, classes: self.info.classes })
    }
}
