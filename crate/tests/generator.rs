//! The generator of the reference data against its published test vectors.
#![allow(clippy::unwrap_used)]

mod common;

use common::numbers::splitmix64;
use common::{Key, fnv1a64};
use serde_json::Value;

fn hex(row: &Value, field: &str) -> u64 {
    u64::from_str_radix(row[field].as_str().unwrap().trim_start_matches("0x"), 16).unwrap()
}

#[test]
fn generator_gives_the_published_vectors() {
    let text = std::fs::read_to_string(common::reference().join("generator_vectors.json")).unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();
    let rows = file.as_array().or_else(|| file["vectors"].as_array()).unwrap();
    assert!(rows.len() > 50);
    for row in rows {
        let mut row = row.clone();
        row["shape"] = serde_json::json!([]);
        let key: Key = serde_json::from_value(row.clone()).unwrap();
        let index = row["index"].as_u64().unwrap();
        assert_eq!(fnv1a64(&key.name), hex(&row, "fnv1a64"));
        assert_eq!(splitmix64(fnv1a64(&key.name), index), hex(&row, "u64_at_index"));
        assert_eq!(u64::from(common::value(&key, index).to_bits()), hex(&row, "f32_bits"), "{} {index}", key.name);
    }
}

#[test]
fn every_tensor_of_every_source_has_its_recorded_bits() {
    for source in common::sources::SOURCES.map(|source| source.name) {
        common::keys(source).iter().filter(|k| k.kind != "ignore").for_each(|k| {
            common::tensor(k);
        });
        common::input(source);
    }
}
