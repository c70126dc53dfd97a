/// The threads that kernels run on.
#[derive(Clone)]
pub struct Pool {
    threads: usize,
    #[cfg(all(feature = "threads", not(target_arch = "wasm32")))]
    own: Option<std::sync::Arc<rayon::ThreadPool>>,
}

impl Pool {
    /// A pool of `threads`; zero takes one per core. One thread, or a system that gives no more, is the caller's own.
    #[cfg(all(feature = "threads", not(target_arch = "wasm32")))]
    pub fn new(threads: usize) -> Self {
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        let threads = if threads == 0 { cores() } else { threads };
        let pool = || rayon::ThreadPoolBuilder::new().num_threads(threads).build().ok().map(std::sync::Arc::new);
        let own = if threads > 1 { pool() } else { None };
        Self { threads: if own.is_some() { threads } else { 1 }, own }
    }

    /// The global pool that the page's workers have joined, or the caller's own thread.
    #[cfg(all(feature = "threads", target_arch = "wasm32"))]
    pub fn new(threads: usize) -> Self {
        let threads = if threads == 1 { 1 } else { rayon::current_num_threads() };
        Self { threads }
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

    /// Runs `task` for `0..count`, in any order, and waits for all.
    pub(super) fn run(&self, count: usize, task: impl Fn(usize) + Sync + Send) {
        #[cfg(feature = "threads")]
        if self.threads > 1 && count > 1 {
            use rayon::prelude::*;
            let all = || (0..count).into_par_iter().with_max_len(1).for_each(&task);
            #[cfg(not(target_arch = "wasm32"))]
            if let Some(pool) = &self.own {
                return pool.install(all);
            }
            return all();
        }
        (0..count).for_each(task);
    }
}
