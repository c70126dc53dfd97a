//! The error at the boundary of the crate.

use crate::checkpoints::CheckpointError;
use crate::cpu::CpuError;
#[cfg(feature = "gpu")]
use crate::gpu::GpuError;
use crate::graph::GraphError;
use crate::image::ImageError;

/// Everything that can go wrong between bytes in and numbers out.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A picture, or a preprocessing option.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// A weights file.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// A network that cannot be built as asked.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// The CPU backend.
    #[error(transparent)]
    Cpu(#[from] CpuError),
    /// The GPU backend.
    #[cfg(feature = "gpu")]
    #[error(transparent)]
    Gpu(#[from] GpuError),
    /// A network id that does not exist.
    #[error("{name}; there are {known}")]
    UnknownNetwork {
        /// The id given.
        name: String,
        /// The ids that exist.
        known: String,
    },
    /// A layer name that the network does not have.
    #[error("there is no layer {name} in {network}; there is for example {example}")]
    UnknownLayer {
        /// The name given.
        name: String,
        /// Network id.
        network: &'static str,
        /// The name that exists and begins most alike.
        example: String,
    },
    /// The output of a layer that was not kept, or of a run that has not finished.
    #[error("{layer} was not kept by the last run")]
    NotKept {
        /// The layer.
        layer: String,
    },
    /// Labels that do not fit the classifier.
    #[error("{found} labels for {classes} classes")]
    Labels {
        /// Number of labels given.
        found: usize,
        /// Number of classes.
        classes: usize,
    },
    /// A weight that f16 cannot hold.
    #[error("{layer} has a weight of {value}, which f16 cannot hold")]
    HalfRange {
        /// The layer.
        layer: String,
        /// The weight.
        value: f32,
    },
    /// Weights that are to be read again from a source that was not kept.
    #[error("the files that the weights came from were not kept")]
    NoSource,
    /// Files with other weights than those that were loaded.
    #[error("the files hold other weights than those that were loaded: load the model again")]
    OtherSource,
    /// A taught head of another number of features than the network's.
    #[error("a head that reads {found} features of the network's {wanted}")]
    Features {
        /// How many it reads.
        found: usize,
        /// How many there are.
        wanted: usize,
    },
    /// A batch of no images.
    #[error("a run takes at least one image")]
    NoImages,
    /// Gradients of more than one image at once.
    #[error("gradients are computed for one image at a time")]
    GradientsOfMany,
    /// A number that a layer's values do not make.
    #[error("{layer} has {} channels of {} x {} values: there is no such target in it", .shape[0], .shape[1], .shape[2])]
    NoObjective {
        /// The layer.
        layer: String,
        /// Channels, height, width.
        shape: [usize; 3],
    },
    /// A class that the classifier does not have.
    #[error("class {class} of a classifier with {classes}")]
    NoClass {
        /// The index given.
        class: usize,
        /// Number of classes.
        classes: usize,
    },
    /// Predictions of a checkpoint without a classifier.
    #[error("this checkpoint of {network} has no classifier")]
    NoClassifier {
        /// Network id.
        network: &'static str,
    },
}

impl Error {
    /// The stable code that JavaScript sees (`ErrorCode` of the package's types).
    pub fn code(&self) -> &'static str {
        match self {
            Self::Image(e) => e.code(),
            Self::Checkpoint(CheckpointError::Unsupported { .. }) => "unsupported",
            Self::Checkpoint(CheckpointError::UnknownNetwork { .. }) => "unknown-model",
            Self::Checkpoint(_) => "bad-weights",
            Self::Graph(_)
            | Self::Features { .. }
            | Self::Labels { .. }
            | Self::HalfRange { .. }
            | Self::NoImages
            | Self::GradientsOfMany
            | Self::NoObjective { .. }
            | Self::NoClass { .. } => "bad-option",
            Self::Cpu(CpuError::Weights { .. }) | Self::OtherSource => "bad-weights",
            Self::Cpu(CpuError::OutOfMemory { .. }) => "out-of-memory",
            Self::Cpu(CpuError::Input { .. }) => "bad-option",
            Self::Cpu(CpuError::Unprepared { .. }) => "internal",
            #[cfg(feature = "gpu")]
            Self::Gpu(e) => match e {
                GpuError::NoAdapter { .. } | GpuError::Refused { .. } => "no-webgpu",
                GpuError::Lost { .. } => "device-lost",
                GpuError::OutOfMemory { .. } | GpuError::Limit { .. } => "out-of-memory",
                GpuError::Unaligned { .. } => "unsupported",
                GpuError::Weights { .. } => "bad-weights",
                GpuError::Input { .. } => "bad-option",
                GpuError::Unprepared { .. } => "internal",
            },
            Self::UnknownNetwork { .. } => "unknown-model",
            Self::UnknownLayer { .. } | Self::NotKept { .. } => "unknown-layer",
            Self::NoClassifier { .. } | Self::NoSource => "unsupported",
        }
    }
}

/// Looks a network up; an unknown id is an error that lists them.
pub fn network(id: &str) -> Result<&'static crate::networks::Network, Error> {
    crate::networks::find(id).ok_or_else(|| Error::UnknownNetwork {
        name: id.into(),
        known: crate::networks::NETWORKS.iter().map(|n| n.id).collect::<Vec<_>>().join(", "),
    })
}
