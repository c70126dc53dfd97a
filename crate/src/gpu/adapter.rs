//! What an adapter says of itself, in WebGPU's words.

use serde::Serialize;
use std::collections::BTreeMap;

/// An adapter, as the measuring page of the package's site tells of the browser's (`Adapter` in `www/bench/machine.js`).
#[derive(Clone, Debug, Serialize)]
pub struct Adapter {
    /// What the adapter calls itself.
    pub name: String,
    /// Vendor, driver and what it speaks.
    pub info: BTreeMap<&'static str, String>,
    /// True where the processor plays the GPU.
    pub software: bool,
    /// Names of the features of WebGPU that it has.
    pub features: Vec<String>,
    /// The limits that decide what runs, and how fast, by WebGPU's names.
    pub limits: BTreeMap<&'static str, u64>,
}

impl Adapter {
    pub(super) fn of(adapter: &wgpu::Adapter, software: bool) -> Self {
        let (info, limits) = (adapter.get_info(), adapter.limits());
        let features = adapter.features() & wgpu::Features::all_webgpu_mask();
        let mut features: Vec<String> = features.iter_names().map(|(name, _)| in_webgpu(name)).collect();
        features.sort();
        Self {
            name: info.name,
            info: BTreeMap::from([
                ("vendor", format!("{:#06x}", info.vendor)),
                ("device", format!("{:#06x}", info.device)),
                ("description", format!("{} {}", info.driver, info.driver_info)),
                ("backend", info.backend.to_str().to_owned()),
            ]),
            software,
            features,
            limits: BTreeMap::from([
                ("maxBufferSize", limits.max_buffer_size),
                ("maxStorageBufferBindingSize", limits.max_storage_buffer_binding_size),
                ("maxComputeWorkgroupStorageSize", limits.max_compute_workgroup_storage_size.into()),
                ("maxComputeInvocationsPerWorkgroup", limits.max_compute_invocations_per_workgroup.into()),
            ]),
        }
    }
}

/// The name of a feature where WebGPU has another than wgpu's.
fn in_webgpu(name: &str) -> String {
    match name {
        "SUBGROUP" => "subgroups".into(),
        _ => name.to_lowercase().replace('_', "-"),
    }
}
