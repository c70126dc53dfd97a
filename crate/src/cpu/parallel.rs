//! The threads that kernels run on.

#[cfg(feature = "threads")]
use super::team::Team;
use super::view::ViewMut;
#[cfg(feature = "threads")]
use std::sync::Arc;

/// The threads that kernels run on.
#[derive(Clone)]
pub struct Pool {
    /// The other threads; none where the caller's own is the only one.
    #[cfg(feature = "threads")]
    helpers: Option<Arc<Helpers>>,
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
    pub fn threads(&self) -> usize {
        #[cfg(feature = "threads")]
        return 1 + self.helpers.as_ref().map_or(0, |helpers| helpers.0.helpers());
        #[cfg(not(feature = "threads"))]
        return 1;
    }

    /// Runs `task` for each row of a view, in any order, and waits for all.
    pub(super) fn rows(&self, out: ViewMut, task: impl Fn(usize, ViewMut) + Sync) {
        let out = out.share();
        // SAFETY: every task has a row of its own.
        self.run(out.shape.h, |y| task(y, unsafe { out.row(y) }));
    }

    /// Runs `task` for `0..count`, each once, in any order, and waits for all.
    pub(super) fn run(&self, count: usize, task: impl Fn(usize) + Sync) {
        #[cfg(feature = "threads")]
        if let Some(helpers) = &self.helpers
            && count > 1
        {
            return helpers.0.run(count, &task);
        }
        (0..count).for_each(task);
    }
}
