//! Every golden of every source on the GPU: every listed end point and the logits.

use crate::{common, device, every_source};
use inception::Device;

fn check(source: &str) {
    if let Some(device) = device(source) {
        common::parity::check(source, &Device::Gpu(device));
    }
}

every_source!(check);
