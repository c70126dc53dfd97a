//! The networks of the family, each a table that reads like its paper's; names are TF-slim's end points.
//! Enters: [`Options`], what differs between checkpoints. Leaves: a [`Graph`].

mod googlenet;
mod head;
mod inception_resnet_v1;
mod inception_resnet_v1_shared;
mod inception_resnet_v2;
mod inception_v2;
mod inception_v2_caffe;
mod inception_v3;
mod inception_v4;
mod inception_v4_shared;

use crate::graph::{BatchNorm, Builder, ConvStyle, Graph, GraphError, Shape};
pub use head::{Backbone, Classifier, Head, HeadLayer, HeadPool, OutputActivation};

/// What may differ between two checkpoints of one network.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Height and width of the image.
    pub size: [usize; 2],
    /// How the body's convolutions are stored.
    pub conv: ConvStyle,
    /// The classifier or embedding at the end.
    pub head: Head,
    /// What makes answers of the logits.
    pub activation: OutputActivation,
    /// The auxiliary heads that are present, of [`Network::auxiliary`].
    pub auxiliary: Vec<&'static str>,
    /// Number of their classes, where it is not that of the head: a network that was given another head and kept these.
    pub auxiliary_classes: Option<usize>,
    /// The module that the body ends with, where that is not its last.
    pub last: Option<String>,
}

impl Options {
    /// Number of logits of the auxiliary heads.
    pub fn auxiliary_logits(&self) -> usize {
        self.auxiliary_classes.or(self.head.classes()).unwrap_or(1000)
    }

    /// Number of classes that are answered, where there is a classifier.
    pub fn classes(&self) -> Option<usize> {
        self.head.classes().map(|logits| self.activation.classes(logits))
    }
}

/// One network of the family.
pub struct Network {
    /// Id, for example `inception-v3`.
    pub id: &'static str,
    /// Name as people write it, for example `Inception-v3`.
    pub title: &'static str,
    /// Height and width of the image it was published for.
    pub size: usize,
    /// Names of its auxiliary heads.
    pub auxiliary: &'static [&'static str],
    conv: ConvStyle,
    head: fn() -> Head,
    /// Side of the average pool's window where that is not all positions of the last maps.
    window: Option<usize>,
    body: fn(&mut Builder, &Options) -> Result<Body, GraphError>,
}

/// What a network's table leaves behind: the auxiliary heads' logits; the body ends at the last layer.
struct Body {
    auxiliary: Vec<crate::graph::LayerId>,
}

impl Network {
    /// The options of the reference: its image size, classes and every auxiliary head.
    pub fn options(&self) -> Options {
        Options {
            size: [self.size; 2],
            conv: self.conv,
            head: (self.head)(),
            activation: OutputActivation::Softmax,
            auxiliary: self.auxiliary.to_vec(),
            auxiliary_classes: None,
            last: None,
        }
    }

    /// Builds the graph; an image size that the geometry does not allow is an error that says why.
    pub fn build(&self, options: &Options) -> Result<Graph, GraphError> {
        let [height, width] = options.size;
        let mut b = Builder::new(self.id, Shape::new(3, height, width), options.conv)?;
        let Body { mut auxiliary } = (self.body)(&mut b, options)?;
        if let Some(last) = &options.last {
            b.end_at(last, &mut auxiliary)?;
        }
        let outputs = head::build(&mut b, options, self.window(options), auxiliary)?;
        b.finish(outputs)
    }

    /// Side of the window, at the corner, that the average pool sees of the last maps; none where it sees all.
    pub(crate) fn window(&self, options: &Options) -> Option<usize> {
        let is_average = matches!(&options.head, Head::Classifier(Classifier { pool: HeadPool::Average, .. }));
        self.window.filter(|_| is_average && options.last.is_none())
    }

    /// [`Network::build`] without the auxiliary heads that do not fit the size of the image; they are taken from the options
    /// and returned.
    pub fn build_fitting(&self, options: &mut Options) -> Result<(Graph, Vec<&'static str>), GraphError> {
        let mut left = Vec::new();
        loop {
            let error = match self.build(options) {
                Ok(graph) => return Ok((graph, left)),
                Err(error) => error,
            };
            let Some(at) = options.auxiliary.iter().position(|head| is_of(&error, head)) else { return Err(error) };
            left.push(options.auxiliary.remove(at));
        }
    }
}

