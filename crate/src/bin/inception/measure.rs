//! `inception measure`: the report of the page `bench.html`, of a native build.

use crate::bench::{Tuned, is_path, load, quantile, tuned};
use crate::{Failure, progress};
use inception::image::Rgb8;
use inception::info::LayerInfo;
use inception::{Device, LoadOptions, Session};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

#[derive(clap::Args)]
pub struct Measure {
    /// Network ids (random weights), or weights files
    #[arg(value_name = "ID|FILE", default_values = ["googlenet", "inception-v3"])]
    models: Vec<String>,
    /// Where the report is written, as JSON
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Most runs of a row; there are fewer where they would take more than 15 seconds, but five at least
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(5..=10_000))]
    runs: u32,
}

/// What a report says it is.
const FORMAT: &str = "inception-bench";
/// More threads than this bring nothing to layers of this size.
const MOST_THREADS: usize = 8;
/// Runs that are not counted: for so long, and so many at least.
const WARM_UP: (Duration, usize) = (Duration::from_millis(500), 2);
/// All counted runs of a row at most, in seconds.
const ALL_RUNS: f64 = 15.0;
/// At least so many are counted.
const FEWEST_RUNS: u32 = 5;
/// Rows and columns of the picture.
const SIDE: u32 = 448;

/// `Report` of `www/bench/report.js`.
#[derive(Serialize)]
struct Report {
    format: &'static str,
    version: u32,
    /// RFC 3339.
    measured: String,
    complete: bool,
    picture: Picture,
    machine: Machine,
    answers: Vec<Answer>,
}

#[derive(Serialize)]
struct Picture {
    width: u32,
    height: u32,
}

/// What a browser tells of its machine, and here the system.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Machine {
    adapter: serde_json::Value,
    processors: usize,
    isolated: bool,
    simd: Option<&'static str>,
    browser: String,
    user_agent: String,
}

/// A row: a model on a device. Times are milliseconds.
#[derive(Serialize)]
struct Answer {
    model: String,
    title: String,
    network: String,
    weights: &'static str,
    device: &'static str,
    threads: usize,
    tuning: Option<Tuned>,
    tuned: bool,
    runs: Vec<f64>,
    discarded: usize,
    layers: Vec<Layer>,
    failure: Option<Fault>,
}

#[derive(Serialize)]
struct Layer {
    name: String,
    /// The branch that it belongs to, else its own name.
    part: String,
    ms: f64,
    macs: u64,
}

#[derive(Serialize)]
struct Fault {
    code: &'static str,
    detail: String,
}

/// Where a model is measured.
struct Place {
    device: Device,
    threads: usize,
    tuned: bool,
}

impl Place {
    fn is_first(&self) -> bool {
        matches!(self.device, Device::Cpu) && self.threads == 1
    }

    /// What the report calls the device.
    fn name(&self) -> &'static str {
        if matches!(self.device, Device::Cpu) { "cpu" } else { "webgpu" }
    }

    /// For people.
    fn title(&self) -> String {
        match (self.name(), self.tuned, self.threads) {
            ("cpu", _, 1) => "CPU, 1 thread".into(),
            ("cpu", _, threads) => format!("CPU, {threads} threads"),
            (_, true, _) => "GPU, tuned".into(),
            _ => "GPU".into(),
        }
    }
}

