//! What the test page calls.

use wasm_bindgen::prelude::wasm_bindgen;

/// The names of all checks.
#[wasm_bindgen]
pub fn names() -> Vec<String> {
    crate::CHECKS.iter().map(|check| check.name.to_owned()).collect()
}

/// Runs a check and returns what failed.
#[wasm_bindgen]
pub fn run(name: &str, cases: u32, seed: u32) -> Option<String> {
    crate::run(name, cases, Some(seed.into())).err()
}
