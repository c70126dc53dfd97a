//! The reference data of `tests/reference`: key lists, recorded answers, and the generator that
//! makes every weight and input bit for bit, so that no weights have to be stored.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub mod asks;
pub mod gradients;
pub mod graphs;
pub mod numbers;
pub mod parity;
pub mod sources;

use std::collections::BTreeMap;
use std::path::PathBuf;

use safetensors::tensor::{Dtype, TensorView};
use serde::Deserialize;
use serde_json::Value;

use numbers::signed_unit;

/// One tensor of a key list.
#[derive(Clone, Debug, Deserialize)]
pub struct Key {
    /// Key in the reference's own file.
    pub name: String,
    /// Shape as stored.
    pub shape: Vec<usize>,
    /// `conv_weight`, `linear_weight`, `bias`, `bn_weight`, `bn_bias`, `bn_mean`, `bn_var`, `ignore`.
    pub kind: String,
    fan_in: Option<u64>,
    in_channels: Option<u64>,
    in_stride: Option<u64>,
    gain: Option<f64>,
    bitsum: Option<String>,
}

/// The repository's `tests/reference`.
pub fn reference() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/reference")
}

/// Verification data beside the repository; absent on most machines.
pub fn verify() -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/verify");
    path.is_dir().then_some(path)
}

fn read_json(folder: &str, source: &str) -> String {
    let path = reference().join(folder).join(format!("{source}.json"));
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The key list of a source, in the order of its file.
pub fn keys(source: &str) -> Vec<Key> {
    serde_json::from_str(&read_json("keys", source)).unwrap()
}

/// The recorded answers of a source.
pub fn golden(source: &str) -> Value {
    serde_json::from_str(&read_json("golden", source)).unwrap()
}

/// FNV-1a, 64 bits.
pub fn fnv1a64(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01b3))
}

/// The value at flat index `i` of the tensor that `key` describes.
pub fn value(key: &Key, i: u64) -> f32 {
    generator(key)(i)
}

fn generator(key: &Key) -> Box<dyn Fn(u64) -> f32> {
    let seed = fnv1a64(&key.name);
    let unit = move |i| signed_unit(seed, i);
    match key.kind.as_str() {
        "conv_weight" | "linear_weight" => {
            let bound = (key.gain.unwrap_or(1.0) * (6.0 / key.fan_in.unwrap() as f64).sqrt()) as f32;
            let (channels, stride) = (key.in_channels.unwrap(), key.in_stride.unwrap());
            Box::new(move |i| match (i / stride) % channels % 2 {
                1 => -(unit(i - stride) * bound),
                _ => unit(i) * bound,
            })
        }
        "bias" => Box::new(move |i| unit(i) * 0.1),
        "bn_bias" | "bn_mean" => Box::new(move |i| unit(i) * 0.2),
        "bn_weight" | "bn_var" => Box::new(move |i| unit(i) * 0.5 + 1.0),
        "input" => Box::new(unit),
        kind => panic!("{}: no rule for {kind}", key.name),
    }
}

fn bitsum(values: &[f32]) -> String {
    let sum = values.iter().fold(0u64, |sum, v| sum.wrapping_add(u64::from(v.to_bits())));
    format!("{sum:#018x}")
}

/// One generated tensor, row-major in its stored shape, checked against its recorded sum of bits.
pub fn tensor(key: &Key) -> Vec<f32> {
    let at = generator(key);
    let values: Vec<f32> = (0..key.shape.iter().product::<usize>() as u64).map(at).collect();
    assert_eq!(Some(bitsum(&values)), key.bitsum, "bits of {}", key.name);
    values
}

/// Generated input of a source: f32 `[3,H,W]`, already normalised.
pub fn input(source: &str) -> Vec<f32> {
    let golden = golden(source);
    let row = &golden["input"];
    let (shape, scale) = (&row["shape"], row["scale"].as_f64().unwrap() as f32);
    let count: u64 = shape.as_array().unwrap().iter().map(|d| d.as_u64().unwrap()).product();
    let seed = fnv1a64("input");
    let values: Vec<f32> = (0..count).map(|i| signed_unit(seed, i) * scale).collect();
    assert_eq!(bitsum(&values), row["bitsum"].as_str().unwrap(), "bits of the input of {source}");
    values
}

/// A safetensors file written by the `safetensors` crate; F32 tensors, and I64 zeros for `ignore`.
pub fn safetensors(tensors: &[(Key, Vec<f32>)]) -> Vec<u8> {
    let zero = 0i64.to_le_bytes();
    let views = tensors.iter().map(|(key, values)| {
        let (dtype, bytes) = match key.kind.as_str() {
            "ignore" => (Dtype::I64, &zero[..]),
            _ => (Dtype::F32, bytemuck::cast_slice(values)),
        };
        (key.name.as_str(), TensorView::new(dtype, key.shape.clone(), bytes).unwrap())
    });
    safetensors::serialize(views, None).unwrap()
}

/// A safetensors file of F32 tensors by name, each with its shape.
pub fn safetensors_of(tensors: &BTreeMap<String, (Vec<usize>, Vec<f32>)>) -> Vec<u8> {
    let views = tensors.iter().map(|(name, (shape, values))| {
        let bytes = bytemuck::cast_slice(values);
        (name.as_str(), TensorView::new(Dtype::F32, shape.clone(), bytes).unwrap())
    });
    safetensors::serialize(views, None).unwrap()
}

/// A source's state dict with generated weights, as a safetensors file.
pub fn generate(source: &str) -> Vec<u8> {
    let tensors: Vec<_> = keys(source)
        .into_iter()
        .map(|key| {
            let values = if key.kind == "ignore" { Vec::new() } else { tensor(&key) };
            (key, values)
        })
        .collect();
    safetensors(&tensors)
}

/// A safetensors file of F32 zeros, quick to make however large; `metadata` becomes `__metadata__`.
pub fn zeros(rows: &[(String, Vec<usize>)], metadata: &[(&str, &str)]) -> Vec<u8> {
    let mut header = serde_json::Map::new();
    let fields: serde_json::Map<_, _> = metadata.iter().map(|&(k, v)| (k.to_owned(), Value::from(v))).collect();
    header.insert("__metadata__".into(), fields.into());
    let mut end = 0;
    for (key, shape) in rows {
        let begin = end;
        end += 4 * shape.iter().product::<usize>();
        header.insert(key.clone(), serde_json::json!({ "dtype": "F32", "shape": shape, "data_offsets": [begin, end] }));
    }
    with_header(&Value::Object(header).to_string(), end)
}

/// A safetensors file with this header text and so many zero bytes of data.
pub fn with_header(header: &str, data: usize) -> Vec<u8> {
    let mut file = vec![0; 8 + header.len() + data];
    file[..8].copy_from_slice(&(header.len() as u64).to_le_bytes());
    file[8..8 + header.len()].copy_from_slice(header.as_bytes());
    file
}
