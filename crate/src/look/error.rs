//! What cannot be looked at.

/// Options and lists that do not fit.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum LookError {
    /// A picture of a size that it cannot have.
    #[error("a picture of {width} x {height}: {rule}")]
    Size {
        /// Rows.
        height: usize,
        /// Columns.
        width: usize,
        /// What sizes have to be.
        rule: String,
    },
    /// An option out of its range.
    #[error("{option} is {value}: it is {rule}")]
    Option {
        /// Which.
        option: &'static str,
        /// The value.
        value: f32,
        /// What values may be.
        rule: &'static str,
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
    /// A gradient with a value that is not a finite number.
    #[error("the gradient has a value that is not a finite number")]
    NotFinite,
    /// A run that is none of those wanted, a step after the last, or a result before the runs are complete.
    #[error("run {run} of {runs}")]
    Run {
        /// Which one, or how many there were.
        run: usize,
        /// How many there are to be.
        runs: usize,
    },
}

/// Fails unless a list has the length that it has to have.
pub(super) fn length(what: &'static str, found: usize, wanted: usize) -> Result<(), LookError> {
    if found == wanted { Ok(()) } else { Err(LookError::Length { what, found, wanted }) }
}

/// Fails unless a gradient has its length and nothing but numbers.
pub(super) fn finite(gradient: &[f32], wanted: usize) -> Result<(), LookError> {
    length("gradient", gradient.len(), wanted)?;
    if gradient.iter().all(|v| v.is_finite()) { Ok(()) } else { Err(LookError::NotFinite) }
}

/// Fails unless an option is within its limits, both included.
pub(super) fn within(option: &'static str, value: f32, limits: [f32; 2], rule: &'static str) -> Result<(), LookError> {
    if value >= limits[0] && value <= limits[1] { Ok(()) } else { Err(LookError::Option { option, value, rule }) }
}
