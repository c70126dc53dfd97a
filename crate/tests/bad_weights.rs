//! Weights files that are cut short, damaged or made to deceive: each defect has its own error, and none is a panic.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::with_header;
use inception::checkpoints::{Checkpoint, CheckpointError, Content, Param, SourceFile};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::cell::Cell;
use std::ops::Range;
use std::rc::Rc;

fn try_open(bytes: Vec<u8>) -> Result<Checkpoint, CheckpointError> {
    Checkpoint::open(vec![SourceFile { name: "w".into(), bytes: bytes.into() }], None)
}

fn error(bytes: Vec<u8>) -> CheckpointError {
    try_open(bytes).err().expect("a bad file")
}

/// A file with this header and 64 bytes of data.
fn header(json: Value) -> CheckpointError {
    error(with_header(&json.to_string(), 64))
}

fn entry(dtype: &str, shape: Value, begin: u64, end: u64) -> Value {
    json!({ "dtype": dtype, "shape": shape, "data_offsets": [begin, end] })
}

#[test]
fn files_that_are_too_short() {
    assert_eq!(Checkpoint::open(vec![], None).err(), Some(CheckpointError::NoFile));
    assert_eq!(error(vec![]), CheckpointError::Empty { file: "w".into() });
    assert_eq!(error(vec![1, 2, 3]), CheckpointError::TruncatedHeader { file: "w".into(), bytes: 3 });
    let whole = with_header(&json!({ "a": entry("F32", json!([16]), 0, 64) }).to_string(), 64);
    for length in 1..whole.len() {
        let cut = error(whole[..length].to_vec());
        let wanted = match length {
            ..8 => matches!(cut, CheckpointError::TruncatedHeader { .. }),
            _ if length < whole.len() - 64 => matches!(cut, CheckpointError::HeaderLength { .. }),
            _ => matches!(cut, CheckpointError::Offsets { .. }),
        };
        assert!(wanted, "{length} bytes: {cut}");
    }
}

#[test]
fn a_file_elsewhere_is_read_as_it_is() {
    let rows: Vec<_> = common::keys("seed_inception_v1_c2").into_iter().map(|key| (key.name, key.shape)).collect();
    let mut whole = common::zeros(&rows, &[]);
    let data = whole.len() - 1_000_000;
    whole[data..].iter_mut().enumerate().for_each(|(i, byte)| *byte = (i * 37 % 64) as u8);
    let gone = Rc::new(Cell::new(false));
    let read = {
        let (whole, gone) = (whole.clone(), gone.clone());
        move |range: Range<usize>| if gone.get() { Vec::new() } else { whole[range].to_vec() }
    };
    let content = Content::elsewhere(whole.len(), read).unwrap();
    let elsewhere = Checkpoint::open(vec![SourceFile { name: "w".into(), bytes: content }], None).unwrap();
    let here = try_open(whole).unwrap();
    let layers: Vec<_> = here.graph.public().map(|(_, layer)| layer.name.clone()).collect();
    let read = |file: &Checkpoint| layers.iter().map(|name| file.read(name, Param::Weights)).collect::<Vec<_>>();
    assert_eq!(read(&elsewhere), read(&here));
    let there = read(&here).into_iter().filter(Result::is_ok).count();
    assert!(there > 50, "{there} layers with weights");
    gone.set(true);
    let lost = read(&elsewhere).into_iter().filter(|w| matches!(w, Err(CheckpointError::ByteLength { found: 0, .. })));
    assert_eq!(lost.count(), there);
}

#[test]
fn what_is_no_safetensors_file_is_not_read_elsewhere() {
    let whole = with_header("{}", 4);
    let elsewhere = |bytes: Vec<u8>| Content::elsewhere(bytes.len(), move |range| bytes[range].to_vec());
    assert_eq!(elsewhere(whole.clone()).unwrap().head(), &whole[..10]);
    for cut in 0..10 {
        assert!(elsewhere(whole[..cut].to_vec()).is_none(), "{cut} bytes");
    }
    assert!(elsewhere(with_header("[]", 4)).is_none());
}

#[test]
fn absurd_header_lengths() {
    for claimed in [65, 1 << 32, (1 << 32) - 1, 1 << 63, u64::MAX, 0x7ff8_0000_0000_0000] {
        let mut file = vec![0; 72];
        file[..8].copy_from_slice(&u64::to_le_bytes(claimed));
        assert_eq!(error(file), CheckpointError::HeaderLength { file: "w".into(), claimed, available: 64 });
    }
}

