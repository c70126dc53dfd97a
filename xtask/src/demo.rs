//! The page as a visitor meets it: the published site on this computer.

use std::num::NonZero;
use std::thread;

use anyhow::Result;

use crate::setup::Extra;
use crate::{dist, paths, process, serve};

/// Makes the site of what is built and serves it until the process ends.
///
/// What is served is a copy, so that its service worker never stands between somebody who changes the page and the
/// changes: those are seen with `cargo xtask serve`, which serves the repository, on an origin of its own.
pub fn demo(with: &[Extra], options: &serve::Options) -> Result<()> {
    let site = dist::demo_site(&paths::cache().join("demo"), with)?;
    serve::serve(Some(&site), options, |address| {
        process::step("the page is served at");
        println!("{address}");
        for line in told(with, options.isolated, thread::available_parallelism().map_or(1, NonZero::get)) {
            process::note(&line);
        }
    })
}

/// What is said below the address: the models, where they run, how to stop.
fn told(with: &[Extra], isolated: bool, processors: usize) -> [String; 4] {
    let filter = if with.contains(&Extra::Nsfw) { "; the content filter is in its list of models" } else { "" };
    let threads = match processors.min(MOST_THREADS) {
        threads if isolated && threads > 1 => format!("{threads} threads"),
        _ => "one thread".to_owned(),
    };
    [
        format!("model   GoogLeNet, the thousand classes of ImageNet, from this repository{filter}"),
        format!("device  WebGPU where your browser offers a GPU, else the processor in {threads}"),
        "offline once visited, the page opens without this server, too".to_owned(),
        "stop    Ctrl-C".to_owned(),
    ]
}

/// The most threads that the page takes.
const MOST_THREADS: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_runs_where_and_how_to_stop() {
        let [model, device, _, stop] = told(&[], true, 4);
        assert!(model.contains("GoogLeNet") && !model.contains("filter"), "{model}");
        assert!(device.ends_with("in 4 threads"), "{device}");
        assert!(stop.contains("Ctrl-C"), "{stop}");
        assert!(told(&[Extra::Nsfw], true, 4)[0].contains("content filter"));
        for (isolated, processors, wanted) in
            [(true, 64, "8 threads"), (true, 1, "one thread"), (false, 64, "one thread")]
        {
            assert!(told(&[], isolated, processors)[1].ends_with(wanted));
        }
    }
}
