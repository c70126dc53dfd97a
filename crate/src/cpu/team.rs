//! Threads that wait for one short job after another.
//!
//! They do not go to sleep in between, nor for a while after a job: waking a thread takes longer than many a kernel,
//! and a system that sees threads sleep and wake in turns takes them for one and gives them one core.
//! `crate/team-model` tries the orders in which they may run.

use super::sync::{AtomicBool, AtomicUsize, Condvar, Mutex, MutexGuard, ROUNDS, SeqCst, UnsafeCell, spin_loop};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::PoisonError;

type Task = *const (dyn Fn(usize) + Sync);

/// A leader, who gives jobs, and helpers. A helper that the system does not let run holds nobody up: who is not there
/// takes no part.
pub(super) struct Team {
    /// Helpers that have come.
    helpers: AtomicUsize,
    /// How many of them take part, the first that came; the others sleep.
    limit: AtomicUsize,
    /// The helpers may go.
    is_over: AtomicBool,
    /// Somebody leads.
    is_led: AtomicBool,
    /// Odd while a job is open to helpers.
    generation: AtomicUsize,
    /// Helpers at work on the open job, or about to find that it has been closed.
    busy: AtomicUsize,
    /// The next of the job's tasks.
    next: AtomicUsize,
    job: UnsafeCell<(usize, Option<Task>)>,
    /// What a task of the job panicked with.
    panic: Mutex<Option<Box<dyn Any + Send>>>,
    /// A job has been opened, or the helpers may go.
    opened: Signal,
    /// A helper has come, or has ended its part.
    ended: Signal,
    /// More helpers may take part, or they may go.
    let_in: Signal,
}

// SAFETY: `job` is written by the leader while no job is open and no helper busy, and read by helpers that are busy
// with an open one; what it points to may be called from any thread.
unsafe impl Send for Team {}
// SAFETY: as above.
unsafe impl Sync for Team {}

impl Default for Team {
    fn default() -> Self {
        Self {
            helpers: AtomicUsize::new(0),
            limit: AtomicUsize::new(usize::MAX),
            is_over: AtomicBool::new(false),
            is_led: AtomicBool::new(false),
            generation: AtomicUsize::new(0),
            busy: AtomicUsize::new(0),
            next: AtomicUsize::new(0),
            job: UnsafeCell::new((0, None)),
            panic: Mutex::new(None),
            opened: Signal::default(),
            ended: Signal::default(),
            let_in: Signal::default(),
        }
    }
}

impl Team {
    /// Number of helpers that have come and take part.
    pub fn helpers(&self) -> usize {
        self.helpers.load(SeqCst).min(self.limit.load(SeqCst))
    }

    /// Waits for so many helpers.
    pub fn gather(&self, helpers: usize) {
        self.ended.wait(|| self.helpers.load(SeqCst) >= helpers);
    }

    /// From now on at most so many helpers take part.
    #[cfg(any(test, target_arch = "wasm32"))]
    pub fn limit(&self, helpers: usize) {
        self.limit.store(helpers, SeqCst);
        self.let_in.tell();
        self.opened.tell();
    }

    /// Lets the helpers go.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn dismiss(&self) {
        self.is_over.store(true, SeqCst);
        self.opened.tell();
        self.let_in.tell();
    }

    /// Helps with every job until the helpers may go.
    pub fn help(&self) {
        let own = self.helpers.fetch_add(1, SeqCst);
        self.ended.tell();
        let is_out = || own >= self.limit.load(SeqCst);
        let mut seen = 0;
        loop {
            self.let_in.wait(|| self.is_over.load(SeqCst) || !is_out());
            let opened = || {
                let generation = self.generation.load(SeqCst);
                (generation != seen && !generation.is_multiple_of(2)).then_some(generation)
            };
            self.opened.wait(|| self.is_over.load(SeqCst) || is_out() || opened().is_some());
            if self.is_over.load(SeqCst) {
                return;
            }
            let Some(generation) = opened().filter(|_| !is_out()) else { continue };
            seen = generation;
            self.busy.fetch_add(1, SeqCst);
            // Closing comes before looking at `busy`, here it is the other way round: one of both sees the other.
            if self.generation.load(SeqCst) == generation {
                // SAFETY: the job stays open or, once closed, in place until this part ends.
                let (count, task) = self.job.with(|job| unsafe { *job });
                self.work(count, task);
            }
            self.busy.fetch_sub(1, SeqCst);
            self.ended.tell();
        }
    }

    /// Runs `task` for `0..count` on the caller and whoever helps; on the caller alone where somebody leads already,
    /// which may be the caller in another task.
    ///
    /// # Panics
    /// If a task does.
    pub fn run(&self, count: usize, task: &(dyn Fn(usize) + Sync)) {
        if self.is_led.swap(true, SeqCst) {
            return (0..count).for_each(task);
        }
        // SAFETY: only the lifetime is left out; the job is over before this function ends.
        let task = unsafe { std::mem::transmute::<*const (dyn Fn(usize) + Sync + '_), Task>(task) };
        // SAFETY: the leader is here, so no job is open and no helper busy.
        self.job.with_mut(|job| unsafe { *job = (count, Some(task)) });
        self.next.store(0, SeqCst);
        self.generation.fetch_add(1, SeqCst);
        self.opened.tell();
        self.work(count, Some(task));
        self.generation.fetch_add(1, SeqCst);
        self.ended.wait(|| self.busy.load(SeqCst) == 0);
        let panic = locked(&self.panic).take();
        self.is_led.store(false, SeqCst);
        if let Some(panic) = panic {
            resume_unwind(panic);
        }
    }

    /// Does tasks of the job until none is left, or one panics.
    fn work(&self, count: usize, task: Option<Task>) {
        let Some(task) = task else { return };
        let tasks = || {
            loop {
                let index = self.next.fetch_add(1, SeqCst);
                if index >= count {
                    return;
                }
                // SAFETY: the leader keeps the task alive while the job is open or anyone busy.
                unsafe { (*task)(index) }
            }
        };
        if let Err(panic) = catch_unwind(AssertUnwindSafe(tasks)) {
            *locked(&self.panic) = Some(panic);
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Something that has happened when a condition on atomics holds; who waits for it looks for a while, then sleeps.
#[derive(Default)]
struct Signal {
    sleeping: AtomicUsize,
    lock: Mutex<()>,
    changed: Condvar,
}

impl Signal {
    /// Waits until the condition holds.
    fn wait(&self, holds: impl Fn() -> bool) {
        for _ in 0..ROUNDS {
            if holds() {
                return;
            }
            spin_loop();
        }
        let mut guard = locked(&self.lock);
        // Counted before the last look, as the condition is changed before the count is looked at: one of both sees
        // the other.
        self.sleeping.fetch_add(1, SeqCst);
        while !holds() {
            guard = self.changed.wait(guard).unwrap_or_else(PoisonError::into_inner);
        }
        self.sleeping.fetch_sub(1, SeqCst);
    }

    /// Wakes who sleeps; called after what the condition looks at has changed.
    fn tell(&self) {
        if self.sleeping.load(SeqCst) > 0 {
            drop(locked(&self.lock));
            self.changed.notify_all();
        }
    }
}
