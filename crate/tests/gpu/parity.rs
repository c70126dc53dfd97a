//! Every golden of every source on the GPU: every listed end point and the logits. Where nothing is kept, one network goes
//! the way of the other kind of adapter, software or not; all of them with `INCEPTION_EVERY_TILE=1`, which takes minutes
//! where the processor plays the GPU.

use crate::{common, device, every_source, other_device};
use inception::Device;

/// Goes both ways always.
const BOTH: &str = "paper_googlenet";

fn check(source: &str) {
    let is_both = source == BOTH || std::env::var_os("INCEPTION_EVERY_TILE").is_some();
    let other = if is_both { other_device(source) } else { device(source) };
    if let (Some(device), Some(other)) = (device(source), other) {
        common::parity::check(source, [&Device::Gpu(device), &Device::Gpu(other)]);
    }
}

every_source!(check);
