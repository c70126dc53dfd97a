//! `inception models` and `inception layers`.

use crate::Failure;
use inception::graph::Graph;
use inception::networks::{NETWORKS, Network, Options};
use inception::{error::network, info};
use serde_json::json;

/// A network as its id says, or another head or size of it.
#[derive(clap::Args)]
pub struct Variant {
    /// Number of classes
    #[arg(long, value_name = "N")]
    classes: Option<usize>,
    /// Side of the image
    #[arg(long, value_name = "N")]
    size: Option<usize>,
    /// Leave away the heads that are there for training
    #[arg(long)]
    without_auxiliary: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

impl Variant {
    pub fn build(&self, network: &Network) -> Result<Graph, Failure> {
        let mut options = network.options();
        if let Some(classes) = self.classes {
            options.head = options.head.with_classes(classes);
        }
        if let Some(size) = self.size {
            options.size = [size; 2];
        }
        if self.without_auxiliary {
            options.auxiliary.clear();
        }
        network.build(&options).map_err(|error| {
            let bodily = Options { auxiliary: vec![], ..options.clone() };
            let hint = match options.auxiliary.is_empty() || network.build(&bodily).is_err() {
                true => "",
                false => "; --without-auxiliary leaves the auxiliary heads out",
            };
            format!("{error}{hint}").into()
        })
    }
}

#[derive(clap::Args)]
pub struct Models {
    #[command(flatten)]
    variant: Variant,
}

impl Models {
    pub fn run(&self) -> Result<(), Failure> {
        let rows = NETWORKS.iter().map(|n| self.row(n)).collect::<Result<Vec<_>, _>>()?;
        if self.variant.json {
            say!("{}", serde_json::Value::from(rows));
            return Ok(());
        }
        say!(
            "{:<28}{:>6}{:>9}{:>14}{:>16}{:>17}{:>13}{:>8}",
            "id",
            "input",
            "classes",
            "params",
            "without aux",
            "MACs",
            "aux MACs",
            "layers"
        );
        for row in rows {
            let number = |key: &str| row[key].as_u64().unwrap_or(0);
            say!(
                "{:<28}{:>6}{:>9}{:>14}{:>16}{:>17}{:>13}{:>8}",
                row["id"].as_str().unwrap_or(""),
                row["input"][1].as_u64().unwrap_or(0),
                number("classes"),
                number("params"),
                number("params_without_aux"),
                number("macs"),
                number("macs_aux"),
                number("layers")
            );
        }
        Ok(())
    }

    fn row(&self, network: &Network) -> Result<serde_json::Value, Failure> {
        let graph = self.variant.build(network)?;
        let (macs, macs_aux) = graph.macs();
        let without_aux: u64 = graph.layers().iter().filter(|l| !l.auxiliary).map(|l| graph.layer_params(l)).sum();
        Ok(json!({
            "id": network.id,
            "title": network.title,
            "input": graph.input().chw(),
            "classes": graph.logits().map_or(0, |id| graph.layer(id).shape.c),
            "params": graph.params(),
            "params_without_aux": without_aux,
            "macs": macs,
            "macs_aux": macs_aux,
            "layers": graph.public().count(),
        }))
    }
}

#[derive(clap::Args)]
pub struct Layers {
    /// Network id
    id: String,
    #[command(flatten)]
    variant: Variant,
}

impl Layers {
    pub fn run(&self) -> Result<(), Failure> {
        let layers = info::layers(&self.variant.build(network(&self.id)?)?);
        if self.variant.json {
            let mut rows = serde_json::to_value(&layers)?;
            for row in rows.as_array_mut().into_iter().flatten().filter_map(|row| row.as_object_mut()) {
                if let Some(field) = row.remove("receptiveField") {
                    row.insert("receptive_field".into(), field);
                }
            }
            say!("{rows}");
            return Ok(());
        }
        for l in layers {
            let kind = serde_json::to_value(l.kind)?;
            let [c, h, w] = l.shape;
            let rf = l.receptive_field;
            say!(
                "{:<44}{:<9} {:<16} {:>14} {:>9} {:>11}  rf {}x{}/{}x{} from {},{}  <- {}",
                l.name,
                kind.as_str().unwrap_or(""),
                l.detail,
                format!("{c}x{h}x{w}"),
                l.params,
                l.macs,
                rf.size[0],
                rf.size[1],
                rf.stride[0],
                rf.stride[1],
                rf.start[0],
                rf.start[1],
                l.inputs.join(", ")
            );
        }
        Ok(())
    }
}
