//! `inception bench`.

use crate::{Backend, Failure, Source, files, place, progress};
use inception::error::network;
use inception::image::Input;
use inception::info::LayerTime;
use inception::plan::Request;
use inception::session::{INPUT, Objective};
use inception::{LoadOptions, Loader, Session};
use serde_json::json;
use std::path::PathBuf;
use std::time::Instant;

#[derive(clap::Args)]
pub struct Bench {
    /// Network id (random weights), or a weights file
    #[arg(long, value_name = "ID|FILE", default_value = "inception-v3")]
    model: String,
    /// Measured runs
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    runs: u32,
    /// Images that run at once
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1024))]
    batch: u16,
    /// Try every way of the GPU's kernels first, and run with the fastest
    #[arg(long)]
    tune: bool,
    /// Print the time of every layer
    #[arg(long)]
    profile: bool,
    /// Measure a gradient at the picture, too
    #[arg(long)]
    gradient: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    backend: Backend,
}

impl Bench {
    pub fn run(&self) -> Result<(), Failure> {
        let backend = LoadOptions { keep_source: self.gradient, ..self.backend.open()? };
        let start = Instant::now();
        let mut session = self.load(backend)?;
        let load_ms = start.elapsed().as_secs_f64() * 1e3;
        let [c, h, w] = session.info().input;
        let batch = usize::from(self.batch);
        session.configure(Request { images: batch, ..Request::default() })?;
        // Noise: smooth input makes most channels zero, and some processors are faster on zeros.
        let noise = (0..batch * c * h * w).map(|i| (i as u32).wrapping_mul(2_654_435_769) >> 24);
        let input = Input::Levels(noise.map(|level| level as u8).collect());

        let once = |session: &mut Session| -> Result<f64, Failure> {
            let start = Instant::now();
            session.run_input(&input)?;
            Ok(start.elapsed().as_secs_f64() * 1e3)
        };
        let first_ms = once(&mut session)?;
        let tuned = if self.tune { Some(tuned(&mut session)?) } else { None };
        once(&mut session)?;
        let bar = progress::runs(self.runs as usize);
        let mut times = Vec::with_capacity(self.runs as usize);
        for _ in 0..self.runs {
            times.push(once(&mut session)?);
            bar.inc(1);
        }
        bar.finish_and_clear();
        times.sort_by(f64::total_cmp);
        let median = times[times.len() / 2];

        let profile = match self.profile {
            true => {
                session.begin(&input)?;
                Some(pollster::block_on(session.profile())?)
            }
            false => None,
        };
        let gradient = if self.gradient { Some(gradient(&mut session, &input, self.runs)?) } else { None };
        let info = session.info();
        let weights_f32 = info.params * 4;
        let gflops = 2.0 * (info.macs * batch as u64) as f64 / median / 1e6;
        let peak = peak_memory();
        let adapter = session.adapter();
        let device = if adapter.is_some() { "gpu" } else { "cpu" };
        if self.json {
            let out = json!({
                "model": self.model, "network": info.network, "device": device,
                "adapter": adapter, "threads": session.threads(), "batch": batch,
                "runs": times.len(), "median_ms": median, "min_ms": times[0], "max_ms": times[times.len() - 1],
                "first_ms": first_ms, "load_ms": load_ms, "gflops": gflops, "tuned": tuned,
                "weights_f32_bytes": weights_f32, "peak_memory_bytes": peak, "gradient": gradient, "layers": profile,
            });
            say!("{out}");
            return Ok(());
        }
        say!("{} on {}: median {median:.1} ms, {gflops:.1} GFLOP/s", info.network, place(&session));
        say!(
            "fastest {:.1} ms, slowest {:.1} ms, first {first_ms:.1} ms, load {load_ms:.1} ms",
            times[0],
            times[times.len() - 1]
        );
        if let Some(Tuned { tried, changed }) = tuned {
            say!("{tried} ways of its kernels tried, {changed} kinds of kernels now go another way than the usual one");
        }
        if let Some(Gradient { median_ms, bytes, run_bytes }) = gradient {
            let (ratio, memory) = (median_ms / median, bytes as f64 / run_bytes as f64);
            say!("a gradient at the picture with its run: median {median_ms:.1} ms, {ratio:.2} x a run");
            say!("its memory: {:.1} MB, {memory:.2} x that of a run's values", bytes as f64 / 1e6);
        }
        if let Some(peak) = peak {
            let ratio = peak as f64 / weights_f32 as f64;
            say!("peak memory {:.1} MB, {ratio:.2} x the f32 weights", peak as f64 / 1e6);
        }
        if let Some(profile) = profile {
            print_profile(&profile, batch)?;
        }
        Ok(())
    }