impl Measure {
    pub fn run(&self) -> Result<(), Failure> {
        let mut models: Vec<&str> = vec![];
        for model in &self.models {
            is_path(model)?;
            if !models.contains(&&**model) {
                models.push(model);
            }
        }
        // Minutes of work must not end at a folder that is not there.
        let in_out = |error: Failure| format!("{}: {error}", self.out.display());
        let earlier = may_write(&self.out).map_err(in_out)?;
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let (adapter, places) = places(processors);
        let machine = Machine {
            adapter,
            processors,
            isolated: true,
            simd: instructions(),
            browser: format!("none (inception {}, native)", env!("CARGO_PKG_VERSION")),
            user_agent: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        };
        let mut report = Report {
            format: FORMAT,
            version: 1,
            measured: now(),
            complete: false,
            picture: Picture { width: SIDE, height: SIDE },
            machine,
            answers: vec![],
        };
        let write = |report: &Report| -> Result<(), Failure> {
            let text = serde_json::to_vec_pretty(report)?;
            Ok(std::fs::write(&self.out, text).map_err(|error| in_out(error.into()))?)
        };
        for model in models {
            for place in &places {
                let answer = self.row(model, place);
                let (fault, title) = (answer.failure.as_ref().map(|fault| fault.detail.clone()), answer.title.clone());
                let spread = spread(&answer.runs);
                report.answers.push(answer);
                // Whoever ends this keeps what is measured; a whole report is not given up for a part of one.
                if earlier != Earlier::Whole && report.answers.iter().any(|answer| answer.failure.is_none()) {
                    write(&report)?;
                }
                match &fault {
                    None => say!("{title}, {}: {spread}", place.title()),
                    Some(detail) => eprintln!("inception: {model}, {}: {detail}", place.title()),
                }
                // What does not run on the first place is no model.
                if fault.is_some() && place.is_first() {
                    break;
                }
            }
        }
        if report.answers.iter().all(|answer| answer.failure.is_some()) {
            if earlier == Earlier::None {
                std::fs::remove_file(&self.out)?;
            }
            return Err("nothing could be measured".into());
        }
        report.complete = true;
        write(&report)?;
        say!("{}", self.out.display());
        Ok(())
    }

    fn row(&self, model: &str, place: &Place) -> Answer {
        let path = Path::new(model).file_name().filter(|_| is_path(model).unwrap_or(false));
        let (weights, title) = match path {
            Some(name) => ("own", name.to_string_lossy().into_owned()),
            None => ("random", model.to_owned()),
        };
        let mut answer = Answer {
            model: model.into(),
            title,
            network: String::new(),
            weights,
            device: place.name(),
            threads: place.threads,
            tuning: None,
            tuned: place.tuned,
            runs: vec![],
            discarded: 0,
            layers: vec![],
            failure: None,
        };
        if let Err(error) = self.measure(model, place, &mut answer) {
            answer.runs.clear();
            let code = error.downcast_ref::<inception::Error>().map_or("internal", inception::Error::code);
            answer.failure = Some(Fault { code, detail: error.to_string() });
        }
        answer
    }

    fn measure(&self, model: &str, place: &Place, answer: &mut Answer) -> Result<(), Failure> {
        let options = LoadOptions { device: place.device.clone(), threads: place.threads, ..LoadOptions::default() };
        let mut session = load(model, options)?;
        if answer.weights == "random" {
            answer.title.clone_from(&session.info().title);
        }
        answer.network.clone_from(&session.info().network);
        if place.tuned {
            answer.tuning = Some(tuned(&mut session, false)?);
        }
        // Noise: smooth input makes most channels zero, and some processors are faster on zeros.
        let noise = (0..3 * SIDE * SIDE).map(|i| (i.wrapping_mul(2_654_435_769) >> 24) as u8);
        let picture = Rgb8 { width: SIDE, height: SIDE, pixels: noise.collect() };
        let preprocess = session.info().preprocess.clone();
        let once = |session: &mut Session| -> Result<f64, Failure> {
            let start = Instant::now();
            let (input, _) = preprocess.input(&picture).map_err(inception::Error::from)?;
            session.run_input(&input)?;
            session.predictions(0)?;
            Ok(start.elapsed().as_secs_f64() * 1e3)
        };
        let started = Instant::now();
        let mut last = 0.0;
        while answer.discarded < WARM_UP.1 || started.elapsed() < WARM_UP.0 {
            last = once(&mut session)?;
            answer.discarded += 1;
        }
        let fitting = (ALL_RUNS * 1e3 / last) as u32;
        let bar = progress::runs(fitting.clamp(FEWEST_RUNS, self.runs) as usize);
        for _ in 0..fitting.clamp(FEWEST_RUNS, self.runs) {
            answer.runs.push(once(&mut session)?);
            bar.inc(1);
        }
        bar.finish_and_clear();
        session.begin(&preprocess.input(&picture).map_err(inception::Error::from)?.0)?;
        let times = pollster::block_on(session.profile())?;
        let infos = session.layer_info();
        answer.layers = times
            .into_iter()
            .map(|time| Layer { part: part(&infos, &time.name), name: time.name, ms: time.ms, macs: time.macs })
            .collect();
        Ok(())
    }
}

