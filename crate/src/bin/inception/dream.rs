//! `inception dream`: a picture changed so that a layer answers more.

use crate::passes::{Model, Passes, save};
use crate::{Failure, pictures, progress};
use inception::look::{Dream as Dreaming, DreamOptions};
use inception::session::Objective;
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct Dream {
    /// The picture: JPEG, PNG, WebP, GIF or BMP
    image: PathBuf,
    /// The layer
    #[arg(long, value_name = "NAME", value_parser = crate::layer)]
    layer: String,
    /// Sizes that the picture is worked on in
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=10))]
    octaves: u16,
    /// How much larger each is than the one before
    #[arg(long, default_value_t = 1.4, value_parser = |text: &str| crate::between(text, [1.05, 4.0]))]
    octave_scale: f32,
    /// Steps in each
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=1000))]
    steps: u16,
    /// Mean change of a value in a step, of 255
    #[arg(long, default_value_t = 1.5, value_parser = |text: &str| crate::between(text, [0.0, 255.0]))]
    step_size: f32,
    /// Longest side, in pixels, that a larger picture is made smaller to
    #[arg(long, default_value_t = 512, value_parser = clap::value_parser!(u32).range(96..=1024))]
    size: u32,
    /// Seed of the shifts
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Where to write the picture, PNG
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    model: Model,
}

impl Dream {
    pub fn run(&self) -> Result<(), Failure> {
        self.model.check_output(&self.out, &self.image)?;
        let picture = pictures::picture(&self.image)?;
        let model = self.model.load()?;
        let [id] = model.layers(&[&self.layer])?[..] else {
            return Err(format!("{}: it is no single layer", self.layer).into());
        };
        let objective = Objective::Squares(vec![1.0; model.graph().layer(id).shape.c]);
        let named = |e: &dyn std::fmt::Display| format!("{}: {e}", self.image.display());
        let before = [picture.width, picture.height];
        let picture = model.info().preprocess.shrunk(&picture, self.size).map_err(|e| named(&e))?;
        let full = [picture.height as usize, picture.width as usize];
        let (shorter, least) = (full[0].min(full[1]), model.least_side());
        if shorter < least {
            let [width, height] = before;
            let scaled = format!(", and {} x {} with --size {}", full[1], full[0], self.size);
            let scaled = if before == [picture.width, picture.height] { "" } else { &scaled };
            let network = &model.info().network;
            let said =
                format!("it is {width} x {height}{scaled}; for {network} the shorter side is at least {least} pixels");
            return Err(named(&said).into());
        }
        let usual = DreamOptions::default();
        let options = DreamOptions {
            octaves: self.octaves.into(),
            scale: self.octave_scale,
            steps: self.steps.into(),
            step: self.step_size,
            seed: self.seed,
            minimum: usual.minimum.min(shorter).max(least),
            ..usual
        };
        let mapping = inception::look::Mapping::new(&model.info().preprocess);
        let mut dream = Dreaming::new(mapping, &picture, options)?;
        let all = dream.progress();
        let bar = progress::runs(all.octaves * all.steps);
        let mut passes: Option<(Passes, [usize; 2])> = None;
        loop {
            let size = dream.size();
            if passes.as_ref().is_none_or(|(_, other)| *other != size) {
                passes = Some((Passes::new(&model, size, &self.layer, objective.clone())?, size));
            }
            let Some((passes, _)) = &mut passes else { break };
            let (_, gradient) = passes.pass(dream.input(), false)?;
            bar.inc(1);
            if !dream.step(&gradient.data)? {
                break;
            }
        }
        bar.finish_and_clear();
        save(&self.out, &dream.picture(), full)?;
        say!("{}", self.out.display());
        Ok(())
    }
}
