//! What timm writes beside a model's weights as `config.json` (`timm/models/_hub.py`): how pictures are prepared, and the classes.

use serde_json::{Map, Value, json};

use super::{SourceFile, TensorFile};
use crate::checkpoints::CheckpointError;

const NAME: &str = "config.json";

/// Said of what others write under this name.
const OTHERS: &str = "config.json left aside: it is not timm's";

/// What a `config.json` says.
#[derive(Default)]
pub(super) struct TimmConfig {
    /// Fields of our own files' metadata.
    fields: Vec<(&'static str, String)>,
    /// That it says nothing.
    said: Option<&'static str>,
}

/// Takes the `config.json` out of the files that it lies beside; none where there is no such file.
///
/// # Errors
/// [`CheckpointError::Header`] where it is damaged or says something that cannot be used.
pub(super) fn taken(files: &mut Vec<SourceFile>) -> Result<Option<TimmConfig>, CheckpointError> {
    let Some(at) = files.iter().position(|file| file.name == NAME).filter(|_| files.len() > 1) else {
        return Ok(None);
    };
    let fault = |reason: &str| CheckpointError::Header { file: NAME.into(), reason: reason.into() };
    let json: Value = serde_json::from_slice(files[at].bytes.head()).map_err(|error| fault(&error.to_string()))?;
    let says_weights = |name: &str| json.get(name).is_some();
    if says_weights("weightsManifest") || says_weights("modelTopology") {
        return Ok(None);
    }
    // Older ones have at the top what newer ones have below.
    let config = if json["pretrained_cfg"].is_object() { &json["pretrained_cfg"] } else { &json };
    if !json["architecture"].is_string() || !config["mean"].is_array() {
        files.remove(at);
        return Ok(Some(TimmConfig { said: Some(OTHERS), ..TimmConfig::default() }));
    }
    if !matches!(json["global_pool"].as_str(), None | Some("" | "avg")) {
        return Err(fault("global_pool is not avg: the network would answer otherwise than it was trained to"));
    }
    files.remove(at);
    let preprocess = preprocess(config).map_err(|what| fault(&format!("{what} is none that is read")))?;
    let labels = [&json["label_names"], &config["label_names"]].into_iter().find(|names| names.is_array());
    let labels = labels.map(|names| ("labels", names.to_string()));
    let fields = [("preprocess", preprocess.to_string())].into_iter().chain(labels).collect();
    Ok(Some(TimmConfig { fields, said: None }))
}

/// Options of how pictures are prepared, those that are said.
fn preprocess(config: &Value) -> Result<Value, &'static str> {
    let mut said = Map::new();
    let mut say = |name: &str, value: Value| drop(said.insert(name.into(), value));
    for field in ["mean", "std"] {
        match config[field].as_array().map(Vec::as_slice) {
            Some([_, _, _]) => say(field, config[field].clone()),
            Some([one]) => say(field, json!([one, one, one])),
            _ => return Err(field),
        }
    }
    say("scale", json!(1.0 / 255.0));
    let sizes = config["input_size"].as_array().map(Vec::as_slice);
    let Some([channels, height, width]) = sizes else { return Err("input_size") };
    let (Some(height), Some(width)) = (height.as_u64(), width.as_u64()) else { return Err("input_size") };
    say("height", json!(height));
    say("width", json!(width));
    if *channels == 1 {
        say("channels", json!("gray"));
    }
    match config["interpolation"].as_str() {
        Some(filter @ ("bilinear" | "bicubic")) => say("filter", json!(filter)),
        None => {}
        _ => return Err("interpolation"),
    }
    match config["crop_mode"].as_str() {
        None | Some("center") => say("resize", json!("shortest-side")),
        Some("squash") => say("resize", json!("stretch")),
        _ => return Err("crop_mode"),
    }
    let part = match &config["crop_pct"] {
        Value::Null => 0.875,
        part => part.as_f64().filter(|part| (0.01..=1.0).contains(part)).ok_or("crop_pct")?,
    };
    say("crop", json!("center"));
    say("order", json!("resize-crop"));
    // timm rounds down (`timm/data/transforms_factory.py`).
    say("resizeTo", json!((height.min(width) as f64 / part).floor() as u64));
    Ok(said.into())
}

impl TimmConfig {
    /// Hangs it on the model where that says nothing itself.
    pub fn note(self, file: &mut TensorFile) {
        for (field, said) in self.fields {
            file.metadata.entry(field.into()).or_insert(said);
        }
        file.said.extend(self.said.map(str::to_owned));
    }
}
