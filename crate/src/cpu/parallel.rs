//! The threads that kernels run on.

#[cfg(feature = "threads")]
use super::team::Team;
#[cfg(feature = "threads")]
use std::sync::Arc;

/// The threads that kernels run on.
#[derive(Clone)]
pub struct Pool {
    /// The other threads; none where the caller's own is the only one.
    #[cfg(feature = "threads")]
    helpers: Option<Arc<Helpers>>,
}

/// Threads of a team besides the caller's, who leads it; dropping them lets them go.
#[cfg(feature = "threads")]
struct Helpers {
    count: usize,
    team: Arc<Team>,
}

/// The page's workers, which have one memory, are one team.
#[cfg(all(feature = "threads", target_arch = "wasm32"))]
static WORKERS: std::sync::LazyLock<Arc<Team>> = std::sync::LazyLock::new(Arc::default);

#[cfg(all(feature = "threads", not(target_arch = "wasm32")))]
impl Drop for Helpers {
    fn drop(&mut self) {
        self.team.dismiss();
    }
}

impl Pool {
    /// A pool of `threads`, the caller's own among them; zero takes one per core. Where the system gives no more, it has fewer.
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
        Self { helpers: (count > 0).then(|| Arc::new(Helpers { count, team })) }
    }

    /// The page's workers that have joined, or the caller's own thread.
    #[cfg(all(feature = "threads", target_arch = "wasm32"))]
    pub fn new(threads: usize) -> Self {
        let team = WORKERS.clone();
        let count = if threads == 1 { 0 } else { team.helpers() };
        Self { helpers: (count > 0).then(|| Arc::new(Helpers { count, team })) }
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

    /// This build has one thread.
    #[cfg(not(feature = "threads"))]
    pub fn new(_: usize) -> Self {
        Self {}
    }

    /// Number of threads.
    pub fn threads(&self) -> usize {
        #[cfg(feature = "threads")]
        return 1 + self.helpers.as_ref().map_or(0, |helpers| helpers.count);
        #[cfg(not(feature = "threads"))]
        return 1;
    }

    /// Runs `task` for `0..count`, in any order, and waits for all.
    pub(super) fn run(&self, count: usize, task: impl Fn(usize) + Sync) {
        #[cfg(feature = "threads")]
        if let Some(helpers) = &self.helpers
            && count > 1
        {
            return helpers.team.run(count, &task);
        }
        (0..count).for_each(task);
    }
}
