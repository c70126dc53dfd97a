//! Every golden of every source on the CPU: generated weights through each network, every listed end point and the
//! logits against the reference libraries' float64 runs.

mod common;

use inception::Device;

fn check(source: &str) {
    common::parity::check(source, [&Device::Cpu; 2], |_| ());
}

every_source!(check);
