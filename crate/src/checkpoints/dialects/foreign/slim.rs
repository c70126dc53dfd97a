//! Variable names of TF-slim (`tf_slim/nets/inception_v3.py`, `inception_v4.py`, `inception_resnet_v2.py`) with the scope names that its
//! checkpoints have had since 2016, and of FaceNet (davidsandberg/facenet), as it is trained and frozen for inference.

use crate::checkpoints::formats::TensorFile;
use crate::checkpoints::place::Place;
use crate::checkpoints::{CheckpointError, Param};

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

/// What only a FaceNet with its batch norm has.
const FACENET_NORM: &str = "InceptionResnetV1/Conv2d_1a_3x3/BatchNorm/moving_mean";
/// The last layer of FaceNet's body, which makes the embedding.
const BOTTLENECK: &str = "InceptionResnetV1/Bottleneck";
/// Numbers of the embeddings of FaceNet's models of 2017.
pub(super) const EMBEDDING_OF_2017: usize = 128;

/// Numbers of the embedding of a FaceNet that was saved in training (`src/models/inception_resnet_v1.py`).
pub(super) fn facenet_embedding(file: &TensorFile) -> Option<usize> {
    let weights = file.tensors.get(&format!("{BOTTLENECK}/weights"))?;
    file.tensors.get(FACENET_NORM).and(weights.shape.last().copied())
}

/// Adds the scale of one that TF-slim's batch norm has where it names none, to the layer that has one in every other form.
pub(super) fn add_scale(file: &mut TensorFile) {
    let norm = format!("{BOTTLENECK}/BatchNorm");
    let gamma = format!("{norm}/gamma");
    if let Some(size) = facenet_embedding(file).filter(|_| !file.tensors.contains_key(&gamma)) {
        file.add_constant(&gamma, 1.0, size);
    }
}

/// What sets TF-slim's own Inception-v1 and -v2 apart from the networks of the papers.
pub(super) fn difference(file: &TensorFile) -> Option<CheckpointError> {
    let has = |key: &str| file.tensors.contains_key(key);
    let (network, node, found, wanted, layer) = if has("InceptionV1/Mixed_3b/Branch_2/Conv2d_0b_3x3/weights") {
        let node = "InceptionV1/Mixed_3b/Branch_2/Conv2d_0b_3x3";
        let (found, wanted) = ("a 3x3 convolution with 32 channels", "a 5x5 convolution with 32 channels");
        ("GoogLeNet", node, found, wanted, "Mixed_3b/Branch_2/Conv2d_0b_5x5")
    } else if has("InceptionV2/Conv2d_1a_7x7/depthwise_weights") {
        let node = "InceptionV2/Conv2d_1a_7x7";
        let (found, wanted) = ("a separable 7x7 convolution", "a 7x7 convolution with 64 channels");
        ("BN-Inception", node, found, wanted, "Conv2d_1a_7x7")
    } else {
        return None;
    };
    let [node, found, wanted, layer] = [node, found, wanted, layer].map(str::to_owned);
    Some(CheckpointError::Differs { network, node, found, wanted, layer })
}

/// Inception-ResNet-v1 as FaceNet saves it; its classifier lies outside the network's scope.
pub(super) fn facenet(place: &Place, param: Param) -> Option<String> {
    Some(match place.name {
        "Bottleneck/BatchNorm" => variable(BOTTLENECK, param),
        "Logits" => variable("Logits", param),
        name => variable(&format!("InceptionResnetV1/{name}"), param),
    })
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
