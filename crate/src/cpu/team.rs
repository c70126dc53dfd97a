//! Threads that wait for one short job after another without going to sleep in between.

use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Condvar, Mutex, PoisonError};

type Task = *const (dyn Fn(usize) + Sync);

/// Rounds of waiting, some hundreds of microseconds, before a thread goes to sleep: a few times as long as waking it takes.
const ROUNDS: u32 = if cfg!(target_arch = "wasm32") { 1 << 17 } else { 1 << 13 };

thread_local! {
    /// Its address tells a thread from every other that is alive.
    static ME: u8 = const { 0 };
}

fn me() -> usize {
    ME.with(|me| std::ptr::from_ref(me).addr())
}

/// One leader, who gives jobs, and helpers. A helper that the system does not let run holds nobody up: who is not there takes
/// no part.
pub(super) struct Team {
    /// The thread that gives jobs, by the address of its [`ME`]; 0 where there is none.
    leader: AtomicUsize,
    /// Odd while a job is open to helpers.
    generation: AtomicUsize,
    /// Helpers at work on the open job, or about to find that it has been closed.
    busy: AtomicUsize,
    /// The next of the job's tasks.
    next: AtomicUsize,
    job: UnsafeCell<(usize, Option<Task>)>,
    /// A job has been opened, or the helpers may go.
    opened: Signal,
    /// A helper has ended its part.
    ended: Signal,
}

// SAFETY: `job` is written by the leader while no job is open and no helper busy, and read by helpers that are busy with an
// open one; what it points to may be called from any thread.
unsafe impl Send for Team {}
// SAFETY: as above.
unsafe impl Sync for Team {}

impl Default for Team {
    fn default() -> Self {
        Self {
            leader: AtomicUsize::new(0),
            generation: AtomicUsize::new(0),
            busy: AtomicUsize::new(0),
            next: AtomicUsize::new(0),
            job: UnsafeCell::new((0, None)),
            opened: Signal::default(),
            ended: Signal::default(),
        }
    }
}

/// The team while it is gathered; dropping it lets the helpers go.
pub(super) struct Gathered<'a>(&'a Team);

impl Drop for Gathered<'_> {
    fn drop(&mut self) {
        self.0.leader.store(0, SeqCst);
        self.0.opened.tell();
    }
}

/// A helper's part in a job; dropping it ends it, also by a panic.
struct Part<'a>(&'a Team);

impl Drop for Part<'_> {
    fn drop(&mut self) {
        self.0.busy.fetch_sub(1, SeqCst);
        self.0.ended.tell();
    }
}

impl Team {
    /// Makes the caller the leader until the result is dropped; none where there is one already.
    pub fn gather(&self) -> Option<Gathered<'_>> {
        self.leader.compare_exchange(0, me(), SeqCst, SeqCst).ok().map(|_| Gathered(self))
    }

    /// Helps with every job until the leader lets the helpers go.
    pub fn help(&self) {
        let mut seen = 0;
        loop {
            let is_open = || {
                let generation = self.generation.load(SeqCst);
                generation != seen && !generation.is_multiple_of(2)
            };
            self.opened.wait(|| self.leader.load(SeqCst) == 0 || is_open());
            if self.leader.load(SeqCst) == 0 {
                return;
            }
            let generation = self.generation.load(SeqCst);
            if generation.is_multiple_of(2) {
                continue;
            }
            seen = generation;
            self.busy.fetch_add(1, SeqCst);
            let _part = Part(self);
            // Closing comes before looking at `busy`, here it is the other way round: one of both sees the other.
            if self.generation.load(SeqCst) == generation {
                // SAFETY: the job stays open or, once closed, in place until this part ends.
                let (count, task) = unsafe { *self.job.get() };
                self.work(count, task);
            }
        }
    }

    /// Runs `task` for `0..count` on the leader and whoever helps. A thread that is not the leader does it alone.
    pub fn run(&self, count: usize, task: &(dyn Fn(usize) + Sync)) {
        if self.leader.load(SeqCst) != me() {
            return (0..count).for_each(task);
        }
        // SAFETY: only the lifetime is left out; the job is over before this function ends.
        let task = unsafe { std::mem::transmute::<*const (dyn Fn(usize) + Sync + '_), Task>(task) };
        // SAFETY: the leader is here, so no job is open and no helper busy.
        unsafe { *self.job.get() = (count, Some(task)) };
        self.next.store(0, SeqCst);
        self.generation.fetch_add(1, SeqCst);
        self.opened.tell();
        let closing = Closing(self);
        self.work(count, Some(task));
        drop(closing);
    }

    fn work(&self, count: usize, task: Option<Task>) {
        let Some(task) = task else { return };
        loop {
            let index = self.next.fetch_add(1, SeqCst);
            if index >= count {
                return;
            }
            // SAFETY: the leader keeps the task alive while the job is open or anyone busy.
            unsafe { (*task)(index) }
        }
    }
}

/// Closes the job and waits for who is busy with it, also after a panic.
struct Closing<'a>(&'a Team);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        self.0.generation.fetch_add(1, SeqCst);
        self.0.ended.wait(|| self.0.busy.load(SeqCst) == 0);
    }
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
            std::hint::spin_loop();
        }
        let mut guard = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        // Counted before the last look, as the condition is changed before the count is looked at: one of both sees the other.
        self.sleeping.fetch_add(1, SeqCst);
        while !holds() {
            guard = self.changed.wait(guard).unwrap_or_else(PoisonError::into_inner);
        }
        self.sleeping.fetch_sub(1, SeqCst);
    }

    /// Wakes who sleeps; called after what the condition looks at has changed.
    fn tell(&self) {
        if self.sleeping.load(SeqCst) > 0 {
            drop(self.lock.lock().unwrap_or_else(PoisonError::into_inner));
            self.changed.notify_all();
        }
    }
}
