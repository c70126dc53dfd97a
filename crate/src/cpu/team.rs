//! Threads that wait for one short job after another without going to sleep in between.

use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

type Task = *const (dyn Fn(usize) + Sync);

/// Rounds that a helper waits for the next job before it lets other programs run.
#[cfg(not(target_arch = "wasm32"))]
const ROUNDS: u32 = 1 << 12;

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
        }
    }
}

/// The team while it is gathered; dropping it lets the helpers go.
pub(super) struct Gathered<'a>(&'a Team);

impl Drop for Gathered<'_> {
    fn drop(&mut self) {
        self.0.leader.store(0, SeqCst);
    }
}

/// A helper's part in a job; dropping it ends it, also by a panic.
struct Part<'a>(&'a Team);

impl Drop for Part<'_> {
    fn drop(&mut self) {
        self.0.busy.fetch_sub(1, SeqCst);
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
        let mut rounds = 0u32;
        while self.leader.load(SeqCst) != 0 {
            let generation = self.generation.load(SeqCst);
            if generation == seen || generation.is_multiple_of(2) {
                rounds += 1;
                wait(rounds);
                continue;
            }
            (seen, rounds) = (generation, 0);
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
        let mut rounds = 0;
        while self.0.busy.load(SeqCst) > 0 {
            rounds += 1;
            wait(rounds);
        }
    }
}

/// One round of waiting.
fn wait(_rounds: u32) {
    #[cfg(not(target_arch = "wasm32"))]
    if _rounds > ROUNDS {
        return std::thread::yield_now();
    }
    std::hint::spin_loop();
}
