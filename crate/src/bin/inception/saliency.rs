//! `inception saliency`: which pixels made an answer.

use crate::answers::Answers;
use crate::passes::{Model, Passes, save};
use crate::{Failure, pictures, progress};
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
    /// Noisy copies of smoothgrad (25 by default), or steps of integrated (64)
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1000))]
    runs: Option<u32>,
    /// Standard deviation of smoothgrad's noise, of the range of the input's values; 0.15 by default
    #[arg(long, value_parser = |text: &str| crate::between(text, [0.0, 1.0]))]
    noise: Option<f32>,
    /// Where integrated begins; at gray by default
    #[arg(long, value_enum)]
    baseline: Option<From>,
    /// Seed of smoothgrad's noise; 0 by default
    #[arg(long)]
    seed: Option<u64>,
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
    /// Fails where an option is given that the method does not use.
    fn check_options(&self) -> Result<(), Failure> {
        let (smooth, integrated) = (self.method == By::Smoothgrad, self.method == By::Integrated);
        let options = [
            ("--runs", self.runs.is_some() && !smooth && !integrated, "smoothgrad or integrated"),
            ("--noise", self.noise.is_some() && !smooth, "smoothgrad"),
            ("--seed", self.seed.is_some() && !smooth, "smoothgrad"),
            ("--baseline", self.baseline.is_some() && !integrated, "integrated"),
        ];
        match options.into_iter().find(|&(_, is_idle, _)| is_idle) {
            Some((option, _, method)) => Err(format!("{option} belongs to --method {method}").into()),
            None => Ok(()),
        }
    }

    pub fn run(&self) -> Result<(), Failure> {
        self.check_options()?;
        self.model.check_output(&self.out, &self.image)?;
        let picture = pictures::picture(&self.image)?;
        let mut session = self.model.load()?;
        let logits = session.graph().logits().ok_or("this checkpoint has no classifier")?;
        let logits = session.graph().layer(logits).name.clone();
        let Answers { labels, classes, .. } = Answers::of(&session, self.model.folder(), None, None)?;
        if let Some(class) = self.class.filter(|&class| class >= classes) {
            return Err(format!("class {class}: the classes are 0 to {}", classes.saturating_sub(1)).into());
        }
        let (input, _) =
            session.info().preprocess.input(&picture).map_err(|e| format!("{}: {e}", self.image.display()))?;
        session.run_input(&input)?;
        let mut values = session.output(&logits, 0)?.data;
        // Of two classes that one logit answers, the first is its negative.
        let is_pair = values.len() < classes;
        if is_pair {
            values.insert(0, -values[0]);
        }
        let likely = (0..values.len()).max_by(|&a, &b| values[a].total_cmp(&values[b])).unwrap_or_default();
        let class = self.class.unwrap_or(likely);
        let objective = match is_pair {
            true => Objective::Weighted(vec![if class == 0 { -1.0 } else { 1.0 }]),
            false => Objective::Channel { channel: class, position: None, sum: true },
        };
        let [_, height, width] = session.info().input;
        let levels = session.info().preprocess.levels();
        let mut passes = Passes::of(session, &logits, objective)?;
        let runs = |usual: usize| self.runs.map_or(usual, |runs| runs as usize);
        let method = match self.method {
            By::Gradient => Method::Gradient,
            By::Smoothgrad => Method::Smooth {
                samples: runs(25),
                noise: self.noise.unwrap_or(0.15),
                seed: self.seed.unwrap_or_default(),
            },
            By::Integrated => {
                let baseline = match self.baseline {
                    Some(From::Black) => Baseline::Black,
                    None | Some(From::Gray) => Baseline::Grey,
                    Some(From::Mean) => Baseline::Mean,
                };
                Method::Integrated { steps: runs(64), baseline }
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
        let name = labels.get(class).map(|name| format!(" ({name})")).unwrap_or_default();
        say!("class {class}{name}, logit {:.4}", values[class]);
        if is_signed {
            let sum: f64 = found.data.iter().map(|&v| f64::from(v)).sum();
            say!("the pixels add {sum:.4} to what the logit is at the beginning");
        }
        say!("{}", self.out.display());
        Ok(())
    }
}
