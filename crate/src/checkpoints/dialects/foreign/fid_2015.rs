//! Node names of the Inception-v3 graph of 2015-12-05 (`classify_image_graph_def.pb`), the network that FID is computed with:
//! `conv_4`, `mixed_1.tower_1.conv_2`, `mixed_9.tower_1_mixed_conv_1`.

use crate::checkpoints::Param;
use crate::checkpoints::place::Place;

fn numbered(name: &str, number: usize) -> String {
    if number == 0 { name.into() } else { format!("{name}_{number}") }
}

/// The first branch of most modules stands outside a tower; the others are `tower`, `tower_1`, `tower_2`.
fn unit(place: &Place) -> Option<String> {
    const MODULES: [&str; 11] = ["5b", "5c", "5d", "6a", "6b", "6c", "6d", "6e", "7a", "7b", "7c"];
    const STEM: [&str; 5] = ["Conv2d_1a_3x3", "Conv2d_2a_3x3", "Conv2d_2b_3x3", "Conv2d_3b_1x1", "Conv2d_4a_3x3"];
    let Some(tag) = place.tag() else {
        let index = STEM.iter().position(|&s| s == place.name)?;
        return Some(numbered("conv", index));
    };
    let module = numbered("mixed", MODULES.iter().position(|&m| m == tag)?);
    let branch = place.branch?;
    Some(match (tag, branch) {
        ("7a", _) => format!("{module}.{}.{}", numbered("tower", branch), numbered("conv", place.step)),
        (_, 0) => format!("{module}.conv"),
        ("7b" | "7c", _) => {
            let tower = numbered("tower", branch - 1);
            match place.steps.checked_sub(2).and_then(|split| place.step.checked_sub(split)) {
                Some(end) => format!("{module}.{tower}_{}", numbered("mixed_conv", end)),
                None => format!("{module}.{tower}_{}", numbered("conv", place.step)),
            }
        }
        _ => format!("{module}.{}.{}", numbered("tower", branch - 1), numbered("conv", place.step)),
    })
}

/// The key of a parameter.
pub(super) fn key(place: &Place, param: Param) -> Option<String> {
    let unit = unit(place)?;
    let leaf = match param {
        Param::Weights => "weight",
        Param::Biases => "bias",
        Param::Gamma => "gamma",
        Param::Beta => "beta",
        Param::Mean => "mean",
        Param::Variance => "var",
    };
    Some(format!("{unit}.{leaf}"))
}
