//! A classifier head that is taught with features of pictures: multinomial logistic regression, or one sigmoid per label.
//! Enters: features `[pictures, dimensions]` with labels. Leaves: weights and biases for such features, and a report of how
//! good they are, by cross-validation.

mod calibration;
mod design;
mod error;
mod examples;

mod folds;
mod loss;
mod matrix;
mod preconditioner;
mod report;
mod solver;
mod span;
mod standardize;
mod training;
mod vector;

pub use error::TeachError;
pub use examples::Examples;
pub use folds::Folds;
pub use report::{Answer, Candidate, ClassReport, NoneReport, Report};
pub use training::{Options, Penalty, Taught, Training};
