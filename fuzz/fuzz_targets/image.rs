#![no_main]

use libfuzzer_sys::fuzz_target;

/// Small enough that decoding what is announced takes no time.
const MAX_PIXELS: u64 = 1 << 16;

fuzz_target!(|bytes: &[u8]| {
    let _ = inception::image::decode(bytes, MAX_PIXELS);
});
