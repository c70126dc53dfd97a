//! How a matrix product is divided among threads.

use std::cmp::Reverse;
use std::ops::Range;

/// How large a product is: of rows, in tiles, and panels of weights.
pub(super) struct ProductSize {
    /// Tiles of rows, and the most of them that a task takes.
    pub tiles: [usize; 2],
    /// Panels of weights.
    pub panels: usize,
    /// Values of all rows: each part of the panels reads them again.
    pub rows_read: usize,
    /// Values of all weights: each part of the rows reads them again.
    pub weights_read: usize,
}

/// Parts of rows and of panels; a task has one of each.
#[derive(Clone, Copy)]
pub(super) struct Split {
    tiles: usize,
    panels: usize,
    parts: [usize; 2],
}

impl ProductSize {
    /// The division that reads least of those with `each` tasks for a thread, or more where they would be too large: the same
    /// number for every thread.
    pub fn split(&self, threads: usize, each: usize) -> Split {
        let [tiles, most] = self.tiles;
        let wanted = if threads == 1 { 1 } else { threads * each };
        let parts = |panels: usize| {
            let rows = tiles.div_ceil(most).max(wanted.div_ceil(panels));
            let is_even = (rows * panels).is_multiple_of(threads);
            [if is_even { rows } else { rows.next_multiple_of(threads) }.min(tiles), panels]
        };
        let read = |[rows, panels]: [usize; 2]| {
            rows.saturating_mul(self.weights_read).saturating_add(panels.saturating_mul(self.rows_read))
        };
        let rank = |parts: &[usize; 2]| (Reverse((parts[0] * parts[1]).min(wanted)), read(*parts));
        let best = (1..=wanted.min(self.panels)).map(parts).min_by_key(rank);
        Split { tiles, panels: self.panels, parts: best.unwrap_or([1, 1]) }
    }
}

impl Split {
    /// Number of tasks.
    pub fn tasks(&self) -> usize {
        self.parts[0] * self.parts[1]
    }

    /// Tiles of rows and panels of one task.
    pub fn task(&self, index: usize) -> [Range<usize>; 2] {
        let share = |at: usize, of: usize, all: usize| all * at / of..all * (at + 1) / of;
        let [rows, panels] = self.parts;
        [share(index / panels, rows, self.tiles), share(index % panels, panels, self.panels)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn every_tile_of_every_panel_is_done_once(
            (tiles, most, panels) in (1usize..400, 1usize..40, 1usize..60),
            (threads, each) in (1usize..9, 1usize..5),
            (rows_read, weights_read) in (1usize..1000, 1usize..1000),
        ) {
            let split = ProductSize { tiles: [tiles, most], panels, rows_read, weights_read }.split(threads, each);
            let mut done = vec![0; tiles * panels];
            for [rows, columns] in (0..split.tasks()).map(|index| split.task(index)) {
                prop_assert!((1..=most).contains(&rows.len()) && !columns.is_empty());
                rows.flat_map(|tile| columns.clone().map(move |panel| tile * panels + panel)).for_each(|at| done[at] += 1);
            }
            prop_assert!(done.iter().all(|&times| times == 1));
            let wanted = if threads == 1 { 1 } else { threads * each };
            let (tasks, finest) = (split.tasks(), split.parts[0] == tiles);
            prop_assert!(finest || (tasks >= wanted && tasks.is_multiple_of(threads)), "{} tasks", tasks);
        }
    }

    #[test]
    fn large_weights_are_read_once_and_large_inputs_too() {
        let parts = |rows_read, weights_read| {
            let size = ProductSize { tiles: [64, 64], panels: 64, rows_read, weights_read };
            size.split(2, 4).parts
        };
        assert_eq!(parts(1, 100), [1, 8]);
        assert_eq!(parts(100, 1), [8, 1]);
    }
}
