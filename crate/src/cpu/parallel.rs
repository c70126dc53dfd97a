//! The threads that kernels run on.

#[cfg(feature = "threads")]
use super::team::Team;
#[cfg(feature = "threads")]
use std::sync::Arc;

/// The threads that kernels run on.
#[derive(Clone)]
pub struct Pool {
    threads: usize,
    #[cfg(feature = "threads")]
    team: Arc<Team>,
    #[cfg(all(feature = "threads", not(target_arch = "wasm32")))]
    own: Option<Arc<rayon::ThreadPool>>,
}

impl Pool {
    /// A pool of `threads`; zero takes one per core. One thread, or a system that gives no more, is the caller's own.
    #[cfg(all(feature = "threads", not(target_arch = "wasm32")))]
    pub fn new(threads: usize) -> Self {
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        let threads = if threads == 0 { cores() } else { threads };
        // The caller is one of them.
        let pool = || rayon::ThreadPoolBuilder::new().num_threads(threads - 1).build().ok().map(Arc::new);
        let own = if threads > 1 { pool() } else { None };
        Self { threads: if own.is_some() { threads } else { 1 }, team: Arc::default(), own }
    }

    /// The global pool that the page's workers have joined, or the caller's own thread.
    #[cfg(all(feature = "threads", target_arch = "wasm32"))]
    pub fn new(threads: usize) -> Self {
        let threads = if threads == 1 { 1 } else { rayon::current_num_threads() };
        Self { threads, team: Arc::default() }
    }

    /// This build has one thread.
    #[cfg(not(feature = "threads"))]
    pub fn new(_: usize) -> Self {
        Self { threads: 1 }
    }

    /// Number of threads.
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// Holds the threads ready while `work` runs kernels one after another: waking them costs more than many a kernel.
    pub(super) fn together<T>(&self, work: impl FnOnce() -> T) -> T {
        #[cfg(feature = "threads")]
        if self.threads > 1
            && let Some(gathered) = self.team.gather()
        {
            let helpers = |scope: &rayon::Scope<'_>| {
                for _ in 1..self.threads {
                    let team = self.team.clone();
                    scope.spawn(move |_| team.help());
                }
                let result = work();
                drop(gathered);
                result
            };
            #[cfg(not(target_arch = "wasm32"))]
            if let Some(pool) = &self.own {
                return pool.in_place_scope(helpers);
            }
            return rayon::in_place_scope(helpers);
        }
        work()
    }

    /// Runs `task` for `0..count`, in any order, and waits for all.
    pub(super) fn run(&self, count: usize, task: impl Fn(usize) + Sync) {
        #[cfg(feature = "threads")]
        if self.threads > 1 && count > 1 {
            return self.together(|| self.team.run(count, &task));
        }
        (0..count).for_each(task);
    }
}
