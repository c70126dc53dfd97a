//! The engine's team of threads under loom, which runs each model in every order of its threads' steps, up to so many times
//! that one is stopped for another. The team is the engine's own file; what its threads share is loom's.
//!
//! Loom takes sequentially consistent operations for weaker ones than they are, so here a fence goes with each of them.
#![cfg(test)]
#![allow(clippy::unwrap_used)]

#[path = "../../src/cpu/team.rs"]
mod team;

/// In the place of the engine's `cpu/sync.rs`.
mod sync {
    pub(super) use loom::cell::UnsafeCell;
    pub(super) use loom::hint::spin_loop;
    pub(super) use loom::sync::atomic::Ordering::{self, SeqCst};
    use loom::sync::atomic::fence;
    pub(super) use loom::sync::{Condvar, Mutex, MutexGuard};

    /// One look before sleep.
    pub(super) const ROUNDS: u32 = 1;

    pub(super) struct AtomicUsize(loom::sync::atomic::AtomicUsize);

    impl AtomicUsize {
        pub fn new(value: usize) -> Self {
            Self(loom::sync::atomic::AtomicUsize::new(value))
        }

        pub fn load(&self, order: Ordering) -> usize {
            fence(order);
            self.0.load(order)
        }

        pub fn store(&self, value: usize, order: Ordering) {
            self.0.store(value, order);
            fence(order);
        }

        pub fn fetch_add(&self, value: usize, order: Ordering) -> usize {
            fence(order);
            let before = self.0.fetch_add(value, order);
            fence(order);
            before
        }

        pub fn fetch_sub(&self, value: usize, order: Ordering) -> usize {
            self.fetch_add(value.wrapping_neg(), order)
        }
    }

    impl Default for AtomicUsize {
        fn default() -> Self {
            Self::new(0)
        }
    }

    pub(super) struct AtomicBool(loom::sync::atomic::AtomicBool);

    impl AtomicBool {
        pub fn new(value: bool) -> Self {
            Self(loom::sync::atomic::AtomicBool::new(value))
        }

        pub fn load(&self, order: Ordering) -> bool {
            fence(order);
            self.0.load(order)
        }

        pub fn store(&self, value: bool, order: Ordering) {
            self.0.store(value, order);
            fence(order);
        }

        pub fn swap(&self, value: bool, order: Ordering) -> bool {
            fence(order);
            let before = self.0.swap(value, order);
            fence(order);
            before
        }
    }
}

use loom::cell::UnsafeCell;
use loom::model::Builder;
use loom::sync::Arc;
use loom::thread;
use team::Team;

/// Runs a model; a thread is stopped for another at most so often.
fn model(stops: usize, threads: impl Fn() + Sync + Send + 'static) {
    let mut builder = Builder::new();
    builder.preemption_bound = Some(stops);
    builder.check(threads);
}

fn helper(team: &Arc<Team>) -> thread::JoinHandle<()> {
    let team = team.clone();
    thread::spawn(move || team.help())
}

/// Runs a job whose tasks write a cell each, and looks whether each has been written once: loom finds two that write at
/// the same time, and one that still writes after the job.
fn job(team: &Team, tasks: usize) {
    struct Cells(Vec<UnsafeCell<u32>>);
    // SAFETY: each task has a cell of its own, which loom holds against what it sees.
    unsafe impl Sync for Cells {}
    let cells = Cells((0..tasks).map(|_| UnsafeCell::new(0)).collect());
    let all = &cells;
    // SAFETY: as above.
    team.run(tasks, &|index| all.0[index].with_mut(|cell| unsafe { *cell += 1 }));
    // SAFETY: the job is over.
    cells.0.iter().for_each(|cell| cell.with(|cell| assert_eq!(unsafe { *cell }, 1)));
}

#[test]
fn every_task_of_every_job_is_done_once() {
    model(3, || {
        let team = Arc::new(Team::default());
        let helper = helper(&team);
        job(&team, 2);
        job(&team, 2);
        team.dismiss();
        helper.join().unwrap();
    });
}

#[test]
fn two_helpers_share_a_job() {
    model(2, || {
        let team = Arc::new(Team::default());
        let helpers = [helper(&team), helper(&team)];
        job(&team, 3);
        team.dismiss();
        helpers.into_iter().for_each(|helper| helper.join().unwrap());
    });
}

#[test]
fn who_is_not_let_in_sleeps_until_it_is_or_may_go() {
    model(3, || {
        let team = Arc::new(Team::default());
        team.limit(0);
        let helper = helper(&team);
        team.gather(1);
        assert_eq!(team.helpers(), 0);
        team.limit(1);
        job(&team, 2);
        team.dismiss();
        helper.join().unwrap();
    });
}

#[test]
fn a_second_leader_does_its_job_alone() {
    model(2, || {
        let team = Arc::new(Team::default());
        let helper = helper(&team);
        let other = {
            let team = team.clone();
            thread::spawn(move || job(&team, 1))
        };
        job(&team, 1);
        other.join().unwrap();
        team.dismiss();
        helper.join().unwrap();
    });
}
