//! Runs a test program, shows its output and counts what it reports.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use super::outcome::Outcome;
use crate::process;

/// How a program reports its results.
pub trait Report {
    /// Takes one line of output; returns whether it is worth showing.
    fn line(&mut self, line: &str, outcome: &mut Outcome) -> bool;
}

/// Runs the command to its end and returns what it reported.
pub fn watch(command: &mut Command, mut report: impl Report) -> Result<Outcome> {
    let name = process::command_line(command);
    process::note(&name);
    let mut child = command.stdout(Stdio::piped()).spawn().with_context(|| format!("cannot start `{name}`"))?;
    let mut outcome = Outcome::default();
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).split(b'\n') {
            let line = line?;
            let line = String::from_utf8_lossy(&line);
            if report.line(&line, &mut outcome) {
                eprintln!("{line}");
            }
        }
    }
    let status = child.wait()?;
    Ok(outcome.with_exit(status.success()))
}

/// `cargo test -- --show-output`: one result line per test binary; what passing tests printed is hidden,
/// except that they were skipped. A skipped test counts as skipped and not as passed.
#[derive(Default)]
pub struct Libtest {
    in_successes: bool,
}

impl Report for Libtest {
    fn line(&mut self, line: &str, outcome: &mut Outcome) -> bool {
        if line.trim_start().starts_with("SKIPPED") {
            outcome.skipped += 1;
            outcome.passed = outcome.passed.saturating_sub(1);
            outcome.skipped_tests.push(line.trim().to_owned());
            return true;
        }
        match line {
            "successes:" => self.in_successes = true,
            "failures:" => self.in_successes = false,
            _ => {}
        }
        if let Some(result) = line.strip_prefix("test result: ") {
            self.in_successes = false;
            outcome.passed += count(result, "passed");
            outcome.failed += count(result, "failed");
            outcome.skipped += count(result, "ignored");
        }
        !self.in_successes
    }
}

/// The project's own test programs: the last line is `N passed, N failed, N skipped`.
pub struct ClosingLine;

impl Report for ClosingLine {
    fn line(&mut self, line: &str, outcome: &mut Outcome) -> bool {
        if line.trim_start().starts_with("SKIPPED") {
            outcome.skipped_tests.push(line.trim().to_owned());
        }
        if line.contains(" passed, ") && line.ends_with(" skipped") {
            outcome.passed = count(line, "passed");
            outcome.failed = count(line, "failed");
            outcome.skipped = count(line, "skipped");
        }
        true
    }
}

/// The number that stands before `word`.
fn count(line: &str, word: &str) -> usize {
    let words: Vec<&str> = line.split([' ', ',', ';']).filter(|word| !word.is_empty()).collect();
    words.windows(2).find(|pair| pair[1] == word).and_then(|pair| pair[0].parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(mut report: impl Report, text: &str) -> (Outcome, Vec<String>) {
        let mut outcome = Outcome::default();
        let shown = text.lines().filter(|line| report.line(line, &mut outcome)).map(str::to_owned).collect();
        (outcome, shown)
    }

    #[test]
    fn reads_libtest() {
        let text = "running 3 tests\n\nsuccesses:\n\n---- a stdout ----\nnoise\n\n---- b stdout ----\nSKIPPED b: no files\n\n\
            failures:\n\n---- c stdout ----\nwrong\n\ntest result: FAILED. 2 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out\n\
            test result: ok. 5 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n";
        let (outcome, shown) = read(Libtest::default(), text);
        assert_eq!((outcome.passed, outcome.failed, outcome.skipped), (7, 1, 2));
        assert_eq!(outcome.skipped_tests, ["SKIPPED b: no files"]);
        assert!(shown.iter().any(|line| line == "wrong") && !shown.iter().any(|line| line == "noise"));
    }

    #[test]
    fn reads_the_closing_line() {
        let (outcome, shown) = read(ClosingLine, "ok one\nSKIPPED two: why\n11 passed, 2 failed, 1 skipped\n");
        assert_eq!((outcome.passed, outcome.failed, outcome.skipped), (11, 2, 1));
        assert_eq!(outcome.skipped_tests, ["SKIPPED two: why"]);
        assert_eq!(shown.len(), 3);
    }
}
