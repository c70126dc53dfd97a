//! What answers a picture: the model's own classifier, or a taught head in its place.

use crate::records::{Answer, Prediction, names};
use crate::runs::{Fault, finite};
use crate::{Failure, files};
use inception::Session;
use inception::checkpoints::{HeadError, TaughtHead, TaughtOn, first_named};
use inception::networks::OutputActivation;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Another classifier than the model's own.
#[derive(Clone, clap::Args)]
pub struct GivenHead {
    /// Answer with the head in this file, which `inception teach` has written
    #[arg(long, value_name = "FILE", conflicts_with = "activation")]
    head: Option<PathBuf>,
}

impl GivenHead {
    /// Reads the head.
    pub fn open(&self) -> Result<Option<TaughtHead>, Failure> {
        self.head.as_deref().map(open).transpose()
    }
}

/// Reads a head's file, or fails with one line that names it.
pub fn open(path: &Path) -> Result<TaughtHead, Failure> {
    let (name, bytes) = files::unpacked(path)?;
    TaughtHead::open(&name, bytes).map_err(|error| files::named(path, &error).into())
}

/// Names of a model's classes.
#[derive(Clone, Default)]
pub struct Labels {
    names: Vec<String>,
    /// Index of the first class that has a name.
    offset: usize,
}

impl Labels {
    /// The names for a session's classes: its own, or these in their place.
    fn of(session: &Session, models: &Path, other: Option<Vec<String>>) -> Self {
        let names = other.or_else(|| files::labels(session, models)).unwrap_or_default();
        let info = session.info();
        let offset = first_named(names.len(), info.classes, info.class_offset);
        Self::new(names, offset.unwrap_or(info.class_offset))
    }

    /// Names in order, the first for the class at `offset`.
    pub fn new(names: Vec<String>, offset: usize) -> Self {
        Self { names, offset }
    }

    /// The name of a class; what lies before the first that is named is the background.
    pub fn get(&self, index: usize) -> Option<&str> {
        match index.checked_sub(self.offset) {
            None if self.names.is_empty() => None,
            None => Some("background"),
            Some(place) => self.names.get(place).map(String::as_str),
        }
    }

    /// Every class that has a name, by its index.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &str)> {
        self.names.iter().enumerate().map(|(i, name)| (i + self.offset, name.as_str()))
    }
}

/// The classifier of a session, with the names of its classes.
#[derive(Clone)]
pub struct Answers {
    pub labels: Labels,
    pub head: Option<Arc<TaughtHead>>,
    pub classes: usize,
    pub activation: OutputActivation,
}

impl Answers {
    /// The session's own classifier, with other names for its classes if they are given, or a head.
    ///
    /// # Errors
    /// A head that does not go with the model.
    pub fn of(
        session: &Session,
        models: &Path,
        names: Option<Vec<String>>,
        head: Option<TaughtHead>,
    ) -> Result<Self, HeadError> {
        let info = session.info();
        let Some(head) = head else {
            let labels = Labels::of(session, models, names);
            return Ok(Self { labels, head: None, classes: info.classes, activation: info.activation });
        };
        head.check(&TaughtOn::of(info))?;
        let labels = Labels::new(head.labels.clone(), 0);
        let (classes, activation) = (head.labels.len(), head.activation);
        Ok(Self { labels, head: Some(Arc::new(head)), classes, activation })
    }

    /// Of a head, the least probability that is an answer.
    pub fn threshold(&self) -> Option<f64> {
        self.head.as_ref().map(|head| head.threshold.unwrap_or(0.0))
    }

    /// Whether a head gives a picture any number of labels.
    pub fn several(&self) -> bool {
        let is_several = |head: &Arc<TaughtHead>| {
            head.biases.len() == head.labels.len() && head.activation == OutputActivation::Sigmoid
        };
        self.head.as_ref().is_some_and(is_several)
    }

    /// The `top` likeliest classes of an image of a session's run.
    pub fn answer(&self, session: &Session, image: usize, top: usize) -> Result<Answer, Fault> {
        let probabilities = match &self.head {
            None => session.predictions(image)?,
            Some(head) => head.answer(&session.taught_features(image)?),
        };
        let probabilities = finite(probabilities)?;
        let none = self.head.as_ref().map(|head| head.is_none(&probabilities));
        let threshold = self.threshold().filter(|_| self.several());
        let labels = threshold.map(|threshold| {
            let mut all = self.best(&probabilities, probabilities.len());
            all.retain(|p| f64::from(p.probability) >= threshold);
            all
        });
        Ok(Answer { predictions: self.best(&probabilities, top), none, labels })
    }

    /// What a head says of a picture beside the probabilities, for people.
    pub fn said(&self, answer: &Answer) -> Option<String> {
        let threshold = self.threshold()? * 100.0;
        if answer.none == Some(true) {
            return Some(format!("none of these: nothing reaches {threshold:.2} %"));
        }
        let named = names(answer.labels.as_ref()?).join(", ");
        Some(format!("{named}: from {threshold:.2} %"))
    }

    /// The `top` largest, ties by index.
    pub fn best(&self, probabilities: &[f32], top: usize) -> Vec<Prediction> {
        let mut all: Vec<(usize, f32)> = probabilities.iter().copied().enumerate().collect();
        all.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        all.truncate(top);
        let row = |(index, probability)| {
            let label = self.labels.get(index).map(str::to_owned);
            Prediction { index, label, probability }
        };
        all.into_iter().map(row).collect()
    }
}
