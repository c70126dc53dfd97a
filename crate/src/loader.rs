//! A session on its way in: a checkpoint or random weights, layer by layer onto a backend.

use crate::backend::{Backend, Device};
use crate::checkpoints::{Checkpoint, CheckpointError, Labels, SourceFile, first_named};
use crate::cpu::CpuError;
use crate::error::{Error, network};
use crate::graph::{Graph, LayerId};
use crate::image::Preprocess;
use crate::info::{AuxiliaryInfo, SessionInfo, usual_labels};
use crate::inspect::{Attribution, Filters};
use crate::networks::{Backbone, Classifier, Head as Classes, HeadPool, Network, Options, OutputActivation};
use crate::recipe::{LoadOptions, Recipe};
use crate::session::Session;
use crate::source::{ModelSource, Source};
use crate::taught::{Fingerprint, SAMPLES};
use std::rc::Rc;
use std::sync::Arc;

/// A session on its way in, one layer at a time.
pub struct Loader {
    backend: Backend,
    graph: Arc<Graph>,
    info: SessionInfo,
    source: Rc<Source>,
    keep_source: bool,
    recipe: Recipe,
    attribution: Option<Attribution>,
    fingerprint: Fingerprint,
    filters: Option<Filters>,
    /// In the order of the file.
    layers: Vec<LayerId>,
    done: usize,
    /// What the weights of one layer after another are read into, then the memory for activations: what comes and goes leaves
    /// holes.
    values: Vec<f32>,
}

impl Loader {
    /// Recognises the files' checkpoint.
    pub fn new(files: Vec<SourceFile>, mut options: LoadOptions) -> Result<Self, Error> {
        if let Some(id) = &options.network {
            network(id)?;
        }
        let mut checkpoint = Checkpoint::open(files, options.network.as_deref())?;
        if let Some(activation) = options.activation {
            checkpoint.set_activation(activation)?;
        }
        let preprocess = match &options.preprocess {
            Some(json) => {
                checkpoint.set_pictures_told();
                checkpoint.preprocess.merged(json)?
            }
            None => checkpoint.preprocess.clone(),
        };
        let size = [preprocess.height as usize, preprocess.width as usize];
        check_size(&checkpoint.options, size)?;
        let heads = &checkpoint.options.auxiliary;
        let trained = checkpoint.auxiliary_trained && !options.untrained_auxiliary;
        // What was never trained has nothing to say: it stays in the file.
        let auxiliary = if trained { heads.clone() } else { Vec::new() };
        let mut network_options = Options { size, auxiliary, ..checkpoint.options.clone() };
        let (graph, left) = checkpoint.network.build_fitting(&mut network_options)?;
        let named = match checkpoint.labels.clone() {
            Some(Labels::List(labels)) => (Some(labels), None),
            Some(Labels::Named(name)) => (None, Some(name)),
            None => (None, None),
        };
        let mut info = describe(checkpoint.network, &graph, preprocess);
        info.title = checkpoint.title.clone().unwrap_or(info.title);
        (info.labels, info.labels_name) = named;
        info.class_offset = checkpoint.class_offset;
        info.activation = network_options.activation;
        info.assumptions = checkpoint.assumptions.clone();
        if !left.is_empty() {
            info.assumptions
                .push(format!("pictures of this size are too small for {}, which is left aside", left.join(" and ")));
        }
        let logits = network_options.auxiliary_logits();
        let classes = if checkpoint.options.auxiliary_classes.is_some() { logits } else { info.classes };
        let of_head = |&head: &&'static str| AuxiliaryInfo { layer: head.into(), trained, classes };
        info.auxiliary = heads.iter().filter(|head| !left.contains(head)).map(of_head).collect();
        info.source = checkpoint.source.clone();
        info.license = checkpoint.license.clone();
        if let Some(labels) = options.labels.take() {
            let (found, classes) = (labels.len(), info.classes);
            if first_named(found, classes, info.class_offset).is_none() {
                return Err(Error::Labels { found, classes });
            }
            (info.labels, info.labels_name) = (Some(labels), None);
        }
        let LoadOptions { device, threads, half, keep_source, .. } = options;
        let recipe = Recipe { network: checkpoint.network, options: network_options, device, threads };
        Self::start(graph, info, Rc::new(Source::new(Some(checkpoint), half)), recipe, keep_source)
    }

    /// A network with random weights, for measuring; its outputs mean nothing.
    pub fn random(network: &'static Network, options: &Options, load: &LoadOptions) -> Result<Self, Error> {
        let graph = network.build(options)?;
        let [height, width] = options.size.map(|side| side as u32);
        let preprocess = Preprocess { width, height, ..crate::checkpoints::usual_preprocess(network.id) };
        let info = SessionInfo { activation: options.activation, ..describe(network, &graph, preprocess) };
        let (device, threads) = (load.device.clone(), load.threads);
        let recipe = Recipe { network, options: options.clone(), device, threads };
        Self::start(graph, info, Rc::new(Source::new(None, load.half)), recipe, load.keep_source)
    }

    /// A session's network for pictures of another size, or on another device: its weights are read again. Auxiliary heads stay
    /// at their size. What is known of the model besides (labels, licence) stays with the session.
    ///
    /// # Errors
    /// A source that was not kept, or a size that the network cannot have.
    pub fn again(session: &Session, [height, width]: [usize; 2], device: Device) -> Result<Self, Error> {
        let source = session.source()?.clone();
        let Recipe { network, mut options, threads, .. } = session.recipe().clone();
        check_size(&options, [height, width])?;
        options.size = [height, width];
        if options.size != [session.info().input[1], session.info().input[2]] {
            options.auxiliary.clear();
        }
        let graph = network.build(&options)?;
        let preprocess = Preprocess { width: width as u32, height: height as u32, ..session.info().preprocess.clone() };
        let info = SessionInfo { activation: options.activation, ..describe(network, &graph, preprocess) };
        Self::start(graph, info, source, Recipe { network, options, device, threads }, true)
    }

