//! What Keras' InceptionResNetV2 calls its convolutions (`keras/src/applications/inception_resnet_v2.py`): most by their number in
//! order of creation, the last of each block and of the body by a name. InceptionV3 has numbers only.

use super::place::Place;

/// A convolution's name.
pub(super) enum ConvName {
    /// `conv2d_17`, from 0; its batch norm has the same number.
    Numbered(usize),
    /// A name of its own; its batch norm, where it has one, is called the same with `_bn`.
    Named(String),
}

/// The name of a convolution of Inception-ResNet-v2; none for other layers.
pub(super) fn of_resnet_v2(place: &Place) -> Option<ConvName> {
    let ordinal = place.ordinal?;
    let Some(module) = place.module else {
        return Some(match place.name {
            "Conv2d_7b_1x1" => ConvName::Named("conv_7b".into()),
            _ => ConvName::Numbered(ordinal),
        });
    };
    let block = |stem: &str| module.strip_prefix(stem)?.parse::<usize>().ok();
    // The blocks before this one, and its name in Keras.
    let (before, name) = match module {
        "Mixed_6a" => (10, None),
        "Mixed_7a" => (30, None),
        "Block8" => (39, Some("block8_10".to_owned())),
        _ => match (block("Repeat/block35_"), block("Repeat_1/block17_"), block("Repeat_2/block8_")) {
            (Some(i), ..) => (i.checked_sub(1)?, Some(format!("block35_{i}"))),
            (_, Some(i), _) => (9 + i, Some(format!("block17_{i}"))),
            (.., Some(i)) => (29 + i, Some(format!("block8_{i}"))),
            _ => (0, None),
        },
    };
    Some(match (place.branch, name) {
        (None, Some(block)) => ConvName::Named(format!("{block}_conv")),
        _ => ConvName::Numbered(ordinal.checked_sub(before)?),
    })
}

/// A layer's name by its number: Keras leaves out that of the first.
pub(super) fn numbered(stem: &str, number: usize) -> String {
    if number == 0 { stem.into() } else { format!("{stem}_{number}") }
}
