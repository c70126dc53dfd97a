#![no_main]

use inception::checkpoints::{Checkpoint, SourceFile};
use libfuzzer_sys::fuzz_target;

// Begin with the files of tests/reference/hdf5.
fuzz_target!(|bytes: &[u8]| {
    let file = SourceFile { name: "model.h5".into(), bytes: bytes.to_vec().into() };
    let _ = Checkpoint::open(vec![file], None);
});
