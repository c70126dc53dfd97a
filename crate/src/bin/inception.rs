//! The command line: the engine natively, for checking, converting and measuring.

/// Prints a line on standard output; fails with what the system says, where `println!` panics.
macro_rules! say {
    ($($line:tt)*) => {
        std::io::Write::write_fmt(&mut std::io::stdout(), format_args!("{}\n", format_args!($($line)*)))?
    };
}

#[path = "inception/album.rs"]
mod album;
#[path = "inception/answers.rs"]
mod answers;
#[path = "inception/bench.rs"]
mod bench;
#[path = "inception/classify.rs"]
mod classify;
#[path = "inception/convert.rs"]
mod convert;
#[path = "inception/difference.rs"]
mod difference;
#[path = "inception/dream.rs"]
mod dream;
#[path = "inception/embed.rs"]
mod embed;
#[path = "inception/evaluate.rs"]
mod evaluate;
#[path = "inception/examples.rs"]
mod examples;
#[path = "inception/features.rs"]
mod features;
#[path = "inception/files.rs"]
mod files;
#[path = "inception/gradient.rs"]
mod gradient;
#[path = "inception/inspect.rs"]
mod inspect;
#[path = "inception/measure.rs"]
mod measure;
#[path = "inception/npy.rs"]
mod npy;
#[path = "inception/output.rs"]
mod output;
#[path = "inception/passes.rs"]
mod passes;
#[path = "inception/pictures.rs"]
mod pictures;
#[cfg(feature = "gpu")]
#[path = "inception/plan.rs"]
mod plan;
#[path = "inception/progress.rs"]
mod progress;
#[path = "inception/records.rs"]
mod records;
#[path = "inception/run.rs"]
mod run;
#[path = "inception/runs.rs"]
mod runs;
#[path = "inception/saliency.rs"]
mod saliency;
#[path = "inception/tables.rs"]
mod tables;
#[path = "inception/teach.rs"]
mod teach;
#[path = "inception/visualize.rs"]
mod visualize;

use clap::{Parser, Subcommand, ValueEnum};
use inception::{Device, LoadOptions};
use std::io::{Error, ErrorKind};
use std::path::PathBuf;
use std::process::ExitCode;

/// One line that says why a command failed.
type Failure = Box<dyn std::error::Error>;

/// Run, inspect and convert the Inception family of networks.
#[derive(Parser)]
#[command(version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// List the networks
    Models(tables::Models),
    /// List the layers of a network
    Layers(tables::Layers),
    /// Name what pictures show
    Classify(classify::Classify),
    /// Write the features of pictures as a NumPy array
    Embed(embed::Embed),
    /// Teach a model classes of one's own, with a folder of pictures for each
    Teach(teach::Teach),
    /// Measure how often a model is right on a folder with a folder for each class
    Evaluate(evaluate::Evaluate),
    /// Draw what a layer makes of a picture
    Features(features::Features),
    /// Draw which pixels made an answer
    Saliency(saliency::Saliency),
    /// Draw what channels of a layer look for
    Visualize(visualize::Visualize),
    /// Change a picture so that a layer answers more
    Dream(dream::Dream),
    /// Run a network on tensors and write what came out
    Run(run::Run),
    /// Write how a channel of a layer changes with the picture, or with the layers before
    Gradient(gradient::Gradient),
    /// Say what a weights file holds and how it is read
    Inspect(inspect::Inspect),
    /// Write a checkpoint in the project's own format
    Convert(convert::Convert),
    /// Measure a network
    Bench(bench::Bench),
    /// Measure this machine: answers on one thread, on all, and on the GPU
    Measure(measure::Measure),
    /// Count the work of a network on a GPU, dispatch by dispatch
    #[cfg(feature = "gpu")]
    Plan(plan::Plan),
}

