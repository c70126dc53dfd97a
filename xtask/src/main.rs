//! The project's own chores: setup, build, demo, serve.

mod package;
mod paths;
mod process;
mod serve;
mod setup;
mod stamp;
mod wasm;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Parser, Subcommand};

/// The project's own chores.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Find what is missing on this machine and install it
    ///
    /// A Rust toolchain for WebAssembly, npm packages, the offline model and the sample pictures. Debian packages are
    /// installed through apt when this process is root; otherwise the command is printed. Running it again is quick.
    Setup {
        /// Also what only the tests use: Chromium and a Vulkan driver
        #[arg(long)]
        tests: bool,
    },
    /// Build the npm package into pkg/dist: both WebAssembly artefacts and the JavaScript
    Build,
    /// Set up, build and serve the page
    Demo(Serving),
    /// Serve the page as it is, building nothing
    Serve(Serving),
}

#[derive(Args)]
struct Serving {
    /// Port on 127.0.0.1; 0 takes any free one
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Leave out the headers of cross-origin isolation, so that pages cannot use threads
    #[arg(long)]
    no_isolation: bool,
}

fn main() -> ExitCode {
    match run(Arguments::parse().chore) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(chore: Chore) -> Result<()> {
    match chore {
        Chore::Setup { tests } => set_up(tests),
        Chore::Build => build(),
        Chore::Demo(serving) => {
            set_up(false)?;
            build()?;
            process::step("serving the page; Ctrl-C ends it");
            serve(&serving)
        }
        Chore::Serve(serving) => serve(&serving),
    }
}

fn set_up(tests: bool) -> Result<()> {
    setup::for_build()?;
    if tests {
        setup::for_tests()?;
    }
    Ok(())
}

fn build() -> Result<()> {
    let toolchain = setup::for_build()?;
    wasm::build(&toolchain)?;
    package::assemble()?;
    wasm::check_budget(&wasm::report()?)
}

fn serve(serving: &Serving) -> Result<()> {
    serve::serve(&serve::Options { port: serving.port, isolated: !serving.no_isolation })
}
