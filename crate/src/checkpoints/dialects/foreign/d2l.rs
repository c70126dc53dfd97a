//! GoogLeNet of the book Dive into Deep Learning, PyTorch edition: a `Sequential` of five blocks and a linear layer, whose modules name
//! their convolutions `b1_1` to `b4_2`, `p1_1` to `p4_2` in older editions. Its graph is that of our Inception-v1 with batch norm, without
//! the batch norm.

use super::{KeyRule, torch};
use crate::checkpoints::Param;
use crate::checkpoints::formats::TensorFile;
use crate::checkpoints::place::Place;

/// Applies to files with the first module.
pub(super) fn rule(file: &TensorFile) -> Option<KeyRule> {
    let letter = ["b", "p"].into_iter().find(|letter| file.tensors.contains_key(&format!("2.0.{letter}1_1.weight")))?;
    Some(Box::new(move |place, param| key(letter, place, param)))
}

fn key(letter: &str, place: &Place, param: Param) -> Option<String> {
    if let Some(branch) = place.branch {
        let (stage, module) = place.tag()?.split_at_checked(1)?;
        let block = stage.parse::<usize>().ok()?.checked_sub(1)?;
        let position = module.bytes().next()?.checked_sub(b'b')?;
        return Some(torch(&format!("{block}.{position}.{letter}{}_{}", branch + 1, place.sequence() + 1), "", param));
    }
    let unit = match place.name {
        "Conv2d_1a_7x7" => "0.0",
        "Conv2d_2b_1x1" => "1.0",
        "Conv2d_2c_3x3" => "1.2",
        "Logits" => "5",
        _ => return None,
    };
    Some(torch(unit, "", param))
}
