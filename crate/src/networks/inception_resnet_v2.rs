//! Inception-ResNet-v2: Szegedy et al. 2016, figures 15 to 19, in TF-slim's layout: Inception-v3's stem, an Inception
//! module at 35 x 35, and a linear last block.

use super::{Body, Options};
use crate::graph::{Builder, GraphError, Pad, Spec, avg_pool, conv, max_pool};

fn block35() -> Vec<Vec<Spec>> {
    vec![
        vec![conv("Conv2d_1x1", [1, 1], 32)],
        vec![conv("Conv2d_0a_1x1", [1, 1], 32), conv("Conv2d_0b_3x3", [3, 3], 32)],
        vec![conv("Conv2d_0a_1x1", [1, 1], 32), conv("Conv2d_0b_3x3", [3, 3], 48), conv("Conv2d_0c_3x3", [3, 3], 64)],
    ]
}

fn block17() -> Vec<Vec<Spec>> {
    vec![
        vec![conv("Conv2d_1x1", [1, 1], 192)],
        vec![
            conv("Conv2d_0a_1x1", [1, 1], 128),
            conv("Conv2d_0b_1x7", [1, 7], 160),
            conv("Conv2d_0c_7x1", [7, 1], 192),
        ],
    ]
}

fn block8() -> Vec<Vec<Spec>> {
    vec![
        vec![conv("Conv2d_1x1", [1, 1], 192)],
        vec![
            conv("Conv2d_0a_1x1", [1, 1], 192),
            conv("Conv2d_0b_1x3", [1, 3], 224),
            conv("Conv2d_0c_3x1", [3, 1], 256),
        ],
    ]
}

pub(super) fn body(b: &mut Builder, _: &Options) -> Result<Body, GraphError> {
    b.step(conv("Conv2d_1a_3x3", [3, 3], 32).down())?; //                                 32 x 149 x 149
    b.step(conv("Conv2d_2a_3x3", [3, 3], 32).pad(Pad::Valid))?; //                        32 x 147 x 147
    b.step(conv("Conv2d_2b_3x3", [3, 3], 64))?; //                                        64 x 147 x 147
    b.step(max_pool("MaxPool_3a_3x3", 3).down())?; //                                64 x 73 x 73
    b.step(conv("Conv2d_3b_1x1", [1, 1], 80))?; //                                        80 x 73 x 73
    b.step(conv("Conv2d_4a_3x3", [3, 3], 192).pad(Pad::Valid))?; //                       192 x 71 x 71
    b.step(max_pool("MaxPool_5a_3x3", 3).down())?; //                                192 x 35 x 35
    b.module(
        "Mixed_5b", //                                                            320 x 35 x 35
        vec![
            vec![conv("Conv2d_1x1", [1, 1], 96)],
            vec![conv("Conv2d_0a_1x1", [1, 1], 48), conv("Conv2d_0b_5x5", [5, 5], 64)],
            vec![
                conv("Conv2d_0a_1x1", [1, 1], 64),
                conv("Conv2d_0b_3x3", [3, 3], 96),
                conv("Conv2d_0c_3x3", [3, 3], 96),
            ],
            vec![avg_pool("AvgPool_0a_3x3", 3, false), conv("Conv2d_0b_1x1", [1, 1], 64)],
        ],
    )?;
    for i in 1..=10 {
        b.residual(&format!("Repeat/block35_{i}"), 0.17, true, block35())?; //    320 x 35 x 35
    }
    b.module(
        "Mixed_6a", //                                                            1088 x 17 x 17
        vec![
            vec![conv("Conv2d_1a_3x3", [3, 3], 384).down()],
            vec![
                conv("Conv2d_0a_1x1", [1, 1], 256),
                conv("Conv2d_0b_3x3", [3, 3], 256),
                conv("Conv2d_1a_3x3", [3, 3], 384).down(),
            ],
            vec![max_pool("MaxPool_1a_3x3", 3).down()],
        ],
    )?;
    for i in 1..=20 {
        b.residual(&format!("Repeat_1/block17_{i}"), 0.10, true, block17())?; //  1088 x 17 x 17
    }
    b.module(
        "Mixed_7a", //                                                            2080 x 8 x 8
        vec![
            vec![conv("Conv2d_0a_1x1", [1, 1], 256), conv("Conv2d_1a_3x3", [3, 3], 384).down()],
            vec![conv("Conv2d_0a_1x1", [1, 1], 256), conv("Conv2d_1a_3x3", [3, 3], 288).down()],
            vec![
                conv("Conv2d_0a_1x1", [1, 1], 256),
                conv("Conv2d_0b_3x3", [3, 3], 288),
                conv("Conv2d_1a_3x3", [3, 3], 320).down(),
            ],
            vec![max_pool("MaxPool_1a_3x3", 3).down()],
        ],
    )?;
    for i in 1..=9 {
        b.residual(&format!("Repeat_2/block8_{i}"), 0.20, true, block8())?; //    2080 x 8 x 8
    }
    b.residual("Block8", 1.0, false, block8())?; //                               2080 x 8 x 8
    b.step(conv("Conv2d_7b_1x1", [1, 1], 1536))?; //                                      1536 x 8 x 8
    Ok(Body { auxiliary: vec![] })
}
