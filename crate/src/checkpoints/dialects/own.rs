//! Our own files: `<public layer name>/<parameter>`, for every network.

use super::KeyRule;
use crate::checkpoints::Param;
use crate::checkpoints::formats::TensorFile;
use crate::checkpoints::place::Place;

/// Name of the dialect.
pub(super) const NAME: &str = "inception-web";

/// `Mixed_5b/Branch_0/Conv2d_0a_1x1/weights`.
pub(in crate::checkpoints) fn key(layer: &str, param: Param) -> String {
    format!("{layer}/{param}")
}

/// Applies to files with a first convolution or a module under its public name.
pub(super) fn rule(file: &TensorFile) -> Option<KeyRule> {
    let ours = |key: &str| key.starts_with("Conv2d_1a_") || key.starts_with("Mixed_") && key.contains("/Branch_");
    let rule = |place: &Place, param| Some(key(place.name, param));
    file.tensors.keys().any(|key| ours(key) && key.contains('/')).then(|| Box::new(rule) as KeyRule)
}
