//! Variable names of TF-slim (`tf_slim/nets/inception_v3.py`, `inception_v4.py`, `inception_resnet_v2.py`) with the scope names that its
//! checkpoints have had since 2016, and of FaceNet (davidsandberg/facenet) frozen for inference.

use crate::checkpoints::Param;
use crate::checkpoints::place::Place;

fn variable(scope: &str, param: Param) -> String {
    match param {
        Param::Weights => format!("{scope}/weights"),
        Param::Biases => format!("{scope}/biases"),
        Param::Gamma => format!("{scope}/BatchNorm/gamma"),
        Param::Beta => format!("{scope}/BatchNorm/beta"),
        Param::Mean => format!("{scope}/BatchNorm/moving_mean"),
        Param::Variance => format!("{scope}/BatchNorm/moving_variance"),
    }
}

/// Inception-v3: `InceptionV3/Mixed_5c/Branch_1/Conv_1_0c_5x5/weights`.
pub(super) fn inception_v3(place: &Place, param: Param) -> Option<String> {
    let scope = match place.name {
        "Mixed_5c/Branch_1/Conv2d_0a_1x1" => "Mixed_5c/Branch_1/Conv2d_0b_1x1",
        "Mixed_5c/Branch_1/Conv2d_0b_5x5" => "Mixed_5c/Branch_1/Conv_1_0c_5x5",
        "Mixed_6a/Branch_0/Conv2d_1a_3x3" => "Mixed_6a/Branch_0/Conv2d_1a_1x1",
        "Mixed_6a/Branch_1/Conv2d_1a_3x3" => "Mixed_6a/Branch_1/Conv2d_1a_1x1",
        "Mixed_7b/Branch_1/Conv2d_0c_3x1" => "Mixed_7b/Branch_1/Conv2d_0b_3x1",
        "Logits" => "Logits/Conv2d_1c_1x1",
        "AuxLogits" => "AuxLogits/Conv2d_2b_1x1",
        "FC_1b" | "FC_1c" => return None,
        regular => regular,
    };
    Some(variable(&format!("InceptionV3/{scope}"), param))
}

/// Names below a network's scope that are our own; the logits are a linear layer in a scope of their own.
fn regular(network: &str, place: &Place, param: Param) -> Option<String> {
    let scope = match place.name {
        "Logits" => "Logits/Logits",
        name if name.starts_with("FC_1") => return None,
        name => name,
    };
    Some(variable(&format!("{network}/{scope}"), param))
}

/// Inception-v4: `InceptionV4/Mixed_6b/Branch_1/Conv2d_0b_1x7/weights`.
pub(super) fn inception_v4(place: &Place, param: Param) -> Option<String> {
    regular("InceptionV4", place, param)
}

/// Inception-ResNet-v2: `InceptionResnetV2/Repeat/block35_1/Conv2d_1x1/weights`.
pub(super) fn inception_resnet_v2(place: &Place, param: Param) -> Option<String> {
    regular("InceptionResnetV2", place, param)
}

/// Inception-ResNet-v1 with batch norm folded into `Conv2D_bn_offset`, except that of the bottleneck,
/// whose scale became the constant `Const`.
pub(super) fn facenet_folded(place: &Place, param: Param) -> Option<String> {
    let scope = format!("InceptionResnetV1/{}", place.name);
    Some(match (place.name, param) {
        ("Bottleneck/BatchNorm", Param::Gamma) => format!("{scope}/Const"),
        ("Bottleneck/BatchNorm", _) => variable("InceptionResnetV1/Bottleneck", param),
        (_, Param::Biases) if place.ordinal.is_some() && (place.branch.is_some() || place.module.is_none()) => {
            format!("{scope}/Conv2D_bn_offset")
        }
        _ => variable(&scope, param),
    })
}
