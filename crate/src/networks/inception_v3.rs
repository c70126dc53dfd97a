//! Inception-v3: Szegedy et al. 2015, "Rethinking the Inception architecture", table 1, in the layout of TF-slim.

use super::{Body, Options, head};
use crate::graph::{Builder, GraphError, Pad, Spec, avg_pool, conv, fork, max_pool};

/// What differs between the published versions.
#[derive(Clone, Copy)]
struct Variant {
    /// Average pools divide by nine at the border too.
    count_padding: bool,
    /// The last module's pool takes the maximum.
    max_in_last: bool,
}

/// 35 x 35: figure 5 of the paper, with one 5x5 branch.
fn module_a(b: &mut Builder, v: Variant, name: &str, projection: usize) -> Result<(), GraphError> {
    b.module(
        name,
        vec![
            vec![conv("Conv2d_0a_1x1", [1, 1], 64)],
            vec![conv("Conv2d_0a_1x1", [1, 1], 48), conv("Conv2d_0b_5x5", [5, 5], 64)],
            vec![
                conv("Conv2d_0a_1x1", [1, 1], 64),
                conv("Conv2d_0b_3x3", [3, 3], 96),
                conv("Conv2d_0c_3x3", [3, 3], 96),
            ],
            vec![avg_pool("AvgPool_0a_3x3", 3, v.count_padding), conv("Conv2d_0b_1x1", [1, 1], projection)],
        ],
    )?;
    Ok(())
}

/// 17 x 17: figure 6, 7x7 factorised; `c` is the width inside the branches.
fn module_b(b: &mut Builder, v: Variant, name: &str, c: usize) -> Result<(), GraphError> {
    b.module(
        name,
        vec![
            vec![conv("Conv2d_0a_1x1", [1, 1], 192)],
            vec![
                conv("Conv2d_0a_1x1", [1, 1], c),
                conv("Conv2d_0b_1x7", [1, 7], c),
                conv("Conv2d_0c_7x1", [7, 1], 192),
            ],
            vec![
                conv("Conv2d_0a_1x1", [1, 1], c),
                conv("Conv2d_0b_7x1", [7, 1], c),
                conv("Conv2d_0c_1x7", [1, 7], c),
                conv("Conv2d_0d_7x1", [7, 1], c),
                conv("Conv2d_0e_1x7", [1, 7], 192),
            ],
            vec![avg_pool("AvgPool_0a_3x3", 3, v.count_padding), conv("Conv2d_0b_1x1", [1, 1], 192)],
        ],
    )?;
    Ok(())
}

/// 8 x 8: figure 7, with split ends.
fn module_c(b: &mut Builder, name: &str, pool: Spec) -> Result<(), GraphError> {
    b.module(
        name,
        vec![
            vec![conv("Conv2d_0a_1x1", [1, 1], 320)],
            vec![
                conv("Conv2d_0a_1x1", [1, 1], 384),
                fork(vec![conv("Conv2d_0b_1x3", [1, 3], 384), conv("Conv2d_0c_3x1", [3, 1], 384)]),
            ],
            vec![
                conv("Conv2d_0a_1x1", [1, 1], 448),
                conv("Conv2d_0b_3x3", [3, 3], 384),
                fork(vec![conv("Conv2d_0c_1x3", [1, 3], 384), conv("Conv2d_0d_3x1", [3, 1], 384)]),
            ],
            vec![pool, conv("Conv2d_0b_1x1", [1, 1], 192)],
        ],
    )?;
    Ok(())
}

fn build(b: &mut Builder, options: &Options, v: Variant) -> Result<Body, GraphError> {
    b.step(conv("Conv2d_1a_3x3", [3, 3], 32).down())?; //                    32 x 149 x 149
    b.step(conv("Conv2d_2a_3x3", [3, 3], 32).pad(Pad::Valid))?; //           32 x 147 x 147
    b.step(conv("Conv2d_2b_3x3", [3, 3], 64))?; //                           64 x 147 x 147
    b.step(max_pool("MaxPool_3a_3x3", 3).down())?; //                   64 x 73 x 73
    b.step(conv("Conv2d_3b_1x1", [1, 1], 80))?; //                           80 x 73 x 73
    b.step(conv("Conv2d_4a_3x3", [3, 3], 192).pad(Pad::Valid))?; //          192 x 71 x 71
    b.step(max_pool("MaxPool_5a_3x3", 3).down())?; //                   192 x 35 x 35
    module_a(b, v, "Mixed_5b", 32)?; //                              256 x 35 x 35
    module_a(b, v, "Mixed_5c", 64)?; //                              288 x 35 x 35
    module_a(b, v, "Mixed_5d", 64)?; //                              288 x 35 x 35
    b.module(
        "Mixed_6a", //                                               768 x 17 x 17
        vec![
            vec![conv("Conv2d_1a_3x3", [3, 3], 384).down()],
            vec![
                conv("Conv2d_0a_1x1", [1, 1], 64),
                conv("Conv2d_0b_3x3", [3, 3], 96),
                conv("Conv2d_1a_3x3", [3, 3], 96).down(),
            ],
            vec![max_pool("MaxPool_1a_3x3", 3).down()],
        ],
    )?;
    module_b(b, v, "Mixed_6b", 128)?; //                             768 x 17 x 17
    module_b(b, v, "Mixed_6c", 160)?; //                             768 x 17 x 17
    module_b(b, v, "Mixed_6d", 160)?; //                             768 x 17 x 17
    module_b(b, v, "Mixed_6e", 192)?; //                             768 x 17 x 17
    let half_way = b.last();
    b.module(
        "Mixed_7a", //                                               1280 x 8 x 8
        vec![
            vec![conv("Conv2d_0a_1x1", [1, 1], 192), conv("Conv2d_1a_3x3", [3, 3], 320).down()],
            vec![
                conv("Conv2d_0a_1x1", [1, 1], 192),
                conv("Conv2d_0b_1x7", [1, 7], 192),
                conv("Conv2d_0c_7x1", [7, 1], 192),
                conv("Conv2d_1a_3x3", [3, 3], 192).down(),
            ],
            vec![max_pool("MaxPool_1a_3x3", 3).down()],
        ],
    )?;
    let average = avg_pool("AvgPool_0a_3x3", 3, v.count_padding);
    module_c(b, "Mixed_7b", average.clone())?; //                    2048 x 8 x 8
    let last = if v.max_in_last { max_pool("MaxPool_0a_3x3", 3) } else { average };
    module_c(b, "Mixed_7c", last)?; //                               2048 x 8 x 8
    let mut auxiliary = Vec::new();
    if options.auxiliary.contains(&"AuxLogits") {
        let classes = options.auxiliary_logits();
        auxiliary.push(b.auxiliary(half_way, |b| head::auxiliary_v3(b, classes))?);
    }
    Ok(Body { auxiliary })
}

/// torchvision's and timm's: average pools count the padding.
pub(super) fn torchvision(b: &mut Builder, options: &Options) -> Result<Body, GraphError> {
    build(b, options, Variant { count_padding: true, max_in_last: false })
}

/// TF-slim's and Keras': average pools leave the padding out.
pub(super) fn slim(b: &mut Builder, options: &Options) -> Result<Body, GraphError> {
    build(b, options, Variant { count_padding: false, max_in_last: false })
}

/// The graph of 2015-12-05, which FID is computed with: a maximum pool in the last module.
pub(super) fn of_2015(b: &mut Builder, options: &Options) -> Result<Body, GraphError> {
    build(b, options, Variant { count_padding: false, max_in_last: true })
}
