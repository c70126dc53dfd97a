//! What came of a part: how many tests passed, failed and were skipped, and why.

use std::fmt;

/// The result of one part, or the sum of several. A part that is one check counts as one test.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Tests that passed.
    pub passed: usize,
    /// Tests that failed.
    pub failed: usize,
    /// Tests that were skipped.
    pub skipped: usize,
    /// What the skipped tests said.
    pub skipped_tests: Vec<String>,
    /// Why the part failed as a whole.
    pub reason: Option<String>,
}

impl Outcome {
    /// One check that passed.
    pub fn pass() -> Self {
        Self { passed: 1, ..Self::default() }
    }

    /// One check that failed.
    pub fn failure(reason: String) -> Self {
        Self { failed: 1, reason: Some(reason), ..Self::default() }
    }

    /// Adds the counts and skipped tests of another outcome.
    pub fn add(&mut self, other: &Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
        self.skipped_tests.extend(other.skipped_tests.iter().cloned());
    }

    /// This outcome where the program that reported it succeeded or reported failures; else with one failure more,
    /// because the program ended before it could report.
    pub fn with_exit(mut self, success: bool) -> Self {
        if !success && self.failed == 0 {
            self.failed = 1;
            self.reason = Some("ended before it reported its results".to_owned());
        } else if success && self == Self::default() {
            self.failed = 1;
            self.reason = Some("reported no results".to_owned());
        }
        self
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self {
            Self { failed: 1.., .. } => "FAILED",
            Self { passed: 0, skipped: 1.., .. } => "SKIPPED",
            _ => "passed",
        };
        write!(formatter, "{word}")?;
        if self.passed + self.failed + self.skipped > 1 {
            write!(formatter, " ({} passed, {} failed, {} skipped)", self.passed, self.failed, self.skipped)?;
        }
        self.reason.as_ref().map_or(Ok(()), |reason| write!(formatter, ": {reason}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_happened() {
        assert_eq!(Outcome::pass().to_string(), "passed");
        assert_eq!(Outcome { skipped: 1, ..Outcome::default() }.to_string(), "SKIPPED");
        assert_eq!(Outcome::failure("too big".to_owned()).to_string(), "FAILED: too big");
        let mixed = Outcome { passed: 3, skipped: 1, ..Outcome::default() };
        assert_eq!(mixed.to_string(), "passed (3 passed, 0 failed, 1 skipped)");
    }

    #[test]
    fn a_program_that_reports_nothing_has_failed() {
        assert_eq!(Outcome::default().with_exit(true).failed, 1);
        assert_eq!(Outcome::default().with_exit(false).failed, 1);
        assert_eq!(Outcome::pass().with_exit(false).failed, 1);
        assert_eq!(Outcome::pass().with_exit(true), Outcome::pass());
    }
}
