//! timm 1.0 (`timm/models/inception_v4.py`, `inception_resnet_v2.py`), which keeps the names of pretrainedmodels,
//! and facenet-pytorch 2.6 (`models/inception_resnet_v1.py`), which follows them.

use super::{torch, torch_unit};
use crate::checkpoints::Param;
use crate::checkpoints::place::Place;

/// `branch1.0`, or `branch0` where it is one convolution.
fn branch(place: &Place) -> Option<String> {
    let branch = place.branch?;
    Some(if place.alone() { format!("branch{branch}") } else { format!("branch{branch}.{}", place.sequence()) })
}

/// Position in `features` of Inception-v4.
fn feature(name: &str) -> Option<usize> {
    const FEATURES: [&str; 22] = [
        "Conv2d_1a_3x3",
        "Conv2d_2a_3x3",
        "Conv2d_2b_3x3",
        "Mixed_3a",
        "Mixed_4a",
        "Mixed_5a",
        "Mixed_5b",
        "Mixed_5c",
        "Mixed_5d",
        "Mixed_5e",
        "Mixed_6a",
        "Mixed_6b",
        "Mixed_6c",
        "Mixed_6d",
        "Mixed_6e",
        "Mixed_6f",
        "Mixed_6g",
        "Mixed_6h",
        "Mixed_7a",
        "Mixed_7b",
        "Mixed_7c",
        "Mixed_7d",
    ];
    FEATURES.iter().position(|&f| f == name)
}

/// Inception-v4: `features.6.branch1.0.conv.weight`.
pub(super) fn inception_v4(place: &Place, param: Param) -> Option<String> {
    if place.name == "Logits" {
        return Some(torch("last_linear", "", param));
    }
    let index = feature(place.module.unwrap_or(place.name))?;
    let Some(number) = place.branch else {
        return Some(torch_unit(&format!("features.{index}"), param));
    };
    let unit = match (place.tag()?, number) {
        ("3a" | "5a", _) => "conv".into(),
        ("7b" | "7c" | "7d", 1) => format!("branch1_{}", ["0", "1a", "1b"].get(place.step)?),
        ("7b" | "7c" | "7d", 2) => format!("branch2_{}", ["0", "1", "2", "3a", "3b"].get(place.step)?),
        _ => branch(place)?,
    };
    Some(torch_unit(&format!("features.{index}.{unit}"), param))
}

/// The body that both residual networks share; `repeats` are the attributes of the three rows of blocks.
fn residual(place: &Place, param: Param, repeats: [&str; 3]) -> Option<String> {
    let Some(module) = place.module else {
        let (stem, _) = place.name.rsplit_once('_')?;
        return stem.starts_with("Conv2d_").then(|| torch_unit(&stem.to_lowercase(), param));
    };
    let block = |prefix: &str, repeat: &str| {
        let number: usize = module.strip_prefix(prefix)?.parse().ok()?;
        Some(format!("{repeat}.{}", number.checked_sub(1)?))
    };
    let path = block("Repeat/block35_", repeats[0])
        .or_else(|| block("Repeat_1/block17_", repeats[1]))
        .or_else(|| block("Repeat_2/block8_", repeats[2]))
        .unwrap_or_else(|| module.to_lowercase());
    Some(match branch(place) {
        Some(branch) => torch_unit(&format!("{path}.{branch}"), param),
        None => torch(&format!("{path}.conv2d"), "", param),
    })
}

/// Inception-ResNet-v2: `repeat.0.branch1.0.conv.weight`, classifier `classif`.
pub(super) fn inception_resnet_v2(place: &Place, param: Param) -> Option<String> {
    match place.name {
        "Logits" => Some(torch("classif", "", param)),
        _ => residual(place, param, ["repeat", "repeat_1", "repeat_2"]),
    }
}

/// The same as pretrainedmodels 0.7 publishes it, classifier `last_linear`.
pub(super) fn inception_resnet_v2_cadene(place: &Place, param: Param) -> Option<String> {
    match place.name {
        "Logits" => Some(torch("last_linear", "", param)),
        _ => inception_resnet_v2(place, param),
    }
}

/// Inception-ResNet-v1 with FaceNet's head.
pub(super) fn facenet(place: &Place, param: Param) -> Option<String> {
    match place.name {
        "Bottleneck" => Some(torch("last_linear", "", param)),
        "Bottleneck/BatchNorm" => Some(torch("", "last_bn", param)),
        "Logits" => Some(torch("logits", "", param)),
        _ => residual(place, param, ["repeat_1", "repeat_2", "repeat_3"]),
    }
}
