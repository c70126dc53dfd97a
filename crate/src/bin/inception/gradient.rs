//! `inception gradient`: how a number that a layer makes changes with the values before it.

use crate::run::{Output, nhwc, read_input, write};
use crate::{Backend, Failure, Source, files};
use inception::LoadOptions;
use inception::plan::Request;
use inception::session::{INPUT, Objective};
use std::collections::BTreeMap;
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct Gradient {
    /// Weights file
    #[arg(long, value_name = "FILE")]
    weights: PathBuf,
    /// Network id, where the weights alone do not say
    #[arg(long, value_name = "ID")]
    model: Option<String>,
    /// `input`, f32 [1,3,H,W], already normalised; safetensors, or .npy of that array
    #[arg(long, value_name = "FILE")]
    input: PathBuf,
    /// Layer and channel whose sum over all positions it is the gradient of, or one position of it
    #[arg(long, value_name = "LAYER:CHANNEL[:ROW:COLUMN]")]
    of: Of,
    /// Layers at which the gradient is written besides `input`: names, or `all` before that layer
    #[arg(long, value_delimiter = ',', value_name = "all|A,B")]
    at: Vec<String>,
    /// Where to write the gradients, safetensors: `input` and the layers by name
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    backend: Backend,
}

/// A channel of a layer, or one position of it.
#[derive(Clone)]
pub struct Of {
    pub layer: String,
    pub objective: Objective,
}

impl std::str::FromStr for Of {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "it is no LAYER:CHANNEL or LAYER:CHANNEL:ROW:COLUMN".to_owned();
        let mut parts = text.split(':');
        let layer = parts.next().filter(|layer| !layer.is_empty()).ok_or_else(wrong)?.to_owned();
        let numbers = parts.map(|part| part.parse().map_err(|_| wrong())).collect::<Result<Vec<usize>, _>>()?;
        let (channel, position) = match numbers[..] {
            [channel] => (channel, None),
            [channel, row, column] => (channel, Some([row, column])),
            _ => return Err(wrong()),
        };
        Ok(Self { layer, objective: Objective::Channel { channel, position, sum: true } })
    }
}

impl Gradient {
    pub fn run(&self) -> Result<(), Failure> {
        files::check_output(&self.out, "safetensors file", files::is_safetensors)?;
        let mut inputs = files::parts(&self.weights)?;
        inputs.push(self.input.clone());
        files::check_apart(&self.out, &inputs)?;
        let backend = LoadOptions { keep_source: true, ..self.backend.open()? };
        let named = |e: String| format!("{}: {e}", self.input.display());
        let (shape, values) = read_input(&self.input).map_err(named)?;
        let &[1, 3, height, width] = shape.as_slice() else {
            return Err(named(format!("input has the shape {shape:?} instead of [1,3,H,W]")).into());
        };
        let size = serde_json::json!({ "width": width, "height": height, "crop": "none", "resize": "stretch" });
        let source =
            Source { network: self.model.clone(), preprocess: Some(size), activation: None, models: PathBuf::new() };
        let mut session = files::open(&self.weights, &source, backend)?;
        let mut at = self.at.clone();
        at.push(INPUT.into());
        let gradients = session.gradients(&self.of.layer, &at)?;
        let names: Vec<String> = gradients
            .at
            .iter()
            .map(|&id| if id.index() == 0 { INPUT.into() } else { session.graph().layer(id).name.clone() })
            .collect();
        session.configure(Request { gradients: Some(gradients), ..Request::default() })?;
        session.run(&nhwc(&values, height * width))?;
        session.run_reverse(&self.of.objective, false)?;
        let mut outputs: BTreeMap<String, Output> = BTreeMap::new();
        for name in names {
            let tensor = session.gradient(&name)?;
            outputs.insert(name, (tensor.shape.to_vec(), tensor.data));
        }
        write(&self.out, 1, &outputs)
    }
}
