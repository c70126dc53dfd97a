//! Every golden of every source on the GPU: every listed end point and the logits. Where nothing is kept, one network goes
//! the way of the other kind of adapter, software or not, and Winograd's wherever it may; all of them with
//! `INCEPTION_EVERY_TILE=1`, which takes minutes where the processor plays the GPU.

use crate::{common, device, every_source, other_device, tiled_device};
use inception::Device;

/// Goes all ways always.
const BOTH: &str = "paper_googlenet";

fn check(source: &str) {
    let is_both = source == BOTH || std::env::var_os("INCEPTION_EVERY_TILE").is_some();
    let other = if is_both { other_device(source) } else { device(source) };
    if let (Some(device), Some(other)) = (device(source), other) {
        common::parity::check(source, [&Device::Gpu(device), &Device::Gpu(other)], |_| ());
    }
    let Some(tiled) = is_both.then(|| tiled_device(source)).flatten().map(Device::Gpu) else { return };
    for form in ["F(2x2", "F(4x4"] {
        common::parity::check(source, [&tiled, &tiled], |session| {
            let times: Vec<f64> =
                session.way_kernels().iter().map(|kernel| if kernel.starts_with(form) { 1.0 } else { 2.0 }).collect();
            assert!(times.contains(&1.0), "{source} has no {form}");
            session.take_ways(&times).unwrap();
        });
    }
}

every_source!(check);
