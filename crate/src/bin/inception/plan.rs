//! `inception plan`.

use crate::Failure;
use crate::tables::Variant;
use inception::error::network;
use inception::gpu::{Counts, count};
use serde_json::json;

#[derive(clap::Args)]
pub struct Plan {
    /// Network id
    id: String,
    /// Whose work is counted
    #[arg(long, value_enum, default_value_t = Device::Gpu)]
    device: Device,
    /// Count weights of f16
    #[arg(long)]
    half: bool,
    #[command(flatten)]
    variant: Variant,
}

/// The devices whose work can be counted.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Device {
    Gpu,
}

impl Plan {
    pub fn run(&self) -> Result<(), Failure> {
        let Device::Gpu = self.device;
        let graph = self.variant.build(network(&self.id)?)?;
        let counts = count(&graph, self.half)?;
        let sum = |of: fn(&Counts) -> u64| counts.iter().map(of).sum::<u64>();
        let steps: f64 = counts.iter().map(|w| w.serial_steps).sum();
        let barriers: u32 = counts.iter().map(|w| w.barriers).sum();
        let products = sum(|w| w.multiply_adds);
        let (workgroups, read, written) = (sum(|w| w.workgroups), sum(|w| w.bytes_read), sum(|w| w.bytes_written));
        if self.variant.json {
            say!(
                "{}",
                json!({ "network": self.id, "dispatches": counts, "sum": {
                    "dispatches": counts.len(), "workgroups": workgroups, "serial_steps": steps,
                    "multiply_adds": products,
                    "bytes_read": read, "bytes_written": written, "barriers": barriers,
                }})
            );
            return Ok(());
        }
        let megabytes = |bytes: u64| format!("{:.2} MB", bytes as f64 / 1e6);
        let millions = |count: u64| format!("{:.0} M", count as f64 / 1e6);
        say!(
            "{:<26}{:>11}{:>8}{:>10}{:>13}{:>13}{:>9}{:>10}  layers",
            "kernel",
            "workgroups",
            "steps",
            "products",
            "read",
            "written",
            "padding",
            "barriers"
        );
        for w in &counts {
            say!(
                "{:<26}{:>11}{:>8.1}{:>10}{:>13}{:>13}{:>8.0}%{:>10}  {}",
                w.kernel,
                w.workgroups,
                w.serial_steps,
                millions(w.multiply_adds),
                megabytes(w.bytes_read),
                megabytes(w.bytes_written),
                100.0 * w.padding,
                w.barriers,
                w.layers.join(", ")
            );
        }
        say!(
            "{:<26}{:>11}{:>8.1}{:>10}{:>13}{:>13}{:>9}{:>10}",
            format!("{} dispatches", counts.len()),
            workgroups,
            steps,
            millions(products),
            megabytes(read),
            megabytes(written),
            "",
            barriers
        );
        Ok(())
    }
}
