//! Dialects of files that other formats than safetensors hold, and of classifiers that were put in place of the published ones.

mod caffe;
mod fid_2015;
mod keras;
mod reparametrized;
mod seed;
mod slim;
mod torch_head;

use super::{Dialect, KeyRule, Style, TORCH, paper_tag, presets, timm, torch, torch_unit, with_prefix};
use crate::checkpoints::decode::Axes;
use crate::graph::ConvStyle;

pub(in crate::checkpoints) use keras::NSFWJS_HEAD;
pub(in crate::checkpoints) use reparametrized::check as reparametrized;
pub(in crate::checkpoints) use torch_head::{TorchHead, read as torch_head};

const V3_SLIM: &[&str] = &["inception-v3-slim", "inception-v3", "inception-v3-2015"];

const KERAS: Dialect = Dialect { networks: V3_SLIM, axes: Axes::OutputLast, style: Style::Stored, ..TORCH };

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
