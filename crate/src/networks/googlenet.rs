//! GoogLeNet / Inception v1: Szegedy et al. 2014, "Going deeper with convolutions", table 1.

use super::{Body, Options, PLAIN, head};
use crate::graph::{AdaptiveAverage, Builder, ConvStyle, GraphError, LayerId, Lrn, Op, Pad, avg_pool, conv, max_pool};

/// Rows of table 1: `#1x1, #3x3 reduce, #3x3, #5x5 reduce, #5x5, pool proj`.
type Row = (&'static str, [usize; 6]);

const STAGE_3: [Row; 2] = [
    ("Mixed_3b", [64, 96, 128, 16, 32, 32]),   // 3a: 256 x 28 x 28
    ("Mixed_3c", [128, 128, 192, 32, 96, 64]), // 3b: 480 x 28 x 28
];
const STAGE_4: [Row; 5] = [
    ("Mixed_4b", [192, 96, 208, 16, 48, 64]),    // 4a: 512 x 14 x 14
    ("Mixed_4c", [160, 112, 224, 24, 64, 64]),   // 4b: 512 x 14 x 14
    ("Mixed_4d", [128, 128, 256, 24, 64, 64]),   // 4c: 512 x 14 x 14
    ("Mixed_4e", [112, 144, 288, 32, 64, 64]),   // 4d: 528 x 14 x 14
    ("Mixed_4f", [256, 160, 320, 32, 128, 128]), // 4e: 832 x 14 x 14
];
const STAGE_5: [Row; 2] = [
    ("Mixed_5b", [256, 160, 320, 32, 128, 128]), // 5a: 832 x 7 x 7
    ("Mixed_5c", [384, 192, 384, 48, 128, 128]), // 5b: 1024 x 7 x 7
];

/// What differs between the published versions.
struct Variant {
    /// The third branch's convolution: 5x5 in the paper, 3x3 in torchvision and TF-slim.
    third: (&'static str, u8),
    /// Edges of the pools between stages.
    pool: Pad,
    /// The pool before the last stage.
    last_pool: (&'static str, u8),
    /// Local response normalisation in the stem.
    lrn: bool,
    /// The stem's convolutions, where they differ from the body's.
    stem: Option<ConvStyle>,
    auxiliary_pool: fn(&mut Builder, &'static str) -> Result<(), GraphError>,
}

fn rows(b: &mut Builder, v: &Variant, rows: &[Row]) -> Result<Vec<LayerId>, GraphError> {
    let module = |b: &mut Builder, (name, [c1, r3, c3, r5, c5, proj]): Row| {
        b.module(
            name,
            vec![
                vec![conv("Conv2d_0a_1x1", [1, 1], c1)],
                vec![conv("Conv2d_0a_1x1", [1, 1], r3), conv("Conv2d_0b_3x3", [3, 3], c3)],
                vec![conv("Conv2d_0a_1x1", [1, 1], r5), conv(v.third.0, [v.third.1; 2], c5)],
                vec![max_pool("MaxPool_0a_3x3", 3), conv("Conv2d_0b_1x1", [1, 1], proj)],
            ],
        )
    };
    rows.iter().map(|&row| module(b, row)).collect()
}

fn lrn(b: &mut Builder, v: &Variant, name: &'static str) -> Result<(), GraphError> {
    if v.lrn {
        let op = Op::Lrn(Lrn { size: 5, alpha: 1e-4, beta: 0.75, bias: 1.0 });
        b.push(name, op, vec![b.last()])?;
    }
    Ok(())
}

fn build(b: &mut Builder, options: &Options, v: Variant) -> Result<Body, GraphError> {
    let stem = v.stem.unwrap_or(options.conv);
    let pool = |name: &'static str, side: u8| max_pool(name, side).stride(2).pad(v.pool);
    b.styled(conv("Conv2d_1a_7x7", [7, 7], 64).stride(2), stem)?; // 64 x 112 x 112
    b.step(pool("MaxPool_2a_3x3", 3))?; //                      64 x 56 x 56
    lrn(b, &v, "LRN_2a")?;
    b.styled(conv("Conv2d_2b_1x1", [1, 1], 64), stem)?; //           64 x 56 x 56
    b.styled(conv("Conv2d_2c_3x3", [3, 3], 192), stem)?; //          192 x 56 x 56
    lrn(b, &v, "LRN_2c")?;
    b.step(pool("MaxPool_3a_3x3", 3))?; //                      192 x 28 x 28
    rows(b, &v, &STAGE_3)?;
    b.step(pool("MaxPool_4a_3x3", 3))?; //                      480 x 14 x 14
    let stage_4 = rows(b, &v, &STAGE_4)?;
    b.step(pool(v.last_pool.0, v.last_pool.1))?; //                        832 x 7 x 7
    rows(b, &v, &STAGE_5)?;
    let classes = options.auxiliary_logits();
    let mut auxiliary = Vec::new();
    for (head, from) in [("AuxLogits_1", stage_4[0]), ("AuxLogits_2", stage_4[3])] {
        if options.auxiliary.contains(&head) {
            auxiliary.push(b.auxiliary(from, |b| {
                (v.auxiliary_pool)(b, head)?;
                head::auxiliary_v1(b, head, classes)
            })?);
        }
    }
    Ok(Body { auxiliary })
}

/// Caffe's average pool: 5x5, stride 3, which has to leave the 4x4 that the linear layer reads.
fn caffe_pool(b: &mut Builder, head: &'static str) -> Result<(), GraphError> {
    let step = avg_pool("AvgPool_1a_5x5", 5, false).stride(3).pad(Pad::Valid);
    let id = b.step_named(format!("{head}/AvgPool_1a"), &step)?;
    let shape = b.shape(id);
    match [shape.h, shape.w] {
        [4, 4] => Ok(()),
        found => Err(GraphError::HeadSize { network: "googlenet", input: b.size(), head, wanted: [4, 4], found }),
    }
}

/// torchvision's adaptive average pool to 4x4.
fn adaptive_pool(b: &mut Builder, head: &'static str) -> Result<(), GraphError> {
    let op = Op::AdaptiveAverage(AdaptiveAverage { size: [4, 4] });
    b.push(format!("{head}/AvgPool_1a"), op, vec![b.last()])?;
    Ok(())
}

/// The paper's network as BVLC published it for Caffe: LRN, no batch norm, pools in ceil mode.
pub(super) fn paper(b: &mut Builder, options: &Options) -> Result<Body, GraphError> {
    let variant = Variant {
        third: ("Conv2d_0b_5x5", 5),
        pool: Pad::Ceil,
        last_pool: ("MaxPool_5a_3x3", 3),
        lrn: true,
        stem: None,
        auxiliary_pool: caffe_pool,
    };
    build(b, options, variant)
}

/// torchvision's: batch norm, 3x3 instead of 5x5, a 2x2 pool before the last stage.
pub(super) fn torchvision(b: &mut Builder, options: &Options) -> Result<Body, GraphError> {
    let variant = Variant {
        third: ("Conv2d_0b_3x3", 3),
        pool: Pad::Ceil,
        last_pool: ("MaxPool_5a_2x2", 2),
        lrn: false,
        stem: None,
        auxiliary_pool: adaptive_pool,
    };
    build(b, options, variant)
}

/// Batch norm inside the modules only, padded pools, no auxiliary heads.
pub(super) fn batch_norm(b: &mut Builder, options: &Options) -> Result<Body, GraphError> {
    let variant = Variant {
        third: ("Conv2d_0b_5x5", 5),
        pool: Pad::Same,
        last_pool: ("MaxPool_5a_3x3", 3),
        lrn: false,
        stem: Some(PLAIN),
        auxiliary_pool: adaptive_pool,
    };
    build(b, options, variant)
}
