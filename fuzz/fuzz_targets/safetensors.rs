#![no_main]

use inception::checkpoints::{Checkpoint, SourceFile};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let file = SourceFile { name: "model.safetensors".into(), bytes: bytes.to_vec().into() };
    let _ = Checkpoint::open(vec![file], None);
});
