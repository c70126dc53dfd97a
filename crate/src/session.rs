//! A network with its weights on a backend: load layer by layer, run module by module, read what came out.

use crate::backend::{Backend, Device};
use crate::checkpoints::{Checkpoint, Labels, Param, SourceFile};
use crate::cpu::{LayerWeights, Norm, softmax};
use crate::error::{Error, network};
use crate::graph::{Graph, LayerId, Op};
use crate::image::Preprocess;
use crate::info::{AuxiliaryInfo, LayerInfo, SessionInfo, Tensor, layers};
use crate::networks::{Network, Options};
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
    /// The largest first: what is unpacked next to the packed weights is small when those are nearly complete.
    layers: Vec<LayerId>,
    done: usize,
}

impl Loader {
    /// Recognises the files' checkpoint.
    pub fn new(files: Vec<SourceFile>, options: LoadOptions) -> Result<Self, Error> {
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
        if let Some(labels) = options.labels {
            let (found, classes) = (labels.len(), info.classes);
            if found != classes && found + info.class_offset != classes {
                return Err(Error::Labels { found, classes });
            }
            (info.labels, info.labels_name) = (Some(labels), None);
        }
        Self::start(graph, info, Weights::File(Box::new(checkpoint)), &options.device, options.threads)
    }

    /// A network with random weights, for measuring; its outputs mean nothing.
    pub fn random(
        network: &'static Network,
        options: &Options,
        device: &Device,
        threads: usize,
    ) -> Result<Self, Error> {
        let graph = network.build(options)?;
        let [height, width] = options.size.map(|side| side as u32);
        let preprocess = Preprocess { width, height, ..crate::checkpoints::usual_preprocess(network.id) };
        let info = describe(network, &graph, preprocess);
        Self::start(graph, info, Weights::Random, device, threads)
    }

    fn start(
        graph: Graph,
        info: SessionInfo,
        weights: Weights,
        device: &Device,
        threads: usize,
    ) -> Result<Self, Error> {
        let graph = Arc::new(graph);
        let half = matches!(&weights, Weights::File(checkpoint) if checkpoint.is_half());
        let backend = Backend::new(device, graph.clone(), threads, half)?;
        let weighted = |(id, layer)| (graph.layer_params(layer) > 0).then_some(id);
        let mut layers: Vec<LayerId> = graph.public().filter_map(weighted).collect();
        layers.sort_by_key(|&id| std::cmp::Reverse(graph.layer_params(graph.layer(id))));
        Ok(Self { backend, graph, info, weights, layers, done: 0 })
    }

    /// Number of layers with weights.
    pub fn total(&self) -> usize {
        self.layers.len()
    }

    /// Prepares the next layer; returns how many are done.
    pub fn advance(&mut self) -> Result<usize, Error> {
        if let Some(&id) = self.layers.get(self.done) {
            let weights = match &self.weights {
                Weights::File(checkpoint) => read(checkpoint, &self.graph, id)?,
                Weights::Random => random_weights(&self.graph, id),
            };
            self.backend.prepare(id, &weights)?;
            self.done += 1;
        }
        Ok(self.done)
    }

    /// The session; prepares what is left.
    pub fn finish(mut self) -> Result<Session, Error> {
        while self.done < self.total() {
            self.advance()?;
        }
        self.backend.finish()?;
        let Self { backend, graph, mut info, .. } = self;
        info.weight_bytes = backend.weight_bytes();
        Ok(Session { backend, graph, info, kept: vec![], position: None, finished: false })
    }
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

/// A network with its weights, ready to run.
pub struct Session {
    backend: Backend,
    graph: Arc<Graph>,
    info: SessionInfo,
    kept: Vec<LayerId>,
    /// The next step of a run in progress.
    position: Option<usize>,
    finished: bool,
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

    /// The adapter's own name, on the GPU.
    pub fn adapter(&self) -> Option<&str> {
        self.backend.adapter()
    }

