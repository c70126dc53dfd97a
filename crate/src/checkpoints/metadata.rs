use super::CheckpointError;
use super::formats::TensorFile;
use crate::image::Preprocess;
use crate::networks::{self, Classifier, Network, OutputActivation};

/// Names of the classes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Labels {
    /// One for each class, in order.
    List(Vec<String>),
    /// Name of a list that the catalog holds, for example `imagenet-1k`.
    Named(String),
}

impl Labels {
    /// A JSON array of names, or the name of a list.
    fn parse(text: &str) -> Result<Self, CheckpointError> {
        match text.trim_start().starts_with('[') {
            true => serde_json::from_slice(text.as_bytes()).map(Labels::List).map_err(|e| fault("labels", e)),
            false => Ok(Labels::Named(text.into())),
        }
    }

    /// The form that [`Labels::parse`] reads.
    pub(super) fn to_text(&self) -> String {
        match self {
            Labels::List(names) => serde_json::Value::from(names.clone()).to_string(),
            Labels::Named(name) => name.clone(),
        }
    }
}

/// What our own files say about themselves; in [`super::convert`], what to write instead.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metadata {
    /// Name for people.
    pub title: Option<String>,
    /// Names of the classes.
    pub labels: Option<Labels>,
    /// How pictures are prepared.
    pub preprocess: Option<Preprocess>,
    /// Where the weights come from.
    pub source: Option<String>,
    /// Their licence.
    pub license: Option<String>,
}

/// `auxiliary` of a file whose auxiliary heads were never trained.
pub(super) const UNTRAINED: &str = "untrained";

pub(super) fn fault(field: &'static str, reason: impl ToString) -> CheckpointError {
    CheckpointError::Metadata { field, reason: reason.to_string() }
}

/// The network that the file names.
pub(super) fn network(file: &TensorFile) -> Result<Option<&'static Network>, CheckpointError> {
    let Some(id) = file.metadata.get("network") else { return Ok(None) };
    networks::find(id).map(Some).ok_or_else(|| fault("network", format!("there is no network {id}")))
}

/// What the file says makes answers of the logits.
pub(super) fn activation(file: &TensorFile) -> Result<Option<OutputActivation>, CheckpointError> {
    let Some(name) = file.metadata.get("activation") else { return Ok(None) };
    let known = serde_json::from_value(name.as_str().into());
    known.map(Some).map_err(|_| fault("activation", format!("{name} is none of softmax, sigmoid and none")))
}

/// What our files say of a network that is not as published.
#[derive(Default)]
pub(super) struct Rebuilt {
    /// The classifier, where its keys do not tell it.
    pub head: Option<Classifier>,
    /// The module that the body ends with.
    pub last: Option<String>,
    /// Height and width of its pictures: a head that reads every position is of their size.
    pub size: Option<[usize; 2]>,
}

/// What the file says of its head and body.
pub(super) fn head(file: &TensorFile) -> Result<Rebuilt, CheckpointError> {
    let read = |text: &String| {
        let json: serde_json::Value = serde_json::from_slice(text.as_bytes()).map_err(|e| fault("head", e))?;
        Classifier::from_json(&json).ok_or_else(|| fault("head", format!("{text} is no classifier")))
    };
    let head = file.metadata.get("head").map(read);
    let size = |text: &String| {
        let json: serde_json::Value = serde_json::from_slice(text.as_bytes()).ok()?;
        let side = |name: &str| json[name].as_u64().and_then(|side| usize::try_from(side).ok());
        Some([side("height")?, side("width")?])
    };
    let size = file.metadata.get("preprocess").and_then(size);
    Ok(Rebuilt { head: head.transpose()?, last: file.metadata.get("last").cloned(), size })
}

/// What the file says was assumed when it was made, and what was when it was read.
pub(super) fn assumptions(file: &TensorFile) -> Result<Vec<String>, CheckpointError> {
    let text = file.metadata.get("assumptions").map_or("[]", String::as_str);
    let said: Vec<String> = serde_json::from_slice(text.as_bytes()).map_err(|e| fault("assumptions", e))?;
    #[cfg(feature = "formats")]
    return Ok([said, file.said.clone()].concat());
    #[cfg(not(feature = "formats"))]
    Ok(said)
}

/// The file's metadata; `preprocess` may name some options only, the others are those of `usual`.
pub(super) fn read(file: &TensorFile, usual: &Preprocess) -> Result<Metadata, CheckpointError> {
    let field = |name: &str| file.metadata.get(name);
    let preprocess = field("preprocess").map(|text| {
        let json = serde_json::from_slice(text.as_bytes()).map_err(|e| fault("preprocess", e))?;
        usual.merged(&json).map_err(|e| fault("preprocess", e))
    });
    Ok(Metadata {
        title: field("title").cloned(),
        labels: field("labels").map(|text| Labels::parse(text)).transpose()?,
        preprocess: preprocess.transpose()?,
        source: field("source").cloned(),
        license: field("license").cloned(),
    })
}

/// The class that the first of so many names is for: they name all classes, or those from `offset` on, before which lies the
/// background. None where there are more names or fewer.
pub fn first_named(names: usize, classes: usize, offset: usize) -> Option<usize> {
    [0, offset].into_iter().find(|first| names + first == classes)
}

/// A list of names has to have one for each class, those before `offset` excepted.
pub(super) fn check_labels(
    labels: &Option<Labels>,
    classes: Option<usize>,
    offset: usize,
) -> Result<(), CheckpointError> {
    let Some(Labels::List(names)) = labels else { return Ok(()) };
    let (found, classes) = (names.len(), classes.unwrap_or(0));
    match first_named(found, classes, offset) {
        Some(_) => Ok(()),
        None => Err(fault("labels", format!("{found} names for {classes} classes"))),
    }
}
