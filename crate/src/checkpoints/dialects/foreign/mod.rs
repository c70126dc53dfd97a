//! Dialects of files that other formats than safetensors hold, and of classifiers that were put in place of the published ones.

mod caffe;
mod d2l;
mod fid_2015;
mod keras;
mod reparametrized;
mod seed;
mod slim;
mod torch_head;
mod torch_modules;

use super::{Dialect, KeyRule, Style, TORCH, paper_tag, presets, timm, torch, torch_unit, with_prefix};
use crate::checkpoints::CheckpointError;
use crate::checkpoints::formats::TensorFile;
use crate::checkpoints::formats::decode::Axes;
use crate::graph::ConvStyle;

pub(in crate::checkpoints) use keras::NSFWJS_HEAD;
pub(in crate::checkpoints) use reparametrized::check as reparametrized;
pub(in crate::checkpoints) use torch_head::{TorchHead, read as torch_head};
pub(in crate::checkpoints) use torch_modules::check as torch_modules;

const V3_SLIM: &[&str] = &["inception-v3-slim", "inception-v3", "inception-v3-2015"];

const KERAS: Dialect = Dialect { networks: V3_SLIM, axes: Axes::OutputLast, style: Style::Stored, ..TORCH };

const FACENET: Dialect =
    Dialect { networks: &["inception-resnet-v1"], axes: Axes::OutputLast, style: Style::Stored, ..TORCH };
const FACENET_2017: &str = "TF-slim FaceNet of 2017";
const FACENET_2018: &str = "TF-slim FaceNet of 2018";
const D2L: &str = "Dive into Deep Learning GoogLeNet";

/// What files with these names leave open, and how it is taken.
pub(in crate::checkpoints) fn assumption(dialect: &str) -> Option<&'static str> {
    match dialect {
        FACENET_2017 | FACENET_2018 => Some(
            "a checkpoint does not tell how pictures were normalised: those of FaceNet with 128 numbers are taken to have had each picture \
             by its own mean and deviation, others (pixel - 127.5) / 128; the option `preprocess` says otherwise",
        ),
        D2L => Some(
            "a state dict does not tell strides, pools and pictures: they are taken to be the book's (d2l.ai), maximum pools padded by one \
             and pictures of 96 x 96 from 0 to 1; the option `preprocess` says otherwise of the pictures",
        ),
        _ => None,
    }
}

/// Adds what the names of a file leave out and other forms of the same network have.
pub(in crate::checkpoints) fn complete(file: &mut TensorFile) {
    slim::add_scale(file);
}

/// The difference of tensors that are like a network's from that network, where it is a known one.
pub(in crate::checkpoints) fn difference(file: &TensorFile) -> Option<CheckpointError> {
    slim::difference(file).or_else(|| without_reduction(file))
}

fn without_reduction(file: &TensorFile) -> Option<CheckpointError> {
    let before = file.tensors.keys().find_map(|key| key.strip_suffix("conv1.conv.weight"))?;
    let shape = |key: &str| file.tensors.get(&format!("{before}{key}")).map(|stored| &stored.shape[..]);
    // A widespread tutorial's GoogLeNet, under torchvision's names.
    let is_without_reduction = shape("conv1.conv.weight")?.get(2..) == Some(&[7, 7])
        && matches!(shape("conv2.conv.weight"), Some([192, 64, 3, 3]));
    is_without_reduction.then(|| CheckpointError::Differs {
        network: "GoogLeNet",
        node: "conv2".into(),
        found: "a 3x3 convolution with 192 channels".into(),
        wanted: "a 1x1 convolution with 64 channels before that".into(),
        layer: "Conv2d_2b_1x1".into(),
    })
}

