//! BN-Inception as published for Caffe and by pretrainedmodels: Ioffe and Szegedy 2015, figure 5, with 608 and 1056
//! channels after 4c and 4e.

use super::{Body, Options};
use crate::graph::{Builder, GraphError, Pad, Spec, avg_pool, conv, max_pool};

/// `#1x1, #3x3 reduce, #3x3, #double 3x3 reduce, #double 3x3 (twice), pool proj`.
type Row = (&'static str, [usize; 6]);

fn module(b: &mut Builder, pool: Spec, (name, [c1, r3, c3, rd, d, projection]): Row) -> Result<(), GraphError> {
    b.module(
        name,
        vec![
            vec![conv("Conv2d_0a_1x1", [1, 1], c1)],
            vec![conv("Conv2d_0a_1x1", [1, 1], r3), conv("Conv2d_0b_3x3", [3, 3], c3)],
            vec![conv("Conv2d_0a_1x1", [1, 1], rd), conv("Conv2d_0b_3x3", [3, 3], d), conv("Conv2d_0c_3x3", [3, 3], d)],
            vec![pool, conv("Conv2d_0b_1x1", [1, 1], projection)],
        ],
    )?;
    Ok(())
}

/// `#3x3 reduce, #3x3, #double 3x3 reduce, #double 3x3 (twice)`; the pool is passed through.
fn reduction(b: &mut Builder, name: &str, [r3, c3, rd, d]: [usize; 4]) -> Result<(), GraphError> {
    b.module(
        name,
        vec![
            vec![conv("Conv2d_0a_1x1", [1, 1], r3), conv("Conv2d_1a_3x3", [3, 3], c3).stride(2)],
            vec![
                conv("Conv2d_0a_1x1", [1, 1], rd),
                conv("Conv2d_0b_3x3", [3, 3], d),
                conv("Conv2d_1a_3x3", [3, 3], d).stride(2),
            ],
            vec![max_pool("MaxPool_1a_3x3", 3).stride(2).pad(Pad::Ceil)],
        ],
    )?;
    Ok(())
}

pub(super) fn body(b: &mut Builder, _: &Options) -> Result<Body, GraphError> {
    let pool = |name: &'static str, side: u8| max_pool(name, side).stride(2).pad(Pad::Ceil);
    let average = || avg_pool("AvgPool_0a_3x3", 3, true);
    b.step(conv("Conv2d_1a_7x7", [7, 7], 64).stride(2))?; //                                 64 x 112 x 112
    b.step(pool("MaxPool_2a_3x3", 3))?; //                                              64 x 56 x 56
    b.step(conv("Conv2d_2b_1x1", [1, 1], 64))?; //                                           64 x 56 x 56
    b.step(conv("Conv2d_2c_3x3", [3, 3], 192))?; //                                          192 x 56 x 56
    b.step(pool("MaxPool_3a_3x3", 3))?; //                                              192 x 28 x 28
    module(b, average(), ("Mixed_3b", [64, 64, 64, 64, 96, 32]))?; //                3a: 256 x 28 x 28
    module(b, average(), ("Mixed_3c", [64, 64, 96, 64, 96, 64]))?; //                3b: 320 x 28 x 28
    reduction(b, "Mixed_4a", [128, 160, 64, 96])?; //                                3c: 576 x 14 x 14
    module(b, average(), ("Mixed_4b", [224, 64, 96, 96, 128, 128]))?; //             4a: 576 x 14 x 14
    module(b, average(), ("Mixed_4c", [192, 96, 128, 96, 128, 128]))?; //            4b: 576 x 14 x 14
    module(b, average(), ("Mixed_4d", [160, 128, 160, 128, 160, 128]))?; //          4c: 608 x 14 x 14
    module(b, average(), ("Mixed_4e", [96, 128, 192, 160, 192, 128]))?; //           4d: 608 x 14 x 14
    reduction(b, "Mixed_5a", [128, 192, 192, 256])?; //                              4e: 1056 x 7 x 7
    module(b, average(), ("Mixed_5b", [352, 192, 320, 160, 224, 128]))?; //          5a: 1024 x 7 x 7
    let max = max_pool("MaxPool_0a_3x3", 3);
    module(b, max, ("Mixed_5c", [352, 192, 320, 192, 224, 128]))?; //                5b: 1024 x 7 x 7
    Ok(Body { auxiliary: vec![] })
}