/// What stood where the report is written.
#[derive(PartialEq)]
enum Earlier {
    None,
    Part,
    Whole,
}

/// Makes the file of the report, unless there is an earlier report.
fn may_write(path: &Path) -> Result<Earlier, Failure> {
    let about = match std::fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            std::fs::File::create_new(path)?;
            return Ok(Earlier::None);
        }
        about => about?,
    };
    // A pipe would be waited for without end.
    if !about.is_file() {
        return Err("it is no file".into());
    }
    let before = std::fs::read(path)?;
    let report: serde_json::Value = serde_json::from_slice(&before).unwrap_or_default();
    if !before.is_empty() && report["format"] != FORMAT {
        return Err("it is there, and is no such report".into());
    }
    std::fs::OpenOptions::new().append(true).open(path)?;
    Ok(if report["complete"] == true { Earlier::Whole } else { Earlier::Part })
}

/// One thread, all, the GPU as it comes and tuned, as far as this machine has them; and its adapter.
fn places(processors: usize) -> (serde_json::Value, Vec<Place>) {
    let mut places = vec![Place { device: Device::Cpu, threads: 1, tuned: false }];
    let threads = processors.min(MOST_THREADS);
    if threads > 1 {
        places.push(Place { device: Device::Cpu, threads, tuned: false });
    }
    #[cfg(feature = "gpu")]
    match pollster::block_on(inception::gpu::GpuDevice::open(None)) {
        Ok(gpu) => {
            let adapter = serde_json::json!(gpu.adapter());
            let place = |tuned| Place { device: Device::Gpu(gpu.clone()), threads: 1, tuned };
            places.push(place(false));
            // Kernels are timed by the GPU's own clock; those of an adapter that the processor plays are always the same.
            if gpu.has_timestamps() && !gpu.is_software() {
                places.push(place(true));
            }
            return (adapter, places);
        }
        Err(error) => eprintln!("inception: {error}"),
    }
    (serde_json::Value::Null, places)
}

/// The branch that a layer belongs to, else the layer itself.
fn part(infos: &[LayerInfo], layer: &str) -> String {
    let own = infos.iter().find(|info| info.name == layer);
    let is_its_branch = |info: &&LayerInfo| {
        matches!(info.kind, inception::graph::LayerKind::Branch)
            && own.is_some_and(|own| own.branch.is_some() && own.module == info.module && own.branch == info.branch)
    };
    infos.iter().find(is_its_branch).map_or(layer, |branch| &branch.name).to_owned()
}

/// The instructions that the engine finds here.
fn instructions() -> Option<&'static str> {
    #[cfg(target_arch = "x86_64")]
    return Some(if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") { "AVX2" } else { "SSE2" });
    #[cfg(target_arch = "aarch64")]
    return Some("NEON");
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    None
}

/// Median, and between what the middle half lies.
fn spread(runs: &[f64]) -> String {
    if runs.is_empty() {
        return "not measured".into();
    }
    let mut sorted = runs.to_vec();
    sorted.sort_by(f64::total_cmp);
    let [from, median, to] = [0.25, 0.5, 0.75].map(|share| quantile(&sorted, share));
    format!("{median:.1} ms, the middle half {from:.1} to {to:.1}, {} runs", runs.len())
}

/// The time in RFC 3339, by Howard Hinnant's "chrono-compatible low-level date algorithms" (civil_from_days).
fn now() -> String {
    let seconds = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let (days, rest) = (seconds / 86_400 + 719_468, seconds % 86_400);
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let (day, month) = (of_year - (153 * from_march + 2) / 5 + 1, (from_march + 2) % 12 + 1);
    let year = year_of_era + 400 * era + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", rest / 3_600, rest / 60 % 60, rest % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_half_of_some_runs() {
        assert_eq!(spread(&[5.0, 1.0, 3.0, 2.0, 4.0]), "3.0 ms, the middle half 2.0 to 4.0, 5 runs");
        assert_eq!(spread(&[1.0, 2.0, 3.0, 4.0]), "2.5 ms, the middle half 1.8 to 3.2, 4 runs");
    }
}
