//! Every CPU kernel against the reference of its operation, on random shapes, strides, padding and views, for each instruction set
//! that this machine has; natively on one thread and on three. In: a number of cases, and a seed where the runs are to be
//! the same each time. Out: nothing, or the text that says what failed and the smallest case that does.
//!
//! `cargo test` runs the checks natively; `cargo xtask test` builds them for the browser too, in the instruction sets of
//! the artefacts that ship.

mod convolution;
#[cfg(target_arch = "wasm32")]
mod forms;
#[path = "../../tests/common/numbers.rs"]
mod numbers;
mod pooling;
mod storage;
mod vector;
#[cfg(target_arch = "wasm32")]
mod web;

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

/// One kernel and its reference.
pub struct Check {
    /// What it is called in tests.
    pub name: &'static str,
    run: fn(&mut TestRunner) -> Result<(), String>,
}

/// Every check.
pub const CHECKS: [Check; 6] = [
    Check { name: "convolutions", run: convolution::direct },
    Check { name: "transformed_convolutions", run: convolution::transformed },
    Check { name: "pools", run: pooling::windows },
    Check { name: "global_average", run: pooling::global_average },
    Check { name: "lrn", run: vector::lrn },
    Check { name: "linear", run: vector::linear },
];

/// Runs the check of that name on so many cases: always the same ones for one seed; without a seed, others at each call
/// where the system has random numbers.
///
/// # Errors
/// What failed with the smallest case that does, or that there is no such check.
pub fn run(name: &str, cases: u32, seed: Option<u64>) -> Result<(), String> {
    let check = CHECKS.iter().find(|check| check.name == name).ok_or_else(|| format!("no check is called {name}"))?;
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let mut runner = match seed {
        Some(seed) => TestRunner::new_with_rng(config, generator(seed)),
        None => TestRunner::new(config),
    };
    (check.run)(&mut runner)
}

/// One past the most channels or pixels along a side; Miri, which takes an hour for a large case, has fewer.
const fn up_to(most: usize) -> usize {
    if cfg!(miri) { most / 4 + 1 } else { most }
}

fn generator(seed: u64) -> TestRng {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    TestRng::from_seed(RngAlgorithm::ChaCha, &bytes)
}

/// Holds a statement against random cases, and makes the first one that fails as small as it can be.
fn hold<S: Strategy>(
    runner: &mut TestRunner,
    cases: &S,
    statement: impl Fn(&S::Value) -> Result<(), String>,
) -> Result<(), String> {
    let outcome = runner.run(cases, |case| statement(&case).map_err(TestCaseError::fail));
    outcome.map_err(|error| match error {
        TestError::Fail(why, case) => format!("{why}; the smallest case: {case:?}"),
        TestError::Abort(why) => why.to_string(),
    })
}

/// The largest difference between sums of so many products of noise, relative to the largest sum, or to what such sums
/// usually come to where it is less: what is left where all of them happen to cancel says nothing about rounding.
fn error_of_sums(found: &[f32], wanted: &[f32], products: usize) -> f32 {
    relative_to(found, wanted, (products as f32).sqrt() / 3.0)
}

/// The same for means of so many values of noise.
fn error_of_means(found: &[f32], wanted: &[f32], values: usize) -> f32 {
    relative_to(found, wanted, 1.0 / (3.0 * values as f32).sqrt())
}

fn relative_to(found: &[f32], wanted: &[f32], usual: f32) -> f32 {
    let largest = wanted.iter().fold(0.0f32, |most, value| most.max(value.abs()));
    numbers::relative_error(found, wanted) * (largest / usual).min(1.0)
}
