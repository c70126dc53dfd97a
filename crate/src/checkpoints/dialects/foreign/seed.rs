//! Networks of PyTorch tutorials: two built from `nn.Sequential`, whose keys are positions, and two whose modules are applied
//! several times. No weights were published.

use super::{torch, torch_unit};
use crate::checkpoints::Param;
use crate::checkpoints::place::Place;

/// Inception-v1 with batch norm: `conv3.0.conv2.3.weight` is a convolution, `conv3.0.conv2.4.weight` its batch norm.
pub(super) fn inception_v1(place: &Place, param: Param) -> Option<String> {
    if let Some(branch) = place.branch {
        let (stage, letter) = place.tag()?.split_at_checked(1)?;
        let block = letter.bytes().next()?.checked_sub(b'b')?;
        let unit = format!("conv{stage}.{block}.conv{}", branch + 1);
        let position = 3 * place.step + usize::from(place.pooled);
        return Some(torch(&format!("{unit}.{position}"), &format!("{unit}.{}", position + 1), param));
    }
    let name = match place.name {
        "Conv2d_1a_7x7" => "conv1.0",
        "Conv2d_2b_1x1" => "conv2.0",
        "Conv2d_2c_3x3" => "conv2.2",
        "FC_1b" => "fc.1",
        "Logits" => "fc.3",
        _ => return None,
    };
    Some(torch(name, "", param))
}

/// Inception-v2: `nn_stack.8.R2.0.stack.0.weight` is a convolution, `nn_stack.8.R2.0.stack.1.weight` its batch norm.
pub(super) fn inception_v2(place: &Place, param: Param) -> Option<String> {
    const MODULES: [(&str, usize); 10] = [
        ("3b", 8),
        ("3c", 9),
        ("3d", 10),
        ("4b", 12),
        ("4c", 13),
        ("4d", 14),
        ("4e", 15),
        ("4f", 16),
        ("5b", 18),
        ("5c", 19),
    ];
    if let Some(branch) = place.branch {
        let tag = place.tag()?;
        let (_, position) = MODULES.iter().find(|m| m.0 == tag)?;
        let unit = format!("nn_stack.{position}.R{}", branch + 1);
        let unit = if place.alone() { unit } else { format!("{unit}.{}", place.sequence()) };
        return Some(torch(&format!("{unit}.stack.0"), &format!("{unit}.stack.1"), param));
    }
    let position = match place.name {
        "Conv2d_1a_7x7" => 0,
        "Conv2d_2b_3x3" => 4,
        "Logits" => 22,
        _ => return None,
    };
    Some(torch(&format!("nn_stack.{position}"), &format!("nn_stack.{}", position + 1), param))
}

/// Inception-v4 with shared weights: `icpA.b3_2.conv.weight` is the second convolution of the third branch, in all four modules.
pub(super) fn inception_v4(place: &Place, param: Param) -> Option<String> {
    let unit = match (place.name, place.tag(), place.branch) {
        ("Logits", ..) => return Some(torch("linear", "", param)),
        ("Conv2d_1a_3x3", ..) => "stem.conv1".into(),
        ("Conv2d_2a_3x3", ..) => "stem.conv2".into(),
        ("Conv2d_2b_3x3", ..) => "stem.conv3".into(),
        (_, Some("3a"), _) => "stem.conv4".into(),
        (_, Some("4a"), Some(branch)) => format!("stem.conv5_{}_{}", branch + 1, place.step + 1),
        (_, Some("5a"), _) => "stem.conv6".into(),
        (_, Some(tag), Some(branch)) => {
            let block = match tag {
                "5b" => "icpA",
                "6a" => "redA",
                "6b" => "icpB",
                "7a" => "redB",
                "7b" => "icpC",
                _ => return None,
            };
            let unit = format!("{block}.b{}", branch + 1);
            match (tag, branch) {
                _ if place.alone() => unit,
                // The split ends.
                ("7b", 2) => format!("{unit}_{}", ["1", "2_1", "2_2"].get(place.step)?),
                ("7b", 3) => format!("{unit}_{}", ["1", "2", "3", "4_1", "4_2"].get(place.step)?),
                _ => format!("{unit}_{}", place.sequence() + 1),
            }
        }
        _ => return None,
    };
    Some(torch_unit(&unit, param))
}

/// Inception-ResNet-v1 with shared weights: `features.1.conv2.conv3x3.0.weight` is the 3x3 convolution of the first block, everywhere
/// in it, `features.1.conv2.conv3x3.1.weight` its batch norm.
pub(super) fn inception_resnet_v1(place: &Place, param: Param) -> Option<String> {
    const STEM: [&str; 7] = ["1a", "2a", "2b", "3a", "3b", "4a", "4b"];
    if place.name == "Logits" {
        return Some(torch("linear", "", param));
    }
    let kernel = place.name.rsplit('_').next()?;
    let normed = |module: usize, number: usize| {
        let unit = format!("features.{module}.conv{number}.conv{kernel}");
        Some(torch(&format!("{unit}.0"), &format!("{unit}.1"), param))
    };
    let Some(module) = place.module else {
        let tag = place.name.strip_prefix("Conv2d_")?.split('_').next()?;
        return normed(0, STEM.iter().position(|&stem| stem == tag)? + 1);
    };
    match (module, place.branch, place.step) {
        ("Mixed_6a", Some(1), _) => return normed(6, 1),
        ("Mixed_6a", Some(_), step) => return normed(6, step + 2),
        ("Mixed_7a", Some(_), 0) => return normed(17, 1),
        ("Mixed_7a", Some(3), step) => return normed(17, step + 3),
        ("Mixed_7a", Some(branch), _) => return normed(17, branch + 1),
        _ => {}
    }
    let block = |stem: &str| module.strip_prefix(stem)?.parse::<usize>().ok();
    let at = block("Repeat/block35_")
        .or_else(|| Some(6 + block("Repeat_1/block17_")?))
        .or_else(|| Some(17 + block("Repeat_2/block8_")?))?;
    match (place.branch, kernel) {
        (None, _) => Some(torch(&format!("features.{at}.line"), "", param)),
        (_, "1x1") => normed(at, 1),
        (_, "3x3") => normed(at, 2),
        _ => Some(torch(&format!("features.{at}.conv{kernel}"), "", param)),
    }
}
