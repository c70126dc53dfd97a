//! Real exporters' files of `tests/reference/formats`: weights of zeros, compressed, which generated ones take the place of.

use std::io::Read;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::numbers::{signed_unit, splitmix64};
use super::{Key, bitsum, fnv1a64, reference, tensor};

/// A fixture's files as the exporter wrote them, and what its framework answered.
pub struct Fixture {
    /// Name and content, in the order of `fill.json`; cut where the exporter wrote several.
    pub files: Vec<(String, Vec<u8>)>,
    /// `fill.json`.
    pub fill: Value,
    /// `golden.json`.
    pub golden: Value,
}

fn json(name: &str, file: &str) -> Value {
    let path = reference().join("formats").join(name).join(file);
    let text = std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_slice(&text).unwrap()
}

fn number(value: &Value) -> usize {
    value.as_u64().unwrap() as usize
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// A row's tensor in the order of its axes in the framework.
pub fn generated(row: &Value) -> Vec<f32> {
    let mut key = row.clone();
    key["name"] = row["key"].clone();
    tensor(&serde_json::from_value::<Key>(key).unwrap())
}

/// The same in the order of the file: transposed where the row has `stored_order`.
pub fn stored(row: &Value) -> Vec<f32> {
    let values = generated(row);
    let Some(order) = row["stored_order"].as_array() else { return values };
    let shape: Vec<usize> = row["shape"].as_array().unwrap().iter().map(number).collect();
    let mut strides = vec![1; shape.len()];
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis] * shape[axis];
    }
    let mut places = vec![0];
    for axis in order.iter().map(number) {
        places = places
            .iter()
            .flat_map(|at| (0..shape[axis]).map(move |i| (at, i)))
            .map(|(at, i)| at + i * strides[axis])
            .collect();
    }
    places.into_iter().map(|place| values[place]).collect()
}

fn unzipped(name: &str, skeleton: &str) -> Vec<u8> {
    let path = reference().join("formats").join(name).join(skeleton);
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap()).read_to_end(&mut bytes).unwrap();
    bytes
}

/// A fixture's files with their weights still zero.
pub fn skeletons(name: &str) -> Vec<(String, Vec<u8>)> {
    let fill = json(name, "fill.json");
    let files = fill["files"].as_array().unwrap().iter();
    files.map(|file| (text(&file["name"]), unzipped(name, file["skeleton"].as_str().unwrap()))).collect()
}

/// A fixture with its weights, checked against the digests of the exporter's files.
pub fn fixture(name: &str) -> Fixture {
    let fill = json(name, "fill.json");
    let mut files = skeletons(name);
    for row in fill["tensors"].as_array().unwrap() {
        let at = row["file"].as_str().map_or(0, |name| files.iter().position(|file| file.0 == name).unwrap());
        assert_eq!(row["dtype"], "f32");
        let (values, offset) = (stored(row), number(&row["offset"]));
        files[at].1[offset..offset + 4 * values.len()].copy_from_slice(bytemuck::cast_slice(&values));
    }
    for (file, row) in files.iter().zip(fill["files"].as_array().unwrap()) {
        let digest: String = Sha256::digest(&file.1).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(digest, row["sha256"].as_str().unwrap(), "{name}: {}", file.0);
    }
    let files = files.into_iter().flat_map(|(file, bytes)| match fill["split"][&file].as_array() {
        None => vec![(file, bytes)],
        Some(parts) => (parts.iter())
            .map(|part| (text(&part[0]), bytes[number(&part[1])..][..number(&part[2])].to_vec()))
            .collect(),
    });
    let files = files.collect();
    Fixture { files, golden: json(name, "golden.json"), fill }
}

impl Fixture {
    /// Height and width of the input.
    pub fn size(&self) -> [usize; 2] {
        let shape = &self.golden["input"]["generated_shape"];
        [number(&shape[2]), number(&shape[3])]
    }

    /// The generated input as NHWC. Pictures are whole numbers from 0 to 255.
    pub fn input(&self) -> Vec<f32> {
        let row = &self.golden["input"];
        let count = row["generated_shape"].as_array().unwrap().iter().map(number).product::<usize>() as u64;
        let seed = fnv1a64("input");
        let chw: Vec<f32> = match row["kind"].as_str().unwrap() {
            "pixel" => (0..count).map(|i| (splitmix64(seed, i) >> 56) as f32).collect(),
            _ => (0..count).map(|i| signed_unit(seed, i)).collect(),
        };
        assert_eq!(bitsum(&chw), row["bitsum"].as_str().unwrap());
        let pixels = chw.len() / 3;
        (0..chw.len()).map(|i| chw[i % 3 * pixels + i / 3]).collect()
    }

    /// A list of numbers of `golden.json`.
    pub fn numbers(&self, field: &str) -> Vec<f64> {
        self.golden[field].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
    }
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
