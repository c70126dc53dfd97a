//! GoogLeNet as `bvlc_googlenet.caffemodel` has it, written by hand from its published description: it is trained, so losses follow
//! its three classifiers.

use std::collections::BTreeMap;

use crate::common::{golden, input, keys, tensor};
use inception::checkpoints::{Checkpoint, SourceFile};
use inception::{LoadOptions, Loader};

const SOURCE: &str = "paper_googlenet";

/// Types of layers by their numbers of 2014.
const CONCAT: u64 = 3;
const CONVOLUTION: u64 = 4;
const DATA: u64 = 5;
const DROPOUT: u64 = 6;
const INNER_PRODUCT: u64 = 14;
const LRN: u64 = 15;
const POOLING: u64 = 17;
const RELU: u64 = 18;
const SOFTMAX_LOSS: u64 = 21;

pub fn varint(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

pub fn int(bytes: &mut Vec<u8>, number: u64, value: u64) {
    varint(bytes, number << 3);
    varint(bytes, value);
}

pub fn part(bytes: &mut Vec<u8>, number: u64, content: &[u8]) {
    varint(bytes, number << 3 | 2);
    varint(bytes, content.len() as u64);
    bytes.extend_from_slice(content);
}

/// Whole numbers by their fields.
fn ints(values: &[(u64, u64)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    values.iter().for_each(|&(number, value)| int(&mut bytes, number, value));
    bytes
}

struct Net {
    file: Vec<u8>,
    weights: BTreeMap<String, (Vec<usize>, Vec<f32>)>,
}

impl Net {
    /// A layer from `bottoms` to `tops` with its weights, and the field and content of its settings.
    fn layer(&mut self, name: &str, kind: u64, bottoms: &[&str], tops: &[&str], settings: (u64, Vec<u8>)) {
        let mut layer = Vec::new();
        bottoms.iter().for_each(|bottom| part(&mut layer, 2, bottom.as_bytes()));
        tops.iter().for_each(|top| part(&mut layer, 3, top.as_bytes()));
        part(&mut layer, 4, name.as_bytes());
        int(&mut layer, 5, kind);
        for of in ["weight", "bias"] {
            let Some((shape, values)) = self.weights.remove(&format!("{name}.{of}")) else { continue };
            let mut blob = Vec::new();
            let missing = 4 - shape.len();
            for (number, side) in (1..).zip(std::iter::repeat_n(1, missing).chain(shape)) {
                int(&mut blob, number, side as u64);
            }
            part(&mut blob, 5, bytemuck::cast_slice(&values));
            part(&mut layer, 6, &blob);
        }
        if settings.0 > 0 {
            part(&mut layer, settings.0, &settings.1);
        }
        part(&mut self.file, 2, &layer);
    }

    fn conv(&mut self, name: &str, bottom: &str, [kernel, stride, pad]: [u64; 3]) {
        self.layer(name, CONVOLUTION, &[bottom], &[name], (10, ints(&[(3, pad), (4, kernel), (6, stride)])));
        self.layer(&format!("{name}/relu"), RELU, &[name], &[name], (0, vec![]));
    }

    /// A pool of maxima, or with `kind` 1 of means.
    fn pool(&mut self, name: &str, bottom: &str, kind: u64, [kernel, stride, pad]: [u64; 3]) {
        let settings = ints(&[(1, kind), (2, kernel), (3, stride), (4, pad)]);
        self.layer(name, POOLING, &[bottom], &[name], (19, settings));
    }

    fn lrn(&mut self, name: &str, bottom: &str) {
        let mut settings = ints(&[(1, 5)]);
        for (number, value) in [(2u64, 1e-4f32), (3, 0.75)] {
            varint(&mut settings, number << 3 | 5);
            settings.extend(value.to_le_bytes());
        }
        self.layer(name, LRN, &[bottom], &[name], (18, settings));
    }

    fn module(&mut self, tag: &str, bottom: &str) -> String {
        let of = |branch: &str| format!("inception_{tag}/{branch}");
        self.conv(&of("1x1"), bottom, [1, 1, 0]);
        self.conv(&of("3x3_reduce"), bottom, [1, 1, 0]);
        self.conv(&of("3x3"), &of("3x3_reduce"), [3, 1, 1]);
        self.conv(&of("5x5_reduce"), bottom, [1, 1, 0]);
        self.conv(&of("5x5"), &of("5x5_reduce"), [5, 1, 2]);
        self.pool(&of("pool"), bottom, 0, [3, 1, 1]);
        self.conv(&of("pool_proj"), &of("pool"), [1, 1, 0]);
        let branches = ["1x1", "3x3", "5x5", "pool_proj"].map(of);
        let output = of("output");
        self.layer(&output, CONCAT, &branches.each_ref().map(String::as_str), &[&output], (0, vec![]));
        output
    }

    fn dense(&mut self, name: &str, bottom: &str) {
        self.layer(name, INNER_PRODUCT, &[bottom], &[name], (0, vec![]));
    }

    fn loss(&mut self, name: &str, bottom: &str) {
        self.layer(name, SOFTMAX_LOSS, &[bottom, "label"], &[name], (0, vec![]));
    }

    fn auxiliary(&mut self, loss: &str, bottom: &str) {
        let of = |name: &str| format!("{loss}/{name}");
        self.pool(&of("ave_pool"), bottom, 1, [5, 3, 0]);
        self.conv(&of("conv"), &of("ave_pool"), [1, 1, 0]);
        self.dense(&of("fc"), &of("conv"));
        self.layer(&of("relu_fc"), RELU, &[&of("fc")], &[&of("fc")], (0, vec![]));
        self.layer(&of("drop_fc"), DROPOUT, &[&of("fc")], &[&of("fc")], (0, vec![]));
        self.dense(&of("classifier"), &of("fc"));
        self.loss(&of("loss"), &of("classifier"));
    }
}

/// The file, with generated weights.
pub fn googlenet() -> Vec<u8> {
    googlenet_of(&ints(&[(3, 224)]))
}

/// The same with another `TransformationParameter`.
fn googlenet_of(transform: &[u8]) -> Vec<u8> {
    let weights = keys(SOURCE).into_iter().map(|key| (key.name.clone(), (key.shape.clone(), tensor(&key)))).collect();
    let mut net = Net { file: vec![], weights };
    part(&mut net.file, 1, b"GoogleNet");
    net.layer("data", DATA, &[], &["data", "label"], (36, transform.to_vec()));
    net.conv("conv1/7x7_s2", "data", [7, 2, 3]);
    net.pool("pool1/3x3_s2", "conv1/7x7_s2", 0, [3, 2, 0]);
    net.lrn("pool1/norm1", "pool1/3x3_s2");
    net.conv("conv2/3x3_reduce", "pool1/norm1", [1, 1, 0]);
    net.conv("conv2/3x3", "conv2/3x3_reduce", [3, 1, 1]);
    net.lrn("conv2/norm2", "conv2/3x3");
    net.pool("pool2/3x3_s2", "conv2/norm2", 0, [3, 2, 0]);
    let mut last = "pool2/3x3_s2".to_owned();
    for tag in ["3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b"] {
        last = net.module(tag, &last);
        match tag {
            "4a" => net.auxiliary("loss1", &last),
            "4d" => net.auxiliary("loss2", &last),
            _ => {}
        }
        if let "3b" | "4e" = tag {
            let pool = format!("pool{}/3x3_s2", &tag[..1]);
            net.pool(&pool, &last, 0, [3, 2, 0]);
            last = pool;
        }
    }
    net.pool("pool5/7x7_s1", &last, 1, [7, 1, 0]);
    net.layer("pool5/drop_7x7_s1", DROPOUT, &["pool5/7x7_s1"], &["pool5/7x7_s1"], (0, vec![]));
    net.dense("loss3/classifier", "pool5/7x7_s1");
    net.loss("loss3/loss3", "loss3/classifier");
    assert!(net.weights.is_empty(), "{:?}", net.weights.keys());
    net.file
}

#[test]
fn pictures_are_prepared_as_the_file_says() {
    let float = |bytes: &mut Vec<u8>, number: u64, value: f32| {
        varint(bytes, number << 3 | 5);
        bytes.extend(value.to_le_bytes());
    };
    let preprocess = |scale: Option<f32>, means: &[f32]| {
        let mut transform = ints(&[(3, 224)]);
        scale.iter().for_each(|&scale| float(&mut transform, 1, scale));
        means.iter().for_each(|&mean| float(&mut transform, 5, mean));
        let file = SourceFile { name: "net.caffemodel".into(), bytes: googlenet_of(&transform).into() };
        Checkpoint::open(vec![file], None).unwrap().preprocess
    };
    let usual = preprocess(None, &[]);
    assert_eq!((usual.scale, usual.mean, usual.std), (1.0, [104.0, 117.0, 123.0], [1.0; 3]), "as BVLC has them");
    let own = preprocess(None, &[100.0, 110.0, 120.0]);
    assert_eq!((own.scale, own.mean, own.std, own.channels), (1.0, [100.0, 110.0, 120.0], [1.0; 3], usual.channels));
    let one = preprocess(None, &[128.0]);
    assert_eq!((one.scale, one.mean, one.std), (1.0, [128.0; 3], [1.0; 3]));
    let scaled = preprocess(Some(0.0078125), &[127.5]);
    // (byte - 127.5) / 128: by a scale of the bytes, then by the mean of what comes out.
    assert_eq!((scaled.scale, scaled.mean, scaled.std), (0.0078125, [127.5 * 0.0078125; 3], [1.0; 3]));
    assert_eq!(preprocess(Some(0.0078125), &[]).mean, [0.0; 3]);
}

#[test]
fn googlenet_answers_as_it_does_under_its_names() {
    let file = googlenet();
    let files = || vec![SourceFile { name: "bvlc_googlenet.caffemodel".into(), bytes: file.clone().into() }];
    let checkpoint = Checkpoint::open(files(), None).unwrap();
    assert_eq!(checkpoint.network.id, "googlenet");
    let mut session = Loader::new(files(), LoadOptions::default()).unwrap().finish().unwrap();
    let chw = input(SOURCE);
    let pixels = chw.len() / 3;
    let hwc: Vec<f32> = (0..chw.len()).map(|i| chw[i % 3 * pixels + i / 3]).collect();
    session.run(&hwc).unwrap();
    let golden = golden(SOURCE);
    let wanted: Vec<f64> = golden["logits_f64"].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect();
    let error = crate::filled::error(&session.output("Logits", 0).unwrap().data, &wanted);
    assert!(error < 2e-4, "{error:e} of the spread");
}
