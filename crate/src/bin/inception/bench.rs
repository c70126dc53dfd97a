//! `inception bench`.

use crate::{Backend, Failure, Source, files, place, progress};
use inception::error::network;
use inception::image::Input;
use inception::info::LayerTime;
use inception::plan::Request;
use inception::session::{INPUT, Objective};
use inception::{LoadOptions, Loader, Session};
use serde_json::json;
use std::path::{Path, PathBuf};
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
    /// Time every way once more after that, and say how far the chosen ones are from the fastest
    #[arg(long, requires = "tune")]
    tune_again: bool,
    /// Take a GPU's kernels where the processor plays the GPU, too
    #[arg(long)]
    as_hardware: bool,
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
        let backend = LoadOptions { keep_source: self.gradient, ..self.open()? };
        let start = Instant::now();
        let mut session = load(&self.model, backend)?;
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
        let tuned = if self.tune { Some(tuned(&mut session, self.tune_again)?) } else { None };
        once(&mut session)?;
        let bar = progress::runs(self.runs as usize);
        let mut times = Vec::with_capacity(self.runs as usize);
        for _ in 0..self.runs {
            times.push(once(&mut session)?);
            bar.inc(1);
        }
        bar.finish_and_clear();
        times.sort_by(f64::total_cmp);
        let median = quantile(&times, 0.5);

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
        if let Some(Tuned { tried, changed, slower }) = tuned {
            say!("{tried} ways of its kernels tried, {changed} kinds of kernels now go another way than the usual one");
            if let Some(Slower { kinds, median, worst, sum }) = slower {
                say!(
                    "timed again, of {kinds} kinds the chosen way takes {median:.2} x the fastest (median), {worst:.2} x at most, {sum:.2} x in all"
                );
            }
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

    fn open(&self) -> Result<LoadOptions, Failure> {
        if self.backend.device == crate::Choice::Cpu && (self.tune || self.as_hardware) {
            return Err("--tune and --as-hardware are for a GPU (--device gpu)".into());
        }
        #[cfg(feature = "gpu")]
        if self.as_hardware {
            let device = pollster::block_on(inception::gpu::GpuDevice::open(Some(false)))?;
            return Ok(LoadOptions { device: inception::Device::Gpu(device), ..self.backend.options() });
        }
        self.backend.open()
    }
}

/// A weights file, or a network by its id with random weights.
pub fn load(model: &str, backend: LoadOptions) -> Result<Session, Failure> {
    let path = PathBuf::from(model);
    if is_path(model)? {
        let source = Source { network: None, preprocess: None, activation: None, models: PathBuf::new() };
        return files::open(&path, &source, backend);
    }
    let network = network(model)?;
    files::prepare(Loader::random(network, &network.options(), &backend)?)
}

/// Whether this names a file, or a folder, and not a network.
///
/// # Errors
/// It names neither.
pub fn is_path(model: &str) -> Result<bool, Failure> {
    let path = Path::new(model);
    if path.is_file() || (path.exists() && network(model).is_err()) {
        return Ok(true);
    }
    match network(model) {
        Err(_) if path.components().count() > 1 || path.extension().is_some() => {
            Err(format!("there is no file {model}").into())
        }
        found => Ok(found.map(|_| false)?),
    }
}

/// The value below which that share of sorted ones lies.
pub fn quantile(sorted: &[f64], share: f64) -> f64 {
    let at = share * (sorted.len() - 1) as f64;
    let (below, above) = (sorted[at.floor() as usize], sorted[at.ceil() as usize]);
    below + (above - below) * at.fract()
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
    Ok(Gradient { median_ms: quantile(&times, 0.5), bytes: forward + reverse, run_bytes })
}

/// What trying ways led to.
#[derive(Clone, Copy, serde::Serialize)]
pub struct Tuned {
    tried: usize,
    changed: usize,
    slower: Option<Slower>,
}

/// How many times as long as the fastest way the chosen one takes when all are timed again.
#[derive(Clone, Copy, serde::Serialize)]
struct Slower {
    kinds: usize,
    median: f64,
    worst: f64,
    /// All chosen ones together.
    sum: f64,
}

/// Times every way of the kernels, and takes the fastest; times them `again` to see how well that was chosen.
pub fn tuned(session: &mut Session, again: bool) -> Result<Tuned, Failure> {
    let tried = session.ways();
    if tried == 0 {
        return Err("there is nothing to tune: it takes a GPU that measures time by itself and is no processor".into());
    }
    let times = timed(session, tried)?;
    let slower = if again { Some(slower(&session.ways_of_kinds(), &times, &timed(session, tried)?)) } else { None };
    Ok(Tuned { tried, changed: session.take_ways(&times)?, slower })
}

fn timed(session: &mut Session, ways: usize) -> Result<Vec<f64>, Failure> {
    let bar = progress::runs(ways);
    let mut times = Vec::with_capacity(ways);
    for place in 0..ways {
        times.push(pollster::block_on(session.time_way(place))?);
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(times)
}

/// What the fastest ways of each kind by `times` take of the fastest when timed `again`.
fn slower(kinds: &[usize], mut times: &[f64], mut again: &[f64]) -> Slower {
    let (mut ratios, mut chosen, mut fastest) = (Vec::with_capacity(kinds.len()), 0.0, 0.0);
    for &ways in kinds {
        let (own, own_again);
        (own, times) = times.split_at(ways);
        (own_again, again) = again.split_at(ways);
        let best = (0..ways).min_by(|&a, &b| own[a].total_cmp(&own[b])).unwrap_or(0);
        let least = own_again.iter().copied().fold(f64::INFINITY, f64::min);
        ratios.push(own_again[best] / least);
        (chosen, fastest) = (chosen + own_again[best], fastest + least);
    }
    ratios.sort_by(f64::total_cmp);
    let (median, worst) = (quantile(&ratios, 0.5), quantile(&ratios, 1.0));
    Slower { kinds: kinds.len(), median, worst, sum: chosen / fastest }
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
