//! The project's own chores: setup, build, demo, serve, test, bench, dist.

mod bench;
mod demo;
mod dist;
mod files;
mod npm;
mod package;
mod paths;
mod process;
mod serve;
mod setup;
mod stamp;
mod test;
mod wasm;

use std::path::PathBuf;
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
    /// A Rust toolchain for WebAssembly, npm packages and the sample pictures. Debian packages are named, then installed
    /// through apt when this process is root; otherwise the command is printed. Running it again is quick.
    Setup {
        /// Also what only the tests use: Chromium, a Vulkan driver and the content filter
        #[arg(long)]
        tests: bool,
        #[command(flatten)]
        extras: Extras,
    },
    /// Build the npm package into pkg/dist: both WebAssembly artefacts and the JavaScript
    Build,
    /// Set up, build and serve the page as it is published: it opens without this server, too, once it was visited
    Demo {
        #[command(flatten)]
        serving: Serving,
        #[command(flatten)]
        extras: Extras,
        /// Of what is built already: nothing is set up or built
        #[arg(long)]
        built: bool,
    },
    /// Serve the repository's page as it is while you change it, or another folder, building nothing
    Serve(Served),
    /// Run every check and end with a summary; its last line is `N passed, N failed, N skipped`
    Test {
        /// Only this part; may be given more than once
        #[arg(long, value_name = "PART")]
        only: Vec<test::Part>,
        /// Every app of the consumer tests, not the common set-ups alone: bundlers, frameworks and test runners
        #[arg(long)]
        all_consumers: bool,
    },
    /// Measure speed and memory, natively and in Chromium
    Bench {
        /// Only here; may be given more than once
        #[arg(long, value_name = "PLACE")]
        only: Vec<bench::Where>,
        /// Runs behind each median
        #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1000))]
        runs: u32,
        /// The browser of whatever runs in one
        #[arg(long, value_enum, default_value_t)]
        browser: bench::Browser,
    },
    /// Build what is published: the npm packages as tarballs, and the page as a static site
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
struct Extras {
    /// Also this; may be given more than once
    #[arg(long, value_name = "EXTRA")]
    with: Vec<setup::Extra>,
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

impl Serving {
    fn options(&self) -> serve::Options {
        serve::Options { port: self.port, isolated: !self.no_isolation }
    }
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
        Chore::Setup { tests, extras } => {
            set_up(&extras.with)?;
            if tests { setup::for_tests() } else { Ok(()) }
        }
        Chore::Build => build(),
        Chore::Demo { serving, extras, built } => {
            if !built {
                set_up(&extras.with)?;
                build()?;
            }
            demo::demo(&extras.with, &serving.options())
        }
        Chore::Serve(Served { serving, root }) => {
            serve::serve(root.as_deref(), &serving.options(), |address| println!("{address}"))
        }
        Chore::Test { only, all_consumers } => test::test(&only, all_consumers),
        Chore::Bench { only, runs, browser } => bench::bench(&only, runs, browser),
        Chore::Dist { out, site_only } => {
            let out = out.map_or_else(|| Ok(dist::default_folder()), std::path::absolute)?;
            if site_only {
                return dist::site(&out);
            }
            set_up(&[])?;
            build()?;
            dist::dist(&out)
        }
    }
}

fn set_up(with: &[setup::Extra]) -> Result<()> {
    setup::for_build()?;
    setup::for_page(with)
}

fn build() -> Result<()> {
    let toolchain = setup::for_build()?;
    wasm::build(&toolchain)?;
    package::assemble()?;
    wasm::check_budget(&wasm::report()?)
}
