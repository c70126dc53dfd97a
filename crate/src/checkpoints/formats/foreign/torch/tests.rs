//! Files that PyTorch wrote (`tests/reference/torch`).
#![allow(clippy::unwrap_used)]

use std::path::PathBuf;

use super::*;
use crate::checkpoints::formats::StoredType;
use crate::checkpoints::formats::decode::decode;

fn file(name: &str) -> SourceFile {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/reference/torch");
    SourceFile { name: name.into(), bytes: std::fs::read(folder.join(name)).unwrap().into() }
}

fn ramp(values: std::ops::Range<u8>) -> Vec<f32> {
    values.map(|v| f32::from(v) * 0.5 - 1.0).collect()
}

#[test]
fn every_layout_holds_what_was_saved() {
    for name in ["zip.pth", "legacy.pth", "nested.pth"] {
        let found = read(file(name)).unwrap();
        let values = |key: &str| {
            let stored = &found.tensors[key];
            let mut values = vec![];
            let decoded = decode(&found.bytes(stored), stored.dtype, None, 1, &mut values);
            (stored.shape.clone(), decoded.map(|()| values))
        };
        assert_eq!(found.tensors.len(), 8, "{name}");
        assert_eq!(values("conv.weight"), (vec![2, 3, 1, 2], Some(ramp(0..12))), "{name}");
        assert_eq!(values("conv.bias"), (vec![2], Some(ramp(12..14))), "{name}");
        assert_eq!(values("bn.weight"), (vec![4], Some(ramp(0..4))), "{name}");
        assert_eq!(values("half"), (vec![5], Some(ramp(0..5))), "{name}");
        assert_eq!(values("brain"), (vec![5], Some(ramp(0..5))), "{name}");
        assert_eq!(values("none"), (vec![0, 4], Some(vec![])), "{name}");
        let counter = &found.tensors["bn.num_batches_tracked"];
        assert_eq!((counter.dtype, counter.shape.len()), (StoredType::Other("I64", 8), 0), "{name}");
        assert_eq!(*found.bytes(counter), 7u64.to_le_bytes(), "{name}");
        let double = &found.tensors["double"];
        assert_eq!(*found.bytes(double), [-1.0f64, -0.5, 0.0].map(f64::to_le_bytes).concat(), "{name}");
    }
}

#[test]
fn a_transposed_tensor_keeps_its_strides() {
    let found = read(file("turned.pth")).unwrap();
    let turned = &found.tensors["turned"];
    assert_eq!((turned.shape.as_slice(), turned.strides.as_slice()), (&[3, 2][..], &[1, 3][..]));
}

#[test]
fn a_whole_module_is_its_tensors() {
    for name in ["model.pth", "script.pth"] {
        let found = read(file(name)).unwrap();
        let keys: Vec<&str> = found.tensors.keys().map(String::as_str).collect();
        assert_eq!(keys, ["bias", "weight"], "{name}");
    }
}
