//! Naming dialects: from a layer's place in its network to the key that a library gives its weights.
//! Enters: a [`Place`] and a [`Param`]. Leaves: a key. Each file holds one family's rules and the presets of its publishers.

#[cfg(feature = "formats")]
mod caffe;
#[cfg(feature = "formats")]
mod fid_2015;
#[cfg(feature = "formats")]
mod keras;
mod own;
#[cfg(feature = "formats")]
mod seed;
#[cfg(feature = "formats")]
mod slim;
mod timm;
#[cfg(feature = "formats")]
mod torch_head;
mod torchvision;

use super::decode::Axes;
use super::formats::TensorFile;
use super::place::Place;
use super::{Param, presets};
use crate::graph::{BatchNorm, ConvStyle};
use crate::image::Preprocess;

#[cfg(feature = "formats")]
pub(super) use keras::NSFWJS_HEAD;
pub(super) use own::key as own_key;
#[cfg(feature = "formats")]
pub(super) use torch_head::{TorchHead, read as torch_head};

/// The key of a parameter; `None` where the dialect has no such layer.
pub(super) type KeyRule = Box<dyn Fn(&Place, Param) -> Option<String>>;

/// How the convolutions of the body are stored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Style {
    /// As the network's reference has them.
    Reference,
    /// Always so.
    Fixed(ConvStyle),
    /// Bias, batch norm and its scale follow the keys that are there.
    Stored,
}

/// The row of one dialect.
pub(super) struct Dialect {
    /// Name as it stands in messages.
    pub name: &'static str,
    /// Networks it is used for; the first is meant unless the file speaks for another or another is named. Empty: any, named
    /// or not.
    pub networks: &'static [&'static str],
    /// The network that such a file speaks for, where that is not the first.
    pub speaks_for: fn(&TensorFile) -> Option<&'static str>,
    /// Axes of its weights.
    pub axes: Axes,
    /// How its convolutions are stored.
    pub style: Style,
    /// How many hidden layers its classifier has at least.
    pub hidden: usize,
    /// The attribute of its classifier, in whose place there may be a PyTorch module of several layers; empty: none.
    pub head: &'static str,
    /// What the keys of an auxiliary head start with that our networks do not have; empty: none.
    pub aside: &'static str,
    /// The publisher's preprocessing; `None`: the network's usual one.
    pub preprocess: Option<Preprocess>,
    /// The rule, or `None` where the file is not in this dialect at all.
    pub rule: fn(&TensorFile) -> Option<KeyRule>,
}

/// Convolutions without bias, batch norm with scale, epsilon 1e-3.
const NORMALISED: Style = Style::Fixed(ConvStyle { bias: false, norm: Some(BatchNorm { epsilon: 1e-3, gamma: true }) });

/// The forms of Inception-v3, which have the same tensors and differ in their pools.
const V3: &[&str] = &["inception-v3", "inception-v3-slim", "inception-v3-2015"];
#[cfg(feature = "formats")]
const V3_SLIM: &[&str] = &["inception-v3-slim", "inception-v3", "inception-v3-2015"];

const TORCH: Dialect = Dialect {
    name: "",
    networks: &[],
    speaks_for: |_| None,
    axes: Axes::OutputFirst,
    style: Style::Reference,
    hidden: 0,
    head: "",
    aside: "",
    preprocess: None,
    rule: |_| None,
};

