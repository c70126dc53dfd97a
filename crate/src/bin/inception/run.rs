//! `inception run`: tensors in, tensors out.

use crate::{Backend, Failure, Source, files, npy};
use inception::plan::Request;
use inception::{LoadOptions, Session};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub struct Run {
    #[command(flatten)]
    tensors: Tensors,
    /// Layers to write besides the logits, or besides the embedding where there are none: names, or `all`
    #[arg(long, value_delimiter = ',', value_name = "all|A,B", value_parser = crate::layer)]
    layers: Vec<String>,
    /// Images that run at once
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1024))]
    batch: u16,
}

/// A network for tensors in and out.
#[derive(clap::Args)]
pub struct Tensors {
    /// Weights file
    #[arg(long, value_name = "FILE")]
    weights: PathBuf,
    /// Network id, where the weights alone do not say
    #[arg(long, value_name = "ID")]
    model: Option<String>,
    /// `input`, f32 [N,3,H,W], already normalised; safetensors, or .npy of that array
    #[arg(long, value_name = "FILE")]
    input: PathBuf,
    /// Where to write what comes out, safetensors
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    #[command(flatten)]
    backend: Backend,
}

/// Images as they came in, and a network of their size.
pub struct Opened {
    pub session: Session,
    pub images: usize,
    /// Values of an image.
    pub length: usize,
    /// `[N,H,W,3]`.
    pub values: Vec<f32>,
}

impl Tensors {
    /// Looks at where is written to, reads the images, and loads the network for their size.
    pub fn open(&self, keep_source: bool) -> Result<Opened, Failure> {
        files::check_output(&self.out, "safetensors file", files::is_safetensors)?;
        let mut inputs = files::parts(&self.weights)?;
        inputs.push(self.input.clone());
        files::check_apart(&self.out, &inputs)?;
        let backend = LoadOptions { keep_source, ..self.backend.open()? };
        let named = |e: String| format!("{}: {e}", self.input.display());
        let (shape, values) = read_input(&self.input).map_err(named)?;
        let &[images, 3, height, width] = shape.as_slice() else {
            return Err(named(format!("input has the shape {shape:?} instead of [N,3,H,W]")).into());
        };
        if let Some(place) = values.iter().position(|value| !value.is_finite()) {
            let (row, column) = (place / width % height, place % width);
            let plane = place / (height * width);
            let (image, channel, value) = (plane / 3, plane % 3, values[place]);
            return Err(named(format!(
                "input has {value} at image {image}, channel {channel}, row {row}, column {column}; its values are finite"
            ))
            .into());
        }
        let size = serde_json::json!({ "width": width, "height": height, "crop": "none", "resize": "stretch" });
        let source =
            Source { network: self.model.clone(), preprocess: Some(size), activation: None, models: PathBuf::new() };
        let session = files::open(&self.weights, &source, backend)?;
        let length = (3 * height * width).max(1);
        let values = values.chunks_exact(length).flat_map(|image| nhwc(image, height * width)).collect();
        Ok(Opened { session, images, length, values })
    }
}

/// Shape without the batch, and the values of all images.
pub type Output = (Vec<usize>, Vec<f32>);

impl Run {
    pub fn run(&self) -> Result<(), Failure> {
        let Opened { mut session, images: n, length, values } = self.tensors.open(false)?;
        let keep = session.layers(&self.layers)?;
        let names = self.names(&session);
        let mut outputs: BTreeMap<String, Output> = BTreeMap::new();
        for images in values.chunks(usize::from(self.batch) * length) {
            session.configure(Request {
                keep: keep.clone(),
                images: images.len() / length,
                off: vec![],
                gradients: None,
            })?;
            session.run(images)?;
            for (index, (name, vector)) in (0..images.len() / length).flat_map(|i| names.iter().map(move |n| (i, n))) {
                let tensor = session.output(name, index)?;
                let shape = if *vector { vec![tensor.shape[0]] } else { tensor.shape.to_vec() };
                outputs.entry(name.clone()).or_insert_with(|| (shape, Vec::new())).1.extend(tensor.data);
            }
        }
        write(&self.tensors.out, n, &outputs)
    }

    /// Layers to write, and whether each is a vector.
    fn names(&self, session: &Session) -> Vec<(String, bool)> {
        let graph = session.graph();
        let answer = graph.logits().or(graph.embedding()).unwrap_or(graph.features());
        let heads = std::iter::once(answer).chain(graph.auxiliary().iter().copied());
        let all = self.layers.iter().any(|l| l == "all");
        let asked = |id| all || self.layers.contains(&graph.layer(id).name);
        let layers = graph.public().map(|(id, _)| id).filter(|&id| asked(id)).chain(heads);
        layers
            .map(|id| (graph.layer(id).name.clone(), graph.layer(id).op.is_vector()))
            .collect::<BTreeMap<_, _>>()
            .into_iter()
            .collect()
    }
}

/// `input`, `[N,3,H,W]`, of a safetensors file, or the array of a NumPy file: its shape and values.
fn read_input(path: &Path) -> Result<(Vec<usize>, Vec<f32>), String> {
    let bytes = files::read(path).map_err(|e| e.to_string())?;
    if bytes.starts_with(b"\x93NUMPY") {
        return npy::read(&bytes);
    }
    let begins = files::is_header(bytes.get(..9).unwrap_or_default(), bytes.len() as u64);
    let file = SafeTensors::deserialize(&bytes).map_err(|e| match begins {
        true => format!("it is a .safetensors file that is damaged or cut short ({e:?})"),
        false => "it is neither a .npy nor a .safetensors file".into(),
    })?;
    let tensor = file.tensor("input").map_err(|_| "there is no tensor named input".to_string())?;
    if tensor.dtype() != Dtype::F32 {
        return Err(format!("input is {:?}, not F32", tensor.dtype()));
    }
    let values = tensor.data().chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]));
    Ok((tensor.shape().to_vec(), values.collect()))
}

/// From channel by channel to pixel by pixel.
fn nhwc(chw: &[f32], pixels: usize) -> Vec<f32> {
    (0..chw.len()).map(|i| chw[i % 3 * pixels + i / 3]).collect()
}

/// Writes tensors of so many images, safetensors.
pub fn write(out: &Path, n: usize, outputs: &BTreeMap<String, Output>) -> Result<(), Failure> {
    let bytes: Vec<(&String, Vec<usize>, Vec<u8>)> = outputs
        .iter()
        .map(|(name, (shape, values))| {
            let shape = std::iter::once(n).chain(shape.iter().copied()).collect();
            (name, shape, values.iter().flat_map(|v| v.to_le_bytes()).collect())
        })
        .collect();
    let view = |shape: &Vec<usize>, bytes| TensorView::new(Dtype::F32, shape.clone(), bytes);
    let tensors = bytes.iter().map(|(name, shape, bytes)| Ok((name.as_str(), view(shape, bytes)?)));
    let tensors = tensors.collect::<Result<Vec<_>, safetensors::SafeTensorError>>()?;
    files::write(out, &safetensors::serialize(tensors, None)?)
}
