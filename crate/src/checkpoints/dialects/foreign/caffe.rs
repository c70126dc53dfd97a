//! Layer names of the Caffe models: BVLC's GoogLeNet (`bvlc_googlenet/train_val.prototxt`), and BN-Inception as
//! pretrainedmodels 0.7 converted it (`models/bninception.py`).

use super::{paper_tag, torch};
use crate::checkpoints::Param;
use crate::checkpoints::place::Place;

/// GoogLeNet: `inception_3a/5x5_reduce.weight`.
pub(super) fn googlenet(place: &Place, param: Param) -> Option<String> {
    const BRANCHES: [&[&str]; 4] = [&["1x1"], &["3x3_reduce", "3x3"], &["5x5_reduce", "5x5"], &["pool_proj"]];
    let name = match place.branch {
        Some(branch) => format!("inception_{}/{}", paper_tag(place)?, BRANCHES.get(branch)?.get(place.step)?),
        None => match place.name {
            "Conv2d_1a_7x7" => "conv1/7x7_s2".into(),
            "Conv2d_2b_1x1" => "conv2/3x3_reduce".into(),
            "Conv2d_2c_3x3" => "conv2/3x3".into(),
            "AuxLogits_1/Conv2d_1b_1x1" => "loss1/conv".into(),
            "AuxLogits_2/Conv2d_1b_1x1" => "loss2/conv".into(),
            "AuxLogits_1/FC_2a" => "loss1/fc".into(),
            "AuxLogits_2/FC_2a" => "loss2/fc".into(),
            "AuxLogits_1" => "loss1/classifier".into(),
            "AuxLogits_2" => "loss2/classifier".into(),
            "Logits" => "loss3/classifier".into(),
            _ => return None,
        },
    };
    Some(torch(&name, "", param))
}

/// BN-Inception: `inception_3a_double_3x3_1.weight`, `inception_3a_double_3x3_1_bn.weight`.
pub(super) fn bn_inception(place: &Place, param: Param) -> Option<String> {
    const DOUBLE: &[&str] = &["double_3x3_reduce", "double_3x3_1", "double_3x3_2"];
    const MODULE: [&[&str]; 4] = [&["1x1"], &["3x3_reduce", "3x3"], DOUBLE, &["pool_proj"]];
    const REDUCTION: [&[&str]; 2] = [&["3x3_reduce", "3x3"], DOUBLE];
    let name = match place.branch {
        Some(branch) => {
            let tag = match place.tag()? {
                "4a" => "3c".into(),
                "5a" => "4e".into(),
                _ => paper_tag(place)?,
            };
            let branches: &[&[&str]] = if matches!(tag.as_str(), "3c" | "4e") { &REDUCTION } else { &MODULE };
            format!("inception_{tag}_{}", branches.get(branch)?.get(place.step)?)
        }
        None => match place.name {
            "Conv2d_1a_7x7" => "conv1_7x7_s2".into(),
            "Conv2d_2b_1x1" => "conv2_3x3_reduce".into(),
            "Conv2d_2c_3x3" => "conv2_3x3".into(),
            "Logits" => "last_linear".into(),
            _ => return None,
        },
    };
    Some(torch(&name, &format!("{name}_bn"), param))
}