    /// Chooses the layers whose outputs the next runs keep; `all` keeps every one. Ends a run in progress.
    pub fn keep(&mut self, names: &[String]) -> Result<(), Error> {
        let mut kept: Vec<LayerId> = match names.iter().any(|n| n == "all") {
            true => self.graph.public().map(|(id, _)| id).collect(),
            false => names.iter().map(|n| self.find(n)).collect::<Result<_, _>>()?,
        };
        kept.sort();
        kept.dedup();
        if kept != self.kept {
            self.backend.keep(&kept)?;
            self.kept = kept;
            self.finished = false;
        }
        self.position = None;
        Ok(())
    }

    fn find(&self, name: &str) -> Result<LayerId, Error> {
        self.graph.find(name).ok_or_else(|| Error::UnknownLayer {
            name: name.into(),
            network: self.graph.network,
            example: self.graph.layer(self.graph.features).name.clone(),
        })
    }

    /// Starts a run on one normalised image, NHWC `[height, width, 3]`.
    pub fn begin(&mut self, input: &[f32]) -> Result<(), Error> {
        self.finished = false;
        self.backend.set_input(input)?;
        self.position = Some(0);
        Ok(())
    }

    /// Runs to the end of the next module; `None` once the run is complete.
    pub fn step(&mut self) -> Result<Option<StepReport>, Error> {
        let Some(start) = self.position else { return Ok(None) };
        let steps = &self.backend.plan().steps;
        let Some(group) = steps.get(start).map(|s| s.group) else {
            self.position = None;
            self.backend.complete()?;
            self.finished = true;
            return Ok(None);
        };
        let end = start + steps[start..].iter().take_while(|s| s.group == group).count();
        self.backend.run(start..end)?;
        self.position = Some(end);
        let groups = &self.backend.plan().groups;
        Ok(Some(StepReport { layer: groups[group].clone(), done: group + 1, total: groups.len() }))
    }

    /// Runs one image from start to end.
    pub fn run(&mut self, input: &[f32]) -> Result<(), Error> {
        self.begin(input)?;
        while self.step()?.is_some() {}
        Ok(())
    }

    /// The output of a kept layer, or of one of the network's outputs, after a complete run.
    pub fn output(&self, name: &str) -> Result<Tensor, Error> {
        let id = self.find(name)?;
        let outputs = [self.graph.logits, self.graph.predictions, self.graph.embedding, Some(self.graph.features)];
        let held = outputs.contains(&Some(id)) || self.graph.auxiliary.contains(&id) || self.kept.contains(&id);
        match held && self.finished {
            true => Ok(self.tensor(id)),
            false => Err(Error::NotKept { layer: name.into() }),
        }
    }

    fn tensor(&self, id: LayerId) -> Tensor {
        let view = self.backend.view(id);
        let pixels = view.shape.h * view.shape.w;
        let mut data = vec![0.0; view.shape.len()];
        for pixel in 0..pixels {
            for (c, &v) in view.channels(pixel).iter().enumerate() {
                data[c * pixels + pixel] = v;
            }
        }
        Tensor { shape: view.shape.chw(), data }
    }

    fn result(&self, id: LayerId) -> Result<Tensor, Error> {
        self.output(&self.graph.layer(id).name)
    }

    /// Probability of every class.
    pub fn predictions(&self) -> Result<Vec<f32>, Error> {
        let id = self.graph.predictions.ok_or(Error::NoClassifier { network: self.graph.network })?;
        Ok(self.result(id)?.data)
    }

    /// Per trained auxiliary head, its layer and the probability of every class.
    pub fn auxiliary(&self) -> Result<Vec<(String, Vec<f32>)>, Error> {
        let trained = |name: &str| self.info.auxiliary.iter().any(|a| a.layer == name && a.trained);
        let heads = self.graph.auxiliary.iter().map(|&id| (id, &self.graph.layer(id).name));
        heads
            .filter(|(_, name)| trained(name))
            .map(|(id, name)| {
                let logits = self.result(id)?.data;
                let mut probabilities = vec![0.0; logits.len()];
                softmax(&logits, &mut probabilities);
                Ok((name.clone(), probabilities))
            })
            .collect()
    }

    /// The embedding where the network has one, else the pooled features.
    pub fn embedding(&self) -> Result<Vec<f32>, Error> {
        Ok(self.result(self.graph.embedding.unwrap_or(self.graph.features))?.data)
    }
}