/// Every dialect; where two fit equally well, the first counts. What pages load knows those that people publish as safetensors.
pub(super) static DIALECTS: &[Dialect] = &[
    Dialect { name: own::NAME, style: Style::Stored, rule: own::rule, ..TORCH },
    Dialect {
        name: "torchvision GoogLeNet",
        head: "fc",
        networks: &["googlenet-torchvision"],
        preprocess: Some(presets::TORCHVISION_GOOGLENET),
        rule: |file| with_prefix(file, "inception3a.branch", torchvision::googlenet),
        ..TORCH
    },
    Dialect {
        name: "torchvision or timm Inception-v3",
        head: "fc",
        networks: V3,
        speaks_for: torchvision::speaks_for_2015,
        style: NORMALISED,
        preprocess: Some(presets::TIMM_299),
        rule: |file| with_prefix(file, "Mixed_6b.branch", torchvision::inception_v3),
        ..TORCH
    },
    Dialect {
        name: "timm or pretrainedmodels Inception-v4",
        head: "last_linear",
        networks: &["inception-v4"],
        preprocess: Some(presets::TIMM_299),
        rule: |file| with_prefix(file, "features.6.branch", timm::inception_v4),
        ..TORCH
    },
    Dialect {
        name: "timm Inception-ResNet-v2",
        head: "classif",
        networks: &["inception-resnet-v2"],
        preprocess: Some(presets::TIMM_RESNET_V2),
        rule: |file| with_prefix(file, "mixed_5b.branch", timm::inception_resnet_v2),
        ..TORCH
    },
    #[cfg(feature = "formats")]
    Dialect {
        name: "pretrainedmodels Inception-ResNet-v2",
        head: "last_linear",
        networks: &["inception-resnet-v2"],
        preprocess: Some(presets::TIMM_RESNET_V2),
        rule: |file| with_prefix(file, "mixed_5b.branch", timm::inception_resnet_v2_cadene),
        ..TORCH
    },
    #[cfg(feature = "formats")]
    Dialect {
        name: "facenet-pytorch",
        networks: &["inception-resnet-v1"],
        preprocess: Some(presets::FACENET),
        rule: |file| with_prefix(file, "repeat_3.", timm::facenet),
        ..TORCH
    },
    #[cfg(feature = "formats")]
    Dialect {
        name: "pretrainedmodels BN-Inception",
        head: "last_linear",
        networks: &["inception-v2-caffe"],
        preprocess: Some(presets::CADENE),
        rule: |file| with_prefix(file, "inception_3a_", caffe::bn_inception),
        ..TORCH
    },
    #[cfg(feature = "formats")]
    Dialect {
        name: "Caffe GoogLeNet",
        networks: &["googlenet"],
        preprocess: Some(presets::CAFFE),
        rule: |file| with_prefix(file, "inception_3a/", caffe::googlenet),
        ..TORCH
    },
    #[cfg(feature = "formats")]
    Dialect {
        name: "PyTorch tutorial Inception-v1",
        networks: &["inception-v1-bn"],
        hidden: 1,
        preprocess: Some(presets::UNPUBLISHED_224),
        rule: |file| with_prefix(file, "conv3.0.conv", seed::inception_v1),
        ..TORCH
    },
    #[cfg(feature = "formats")]
    Dialect {
        name: "PyTorch tutorial Inception-v2",
        networks: &["inception-v2"],
        preprocess: Some(presets::UNPUBLISHED_224),
        rule: |file| with_prefix(file, "nn_stack.8.", seed::inception_v2),
        ..TORCH
    },
    #[cfg(feature = "formats")]
    Dialect {
        name: "PyTorch tutorial Inception-v4",
        networks: &["inception-v4-shared"],
        preprocess: Some(presets::UNPUBLISHED_299),
        rule: |file| with_prefix(file, "icpA.b", seed::inception_v4),
        ..TORCH
    },
    #[cfg(feature = "formats")]
    Dialect {
        name: "PyTorch tutorial Inception-ResNet-v1",
        networks: &["inception-resnet-v1-shared"],
        preprocess: Some(presets::UNPUBLISHED_160),
        rule: |file| with_prefix(file, "features.0.conv1.conv3x3.", seed::inception_resnet_v1),
        ..TORCH
    },
    #[cfg(feature = "formats")]
    Dialect {
        name: "TF-slim Inception-v3",
        networks: V3_SLIM,
        axes: Axes::OutputLast,
        style: Style::Stored,
        preprocess: Some(presets::SLIM),
        rule: |file| with_prefix(file, "InceptionV3/Mixed_", slim::inception_v3),
        ..TORCH
    },
    #[cfg(feature = "formats")]
    Dialect {
        name: "TF-slim Inception-v4",
        networks: &["inception-v4"],
        axes: Axes::OutputLast,
        style: Style::Stored,
        aside: "InceptionV4/AuxLogits/",
        preprocess: Some(presets::SLIM),
        rule: |file| with_prefix(file, "InceptionV4/Mixed_", slim::inception_v4),
        ..TORCH
    },
    #[cfg(feature = "formats")]
    Dialect {
        name: "TF-slim Inception-ResNet-v2",
        networks: &["inception-resnet-v2"],
        axes: Axes::OutputLast,
        style: Style::Stored,
        aside: "InceptionResnetV2/AuxLogits/",
        preprocess: Some(presets::SLIM),
        rule: |file| with_prefix(file, "InceptionResnetV2/Mixed_", slim::inception_resnet_v2),
        ..TORCH
    },
    #[cfg(feature = "formats")]
    Dialect {
        name: "TF-slim FaceNet with folded batch norm",
        networks: &["inception-resnet-v1"],
        axes: Axes::OutputLast,
        style: Style::Fixed(ConvStyle { bias: true, norm: None }),
        preprocess: Some(presets::FACENET_PREWHITEN),
        rule: |file| with_prefix(file, "InceptionResnetV1/Repeat", slim::facenet_folded),
        ..TORCH
    },
    #[cfg(feature = "formats")]
    Dialect {
        name: "Inception-v3 of 2015-12-05",
        networks: &["inception-v3-2015", "inception-v3", "inception-v3-slim"],
        preprocess: Some(presets::FID),
        rule: |file| with_prefix(file, "mixed_9.tower", fid_2015::key),
        ..TORCH
    },
    #[cfg(feature = "formats")]
    Dialect {
        name: "nsfwjs Inception-v3",
        preprocess: Some(presets::NSFWJS),
        rule: |file| keras::is_nsfwjs(file).then(|| keras::inception_v3(file)).flatten(),
        ..KERAS
    },
    #[cfg(feature = "formats")]
    Dialect { name: "Keras Inception-v3", preprocess: Some(presets::KERAS), rule: keras::inception_v3, ..KERAS },
    #[cfg(feature = "formats")]
    Dialect {
        name: "Keras Inception-ResNet-v2",
        networks: &["inception-resnet-v2"],
        preprocess: Some(presets::KERAS),
        rule: keras::inception_resnet_v2,
        ..KERAS
    },
];

