//! torchvision 0.29 (`torchvision/models/googlenet.py`, `inception.py`); timm names its Inception-v3 alike.

use super::{paper_tag, torch, torch_unit};
use crate::checkpoints::Param;
use crate::checkpoints::formats::TensorFile;
use crate::checkpoints::place::Place;

/// GoogLeNet: `inception3a.branch2.0.conv.weight`.
pub(super) fn googlenet(place: &Place, param: Param) -> Option<String> {
    if let Some(branch) = place.branch {
        let unit = format!("inception{}.branch{}", paper_tag(place)?, branch + 1);
        let unit = if place.alone() { unit } else { format!("{unit}.{}", place.sequence()) };
        return Some(torch_unit(&unit, param));
    }
    let linear = |name: &str| Some(torch(name, name, param));
    match place.name {
        "Conv2d_1a_7x7" => Some(torch_unit("conv1", param)),
        "Conv2d_2b_1x1" => Some(torch_unit("conv2", param)),
        "Conv2d_2c_3x3" => Some(torch_unit("conv3", param)),
        "AuxLogits_1/Conv2d_1b_1x1" => Some(torch_unit("aux1.conv", param)),
        "AuxLogits_2/Conv2d_1b_1x1" => Some(torch_unit("aux2.conv", param)),
        "AuxLogits_1/FC_2a" => linear("aux1.fc1"),
        "AuxLogits_2/FC_2a" => linear("aux2.fc1"),
        "AuxLogits_1" => linear("aux1.fc2"),
        "AuxLogits_2" => linear("aux2.fc2"),
        "Logits" => linear("fc"),
        _ => None,
    }
}

/// The classes of the graph of 2015-12-05.
const CLASSES_OF_2015: usize = 1008;

/// The weights of 2015-12-05 under these names, as pytorch-fid publishes them, are known by their classes: they want the pools
/// of that graph. It has no auxiliary head, so whoever has one and as many classes has classes of their own.
pub(super) fn speaks_for_2015(file: &TensorFile) -> Option<&'static str> {
    let classes = *file.tensors.get("fc.weight")?.shape.first()?;
    let has_auxiliary = file.tensors.contains_key("AuxLogits.fc.weight");
    (classes == CLASSES_OF_2015 && !has_auxiliary).then_some("inception-v3-2015")
}

/// Attributes of each module's branches, in order.
fn branches(tag: &str) -> &'static [&'static [&'static str]] {
    const DOUBLE: &[&str] = &["branch3x3dbl_1", "branch3x3dbl_2", "branch3x3dbl_3"];
    const POOL: &[&str] = &["branch_pool"];
    match tag {
        "5b" | "5c" | "5d" => &[&["branch1x1"], &["branch5x5_1", "branch5x5_2"], DOUBLE, POOL],
        "6a" => &[&["branch3x3"], DOUBLE],
        "6b" | "6c" | "6d" | "6e" => &[
            &["branch1x1"],
            &["branch7x7_1", "branch7x7_2", "branch7x7_3"],
            &["branch7x7dbl_1", "branch7x7dbl_2", "branch7x7dbl_3", "branch7x7dbl_4", "branch7x7dbl_5"],
            POOL,
        ],
        "7a" => {
            &[&["branch3x3_1", "branch3x3_2"], &["branch7x7x3_1", "branch7x7x3_2", "branch7x7x3_3", "branch7x7x3_4"]]
        }
        "7b" | "7c" => &[
            &["branch1x1"],
            &["branch3x3_1", "branch3x3_2a", "branch3x3_2b"],
            &["branch3x3dbl_1", "branch3x3dbl_2", "branch3x3dbl_3a", "branch3x3dbl_3b"],
            POOL,
        ],
        _ => &[],
    }
}

/// Inception-v3: `Mixed_5b.branch5x5_1.conv.weight`.
pub(super) fn inception_v3(place: &Place, param: Param) -> Option<String> {
    if let (Some(module), Some(branch)) = (place.module, place.branch) {
        let attribute = branches(place.tag()?).get(branch)?.get(place.step)?;
        return Some(torch_unit(&format!("{module}.{attribute}"), param));
    }
    match place.name {
        "AuxLogits/Conv2d_1b_1x1" => Some(torch_unit("AuxLogits.conv0", param)),
        "AuxLogits/Conv2d_2a_5x5" => Some(torch_unit("AuxLogits.conv1", param)),
        "AuxLogits" => Some(torch("AuxLogits.fc", "", param)),
        "Logits" => Some(torch("fc", "", param)),
        stem => stem.starts_with("Conv2d_").then(|| torch_unit(stem, param)),
    }
}