/// Whether an error is one of a layer of this auxiliary head.
fn is_of(error: &GraphError, head: &str) -> bool {
    match error {
        GraphError::HeadSize { head: found, .. } => *found == head,
        GraphError::TooSmall { layer, .. } => layer.strip_prefix(head).is_some_and(|rest| rest.starts_with('/')),
        _ => false,
    }
}

/// Looks a network up by its id.
pub fn find(id: &str) -> Option<&'static Network> {
    NETWORKS.iter().find(|n| n.id == id)
}

const fn style(bias: bool, epsilon: f64, gamma: bool) -> ConvStyle {
    ConvStyle { bias, norm: Some(BatchNorm { epsilon, gamma }) }
}

const PLAIN: ConvStyle = ConvStyle { bias: true, norm: None };

/// Every network, in the order of their papers.
pub static NETWORKS: [Network; 13] = [
    Network {
        id: "googlenet",
        title: "GoogLeNet",
        size: 224,
        auxiliary: &["AuxLogits_1", "AuxLogits_2"],
        conv: PLAIN,
        head: || Head::classifier(1000),
        window: None,
        body: googlenet::paper,
    },
    Network {
        id: "googlenet-torchvision",
        title: "GoogLeNet (torchvision)",
        size: 224,
        auxiliary: &["AuxLogits_1", "AuxLogits_2"],
        conv: style(false, 1e-3, true),
        head: || Head::classifier(1000),
        window: None,
        body: googlenet::torchvision,
    },
    Network {
        id: "inception-v1-bn",
        title: "Inception-v1 with batch norm",
        size: 224,
        auxiliary: &[],
        conv: style(true, 1e-5, true),
        head: || Head::Classifier(Classifier::with_hidden(2, &[1024])),
        window: None,
        body: googlenet::batch_norm,
    },
    Network {
        id: "inception-v2",
        title: "Inception-v2",
        size: 224,
        auxiliary: &[],
        conv: style(true, 1e-5, true),
        head: || Head::classifier(10),
        window: None,
        body: inception_v2::body,
    },
    Network {
        id: "inception-v2-caffe",
        title: "BN-Inception",
        size: 224,
        auxiliary: &[],
        conv: style(true, 1e-5, true),
        head: || Head::classifier(1000),
        window: None,
        body: inception_v2_caffe::body,
    },
    Network {
        id: "inception-v3",
        title: "Inception-v3",
        size: 299,
        auxiliary: &["AuxLogits"],
        conv: style(false, 1e-3, true),
        head: || Head::classifier(1000),
        window: None,
        body: inception_v3::torchvision,
    },
    Network {
        id: "inception-v3-slim",
        title: "Inception-v3 (TF-slim)",
        size: 299,
        auxiliary: &["AuxLogits"],
        conv: style(false, 1e-3, false),
        head: || Head::classifier(1001),
        window: None,
        body: inception_v3::slim,
    },
    Network {
        id: "inception-v3-2015",
        title: "Inception-v3 (2015-12-05)",
        size: 299,
        auxiliary: &[],
        conv: style(false, 1e-3, false),
        head: || Head::classifier(1008),
        window: None,
        body: inception_v3::of_2015,
    },
    Network {
        id: "inception-v4",
        title: "Inception-v4",
        size: 299,
        auxiliary: &[],
        conv: style(false, 1e-3, true),
        head: || Head::classifier(1000),
        window: None,
        body: inception_v4::body,
    },
    Network {
        id: "inception-v4-shared",
        title: "Inception-v4 with shared weights",
        size: 299,
        auxiliary: &[],
        conv: style(true, 1e-5, true),
        head: || Head::classifier(1000),
        window: Some(8),
        body: inception_v4_shared::body,
    },
    Network {
        id: "inception-resnet-v1",
        title: "Inception-ResNet-v1",
        size: 160,
        auxiliary: &[],
        conv: style(false, 1e-3, true),
        head: || Head::Embedding { size: 512, norm: BatchNorm { epsilon: 1e-3, gamma: true }, classes: Some(8631) },
        window: None,
        body: inception_resnet_v1::body,
    },
    Network {
        id: "inception-resnet-v1-shared",
        title: "Inception-ResNet-v1 with shared weights",
        size: 160,
        auxiliary: &[],
        conv: style(true, 1e-5, true),
        head: || Head::classifier(2),
        window: Some(3),
        body: inception_resnet_v1_shared::body,
    },
    Network {
        id: "inception-resnet-v2",
        title: "Inception-ResNet-v2",
        size: 299,
        auxiliary: &[],
        conv: style(false, 1e-3, true),
        head: || Head::classifier(1000),
        window: None,
        body: inception_resnet_v2::body,
    },
];
