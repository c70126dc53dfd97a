//! Naming dialects: from a layer's place in its network to the key that a library gives its weights.
//! Enters: a [`Place`] and a [`Param`]. Leaves: a key. Each file holds one family's rules and the presets of its publishers.

#[cfg(feature = "formats")]
mod foreign;
mod own;
mod timm;
mod torchvision;

use super::formats::TensorFile;
use super::formats::decode::Axes;
use super::place::Place;
use super::{Param, presets};
use crate::graph::{BatchNorm, ConvStyle};
use crate::image::Preprocess;

#[cfg(feature = "formats")]
pub(super) use foreign::{
    NSFWJS_HEAD, TorchHead, assumption, complete, difference, reparametrized, torch_head, torch_modules,
};
pub(super) use own::key as own_key;

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

/// Every dialect; where two fit equally well, the first counts.
pub(super) fn dialects() -> impl Iterator<Item = &'static Dialect> {
    #[cfg(feature = "formats")]
    let others = foreign::DIALECTS;
    #[cfg(not(feature = "formats"))]
    let others: &[Dialect] = &[];
    PUBLISHED.iter().chain(others)
}

/// Those that people publish as safetensors: what pages load knows no others.
static PUBLISHED: &[Dialect] = &[
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
];

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
