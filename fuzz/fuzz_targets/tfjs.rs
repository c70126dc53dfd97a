#![no_main]

use inception::checkpoints::{Checkpoint, SourceFile};
use libfuzzer_sys::fuzz_target;

/// Bytes of the shard that every input comes with.
const SHARD: usize = 64;

fuzz_target!(|json: &[u8]| {
    let files = [("model.json", json.to_vec()), ("group1-shard1of1.bin", vec![1; SHARD])];
    let _ = Checkpoint::open(files.map(|(name, bytes)| SourceFile { name: name.into(), bytes: bytes.into() }).into(), None);
});
