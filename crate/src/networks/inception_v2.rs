//! Inception-v2 as a straight reading of Ioffe and Szegedy 2015, "Batch normalization", figure 5,
//! with every module at stride 1 and pools between the stages.

use super::{Body, Options};
use crate::graph::{Builder, GraphError, Pad, Spec, avg_pool, conv, max_pool};

/// `#1x1`, `#3x3 reduce, #3x3`, `#double 3x3 reduce, #double 3x3, #double 3x3`, pool and its projection.
/// A module without a 1x1 branch passes its pool through.
struct Row(&'static str, usize, [usize; 2], [usize; 3], PoolBranch, usize);

#[derive(PartialEq)]
enum PoolBranch {
    Average,
    Max,
}
use PoolBranch::{Average, Max};

fn module(b: &mut Builder, Row(name, c1, [r3, c3], [rd, d1, d2], pool, projection): Row) -> Result<(), GraphError> {
    let one = |name, channels: usize| -> Vec<Spec> {
        (channels > 0).then(|| conv(name, [1, 1], channels)).into_iter().collect()
    };
    let mut last = vec![match pool {
        Average => avg_pool("AvgPool_0a_3x3", 3, true),
        Max => max_pool("MaxPool_0a_3x3", 3),
    }];
    last.extend(one("Conv2d_0b_1x1", projection));
    b.module(
        name,
        vec![
            one("Conv2d_0a_1x1", c1),
            vec![conv("Conv2d_0a_1x1", [1, 1], r3), conv("Conv2d_0b_3x3", [3, 3], c3)],
            vec![
                conv("Conv2d_0a_1x1", [1, 1], rd),
                conv("Conv2d_0b_3x3", [3, 3], d1),
                conv("Conv2d_0c_3x3", [3, 3], d2),
            ],
            last,
        ],
    )?;
    Ok(())
}

pub(super) fn body(b: &mut Builder, _: &Options) -> Result<Body, GraphError> {
    let pool = |name: &'static str, side: u8| max_pool(name, side).stride(2);
    b.step(conv("Conv2d_1a_7x7", [7, 7], 64).stride(2))?; //                                  64 x 112 x 112
    b.step(pool("MaxPool_2a_3x3", 3).pad(Pad::Valid))?; //                               64 x 55 x 55
    b.step(conv("Conv2d_2b_3x3", [3, 3], 192))?; //                                           192 x 55 x 55
    b.step(pool("MaxPool_3a_3x3", 3))?; //                                               192 x 28 x 28
    module(b, Row("Mixed_3b", 64, [64, 64], [64, 96, 96], Average, 32))?; //          256 x 28 x 28
    module(b, Row("Mixed_3c", 64, [64, 96], [64, 96, 96], Average, 64))?; //          320 x 28 x 28
    module(b, Row("Mixed_3d", 0, [128, 160], [64, 96, 96], Max, 0))?; //              576 x 28 x 28
    b.step(pool("MaxPool_4a_3x3", 3))?; //                                               576 x 14 x 14
    module(b, Row("Mixed_4b", 224, [64, 96], [96, 128, 128], Average, 128))?; //      576 x 14 x 14
    module(b, Row("Mixed_4c", 192, [96, 128], [96, 128, 128], Average, 128))?; //     576 x 14 x 14
    module(b, Row("Mixed_4d", 128, [128, 160], [128, 160, 160], Average, 128))?; //   576 x 14 x 14
    module(b, Row("Mixed_4e", 64, [128, 192], [160, 192, 192], Average, 128))?; //    576 x 14 x 14
    module(b, Row("Mixed_4f", 0, [128, 192], [192, 256, 256], Max, 0))?; //           1024 x 14 x 14
    b.step(pool("MaxPool_5a_3x3", 3))?; //                                               1024 x 7 x 7
    module(b, Row("Mixed_5b", 352, [192, 320], [160, 224, 224], Average, 128))?; //   1024 x 7 x 7
    module(b, Row("Mixed_5c", 352, [192, 320], [192, 224, 224], Max, 128))?; //       1024 x 7 x 7
    Ok(Body { auxiliary: vec![] })
}