#[test]
fn headers_that_are_not_what_they_should_be() {
    for text in ["", "{", "nonsense", "[]", "7", "{\"a\":1}", "{\"a\":{}}", "{\"__metadata__\":{\"a\":1}}", "{}}"] {
        let found = error(with_header(text, 0));
        assert!(matches!(found, CheckpointError::Header { .. }), "{text}: {found}");
    }
    for (dtype, shape) in [("F32", json!([-1])), ("F32", json!([1.5])), ("F32", json!("NaN")), ("F32", json!(null))] {
        let found = header(json!({ "a": entry(dtype, shape.clone(), 0, 64) }));
        assert!(matches!(found, CheckpointError::Header { .. }), "{shape}: {found}");
    }
    let nan = r#"{"a":{"dtype":"F32","shape":[NaN],"data_offsets":[0,64]}}"#;
    assert!(matches!(error(with_header(nan, 64)), CheckpointError::Header { .. }));
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let deep = format!(r#"{{"a":{deep}}}"#);
    assert!(matches!(error(with_header(&deep, 0)), CheckpointError::Header { .. }));
    let invalid_utf8 = with_header("{\"a\u{1}\":{}}", 0).into_iter().map(|b| if b == 1 { 0xff } else { b }).collect();
    assert!(matches!(error(invalid_utf8), CheckpointError::Header { .. }));
}

#[test]
fn tensors_that_do_not_fit_the_data() {
    let unknown = header(json!({ "a": entry("F7", json!([16]), 0, 64) }));
    assert_eq!(unknown, CheckpointError::UnknownDtype { key: "a".into(), dtype: "F7".into() });
    for (begin, end) in [(0, 65), (64, 0), (u64::MAX, u64::MAX), (0, u64::MAX), (1 << 40, 1 << 41)] {
        let found = header(json!({ "a": entry("F32", json!([16]), begin, end) }));
        assert_eq!(found, CheckpointError::Offsets { key: "a".into(), begin, end, available: 64 });
    }
    for shape in [json!([15]), json!([17]), json!([]), json!([1u64 << 62, 4]), json!([u64::MAX, u64::MAX]), json!([0])]
    {
        let found = header(json!({ "a": entry("F32", shape.clone(), 0, 64) }));
        assert!(matches!(found, CheckpointError::ByteLength { .. }), "{shape}: {found}");
    }
    let overlap = header(json!({ "a": entry("F32", json!([10]), 0, 40), "b": entry("F32", json!([7]), 36, 64) }));
    assert_eq!(overlap, CheckpointError::Overlap { key: "b".into(), other: "a".into() });
    let same = header(json!({ "a": entry("F32", json!([16]), 0, 64), "b": entry("F32", json!([16]), 0, 64) }));
    assert_eq!(same, CheckpointError::Overlap { key: "b".into(), other: "a".into() });
    let hole = header(json!({ "a": entry("F32", json!([4]), 0, 16), "b": entry("F32", json!([4]), 48, 64) }));
    assert_eq!(hole, CheckpointError::Unclaimed { file: "w".into(), begin: 16, end: 48 });
    let rest = header(json!({ "a": entry("F32", json!([4]), 0, 16) }));
    assert_eq!(rest, CheckpointError::Unclaimed { file: "w".into(), begin: 16, end: 64 });
    let half = entry("F32", json!([8]), 0, 32);
    let twice = format!(r#"{{"a":{half},"a":{}}}"#, entry("F32", json!([8]), 32, 64));
    assert_eq!(error(with_header(&twice, 64)), CheckpointError::DuplicateKey { key: "a".into() });
}

#[test]
fn quantisation_that_cannot_be_used() {
    let with = |dtype: &str, size: u64, fields: Value| {
        header(json!({ "__metadata__": fields, "a": entry(dtype, json!([64 / size]), 0, 64) }))
    };
    for text in ["", "NaN", r#"{"scale":NaN,"min":0}"#, r#"{"scale":1}"#, r#"{"min":0}"#, r#"{"scale":null,"min":0}"#] {
        let found = with("U8", 1, json!({ "quant:a": text }));
        assert!(matches!(found, CheckpointError::Quantization { .. }), "{text}: {found}");
    }
    for text in [r#"{"scale":1e300,"min":0}"#, r#"{"scale":1,"min":-1e39}"#, r#"{"scale":1e999,"min":0}"#] {
        let found = with("U8", 1, json!({ "quant:a": text }));
        assert!(matches!(found, CheckpointError::Quantization { .. }), "{text}: {found}");
    }
    let lists = [
        (r#"{"axis":0,"scale":[1],"min":[0,0]}"#, "1 scales and 2 minima"),
        (r#"{"axis":0,"scale":[],"min":[]}"#, "64 output channels"),
        (r#"{"axis":1,"scale":[1],"min":[0]}"#, "axis 1"),
        (r#"{"scale":[1],"min":[0]}"#, "two numbers"),
        (r#"{"axis":0,"scale":1,"min":0}"#, "two lists"),
        (r#"{"axis":0,"scale":["1"],"min":[0]}"#, "two lists"),
        (r#"{"axis":-1,"scale":[1],"min":[0]}"#, "cannot be read"),
    ];
    for (text, wanted) in lists {
        let found = with("U8", 1, json!({ "quant:a": text })).to_string();
        assert!(found.contains(wanted), "{text}: {found}");
    }
    let mut scales = vec![1.0; 64];
    scales[17] = 1e300;
    let text = json!({ "axis": 0, "scale": scales, "min": vec![0; 64] }).to_string();
    assert!(with("U8", 1, json!({ "quant:a": text })).to_string().contains("channel 17"));
    let plain = with("F32", 4, json!({ "quant:a": r#"{"scale":1,"min":0}"# }));
    assert!(matches!(plain, CheckpointError::Quantization { .. }));
    let nobody = with("U8", 1, json!({ "quant:b": r#"{"scale":1,"min":0}"# }));
    assert!(matches!(nobody, CheckpointError::Quantization { key, .. } if key == "b"));
}

#[test]
fn other_formats_are_named() {
    let found = error(b"\x89HDF\r\n\x1a\n........".to_vec());
    assert!(matches!(&found, CheckpointError::Hdf5 { .. }), "{found}");
    let found = error(b"\x80\x02}.".to_vec());
    assert!(matches!(&found, CheckpointError::Unsupported { .. }), "{found}");
    assert!(found.to_string().contains("torch.save"), "{found}");
    let page = error(b"<!DOCTYPE html><html>not found</html>".to_vec());
    assert!(matches!(page, CheckpointError::NotWeights { .. }));
    let two = vec![
        SourceFile { name: "a".into(), bytes: vec![0; 9].into() },
        SourceFile { name: "b".into(), bytes: vec![0; 9].into() },
    ];
    assert!(matches!(Checkpoint::open(two, None).err(), Some(CheckpointError::Unsupported { .. })));
}

#[test]
fn weights_of_a_type_that_holds_none() {
    let rows: Vec<_> = common::keys("seed_inception_v1_c2").into_iter().filter(|k| k.kind != "ignore").collect();
    for (dtype, size) in [("I64", 8), ("U8", 1), ("BOOL", 1)] {
        let mut json = serde_json::Map::new();
        let mut end = 0;
        for key in &rows {
            let size = if key.name == "conv1.0.bias" { size } else { 4 };
            let begin = end;
            end += key.shape.iter().product::<usize>() as u64 * size;
            let dtype = if key.name == "conv1.0.bias" { dtype } else { "F32" };
            json.insert(key.name.clone(), entry(dtype, json!(key.shape), begin, end));
        }
        let checkpoint = try_open(with_header(&Value::Object(json).to_string(), end as usize)).unwrap();
        let error = CheckpointError::Dtype { layer: "Conv2d_1a_7x7".into(), key: "conv1.0.bias".into(), dtype };
        assert_eq!(checkpoint.read("Conv2d_1a_7x7", Param::Biases), Err(error));
    }
}

/// A change to a file: where (as a fraction), and what.
#[derive(Clone, Debug)]
enum Damage {
    Flip(f64, u8),
    Cut(f64),
    Repeat(f64, usize),
    Digit(f64, u8),
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        (0.0..1.0, 1u8..).prop_map(|(at, mask)| Damage::Flip(at, mask)),
        (0.0..1.0).prop_map(Damage::Cut),
        (0.0..1.0, 1usize..200).prop_map(|(at, n)| Damage::Repeat(at, n)),
        (0.0..1.0, b'0'..=b'9').prop_map(|(at, digit)| Damage::Digit(at, digit)),
    ]
}

fn apply(bytes: &mut Vec<u8>, damage: &Damage) {
    let position = |at: f64| ((at * bytes.len() as f64) as usize).min(bytes.len().saturating_sub(1));
    match *damage {
        Damage::Flip(at, mask) => {
            let i = position(at);
            bytes.get_mut(i).into_iter().for_each(|b| *b ^= mask);
        }
        Damage::Cut(at) => bytes.truncate(position(at)),
        Damage::Repeat(at, n) => {
            let i = position(at);
            let piece = bytes[i..(i + n).min(bytes.len())].to_vec();
            bytes.splice(i..i, piece);
        }
        Damage::Digit(at, digit) => {
            let i = position(at);
            let found = bytes.iter().skip(i).position(u8::is_ascii_digit);
            found.into_iter().for_each(|offset| bytes[i + offset] = digit);
        }
    }
}

fn read_everything(files: Vec<SourceFile>) {
    let Ok(checkpoint) = Checkpoint::open(files, None) else { return };
    for layer in checkpoint.graph.layers() {
        for param in Param::ALL {
            let _ = checkpoint.read(&layer.name, param);
        }
    }
}

fn tiny_safetensors() -> Vec<u8> {
    let mut tensors = json!({ "__metadata__": { "network": "googlenet", "quant:b": r#"{"scale":0.5,"min":-1}"# } });
    tensors["a"] = entry("F32", json!([2, 3]), 0, 24);
    tensors["b"] = entry("U8", json!([8]), 24, 32);
    tensors["Conv2d_1a_7x7/weights"] = entry("F16", json!([4, 2, 1, 2]), 32, 64);
    with_header(&tensors.to_string(), 64)
}

fn tiny_tfjs() -> Vec<SourceFile> {
    let weights = json!([
        { "name": "conv2d_1/kernel", "shape": [1, 1, 2, 3], "dtype": "float32" },
        { "name": "batch_normalization_1/beta", "shape": [3], "dtype": "float32",
          "quantization": { "dtype": "uint8", "scale": 0.5, "min": -1.0 } },
        { "name": "dense_1/kernel", "shape": [2, 2], "dtype": "float32", "quantization": { "dtype": "float16" } },
    ]);
    let json = json!({ "modelTopology": { "model_config": { "config": { "layers": [{ "config": { "name": "dense_1" } }] } } },
        "weightsManifest": [{ "paths": ["s1", "s2"], "weights": weights }] });
    let file = |name: &str, bytes: Vec<u8>| SourceFile { name: name.into(), bytes: bytes.into() };
    vec![file("model.json", json.to_string().into_bytes()), file("s1", vec![1; 20]), file("s2", vec![2; 15])]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_safetensors_never_panic(damages in prop::collection::vec(damage(), 1..6)) {
        let mut bytes = tiny_safetensors();
        damages.iter().for_each(|d| apply(&mut bytes, d));
        read_everything(vec![SourceFile { name: "w".into(), bytes: bytes.into() }]);
    }

    #[test]
    fn damaged_tfjs_models_never_panic(damages in prop::collection::vec((0usize..3, damage()), 1..6)) {
        let mut files = tiny_tfjs();
        for (i, damage) in &damages {
            let mut bytes = files[*i].bytes.head().to_vec();
            apply(&mut bytes, damage);
            files[*i].bytes = bytes.into();
        }
        read_everything(files);
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        read_everything(vec![SourceFile { name: "w".into(), bytes: bytes.into() }]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_header_of_a_whole_network_never_panics(damages in prop::collection::vec(damage(), 1..4)) {
        let rows: Vec<_> = common::keys("seed_inception_v1_c2").into_iter().map(|k| (k.name, k.shape)).collect();
        let whole = common::zeros(&rows, &[]);
        let length = 8 + u64::from_le_bytes(whole[..8].try_into().unwrap()) as usize;
        let mut text = whole[8..length].to_vec();
        damages.iter().for_each(|d| apply(&mut text, d));
        let mut bytes = (text.len() as u64).to_le_bytes().to_vec();
        bytes.extend(text);
        bytes.resize(bytes.len() + whole.len() - length, 0);
        read_everything(vec![SourceFile { name: "w".into(), bytes: bytes.into() }]);
    }
}
