//! The project's own chores: setup, build, demo, test, bench.
fn main() {}
