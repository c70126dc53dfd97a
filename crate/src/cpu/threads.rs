//! The threads that kernels run on.

#[cfg(feature = "threads")]
use super::team::Team;
use super::view::ViewMut;
#[cfg(feature = "threads")]
use std::sync::Arc;

/// The threads that kernels run on.
#[derive(Clone)]
pub struct Threads {
    /// The other threads; none where the caller's own is the only one.
    #[cfg(feature = "threads")]
    helpers: Option<Arc<Helpers>>,
}

/// A pointer for several threads, each of which accesses other values.
struct Shared<T>(*mut T);

// SAFETY: it gives pointers; who accesses a value through one keeps other threads off it.
unsafe impl<T: Send> Sync for Shared<T> {}

impl<T> Shared<T> {
    fn at(&self, index: usize) -> *mut T {
        self.0.wrapping_add(index)
    }
}

/// The threads of a team that the caller leads; dropping them lets them go.
#[cfg(feature = "threads")]
struct Helpers(Arc<Team>);

/// The page's workers, which have one memory, are one team.
#[cfg(all(feature = "threads", target_arch = "wasm32"))]
static WORKERS: std::sync::LazyLock<Arc<Team>> = std::sync::LazyLock::new(Arc::default);

#[cfg(all(feature = "threads", not(target_arch = "wasm32")))]
impl Drop for Helpers {
    fn drop(&mut self) {
        self.0.dismiss();
    }
}

impl Threads {
    /// So many `threads`, the caller's own among them; zero takes one per core. Where the system gives no more, it has fewer.
    #[cfg(all(feature = "threads", not(target_arch = "wasm32")))]
    pub fn new(threads: usize) -> Self {
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        let threads = if threads == 0 { cores() } else { threads };
        let team = Arc::<Team>::default();
        let start = |_: &usize| {
            let team = team.clone();
            std::thread::Builder::new().name("kernels".into()).spawn(move || team.help()).is_ok()
        };
        let count = (1..threads).take_while(start).count();
        team.gather(count);
        Self { helpers: (count > 0).then(|| Arc::new(Helpers(team))) }
    }

    /// The page's workers, those that join later too, or the caller's own thread alone.
    #[cfg(all(feature = "threads", target_arch = "wasm32"))]
    pub fn new(threads: usize) -> Self {
        Self { helpers: (threads != 1).then(|| Arc::new(Helpers(WORKERS.clone()))) }
    }

    /// Waits until so many of the page's workers have joined.
    #[cfg(all(feature = "threads", target_arch = "wasm32"))]
    pub(crate) fn gather(helpers: usize) {
        WORKERS.gather(helpers);
    }

    /// Makes the calling worker one of the page's that run kernels; does not return.
    #[cfg(all(feature = "threads", target_arch = "wasm32"))]
    pub(crate) fn join() {
        WORKERS.help();
    }

    /// From now on at most so many threads run, the caller's own among them.
    #[cfg(all(feature = "threads", any(test, target_arch = "wasm32")))]
    pub(crate) fn limit(&self, threads: usize) {
        if let Some(helpers) = &self.helpers {
            helpers.0.limit(threads.saturating_sub(1));
        }
    }

    /// This build has one thread.
    #[cfg(not(feature = "threads"))]
    pub fn new(_: usize) -> Self {
        Self {}
    }

    /// Number of threads.
    pub fn count(&self) -> usize {
        #[cfg(feature = "threads")]
        return 1 + self.helpers.as_ref().map_or(0, |helpers| helpers.0.helpers());
        #[cfg(not(feature = "threads"))]
        return 1;
    }

    /// Runs `task` for each row of a view, in any order, and waits for all.
    pub(super) fn rows(&self, out: ViewMut, task: impl Fn(usize, ViewMut) + Sync) {
        let out = out.share();
        // SAFETY: every task has a row of its own.
        self.run(out.shape.h, &|y| task(y, unsafe { out.row(y) }));
    }

