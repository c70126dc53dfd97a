//! `inception visualize`: pictures of what channels look for.

use crate::features::{branches, flat};
use crate::passes::{Model, Passes, save};
use crate::{Failure, progress};
use inception::Session;
use inception::graph::Op;
use inception::look::{Visualization, VisualizationOptions};
use inception::session::Objective;
use std::path::{Path, PathBuf};

/// Pictures side by side on a sheet.
const COLUMNS: usize = 16;

#[derive(clap::Args)]
pub struct Visualize {
    /// Layer whose channels are visualised; of a module, one sheet for each branch
    #[arg(long, value_name = "NAME", required_unless_present = "atlas")]
    layer: Option<String>,
    /// Channel, or `all`
    #[arg(long, value_name = "N|all", default_value = "all")]
    channel: String,
    /// Every channel of every module, and `atlas.json`, which the page reads beside the model
    #[arg(long, conflicts_with_all = ["layer", "channel"])]
    atlas: bool,
    /// Folder for the pictures, made where it does not exist; what lies there already is not made again
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Columns and rows, even, from 32 to 512
    #[arg(long, default_value_t = 128)]
    size: usize,
    /// Steps for each picture
    #[arg(long, default_value_t = 256, value_parser = clap::value_parser!(u32).range(1..=4096))]
    steps: u32,
    /// Seed of the pictures
    #[arg(long, default_value_t = 0)]
    seed: u64,
    #[command(flatten)]
    model: Model,
}

impl Visualize {
    pub fn run(&self) -> Result<(), Failure> {
        if !(32..=512).contains(&self.size) || !self.size.is_multiple_of(2) {
            return Err(format!("--size {}: sizes are even, from 32 to 512", self.size).into());
        }
        let model = self.model.load()?;
        std::fs::create_dir_all(&self.out).map_err(|e| format!("{}: {e}", self.out.display()))?;
        self.check_folder(&model)?;
        match &self.layer {
            Some(layer) => self.layer(&model, layer),
            None => self.whole(&model),
        }
    }

    /// Notes what the folder's pictures are made by, so that those that lie there are not taken for others.
    fn check_folder(&self, model: &Session) -> Result<(), Failure> {
        let path = self.out.join("pictures.json");
        let backbone = &model.info().backbone.digest;
        let own =
            serde_json::json!({ "backbone": backbone, "size": self.size, "steps": self.steps, "seed": self.seed });
        match std::fs::read(&path) {
            Ok(found) if serde_json::from_slice::<serde_json::Value>(&found).is_ok_and(|found| found == own) => Ok(()),
            Ok(_) => Err(format!(
                "{}: the pictures there are of another model, or made with another --size, --steps or --seed: choose another folder",
                self.out.display()
            )
            .into()),
            Err(_) => crate::files::write(&path, own.to_string().as_bytes()),
        }
    }

    /// One layer: a channel, or all of them with a sheet for each branch.
    fn layer(&self, model: &Session, layer: &str) -> Result<(), Failure> {
        let channels = channels(model, layer)?;
        if let Ok(channel) = self.channel.parse::<usize>() {
            if channel >= channels {
                return Err(format!("{layer} has {channels} channels, and no channel {channel}").into());
            }
            let path = self.picture(layer, channel);
            self.draw(model, layer, &[channel])?;
            say!("{}", path.display());
            return Ok(());
        }
        if self.channel != "all" {
            return Err(format!("--channel {}: it is a number, or all", self.channel).into());
        }
        let branches = branches(model, layer);
        let sheets = if branches.is_empty() { vec![layer.to_owned()] } else { branches };
        for sheet in sheets {
            let count = self::channels(model, &sheet)?;
            let all: Vec<usize> = (0..count).collect();
            self.draw(model, &sheet, &all)?;
            let path = self.out.join(format!("{}.png", flat(&sheet)));
            self.sheet(&path, &sheet, count)?;
            say!("{}", path.display());
        }
        Ok(())
    }