    fn load(&self, backend: LoadOptions) -> Result<Session, Failure> {
        let path = PathBuf::from(&self.model);
        if path.exists() {
            let source = Source { network: None, preprocess: None, activation: None, models: PathBuf::new() };
            return files::open(&path, &source, backend);
        }
        let network = network(&self.model)?;
        files::prepare(Loader::random(network, &network.options(), &backend)?)
    }
}

/// What a gradient takes.
#[derive(Clone, Copy, serde::Serialize)]
struct Gradient {
    /// With its run.
    median_ms: f64,
    /// Bytes of values of run and reverse pass, without weights.
    bytes: usize,
    /// Bytes of a run's values.
    run_bytes: usize,
}

/// Measures the gradient of the first class's logit, or of the first feature, at the picture.
fn gradient(session: &mut Session, input: &Input, runs: u32) -> Result<Gradient, Failure> {
    let [run_bytes, _] = session.gradient_memory();
    let of = session.graph().logits().unwrap_or(session.graph().features());
    let of = session.graph().layer(of).name.clone();
    let gradients = Some(session.gradients(&of, &[INPUT])?);
    session.configure(Request { gradients, ..Request::default() })?;
    let objective = Objective::Channel { channel: 0, position: None, sum: true };
    let mut times = Vec::new();
    for _ in 0..=runs {
        let start = Instant::now();
        session.run_input(input)?;
        session.run_reverse(&objective, false)?;
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    // The first prepared the weights.
    times.remove(0);
    times.sort_by(f64::total_cmp);
    let [forward, reverse] = session.gradient_memory();
    Ok(Gradient { median_ms: times[times.len() / 2], bytes: forward + reverse, run_bytes })
}

/// What trying ways led to.
#[derive(Clone, Copy, serde::Serialize)]
struct Tuned {
    tried: usize,
    changed: usize,
}

/// Times every way of the kernels, and takes the fastest.
fn tuned(session: &mut Session) -> Result<Tuned, Failure> {
    let tried = session.ways();
    if tried == 0 {
        return Err("there is nothing to tune: it takes a GPU that measures time by itself and is no processor".into());
    }
    let bar = progress::runs(tried);
    let mut times = Vec::with_capacity(tried);
    for place in 0..tried {
        times.push(pollster::block_on(session.time_way(place))?);
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(Tuned { tried, changed: session.take_ways(&times)? })
}

/// Every layer: milliseconds, share of the sum, GFLOP/s.
fn print_profile(layers: &[LayerTime], batch: usize) -> Result<(), Failure> {
    let sum: f64 = layers.iter().map(|layer| layer.ms).sum();
    say!("{:<48} {:>9} {:>6} {:>9}", "layer", "ms", "%", "GFLOP/s");
    for LayerTime { name, ms, macs } in layers {
        let gflops = match macs {
            0 => String::new(),
            _ => format!("{:.1}", 2.0 * (macs * batch as u64) as f64 / ms / 1e6),
        };
        say!("{name:<48} {ms:>9.3} {:>6.1} {gflops:>9}", ms / sum * 100.0);
    }
    say!("{:<48} {sum:>9.3}", "sum");
    Ok(())
}

/// The most memory this process has held, in bytes, where the system tells.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|kb| kb * 1024)
}
