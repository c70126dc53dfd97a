//! `inception saliency`: which pixels made an answer.

use crate::passes::{Model, Passes, save};
use crate::{Failure, classify, progress};
use inception::inspect::ColorMap;
use inception::look::{Baseline, Map, Method, Saliency as Runs};
use inception::session::Objective;
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct Saliency {
    /// The picture: JPEG, PNG, WebP, GIF or BMP
    image: PathBuf,
    /// Index of the class; the most likely one by default
    #[arg(long, value_name = "N")]
    class: Option<usize>,
    /// How it is found
    #[arg(long, value_enum, default_value_t = By::Smoothgrad)]
    method: By,
    /// Noisy copies of smoothgrad, or steps of integrated
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u32).range(1..=1000))]
    runs: u32,
    /// Standard deviation of smoothgrad's noise, of the range of the input's values
    #[arg(long, default_value_t = 0.15)]
    noise: f32,
    /// Where integrated begins
    #[arg(long, value_enum, default_value_t = From::Gray)]
    baseline: From,
    /// Seed of the noise
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Where to write the map, PNG
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    model: Model,
}

#[derive(Clone, Copy, PartialEq, clap::ValueEnum)]
enum By {
    Gradient,
    Smoothgrad,
    Integrated,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum From {
    Black,
    Gray,
    Mean,
}

impl Saliency {
    pub fn run(&self) -> Result<(), Failure> {
        let picture = classify::picture(&self.image)?;
        let mut session = self.model.load()?;
        let (input, _) =
            session.info().preprocess.input(&picture).map_err(|e| format!("{}: {e}", self.image.display()))?;
        session.run_input(&input)?;
        let logits = session.graph().logits().ok_or("this checkpoint has no classifier")?;
        let logits = session.graph().layer(logits).name.clone();
        let values = session.output(&logits, 0)?.data;
        let likely = (0..values.len()).max_by(|&a, &b| values[a].total_cmp(&values[b])).unwrap_or_default();
        let channel = self.class.unwrap_or(likely);
        let [_, height, width] = session.info().input;
        let levels = session.info().preprocess.levels();
        let mut passes = Passes::of(session, &logits, Objective::Channel { channel, position: None, sum: true })?;
        let runs = self.runs as usize;
        let method = match self.method {
            By::Gradient => Method::Gradient,
            By::Smoothgrad => Method::Smooth { samples: runs, noise: self.noise, seed: self.seed },
            By::Integrated => {
                let baseline = match self.baseline {
                    From::Black => Baseline::Black,
                    From::Gray => Baseline::Grey,
                    From::Mean => Baseline::Mean,
                };
                Method::Integrated { steps: runs, baseline }
            }
        };
        let mut runs = Runs::new(input.into_values(&levels), [height, width], &passes.mapping(), method)?;
        let bar = progress::runs(runs.runs());
        for run in 0..runs.runs() {
            let (_, gradient) = passes.pass(&runs.input(run)?, false)?;
            runs.take(&gradient.data)?;
            bar.inc(1);
        }
        bar.finish_and_clear();
        let found = runs.finish()?;
        let is_signed = self.method == By::Integrated;
        let map = if is_signed { Map::sum(&found) } else { Map::largest(&found) };
        let colors = if is_signed { ColorMap::Diverging } else { ColorMap::Magma };
        let scale = map.scale.max(f32::MIN_POSITIVE);
        let at = |v: f32| if is_signed { 0.5 + 0.5 * v / scale } else { v / scale };
        let pixel = |&v: &f32| colors.color(at(v).clamp(0.0, 1.0));
        let rgba: Vec<u8> = map.data.iter().map(pixel).flat_map(|[r, g, b]| [r, g, b, 255]).collect();
        save(&self.out, &rgba, map.size)?;
        say!("class {channel}, logit {:.4}", values[channel]);
        if is_signed {
            let sum: f64 = found.data.iter().map(|&v| f64::from(v)).sum();
            say!("the pixels add {sum:.4} to what the logit is at the beginning");
        }
        say!("{}", self.out.display());
        Ok(())
    }
}