    /// Every module.
    fn whole(&self, model: &Session) -> Result<(), Failure> {
        let modules: Vec<String> = modules(model);
        let mut sheets = Vec::new();
        for module in modules {
            let count = channels(model, &module)?;
            let all: Vec<usize> = (0..count).collect();
            self.draw(model, &module, &all)?;
            let file = format!("{}.png", flat(&module));
            self.sheet(&self.out.join(&file), &module, count)?;
            sheets.push(serde_json::json!({ "layer": module, "file": file, "columns": COLUMNS.min(count) }));
        }
        let info = model.info();
        let atlas = serde_json::json!({
            "format": "inception-atlas", "version": 1, "network": info.network, "backbone": info.backbone.digest,
            "tile": self.size, "steps": self.steps, "seed": self.seed, "sheets": sheets,
        });
        let path = self.out.join("atlas.json");
        crate::files::write(&path, atlas.to_string().as_bytes())?;
        say!("{}", path.display());
        Ok(())
    }

    /// Where the picture of a channel lies.
    fn picture(&self, layer: &str, channel: usize) -> PathBuf {
        self.out.join(format!("{}_{channel:04}.png", flat(layer)))
    }

    /// Makes the pictures of channels that are not there.
    fn draw(&self, model: &Session, layer: &str, channels: &[usize]) -> Result<(), Failure> {
        let missing: Vec<usize> =
            channels.iter().copied().filter(|&channel| !self.picture(layer, channel).exists()).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let bar = progress::pictures(Some(missing.len()), true);
        let aim = |channel: usize| Objective::Channel { channel, position: None, sum: false };
        let mut passes = Passes::new(model, [self.size; 2], layer, aim(missing[0]))?;
        for channel in missing {
            passes.aim(aim(channel));
            let options = VisualizationOptions { size: self.size, seed: self.seed, ..VisualizationOptions::default() };
            let mut picture = Visualization::new(passes.mapping(), &options)?;
            let mut value = 0.0;
            for _ in 0..self.steps {
                let gradient;
                (value, gradient) = passes.pass(picture.input(), picture.wakes(value))?;
                picture.step(&gradient.data)?;
            }
            save(&self.picture(layer, channel), &picture.picture(), [self.size; 2])?;
            bar.inc(1);
        }
        bar.finish_and_clear();
        Ok(())
    }

    /// All pictures of a layer side by side.
    fn sheet(&self, path: &Path, layer: &str, count: usize) -> Result<(), Failure> {
        let (size, columns) = (self.size, COLUMNS.min(count));
        let (width, height) = (columns * size, count.div_ceil(columns) * size);
        let mut rgba = vec![0; 4 * width * height];
        for channel in 0..count {
            let from = self.picture(layer, channel);
            let named = |e: &dyn std::fmt::Display| format!("{}: {e}", from.display());
            let tile = image::open(&from).map_err(|e| named(&e))?.to_rgba8();
            if tile.dimensions() != (size as u32, size as u32) {
                return Err(named(&"it lies there in another size: choose another folder, or remove it").into());
            }
            let at = (channel / columns * width * size + channel % columns * size) * 4;
            for (y, row) in tile.as_raw().chunks_exact(4 * size).enumerate() {
                rgba[at + y * 4 * width..][..4 * size].copy_from_slice(row);
            }
        }
        save(path, &rgba, [height, width])
    }
}

/// How many channels a layer has.
fn channels(model: &Session, layer: &str) -> Result<usize, Failure> {
    let [id] = model.layers(&[layer])?[..] else { return Err(format!("{layer}: it is no single layer").into()) };
    Ok(model.graph().layer(id).shape.c)
}

/// The modules' outputs, in order.
fn modules(model: &Session) -> Vec<String> {
    let layers = model.graph().public().map(|(_, layer)| layer);
    let outputs = layers.filter(|l| l.op == Op::Concat && l.module.as_deref() == Some(&l.name));
    outputs.map(|l| l.name.clone()).collect()
}
