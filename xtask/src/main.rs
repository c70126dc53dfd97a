//! The project's own chores: setup, build, demo, serve, test, bench, dist.

mod bench;
mod dist;
mod files;
mod package;
mod paths;
mod process;
mod serve;
mod setup;
mod stamp;
mod test;
mod wasm;

use std::path::{Path, PathBuf};
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
    /// Serve the page as it is, or another folder, building nothing
    Serve(Served),
    /// Run every check and end with a summary; its last line is `N passed, N failed, N skipped`
    Test {
        /// Only this part; may be given more than once
        #[arg(long, value_name = "PART")]
        only: Vec<test::Part>,
    },
    /// Measure speed and memory, natively and in Chromium
    Bench {
        /// Only here; may be given more than once
        #[arg(long, value_name = "PLACE")]
        only: Vec<bench::Where>,
        /// Runs behind each median
        #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1000))]
        runs: u32,
    },
    /// Build what is published: both npm packages as tarballs, and the page as a static site
    Dist {
        /// The folder for it; default target/dist
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
        /// Only the site, of the package and the models that are there; nothing is set up or built
        #[arg(long)]
        site_only: bool,
    },
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

#[derive(Args)]
struct Served {
    #[command(flatten)]
    serving: Serving,
    /// A folder to serve in place of the repository, such as target/dist/site
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
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
            serve(&serving, None)
        }
        Chore::Serve(Served { serving, root }) => serve(&serving, root.as_deref()),
        Chore::Test { only } => test::test(&only),
        Chore::Bench { only, runs } => bench::bench(&only, runs),
        Chore::Dist { out, site_only } => {
            let out = out.map_or_else(|| Ok(dist::default_folder()), std::path::absolute)?;
            if site_only {
                return dist::site(&out);
            }
            set_up(false)?;
            build()?;
            dist::dist(&out)
        }
    }
}

fn set_up(tests: bool) -> Result<()> {
    setup::for_build()?;
    setup::for_page()?;
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

fn serve(serving: &Serving, root: Option<&Path>) -> Result<()> {
    serve::serve(root, &serve::Options { port: serving.port, isolated: !serving.no_isolation })
}