#[cfg(feature = "formats")]
const KERAS: Dialect = Dialect { networks: V3_SLIM, axes: Axes::OutputLast, style: Style::Stored, ..TORCH };

/// The rule `key` for files with a key that starts with `prefix`.
fn with_prefix(file: &TensorFile, prefix: &str, key: fn(&Place, Param) -> Option<String>) -> Option<KeyRule> {
    let present = file.tensors.range(prefix.to_owned()..).next().is_some_and(|(key, _)| key.starts_with(prefix));
    present.then(|| Box::new(key) as KeyRule)
}

/// PyTorch's names: a convolution or linear layer `layer`, its batch norm `norm`.
pub(super) fn torch(layer: &str, norm: &str, param: Param) -> String {
    match param {
        Param::Weights => format!("{layer}.weight"),
        Param::Biases => format!("{layer}.bias"),
        Param::Gamma => format!("{norm}.weight"),
        Param::Beta => format!("{norm}.bias"),
        Param::Mean => format!("{norm}.running_mean"),
        Param::Variance => format!("{norm}.running_var"),
    }
}

/// A `conv` and a `bn` below one name.
fn torch_unit(unit: &str, param: Param) -> String {
    torch(&format!("{unit}.conv"), &format!("{unit}.bn"), param)
}

/// `3a` for `Mixed_3b`: the papers' letters, one before TF-slim's.
fn paper_tag(place: &Place) -> Option<String> {
    let (stage, letter) = place.tag()?.split_at_checked(1)?;
    let letter = letter.bytes().next()?.checked_sub(1)?;
    Some(format!("{stage}{}", char::from(letter)))
}
