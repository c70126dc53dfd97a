//! Every golden of every source on the GPU: every listed end point and the logits. Where nothing is kept, one network goes
//! the way of the other kind of adapter, software or not, and one goes each of Winograd's forms wherever it may; all of them
//! with `INCEPTION_EVERY_TILE=1`, which takes minutes where the processor plays the GPU.

use crate::{common, device, every_source, other_device, tiled_device};
use inception::Device;

/// Goes both ways always.
const BOTH: &str = "paper_googlenet";

/// Winograd's forms, and the source that goes each always.
const FORMS: [(&str, &str); 3] = [("F(2x2", BOTH), ("F(4x4", BOTH), ("F(4, 7)", "facenet_inception_resnet_v1")];

fn check(source: &str) {
    let is_every = std::env::var_os("INCEPTION_EVERY_TILE").is_some();
    let other = if is_every || source == BOTH { other_device(source) } else { device(source) };
    if let (Some(device), Some(other)) = (device(source), other) {
        common::parity::check(source, [&Device::Gpu(device), &Device::Gpu(other)], |_| ());
    }
    let forms: Vec<_> = FORMS.into_iter().filter(|(_, always)| is_every || source == *always).collect();
    let Some(tiled) = (!forms.is_empty()).then(|| tiled_device(source)).flatten().map(Device::Gpu) else { return };
    for (form, always) in forms {
        common::parity::check(source, [&tiled, &tiled], |session| {
            let times: Vec<f64> =
                session.way_kernels().iter().map(|kernel| if kernel.starts_with(form) { 1.0 } else { 2.0 }).collect();
            let has_it = times.contains(&1.0);
            assert!(has_it || source != always, "{source} has no {form}");
            if !has_it {
                eprintln!("{source} has no {form}");
            }
            session.take_ways(&times).unwrap();
        });
    }
}

every_source!(check);
