//! Files as exporters write them, of `tests/reference/formats`: skeletons with their weights put back.
//! It stands on its own, so that the tests inside the crate use it too.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::Read;
use std::path::PathBuf;

use serde_json::Value;
use sha2::{Digest, Sha256};

/// One tensor of a fixture.
pub struct Filled {
    /// Its name in the file.
    pub name: String,
    /// What the generator calls it.
    pub key: String,
    /// Its shape there.
    pub shape: Vec<usize>,
    /// What was put into the file.
    pub values: Vec<f32>,
}

fn folder(fixture: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/reference/formats").join(fixture)
}

fn json(fixture: &str, file: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(folder(fixture).join(file)).unwrap()).unwrap()
}

/// The framework's answers.
pub fn golden(fixture: &str) -> Value {
    json(fixture, "golden.json")
}

/// The logits in double precision.
pub fn logits(fixture: &str) -> Vec<f64> {
    golden(fixture)["logits_f64"].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

/// The largest difference of logits, of their spread.
pub fn error(found: &[f32], wanted: &[f64]) -> f64 {
    assert_eq!(found.len(), wanted.len(), "number of classes");
    let mean = wanted.iter().sum::<f64>() / wanted.len() as f64;
    let spread = match wanted.len() {
        1 => 1.0,
        count => (wanted.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / count as f64).sqrt(),
    };
    let difference = |(a, b): (&f32, &f64)| if a.is_nan() { f64::INFINITY } else { (f64::from(*a) - b).abs() };
    found.iter().zip(wanted).map(difference).fold(0.0, f64::max) / spread
}

fn stream(seed: u64, i: u64) -> u64 {
    let z = seed.wrapping_add((i + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn seed(key: &str) -> u64 {
    key.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01b3))
}

fn unit(seed: u64, i: u64) -> f32 {
    (stream(seed, i) >> 40) as f32 * (1.0 / 8_388_608.0) - 1.0
}

fn sides(row: &Value) -> Vec<usize> {
    row.as_array().unwrap().iter().map(|side| side.as_u64().unwrap() as usize).collect()
}

fn generate(row: &Value) -> Vec<f32> {
    let seed = seed(row["key"].as_str().unwrap());
    let count = sides(&row["shape"]).iter().product::<usize>() as u64;
    let values: Vec<f32> = match row["kind"].as_str().unwrap() {
        "conv_weight" | "linear_weight" => {
            let number = |name: &str| row[name].as_u64().unwrap();
            let bound = (row["gain"].as_f64().unwrap_or(1.0) * (6.0 / number("fan_in") as f64).sqrt()) as f32;
            let (channels, stride) = (number("in_channels"), number("in_stride"));
            let at = |i| match (i / stride) % channels % 2 {
                1 => -(unit(seed, i - stride) * bound),
                _ => unit(seed, i) * bound,
            };
            (0..count).map(at).collect()
        }
        "bias" => (0..count).map(|i| unit(seed, i) * 0.1).collect(),
        "bn_bias" | "bn_mean" => (0..count).map(|i| unit(seed, i) * 0.2).collect(),
        "bn_weight" | "bn_var" => (0..count).map(|i| unit(seed, i) * 0.5 + 1.0).collect(),
        kind => panic!("no rule for {kind}"),
    };
    let sum = values.iter().fold(0u64, |sum, v| sum.wrapping_add(u64::from(v.to_bits())));
    assert_eq!(row["bitsum"].as_str(), Some(format!("{sum:#018x}").as_str()), "{}", row["name"]);
    values
}

/// A row's values in the order of its file: transposed where it says `stored_order`.
fn stored(row: &Value) -> Vec<f32> {
    let values = generate(row);
    if row.get("stored_order").is_none() {
        return values;
    }
    let (shape, order) = (sides(&row["shape"]), sides(&row["stored_order"]));
    let stride = |axis: usize| shape[axis + 1..].iter().product::<usize>();
    let mut places = vec![0];
    for axis in order {
        places = places
            .iter()
            .flat_map(|&at| (0..shape[axis]).map(move |i| (at, i)))
            .map(|(at, i)| at + i * stride(axis))
            .collect();
    }
    places.into_iter().map(|place| values[place]).collect()
}

/// Every tensor that is put into a fixture.
pub fn tensors(fixture: &str) -> Vec<Filled> {
    let fill = json(fixture, "fill.json");
    let rows = fill["tensors"].as_array().unwrap();
    let filled = |row: &Value| Filled {
        name: row["name"].as_str().unwrap().into(),
        key: row["key"].as_str().unwrap().into(),
        shape: sides(&row["shape"]),
        values: generate(row),
    };
    rows.iter().map(filled).collect()
}

/// A fixture's files, by their names without folders; the weights are zeros where `weights` is not wanted.
pub fn files(fixture: &str, weights: bool) -> Vec<(String, Vec<u8>)> {
    let fill = json(fixture, "fill.json");
    let rows = fill["files"].as_array().unwrap();
    let mut files: Vec<(String, Vec<u8>)> = (rows.iter())
        .map(|row| {
            let packed = std::fs::File::open(folder(fixture).join(row["skeleton"].as_str().unwrap())).unwrap();
            let mut bytes = Vec::new();
            flate2::read::GzDecoder::new(packed).read_to_end(&mut bytes).unwrap();
            assert_eq!(Some(bytes.len() as u64), row["bytes"].as_u64());
            (row["name"].as_str().unwrap().to_owned(), bytes)
        })
        .collect();
    let first = files[0].0.clone();
    for row in fill["tensors"].as_array().unwrap().iter().filter(|_| weights) {
        let name = row["file"].as_str().unwrap_or(&first);
        let (_, bytes) = files.iter_mut().find(|(file, _)| file == name).unwrap();
        let at = row["offset"].as_u64().unwrap() as usize;
        let values: Vec<u8> = stored(row).into_iter().flat_map(f32::to_le_bytes).collect();
        bytes[at..at + values.len()].copy_from_slice(&values);
    }
    for ((name, bytes), row) in files.iter().zip(rows).filter(|_| weights) {
        let digest: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(row["sha256"].as_str(), Some(digest.as_str()), "{fixture}: {name}");
    }
    let parts = |(name, bytes): (String, Vec<u8>)| match fill["split"][&name].as_array() {
        None => vec![(name, bytes)],
        Some(parts) => parts
            .iter()
            .map(|part| {
                let [start, length] = [1, 2].map(|at| part[at].as_u64().unwrap() as usize);
                (part[0].as_str().unwrap().to_owned(), bytes[start..start + length].to_vec())
            })
            .collect(),
    };
    let base = |(name, bytes): (String, Vec<u8>)| (name.rsplit('/').next().unwrap().to_owned(), bytes);
    files.into_iter().flat_map(parts).map(base).collect()
}

/// The input of a fixture, row by row with the channels of a pixel together: in [-1, 1), or of a picture whole numbers to 255.
pub fn input(fixture: &str) -> Vec<f32> {
    let golden = golden(fixture);
    let shape = sides(&golden["input"]["generated_shape"]);
    let value: fn(u64, u64) -> f32 = match golden["input"]["kind"].as_str().unwrap() {
        "input" => unit,
        "pixel" => |seed, i| (stream(seed, i) >> 56) as f32,
        kind => panic!("no rule for {kind}"),
    };
    assert_eq!(shape[0], 1);
    let (channels, pixels) = (shape[1], shape[2] * shape[3]);
    let seed = seed("input");
    (0..channels * pixels).map(|i| value(seed, (i % channels * pixels + i / channels) as u64)).collect()
}
