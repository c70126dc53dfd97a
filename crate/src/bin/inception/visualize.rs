//! `inception visualize`: pictures of what channels look for.

use crate::album::{Album, Settings};
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
    #[arg(long, value_name = "NAME", required_unless_present = "atlas", value_parser = crate::layer)]
    layer: Option<String>,
    /// Channel, or `all`
    #[arg(long, value_name = "N|all", default_value = "all")]
    channel: String,
    /// Every channel of every module, and `atlas.json`, which the page reads beside the model
    #[arg(long, conflicts_with_all = ["layer", "channel"])]
    atlas: bool,
    /// Folder for the pictures, made where it does not exist; whole pictures that it has already, made in the same way,
    /// are not made again
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
        if self.out.exists() && !self.out.is_dir() {
            return Err(format!("{}: it is a file, not a folder", self.out.display()).into());
        }
        let model = self.model.load()?;
        let (network, least) = (&model.info().network, model.least_side());
        if self.size < least {
            let size = self.size;
            return Err(format!("--size {size}: for {network} a side is at least {least} pixels, and even").into());
        }
        match &self.layer {
            Some(layer) => self.layer(&model, layer),
            None => self.whole(&model),
        }
    }

    /// The folder, for pictures of these layers.
    fn album(&self, model: &Session, layers: &[String]) -> Result<Album, Failure> {
        let &Self { size, steps, seed, .. } = self;
        Album::open(&self.out, model, &Settings { size, steps, seed, half: self.model.is_half() }, layers)
    }

    /// One layer: a channel, or all of them with a sheet for each branch.
    fn layer(&self, model: &Session, layer: &str) -> Result<(), Failure> {
        let count = channels(model, layer)?;
        if let Ok(channel) = self.channel.parse::<usize>() {
            if channel >= count {
                return Err(format!("{layer} has {count} channels, and no channel {channel}").into());
            }
            let mut album = self.album(model, &[layer.to_owned()])?;
            self.draw(model, &mut album, layer, &[channel])?;
            say!("{}", album.path(layer, channel).display());
            return Ok(());
        }
        if self.channel != "all" {
            return Err(format!("--channel {}: it is a number, or all", self.channel).into());
        }
        let branches = branches(model, layer);
        let sheets = if branches.is_empty() { vec![layer.to_owned()] } else { branches };
        let mut album = self.album(model, &sheets)?;
        for sheet in sheets {
            let path = self.out.join(format!("{}.png", flat(&sheet)));
            self.sheet(model, &mut album, &sheet, &path)?;
            say!("{}", path.display());
        }
        Ok(())
    }

    /// Every module.
    fn whole(&self, model: &Session) -> Result<(), Failure> {
        let modules: Vec<String> = modules(model);
        let mut album = self.album(model, &modules)?;
        let mut sheets = Vec::new();
        for module in modules {
            let file = format!("{}.png", flat(&module));
            let count = self.sheet(model, &mut album, &module, &self.out.join(&file))?;
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

    /// Makes the pictures of channels that are not there.
    fn draw(&self, model: &Session, album: &mut Album, layer: &str, channels: &[usize]) -> Result<(), Failure> {
        let missing: Vec<usize> =
            channels.iter().copied().filter(|&channel| album.picture(layer, channel).is_none()).collect();
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
            album.save(layer, channel, &picture.picture())?;
            bar.inc(1);
        }
        bar.finish_and_clear();
        Ok(())
    }

    /// All pictures of a layer side by side; how many there are.
    fn sheet(&self, model: &Session, album: &mut Album, layer: &str, path: &Path) -> Result<usize, Failure> {
        let count = channels(model, layer)?;
        self.draw(model, album, layer, &(0..count).collect::<Vec<_>>())?;
        let (size, columns) = (self.size, COLUMNS.min(count));
        let (width, height) = (columns * size, count.div_ceil(columns) * size);
        let mut rgba = vec![0; 4 * width * height];
        for channel in 0..count {
            let missing = || format!("{}: it is gone, or cannot be read", album.path(layer, channel).display());
            let tile = album.picture(layer, channel).ok_or_else(missing)?;
            let at = (channel / columns * width * size + channel % columns * size) * 4;
            for (y, row) in tile.as_raw().chunks_exact(4 * size).enumerate() {
                rgba[at + y * 4 * width..][..4 * size].copy_from_slice(row);
            }
        }
        save(path, &rgba, [height, width])?;
        Ok(count)
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
