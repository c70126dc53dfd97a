//! `inception gradient`: how a number that a layer makes changes with the values before it.

use crate::Failure;
use crate::run::{Opened, Output, Tensors, write};
use inception::plan::Request;
use inception::session::{INPUT, Objective};
use std::collections::BTreeMap;

#[derive(clap::Args)]
pub struct Gradient {
    #[command(flatten)]
    tensors: Tensors,
    /// Layer and channel whose sum over all positions it is the gradient of, or one position of it
    #[arg(long, value_name = "LAYER:CHANNEL[:ROW:COLUMN]")]
    of: Of,
    /// Layers at which the gradient is written besides `input`: names of layers that it depends on, or `all` before that layer,
    /// with zeros at those that it does not depend on
    #[arg(long, value_delimiter = ',', value_name = "all|A,B", value_parser = crate::layer)]
    at: Vec<String>,
}

/// A channel of a layer, or one position of it.
#[derive(Clone)]
struct Of {
    layer: String,
    objective: Objective,
    /// As it is written.
    text: String,
}

impl std::str::FromStr for Of {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "it is no LAYER:CHANNEL or LAYER:CHANNEL:ROW:COLUMN".to_owned();
        let mut parts = text.split(':').map(str::trim);
        let layer = parts.next().filter(|layer| !layer.is_empty()).ok_or_else(wrong)?.to_owned();
        let numbers = parts.map(|part| part.parse().map_err(|_| wrong())).collect::<Result<Vec<usize>, _>>()?;
        let (channel, position) = match numbers[..] {
            [channel] => (channel, None),
            [channel, row, column] => (channel, Some([row, column])),
            _ => return Err(wrong()),
        };
        let place = numbers.iter().map(|number| format!(":{number}"));
        let text = std::iter::once(layer.clone()).chain(place).collect();
        Ok(Self { layer, objective: Objective::Channel { channel, position, sum: true }, text })
    }
}

impl Gradient {
    pub fn run(&self) -> Result<(), Failure> {
        let Opened { mut session, images, values, .. } = self.tensors.open(true)?;
        if images != 1 {
            return Err(format!("gradients are of one image, and the input has {images}").into());
        }
        let mut at = self.at.clone();
        at.push(INPUT.into());
        let gradients = session.gradients(&self.of.layer, &at)?;
        let needed = session.graph().needed(gradients.of);
        for name in self.at.iter().filter(|name| *name != INPUT && *name != "all") {
            if session.graph().find(name).is_some_and(|id| !needed[id.index()]) {
                return Err(format!("{} does not depend on {name}: there is no gradient", self.of.layer).into());
            }
        }
        let names: Vec<String> = gradients
            .at
            .iter()
            .map(|&id| if id.index() == 0 { INPUT.into() } else { session.graph().layer(id).name.clone() })
            .collect();
        let keep = vec![gradients.of];
        session.configure(Request { keep, gradients: Some(gradients), ..Request::default() })?;
        session.run(&values)?;
        session.run_reverse(&self.of.objective, false)?;
        let mut outputs: BTreeMap<String, Output> = BTreeMap::new();
        for name in names {
            let tensor = session.gradient(&name)?;
            outputs.insert(name, (tensor.shape.to_vec(), tensor.data));
        }
        write(&self.tensors.out, 1, &outputs)?;
        say!("{} is {}", self.of.text, session.objective(&self.of.layer, &self.of.objective)? as f32);
        Ok(())
    }
}
