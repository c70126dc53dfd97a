//! What cannot be learned from.

/// Examples or options that no head can be trained with.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TeachError {
    /// No picture with a label.
    #[error("there is no example: a head is trained on pictures of at least two classes")]
    NoExamples,
    /// Nothing to tell apart.
    #[error("there is only one class: give pictures of a second one")]
    OneClass,
    /// A class without pictures.
    #[error("class {class} has no example: give it some, or leave it out")]
    EmptyClass {
        /// Index of the class.
        class: usize,
    },
    /// A feature that is not a finite number.
    #[error("feature {feature} of example {example} is {value}, which is not a finite number")]
    NotFinite {
        /// Index of the picture.
        example: usize,
        /// Index of the feature.
        feature: usize,
        /// The value.
        value: f32,
    },
    /// Lists that do not agree in length.
    #[error("{what}: {found} values where {wanted} are needed")]
    Length {
        /// Which list.
        what: &'static str,
        /// Its length.
        found: usize,
        /// The length that goes with the others.
        wanted: usize,
    },
    /// A label that is no class.
    #[error("example {example} has label {label}, and there are {classes} classes")]
    Label {
        /// Index of the picture.
        example: usize,
        /// The label.
        label: u32,
        /// Number of classes.
        classes: usize,
    },
    /// A number of labels that a picture cannot have where there is one each.
    #[error("example {example} has {found} labels: without several labels a picture has exactly one")]
    LabelCount {
        /// Index of the picture.
        example: usize,
        /// How many it has.
        found: usize,
    },
    /// A penalty that is no positive number.
    #[error("the penalty is {value}: it must be a positive number, or be chosen automatically")]
    Penalty {
        /// The value.
        value: f64,
    },
    /// A threshold that is no probability.
    #[error("the threshold is {value}: it is a probability, from 0 to 1")]
    Threshold {
        /// The value.
        value: f64,
    },
    /// Too few folds.
    #[error("{folds} folds: cross-validation needs at least 2")]
    Folds {
        /// How many were asked for.
        folds: usize,
    },
}
