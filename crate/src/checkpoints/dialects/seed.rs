//! Two PyTorch tutorial networks built from `nn.Sequential`, whose keys are positions. No weights were published.

use super::torch;
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
