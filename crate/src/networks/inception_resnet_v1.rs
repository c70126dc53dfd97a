//! Inception-ResNet-v1: Szegedy et al. 2016, figures 10 to 15, with FaceNet's sixth block8 and residual scales.

use super::{Body, Options};
use crate::graph::{Builder, GraphError, Pad, Spec, conv, max_pool};

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
            conv("Conv2d_0b_1x7", [1, 7], 128),
            conv("Conv2d_0c_7x1", [7, 1], 128),
        ],
    ]
}

fn block8() -> Vec<Vec<Spec>> {
    vec![
        vec![conv("Conv2d_1x1", [1, 1], 192)],
        vec![
            conv("Conv2d_0a_1x1", [1, 1], 192),
            conv("Conv2d_0b_1x3", [1, 3], 192),
            conv("Conv2d_0c_3x1", [3, 1], 192),
        ],
    ]
}

pub(super) fn body(b: &mut Builder, _: &Options) -> Result<Body, GraphError> {
    b.step(conv("Conv2d_1a_3x3", [3, 3], 32).down())?; //                                 32 x 79 x 79
    b.step(conv("Conv2d_2a_3x3", [3, 3], 32).pad(Pad::Valid))?; //                        32 x 77 x 77
    b.step(conv("Conv2d_2b_3x3", [3, 3], 64))?; //                                        64 x 77 x 77
    b.step(max_pool("MaxPool_3a_3x3", 3).down())?; //                                64 x 38 x 38
    b.step(conv("Conv2d_3b_1x1", [1, 1], 80))?; //                                        80 x 38 x 38
    b.step(conv("Conv2d_4a_3x3", [3, 3], 192).pad(Pad::Valid))?; //                       192 x 36 x 36
    b.step(conv("Conv2d_4b_3x3", [3, 3], 256).down())?; //                                256 x 17 x 17
    for i in 1..=5 {
        b.residual(&format!("Repeat/block35_{i}"), 0.17, true, block35())?; //    256 x 17 x 17
    }
    b.module(
        "Mixed_6a", //                                                            896 x 8 x 8
        vec![
            vec![conv("Conv2d_1a_3x3", [3, 3], 384).down()],
            vec![
                conv("Conv2d_0a_1x1", [1, 1], 192),
                conv("Conv2d_0b_3x3", [3, 3], 192),
                conv("Conv2d_1a_3x3", [3, 3], 256).down(),
            ],
            vec![max_pool("MaxPool_1a_3x3", 3).down()],
        ],
    )?;
    for i in 1..=10 {
        b.residual(&format!("Repeat_1/block17_{i}"), 0.10, true, block17())?; //  896 x 8 x 8
    }
    b.module(
        "Mixed_7a", //                                                            1792 x 3 x 3
        vec![
            vec![conv("Conv2d_0a_1x1", [1, 1], 256), conv("Conv2d_1a_3x3", [3, 3], 384).down()],
            vec![conv("Conv2d_0a_1x1", [1, 1], 256), conv("Conv2d_1a_3x3", [3, 3], 256).down()],
            vec![
                conv("Conv2d_0a_1x1", [1, 1], 256),
                conv("Conv2d_0b_3x3", [3, 3], 256),
                conv("Conv2d_1a_3x3", [3, 3], 256).down(),
            ],
            vec![max_pool("MaxPool_1a_3x3", 3).down()],
        ],
    )?;
    for i in 1..=5 {
        b.residual(&format!("Repeat_2/block8_{i}"), 0.20, true, block8())?; //    1792 x 3 x 3
    }
    b.residual("Block8", 1.0, false, block8())?; //                               1792 x 3 x 3
    Ok(Body { auxiliary: vec![] })
}