    /// Runs `task` for each part of so many values, the last one shorter, in any order, and waits for all.
    pub(super) fn parts<T: Send>(&self, values: &mut [T], part: usize, task: impl Fn(usize, &mut [T]) + Sync) {
        let (first, length) = (Shared(values.as_mut_ptr()), values.len());
        self.run(length.div_ceil(part.max(1)), &|index| {
            let begin = index * part;
            // SAFETY: parts lie inside the values and are apart, and each is taken once.
            let part = unsafe { std::slice::from_raw_parts_mut(first.at(begin), part.min(length - begin)) };
            task(index, part);
        });
    }

    /// Runs `task` for `0..count`, each once, in any order, and waits for all. By reference, so that an engine in a page has its
    /// code once, not for one thread and for several.
    pub(super) fn run(&self, count: usize, task: &(dyn Fn(usize) + Sync)) {
        #[cfg(feature = "threads")]
        if let Some(helpers) = &self.helpers
            && count > 1
        {
            return helpers.0.run(count, task);
        }
        (0..count).for_each(task);
    }
}

#[cfg(all(test, feature = "threads"))]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

    fn counts(team: &Threads, count: usize) -> Vec<usize> {
        let done: Vec<AtomicUsize> = (0..count).map(|_| AtomicUsize::new(0)).collect();
        team.run(count, &|i| _ = done[i].fetch_add(1, SeqCst));
        done.into_iter().map(AtomicUsize::into_inner).collect()
    }

    #[test]
    fn every_task_of_every_job_is_done_once() {
        let team = Threads::new(4);
        assert_eq!(team.count(), 4);
        for count in (0..2000).map(|i| i % 23) {
            assert_eq!(counts(&team, count), vec![1; count]);
        }
    }

    #[test]
    fn helpers_take_part() {
        let team = Threads::new(2);
        let threads = Mutex::new(std::collections::HashSet::new());
        // Both tasks wait until two threads are at work.
        let arrived = AtomicUsize::new(0);
        team.run(2, &|_| {
            arrived.fetch_add(1, SeqCst);
            while arrived.load(SeqCst) < 2 {
                std::thread::yield_now();
            }
            threads.lock().unwrap().insert(std::thread::current().id());
        });
        assert_eq!(threads.lock().unwrap().len(), 2);
    }

    #[test]
    fn helpers_beyond_the_limit_take_no_part() {
        let team = Threads::new(4);
        for threads in [4, 2, 1, 3, 4] {
            team.limit(threads);
            assert_eq!(team.count(), threads);
            // Who was at work when the limit came may still be on its way out.
            std::thread::sleep(std::time::Duration::from_millis(20));
            let seen = Mutex::new(std::collections::HashSet::new());
            for count in 0..400 {
                team.run(count % 23, &|_| _ = seen.lock().unwrap().insert(std::thread::current().id()));
            }
            assert!(seen.lock().unwrap().len() <= threads, "{threads}");
            assert_eq!(counts(&team, 50), [1; 50]);
        }
        // All of them take part again: as many tasks as threads wait for one another.
        let arrived = AtomicUsize::new(0);
        team.run(4, &|_| {
            arrived.fetch_add(1, SeqCst);
            while arrived.load(SeqCst) < 4 {
                std::thread::yield_now();
            }
        });
    }

    #[test]
    fn a_job_in_a_task_and_one_of_another_thread_run_too() {
        let team = Threads::new(3);
        let inner = AtomicUsize::new(0);
        team.run(5, &|_| team.run(7, &|_| _ = inner.fetch_add(1, SeqCst)));
        assert_eq!(inner.into_inner(), 35);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..200).for_each(|_| assert_eq!(counts(&team, 9), [1; 9])));
            }
        });
    }

    #[test]
    fn a_panic_reaches_the_caller_and_the_team_goes_on() {
        let team = Threads::new(3);
        for bad in 0..6 {
            let job = || team.run(6, &|i| assert_ne!(i, bad, "on purpose"));
            assert!(catch_unwind(AssertUnwindSafe(job)).is_err());
            assert_eq!(counts(&team, 50), [1; 50]);
        }
    }

    #[test]
    fn helpers_go_with_the_team() {
        let team = Arc::<Team>::default();
        let helper = std::thread::spawn({
            let team = team.clone();
            move || team.help()
        });
        team.dismiss();
        assert!(helper.join().is_ok());
    }
}