    fn start(
        graph: Graph,
        info: SessionInfo,
        source: Rc<Source>,
        recipe: Recipe,
        keep_source: bool,
    ) -> Result<Self, Error> {
        let graph = Arc::new(graph);
        let half = source.is_half();
        let levels = info.preprocess.levels();
        let backend = Backend::new(&recipe.device, graph.clone(), recipe.threads, half, levels)?;
        let weighted = |(id, layer)| (graph.params_read(layer) > 0).then_some(id);
        let mut layers: Vec<LayerId> = graph.public().filter_map(weighted).collect();
        let mut values = Vec::new();
        if source.is_file() {
            let largest = layers.iter().map(|&id| graph.params_read(graph.layer(id))).max();
            values.reserve_exact(backend.wants().max(largest.unwrap_or(0) as usize));
        }
        layers.sort_by_key(|&id| source.end(&graph, id));
        let attribution = Attribution::new(&graph);
        let fingerprint = Fingerprint::default();
        let filters = None;
        Ok(Self {
            backend,
            graph,
            info,
            source,
            keep_source,
            recipe,
            attribution,
            fingerprint,
            filters,
            layers,
            done: 0,
            values,
        })
    }

    /// Where the weights come from, none of them loaded: for a session of the same model, by [`Session::adopt`]. Reads them once, for
    /// the digest by which they are known.
    ///
    /// # Errors
    /// A file that is gone or has changed.
    pub fn into_source(mut self) -> Result<ModelSource, Error> {
        let (mut fingerprint, mut values) = (Fingerprint::default(), std::mem::take(&mut self.values));
        for &id in self.layers.iter().filter(|&&id| self.graph.is_body(id)) {
            let weights = self.source.read(&self.graph, id, values)?;
            fingerprint.take(&self.graph.layer(id).name, &weights, SAMPLES);
            values = weights.weights;
        }
        Ok(ModelSource { network: self.info.network, digest: fingerprint.to_text(), source: self.source.clone() })
    }

    /// Number of layers with weights.
    pub fn total(&self) -> usize {
        self.layers.len()
    }

    /// Bytes of the first file that the next layer's weights reach to; none where they lie in another file.
    pub fn next_end(&self) -> Option<usize> {
        match self.layers.get(self.done).map_or((0, 0), |&id| self.source.end(&self.graph, id)) {
            (0, end) => Some(end),
            _ => None,
        }
    }

    /// Prepares the next layer; returns how many are done.
    pub fn advance(&mut self) -> Result<usize, Error> {
        if let Some(&id) = self.layers.get(self.done) {
            let weights = self.source.read(&self.graph, id, std::mem::take(&mut self.values))?;
            self.backend.prepare(id, &weights)?;
            if let Some(attribution) = &mut self.attribution {
                let named = |source| CpuError::Weights { layer: self.graph.layer(id).name.clone(), source };
                attribution.take(&self.graph, id, &weights).map_err(named)?;
            }
            let layer = self.graph.layer(id);
            if self.graph.is_body(id) {
                self.fingerprint.take(&layer.name, &weights, SAMPLES);
            }
            if let Some(filters) = Filters::of(&self.graph, id, &weights) {
                self.filters = Some(filters);
            }
            self.values = weights.weights;
            self.done += 1;
        }
        Ok(self.done)
    }

    /// Has a GPU's kernels go the ways that [`Session::tuned`] told of on one of its kind.
    pub fn tune(&mut self, tuned: &str) -> Result<(), Error> {
        self.backend.tune(tuned)
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
        self.info.backbone.digest = self.fingerprint.to_text();
        let Self { mut backend, graph, mut info, source, keep_source, recipe, attribution, filters, values, .. } = self;
        backend.lend(values);
        info.weight_bytes = backend.weight_bytes();
        let source = keep_source.then_some(source);
        Ok(Session::new(backend, graph, info, attribution, filters, source, recipe))
    }
}

/// Fails where a head that has weights for every position is to read pictures of another size than its own.
fn check_size(options: &Options, size: [usize; 2]) -> Result<(), CheckpointError> {
    let is_of_one_size = matches!(&options.head, Classes::Classifier(Classifier { pool: HeadPool::Flatten, .. }));
    let [height, width] = options.size;
    match is_of_one_size && size != options.size {
        true => Err(CheckpointError::Positions { width, height }),
        false => Ok(()),
    }
}

fn describe(network: &'static Network, graph: &Graph, preprocess: Preprocess) -> SessionInfo {
    let auxiliary = graph.auxiliary().iter().map(|&id| graph.layer(id).name.clone());
    let classes = graph.predictions().map_or(0, |id| graph.layer(id).shape.c);
    let read = graph.layer(graph.taught_on());
    SessionInfo {
        network: network.id.into(),
        title: network.title.into(),
        classes,
        activation: OutputActivation::Softmax,
        assumptions: vec![],
        labels: None,
        labels_name: None,
        usual_labels: usual_labels(classes),
        class_offset: 0,
        params: graph.params(),
        macs: graph.macs().0,
        input: graph.input().chw(),
        preprocess,
        auxiliary: auxiliary.map(|layer| AuxiliaryInfo { layer, trained: true, classes }).collect(),
        weight_bytes: 0,
        source: None,
        license: None,
        backbone: Backbone { digest: String::new(), layer: read.name.clone(), length: read.shape.c },
    }
}
