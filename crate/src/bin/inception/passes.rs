//! What the commands that go by gradients have in common: the target, a model that reads pictures of some size, a pass.

use crate::{Backend, Failure, Source, files};
use inception::info::Tensor;
use inception::look::Mapping;
use inception::plan::Request;
use inception::session::{INPUT, Objective};
use inception::{LoadOptions, Loader, Session};
use std::path::Path;

/// How a PNG begins.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// A model whose gradients are followed.
#[derive(clap::Args)]
pub struct Model {
    /// Model id in the models folder, or a weights file
    #[arg(long, value_name = "ID|FILE")]
    model: Option<String>,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    backend: Backend,
}

impl Model {
    /// Loads it.
    pub fn load(&self) -> Result<Session, Failure> {
        files::load(self.model.as_deref(), &self.source, LoadOptions { keep_source: true, ..self.backend.open()? })
    }

    /// The folder of the model files.
    pub fn folder(&self) -> &Path {
        &self.source.models
    }

    /// Whether its weights are rounded.
    pub fn is_half(&self) -> bool {
        self.backend.half
    }

    /// Fails where a PNG that comes of a picture and this model is not to be written: under the name of another kind of file, over
    /// what is read, over what is no PNG, or where nothing can be.
    pub fn check_output(&self, out: &Path, picture: &Path) -> Result<(), Failure> {
        if out.is_dir() {
            return Err(format!("{}: it is a folder; name a file in it", out.display()).into());
        }
        let mut inputs = vec![picture.to_path_buf()];
        // What is wrong with the model is said when it is loaded.
        inputs.extend(files::model_parts(self.model.as_deref(), &self.source.models).unwrap_or_default());
        files::check_apart(out, &inputs)?;
        if out.extension().is_some_and(|ending| !ending.eq_ignore_ascii_case("png")) {
            let stem = Path::new(out.file_stem().unwrap_or_default()).with_extension("png");
            let name = stem.display();
            return Err(format!("{}: it is written as PNG: name it {name}", out.display()).into());
        }
        files::check_output(out, "PNG", |file| files::begins_with(file, PNG))
    }
}

/// A network, and the number whose gradient at the picture is followed.
pub struct Passes {
    pub session: Session,
    layer: String,
    objective: Objective,
}

impl Passes {
    /// Of a session for pictures of that size, with the model's weights; keeps what the objective is made of.
    pub fn new(model: &Session, size: [usize; 2], layer: &str, objective: Objective) -> Result<Self, Failure> {
        let session = Loader::again(model, size, model.device())?.finish()?;
        Self::of(session, layer, objective)
    }

    /// Of a session as it is.
    pub fn of(mut session: Session, layer: &str, objective: Objective) -> Result<Self, Failure> {
        let (gradients, keep) = (session.gradients(layer, &[INPUT])?, session.layers(&[layer])?);
        session.configure(Request { keep, gradients: Some(gradients), ..Request::default() })?;
        Ok(Self { session, layer: layer.into(), objective })
    }

    /// Another number of the same layer.
    pub fn aim(&mut self, objective: Objective) {
        self.objective = objective;
    }

    /// How the network reads colours.
    pub fn mapping(&self) -> Mapping {
        Mapping::new(&self.session.info().preprocess)
    }

    /// The number for an input `[H,W,3]`, and its gradient there, `[3,H,W]`; see [`Session::begin_reverse`].
    pub fn pass(&mut self, input: &[f32], wakes: bool) -> Result<(f64, Tensor), Failure> {
        self.session.run(input)?;
        self.session.run_reverse(&self.objective, wakes)?;
        Ok((self.session.objective(&self.layer, &self.objective)?, self.session.gradient(INPUT)?))
    }
}

/// Writes RGBA pixels as a PNG file, whole or not at all.
pub fn save(path: &Path, rgba: &[u8], [height, width]: [usize; 2]) -> Result<(), Failure> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let (width, height) = (width as u32, height as u32);
    image::write_buffer_with_format(&mut bytes, rgba, width, height, image::ColorType::Rgba8, image::ImageFormat::Png)
        .map_err(|e| format!("{}: {e}", path.display()))?;
    files::write(path, bytes.get_ref())
}