/// Where a network runs, on how many threads, with which weights.
#[derive(Clone, Copy, clap::Args)]
struct Backend {
    /// Where the network runs
    #[arg(long, value_enum, default_value_t = Choice::Cpu)]
    device: Choice,
    /// Round the weights to f16; a GPU then holds them in half the memory
    #[arg(long)]
    half: bool,
    /// Number of threads on the CPU; one per core by default
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Choice {
    Cpu,
    Gpu,
}

impl Backend {
    /// Opens the device.
    fn open(&self) -> Result<LoadOptions, Failure> {
        let device = match self.device {
            Choice::Cpu => Device::Cpu,
            #[cfg(feature = "gpu")]
            Choice::Gpu => Device::Gpu(pollster::block_on(inception::gpu::GpuDevice::open(None))?),
            #[cfg(not(feature = "gpu"))]
            Choice::Gpu => return Err("this build runs on the CPU only: it was made without the feature gpu".into()),
        };
        Ok(LoadOptions { device, ..self.options() })
    }

    /// All but the device.
    fn options(&self) -> LoadOptions {
        LoadOptions { threads: self.threads.map_or(0, usize::from), half: self.half, ..LoadOptions::default() }
    }
}

/// What to load, and how to read it.
#[derive(Clone, clap::Args)]
struct Source {
    /// Network id, where the weights alone do not say
    #[arg(long, value_name = "ID")]
    network: Option<String>,
    /// Preprocessing options over the checkpoint's own
    #[arg(long, value_name = "JSON", value_parser = json)]
    preprocess: Option<serde_json::Value>,
    /// What makes answers of the logits, over what the file says
    #[arg(long, value_name = "NAME", value_parser = activation)]
    activation: Option<inception::networks::OutputActivation>,
    /// Folder of the model files
    #[arg(long, value_name = "DIR", default_value = "models")]
    models: PathBuf,
}

impl Source {
    /// What a loader has to know.
    fn options(&self, backend: LoadOptions) -> LoadOptions {
        let Self { network, preprocess, activation, .. } = self.clone();
        LoadOptions { network, preprocess, activation, ..backend }
    }
}

/// Where a session runs, for people.
fn place(session: &inception::Session) -> String {
    match session.adapter() {
        Some(name) => format!("the GPU, {name}"),
        None => format!("the CPU, {} thread(s)", session.threads()),
    }
}

/// `softmax`, `sigmoid` or `none`.
fn activation(name: &str) -> Result<inception::networks::OutputActivation, String> {
    serde_json::from_value(name.into()).map_err(|_| "it is none of softmax, sigmoid and none".into())
}

fn json(text: &str) -> Result<serde_json::Value, String> {
    serde_json::from_str(text).map_err(|e| e.to_string())
}

/// The name of a layer.
fn layer(name: &str) -> Result<String, String> {
    match name.trim() {
        "" => Err("a layer's name is missing".into()),
        name => Ok(name.to_owned()),
    }
}

/// A number between two others, both included.
fn between(text: &str, [least, most]: [f32; 2]) -> Result<f32, String> {
    let value = text.parse().ok().filter(|value| (least..=most).contains(value));
    value.ok_or_else(|| format!("it is a number from {least} to {most}"))
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Models(c) => c.run(),
        Command::Layers(c) => c.run(),
        Command::Classify(c) => c.run(),
        Command::Embed(c) => c.run(),
        Command::Teach(c) => c.run(),
        Command::Evaluate(c) => c.run(),
        Command::Features(c) => c.run(),
        Command::Saliency(c) => c.run(),
        Command::Visualize(c) => c.run(),
        Command::Dream(c) => c.run(),
        Command::Run(c) => c.run(),
        Command::Gradient(c) => c.run(),
        Command::Inspect(c) => c.run(),
        Command::Convert(c) => c.run(),
        Command::Bench(c) => c.run(),
        Command::Measure(c) => c.run(),
        #[cfg(feature = "gpu")]
        Command::Plan(c) => c.run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        // Who reads has read enough, as `head` does.
        Err(error) if error.downcast_ref::<Error>().is_some_and(|e| e.kind() == ErrorKind::BrokenPipe) => {
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("inception: {}", error.to_string().replace('\n', " "));
            ExitCode::FAILURE
        }
    }
}