/// In the order in which they are tried, after those that are published as safetensors.
pub(super) static DIALECTS: &[Dialect] = &[
    Dialect {
        name: "pretrainedmodels Inception-ResNet-v2",
        head: "last_linear",
        networks: &["inception-resnet-v2"],
        preprocess: Some(presets::TIMM_RESNET_V2),
        rule: |file| with_prefix(file, "mixed_5b.branch", timm::inception_resnet_v2_cadene),
        ..TORCH
    },
    Dialect {
        name: "facenet-pytorch",
        networks: &["inception-resnet-v1"],
        preprocess: Some(presets::FACENET),
        rule: |file| with_prefix(file, "repeat_3.", timm::facenet),
        ..TORCH
    },
    Dialect {
        name: "pretrainedmodels BN-Inception",
        head: "last_linear",
        networks: &["inception-v2-caffe"],
        preprocess: Some(presets::CADENE),
        rule: |file| with_prefix(file, "inception_3a_", caffe::bn_inception),
        ..TORCH
    },
    Dialect {
        name: "Caffe GoogLeNet",
        networks: &["googlenet"],
        preprocess: Some(presets::CAFFE),
        rule: |file| with_prefix(file, "inception_3a/", caffe::googlenet),
        ..TORCH
    },
    Dialect {
        name: "PyTorch tutorial Inception-v1",
        networks: &["inception-v1-bn"],
        hidden: 1,
        preprocess: Some(presets::UNPUBLISHED_224),
        rule: |file| with_prefix(file, "conv3.0.conv", seed::inception_v1),
        ..TORCH
    },
    Dialect {
        name: "PyTorch tutorial Inception-v2",
        networks: &["inception-v2"],
        preprocess: Some(presets::UNPUBLISHED_224),
        rule: |file| with_prefix(file, "nn_stack.8.", seed::inception_v2),
        ..TORCH
    },
    Dialect {
        name: "PyTorch tutorial Inception-v4",
        networks: &["inception-v4-shared"],
        preprocess: Some(presets::UNPUBLISHED_299),
        rule: |file| with_prefix(file, "icpA.b", seed::inception_v4),
        ..TORCH
    },
    Dialect {
        name: "PyTorch tutorial Inception-ResNet-v1",
        networks: &["inception-resnet-v1-shared"],
        preprocess: Some(presets::UNPUBLISHED_160),
        rule: |file| with_prefix(file, "features.0.conv1.conv3x3.", seed::inception_resnet_v1),
        ..TORCH
    },
    Dialect {
        name: "TF-slim Inception-v3",
        networks: V3_SLIM,
        axes: Axes::OutputLast,
        style: Style::Stored,
        preprocess: Some(presets::SLIM),
        rule: |file| with_prefix(file, "InceptionV3/Mixed_", slim::inception_v3),
        ..TORCH
    },
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
    Dialect {
        name: FACENET_2017,
        preprocess: Some(presets::FACENET_PREWHITEN),
        rule: |file| {
            (slim::facenet_embedding(file)? == slim::EMBEDDING_OF_2017).then(|| Box::new(slim::facenet) as KeyRule)
        },
        ..FACENET
    },
    Dialect {
        name: FACENET_2018,
        preprocess: Some(presets::FACENET),
        rule: |file| {
            (slim::facenet_embedding(file)? != slim::EMBEDDING_OF_2017).then(|| Box::new(slim::facenet) as KeyRule)
        },
        ..FACENET
    },
    Dialect {
        name: D2L,
        networks: &["inception-v1-bn"],
        style: Style::Fixed(ConvStyle { bias: true, norm: None }),
        preprocess: Some(presets::D2L),
        rule: d2l::rule,
        ..TORCH
    },
    Dialect {
        name: "TF-slim FaceNet with folded batch norm",
        networks: &["inception-resnet-v1"],
        axes: Axes::OutputLast,
        style: Style::Fixed(ConvStyle { bias: true, norm: None }),
        preprocess: Some(presets::FACENET_PREWHITEN),
        rule: |file| with_prefix(file, "InceptionResnetV1/Repeat", slim::facenet_folded),
        ..TORCH
    },
    Dialect {
        name: "Inception-v3 of 2015-12-05",
        networks: &["inception-v3-2015", "inception-v3", "inception-v3-slim"],
        preprocess: Some(presets::FID),
        rule: |file| with_prefix(file, "mixed_9.tower", fid_2015::key),
        ..TORCH
    },
    Dialect {
        name: "nsfwjs Inception-v3",
        preprocess: Some(presets::NSFWJS),
        rule: |file| keras::is_nsfwjs(file).then(|| keras::inception_v3(file)).flatten(),
        ..KERAS
    },
    Dialect { name: "Keras Inception-v3", preprocess: Some(presets::KERAS), rule: keras::inception_v3, ..KERAS },
    Dialect {
        name: "Keras Inception-ResNet-v2",
        networks: &["inception-resnet-v2"],
        preprocess: Some(presets::KERAS),
        rule: keras::inception_resnet_v2,
        ..KERAS
    },
];
