//! Inception-ResNet-v1 as PyTorch tutorials build it: Szegedy et al. 2016, figures 10 to 14, where the convolutions of one kind within a
//! block have the same weights. Residuals are added whole, factorised convolutions have no batch norm, the stem has one convolution
//! more, and padding stands at the 1x1 convolutions of the reductions.

use super::{Body, Options};
use crate::graph::{Builder, GraphError, Pad, Spec, conv, max_pool};

/// Residual blocks that have one 1x1 and one 3x3 convolution; those after the first 1x1 share its weights, and likewise the 3x3.
fn blocks(b: &mut Builder, stem: &str, count: usize, branches: fn() -> Vec<Vec<Spec>>) -> Result<(), GraphError> {
    for i in 1..=count {
        let name = format!("{stem}_{i}");
        b.residual(&name, 1.0, true, branches())?;
        for (layer, of) in [
            ("Branch_1/Conv2d_0a_1x1", "Branch_0/Conv2d_1x1"),
            ("Branch_2/Conv2d_0a_1x1", "Branch_0/Conv2d_1x1"),
            ("Branch_2/Conv2d_0b_3x3", "Branch_1/Conv2d_0b_3x3"),
            ("Branch_2/Conv2d_0c_3x3", "Branch_1/Conv2d_0b_3x3"),
        ] {
            b.share(&format!("{name}/{layer}"), &format!("{name}/{of}"));
        }
    }
    Ok(())
}

fn block35() -> Vec<Vec<Spec>> {
    vec![
        vec![conv("Conv2d_1x1", [1, 1], 32)],
        vec![conv("Conv2d_0a_1x1", [1, 1], 32), conv("Conv2d_0b_3x3", [3, 3], 32)],
        vec![conv("Conv2d_0a_1x1", [1, 1], 32), conv("Conv2d_0b_3x3", [3, 3], 32), conv("Conv2d_0c_3x3", [3, 3], 32)],
    ]
}

fn block17() -> Vec<Vec<Spec>> {
    vec![
        vec![conv("Conv2d_1x1", [1, 1], 128)],
        vec![
            conv("Conv2d_0a_1x1", [1, 1], 128),
            conv("Conv2d_0b_1x7", [1, 7], 128).plain(),
            conv("Conv2d_0c_7x1", [7, 1], 128).plain(),
        ],
    ]
}

fn block8() -> Vec<Vec<Spec>> {
    vec![
        vec![conv("Conv2d_1x1", [1, 1], 192)],
        vec![
            conv("Conv2d_0a_1x1", [1, 1], 192),
            conv("Conv2d_0b_1x3", [1, 3], 192).plain(),
            conv("Conv2d_0c_3x1", [3, 1], 192).plain(),
        ],
    ]
}

pub(super) fn body(b: &mut Builder, _: &Options) -> Result<Body, GraphError> {
    let first = |channels: usize| conv("Conv2d_0a_1x1", [1, 1], channels).pad(Pad::By(1));
    b.step(conv("Conv2d_1a_3x3", [3, 3], 32).down())?; //              32 x 79 x 79
    b.step(conv("Conv2d_2a_3x3", [3, 3], 32).pad(Pad::Valid))?; //     32 x 77 x 77
    b.step(conv("Conv2d_2b_3x3", [3, 3], 64))?; //                     64 x 77 x 77
    b.step(max_pool("MaxPool_3a_3x3", 3).down())?; //             64 x 38 x 38
    b.step(conv("Conv2d_3a_3x3", [3, 3], 64))?; //                     64 x 38 x 38
    b.step(conv("Conv2d_3b_1x1", [1, 1], 80))?; //                     80 x 38 x 38
    b.step(conv("Conv2d_4a_3x3", [3, 3], 192).pad(Pad::Valid))?; //    192 x 36 x 36
    b.step(conv("Conv2d_4b_3x3", [3, 3], 256).down())?; //             256 x 17 x 17
    blocks(b, "Repeat/block35", 5, block35)?; //               256 x 17 x 17
    b.module(
        "Mixed_6a", //                                         896 x 8 x 8
        vec![
            vec![max_pool("MaxPool_1a_3x3", 3).down()],
            vec![conv("Conv2d_1a_3x3", [3, 3], 384).down()],
            vec![
                first(192),
                conv("Conv2d_0b_3x3", [3, 3], 224).pad(Pad::Valid),
                conv("Conv2d_1a_3x3", [3, 3], 256).down(),
            ],
        ],
    )?;
    blocks(b, "Repeat_1/block17", 10, block17)?; //            896 x 8 x 8
    b.module(
        "Mixed_7a", //                                         1792 x 4 x 4
        vec![
            vec![max_pool("MaxPool_1a_3x3", 3).stride(2)],
            vec![first(256), conv("Conv2d_1a_3x3", [3, 3], 384).down()],
            vec![first(256), conv("Conv2d_1a_3x3", [3, 3], 256).down()],
            vec![first(256), conv("Conv2d_0b_3x3", [3, 3], 256), conv("Conv2d_1a_3x3", [3, 3], 256).down()],
        ],
    )?;
    for branch in [2, 3] {
        b.share(&format!("Mixed_7a/Branch_{branch}/Conv2d_0a_1x1"), "Mixed_7a/Branch_1/Conv2d_0a_1x1");
    }
    blocks(b, "Repeat_2/block8", 10, block8)?; //              1792 x 4 x 4
    Ok(Body { auxiliary: vec![] })
}
