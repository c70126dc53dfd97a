//! `inception features`: what a layer makes of a picture, as pictures and as numbers.

use crate::{Backend, Failure, Source, files, npy, pictures};
use inception::Session;
use inception::graph::LayerKind;
use inception::image::Rgb8;
use inception::info::Tensor;
use inception::inspect::{ColorMap, Grid, Picture, Scale, best_patches};
use inception::plan::Request;
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub struct Features {
    /// The picture: JPEG, PNG, WebP, GIF or BMP
    image: PathBuf,
    /// The layer; of a module, every branch gets a picture of its own
    #[arg(long, value_name = "NAME", value_parser = crate::layer)]
    layer: String,
    /// Folder for the files, made where it does not exist
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Model id in the models folder, or a weights file
    #[arg(long, value_name = "ID|FILE")]
    model: Option<String>,
    /// Colours of the maps
    #[arg(long, value_enum, default_value_t = Colors::Magma)]
    colors: Colors,
    /// Which maps share a scale
    #[arg(long, value_enum, default_value_t = Shared::Layer)]
    scale: Shared,
    /// Also draw, for each channel, the part of the picture that excites it most
    #[arg(long)]
    patches: bool,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    backend: Backend,
}

#[derive(Clone, Copy, PartialEq, clap::ValueEnum)]
enum Colors {
    Viridis,
    Magma,
    Grey,
    Diverging,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Shared {
    /// Each channel has its own, from its smallest to its largest value
    Channel,
    /// One for each branch
    Branch,
    /// One for the layer
    Layer,
}

impl Features {
    pub fn run(&self) -> Result<(), Failure> {
        let backend = self.backend.open()?;
        let picture = pictures::picture(&self.image)?;
        let mut session = files::load(self.model.as_deref(), &self.source, backend)?;
        let branches = branches(&session, &self.layer);
        let mut kept = branches.clone();
        kept.push(self.layer.clone());
        session.configure(Request { keep: session.layers(&kept)?, ..Request::default() })?;
        let input = session.info().preprocess.input(&picture);
        let (input, _) = input.map_err(|e| format!("{}: {e}", self.image.display()))?;
        session.run_input(&input)?;

        std::fs::create_dir_all(&self.out).map_err(|e| format!("{}: {e}", self.out.display()))?;
        let layer = session.output(&self.layer, 0)?;
        let whole = self.scale_of(&layer);
        let drawn = if branches.is_empty() { std::slice::from_ref(&self.layer) } else { &branches };
        for name in drawn {
            let tensor = session.output(name, 0)?;
            let scale = match self.scale {
                Shared::Channel => Scale::Channel,
                Shared::Branch => self.scale_of(&tensor),
                Shared::Layer => whole,
            };
            self.save(name, "png", &self.maps(&tensor, scale))?;
            if self.patches {
                self.save(name, "patches.png", &patches(&session, name, &tensor, &picture)?)?;
            }
        }
        let path = self.file(&self.layer, "npy");
        files::write(&path, &npy::write(&layer.shape, &layer.data))?;
        say!("{}", path.display());
        Ok(())
    }

    /// One scale for all of a tensor's values.
    fn scale_of(&self, tensor: &Tensor) -> Scale {
        match self.colors {
            Colors::Diverging => Scale::around_zero(&tensor.data),
            _ => Scale::of(&tensor.data),
        }
    }

    fn maps(&self, tensor: &Tensor, scale: Scale) -> Picture {
        let colors = match self.colors {
            Colors::Viridis => ColorMap::Viridis,
            Colors::Magma => ColorMap::Magma,
            Colors::Grey => ColorMap::Grey,
            Colors::Diverging => ColorMap::Diverging,
        };
        let channels: Vec<usize> = (0..tensor.shape[0]).collect();
        Grid::square(channels.len(), colors, scale).draw(tensor, &channels)
    }

    fn save(&self, name: &str, ending: &str, picture: &Picture) -> Result<(), Failure> {
        let path = self.file(name, ending);
        let (width, height) = (picture.width as u32, picture.height as u32);
        image::save_buffer(&path, &picture.rgba, width, height, image::ColorType::Rgba8)
            .map_err(|e| format!("{}: {e}", path.display()))?;
        say!("{}", path.display());
        Ok(())
    }

    /// `Mixed_5b/Branch_1` becomes `Mixed_5b_Branch_1.png`.
    fn file(&self, layer: &str, ending: &str) -> PathBuf {
        Path::new(&self.out).join(format!("{}.{ending}", flat(layer)))
    }
}

/// What excites each channel of a layer most, on the picture that the session ran.
fn patches(session: &Session, name: &str, tensor: &Tensor, picture: &Rgb8) -> Result<Picture, Failure> {
    let seen = session.info().preprocess.seen(picture).map_err(|e| e.to_string())?;
    let layers = session.layer_info();
    let layer = layers.iter().find(|layer| layer.name == name).ok_or_else(|| format!("there is no layer {name}"))?;
    Ok(best_patches(tensor, &layer.receptive_field, &seen))
}

/// `Mixed_5b/Branch_1` becomes `Mixed_5b_Branch_1`, for names of files.
pub fn flat(layer: &str) -> String {
    layer.replace('/', "_")
}

/// The branches of a module, in order; none for a layer that is no module.
pub fn branches(session: &Session, module: &str) -> Vec<String> {
    let layers = session.layer_info().into_iter();
    let of_module = layers.filter(|l| l.kind == LayerKind::Branch && l.module.as_deref() == Some(module));
    of_module.map(|l| l.name).collect()
}
