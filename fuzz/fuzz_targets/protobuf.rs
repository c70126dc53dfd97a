#![no_main]

use inception::checkpoints::{Checkpoint, SourceFile};
use libfuzzer_sys::fuzz_target;

/// The first byte says what the file is called.
const NAMES: [&str; 6] =
    ["model.onnx", "graph.pb", "saved_model.pb", "net.caffemodel", "model.ckpt.index", "variables.data-00000-of-00001"];

fuzz_target!(|bytes: &[u8]| {
    let Some((first, bytes)) = bytes.split_first() else { return };
    let name = NAMES[usize::from(*first) % NAMES.len()].into();
    let _ = Checkpoint::open(vec![SourceFile { name, bytes: bytes.to_vec().into() }], None);
});
