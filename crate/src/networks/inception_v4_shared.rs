//! Inception-v4 as PyTorch tutorials build it: Szegedy et al. 2016, figures 3 to 9 read literally. One module of each kind is applied
//! 4, 7 and 3 times with the same weights; the pool's branch comes first; its factorised convolutions are in another order than
//! TF-slim's, and one of them runs across twice.

use super::{Body, Options};
use crate::graph::{Builder, GraphError, Pad, Spec, avg_pool, conv, fork, max_pool};

fn average() -> Spec {
    avg_pool("AvgPool_0a_3x3", 3, true)
}

/// 35 x 35, figure 4.
fn module_a() -> Vec<Vec<Spec>> {
    vec![
        vec![average(), conv("Conv2d_0b_1x1", [1, 1], 96)],
        vec![conv("Conv2d_0a_1x1", [1, 1], 96)],
        vec![conv("Conv2d_0a_1x1", [1, 1], 64), conv("Conv2d_0b_3x3", [3, 3], 96)],
        vec![conv("Conv2d_0a_1x1", [1, 1], 64), conv("Conv2d_0b_3x3", [3, 3], 96), conv("Conv2d_0c_3x3", [3, 3], 96)],
    ]
}

/// 17 x 17, figure 5.
fn module_b() -> Vec<Vec<Spec>> {
    vec![
        vec![average(), conv("Conv2d_0b_1x1", [1, 1], 128)],
        vec![conv("Conv2d_0a_1x1", [1, 1], 384)],
        vec![
            conv("Conv2d_0a_1x1", [1, 1], 192),
            conv("Conv2d_0b_1x7", [1, 7], 224),
            conv("Conv2d_0c_1x7", [1, 7], 256),
        ],
        vec![
            conv("Conv2d_0a_1x1", [1, 1], 192),
            conv("Conv2d_0b_1x7", [1, 7], 192),
            conv("Conv2d_0c_7x1", [7, 1], 224),
            conv("Conv2d_0d_1x7", [1, 7], 224),
            conv("Conv2d_0e_7x1", [7, 1], 256),
        ],
    ]
}

/// 8 x 8, figure 6.
fn module_c() -> Vec<Vec<Spec>> {
    vec![
        vec![average(), conv("Conv2d_0b_1x1", [1, 1], 256)],
        vec![conv("Conv2d_0a_1x1", [1, 1], 256)],
        vec![
            conv("Conv2d_0a_1x1", [1, 1], 384),
            fork(vec![conv("Conv2d_0b_1x3", [1, 3], 256), conv("Conv2d_0c_3x1", [3, 1], 256)]),
        ],
        vec![
            conv("Conv2d_0a_1x1", [1, 1], 384),
            conv("Conv2d_0b_1x3", [1, 3], 448),
            conv("Conv2d_0c_3x1", [3, 1], 512),
            fork(vec![conv("Conv2d_0d_3x1", [3, 1], 256), conv("Conv2d_0e_1x3", [1, 3], 256)]),
        ],
    ]
}

/// One module, applied under each of the names.
fn repeated(b: &mut Builder, names: &[&str], module: fn() -> Vec<Vec<Spec>>) -> Result<(), GraphError> {
    for name in names {
        b.module(name, module())?;
        if *name != names[0] {
            b.share(name, names[0]);
        }
    }
    Ok(())
}

pub(super) fn body(b: &mut Builder, _: &Options) -> Result<Body, GraphError> {
    let valid = |step: Spec| step.pad(Pad::Valid);
    b.step(conv("Conv2d_1a_3x3", [3, 3], 32).down())?; //      32 x 149 x 149
    b.step(valid(conv("Conv2d_2a_3x3", [3, 3], 32)))?; //      32 x 147 x 147
    b.step(conv("Conv2d_2b_3x3", [3, 3], 64))?; //             64 x 147 x 147
    b.module(
        "Mixed_3a", //                                 160 x 73 x 73
        vec![vec![max_pool("MaxPool_0a_3x3", 3).down()], vec![conv("Conv2d_0a_3x3", [3, 3], 96).down()]],
    )?;
    b.module(
        "Mixed_4a", //                                 192 x 71 x 71
        vec![
            vec![conv("Conv2d_0a_1x1", [1, 1], 64), valid(conv("Conv2d_1a_3x3", [3, 3], 96))],
            vec![
                conv("Conv2d_0a_1x1", [1, 1], 64),
                conv("Conv2d_0b_7x1", [7, 1], 64),
                conv("Conv2d_0c_1x7", [1, 7], 64),
                valid(conv("Conv2d_1a_3x3", [3, 3], 96)),
            ],
        ],
    )?;
    b.module(
        "Mixed_5a", //                                 384 x 35 x 35
        vec![vec![conv("Conv2d_1a_3x3", [3, 3], 192).down()], vec![max_pool("MaxPool_1a_3x3", 3).down()]],
    )?;
    // 384 x 35 x 35
    repeated(b, &["Mixed_5b", "Mixed_5c", "Mixed_5d", "Mixed_5e"], module_a)?;
    b.module(
        "Mixed_6a", //                                 1024 x 17 x 17
        vec![
            vec![max_pool("MaxPool_1a_3x3", 3).down()],
            vec![conv("Conv2d_1a_3x3", [3, 3], 384).down()],
            vec![
                conv("Conv2d_0a_1x1", [1, 1], 192),
                conv("Conv2d_0b_3x3", [3, 3], 224),
                conv("Conv2d_1a_3x3", [3, 3], 256).down(),
            ],
        ],
    )?;
    // 1024 x 17 x 17
    let names = ["Mixed_6b", "Mixed_6c", "Mixed_6d", "Mixed_6e", "Mixed_6f", "Mixed_6g", "Mixed_6h"];
    repeated(b, &names, module_b)?;
    b.module(
        "Mixed_7a", //                                 1536 x 8 x 8
        vec![
            vec![max_pool("MaxPool_1a_3x3", 3).down()],
            vec![conv("Conv2d_0a_1x1", [1, 1], 192), conv("Conv2d_1a_3x3", [3, 3], 192).down()],
            vec![
                conv("Conv2d_0a_1x1", [1, 1], 256),
                conv("Conv2d_0b_1x7", [1, 7], 256),
                conv("Conv2d_0c_7x1", [7, 1], 320),
                conv("Conv2d_1a_3x3", [3, 3], 320).down(),
            ],
        ],
    )?;
    // 1536 x 8 x 8
    repeated(b, &["Mixed_7b", "Mixed_7c", "Mixed_7d"], module_c)?;
    Ok(Body { auxiliary: vec![] })
}
