//! Offsets in an arena for storages with known lifetimes: the largest first, each at the lowest place that no other
//! storage holds at the same time (Pisarchyk and Lee 2020, "Efficient memory management for deep neural net
//! inference", section 5.2).

use super::{Step, View};
use std::ops::Range;

/// Values between two storages are aligned to a cache line: 16 of 4 bytes.
const ALIGN: usize = 16;

/// First and one past the last wave during which each storage holds something.
pub(super) fn lifetimes(
    steps: &[Step],
    views: &[Option<View>],
    storages: usize,
    pinned: impl Fn(usize) -> bool,
) -> Vec<Range<usize>> {
    let mut lives = vec![Range { start: usize::MAX, end: 0 }; storages];
    let mut touch = |id: crate::graph::LayerId, time: usize| {
        if let Some(view) = views[id.index()] {
            let life = &mut lives[view.storage];
            *life = life.start.min(time)..life.end.max(time + 1);
        }
    };
    for step in steps {
        let time = step.wave;
        touch(step.output, time);
        step.inputs.iter().for_each(|&input| touch(input, time));
        step.residual.iter().for_each(|r| touch(r.shortcut, time));
    }
    for (storage, life) in lives.iter_mut().enumerate() {
        if pinned(storage) {
            life.end = usize::MAX;
        }
    }
    lives
}

/// An offset for each storage, and the length of the arena: the largest number where its values cannot be counted, for
/// which there is no memory.
pub(super) fn place(sizes: &[usize], lives: &[Range<usize>]) -> (Vec<usize>, usize) {
    let mut order: Vec<usize> = (0..sizes.len()).collect();
    order.sort_by_key(|&i| std::cmp::Reverse(sizes[i]));
    let mut offsets = vec![0usize; sizes.len()];
    let mut placed: Vec<usize> = Vec::new();
    let mut arena = 0;
    for &i in &order {
        let mut busy: Vec<Range<usize>> = placed
            .iter()
            .filter(|&&j| lives[i].start < lives[j].end && lives[j].start < lives[i].end)
            .map(|&j| offsets[j]..offsets[j].saturating_add(sizes[j]))
            .collect();
        busy.sort_by_key(|r| r.start);
        let offset = busy.iter().fold(0, |at: usize, r| match at.saturating_add(sizes[i]) <= r.start {
            true => at,
            false => at.max(r.end.checked_next_multiple_of(ALIGN).unwrap_or(usize::MAX)),
        });
        offsets[i] = offset;
        arena = arena.max(offset.saturating_add(sizes[i]));
        placed.push(i);
    }
    (offsets, arena)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn storages_alive_together_never_overlap() {
        let sizes = [100, 40, 30, 64, 8, 1];
        let lives = [0..2, 1..3, 2..4, 3..5, 0..5, 4..5];
        let (offsets, arena) = place(&sizes, &lives);
        for i in 0..sizes.len() {
            assert!(offsets[i] + sizes[i] <= arena);
            for j in 0..i {
                let together = lives[i].start < lives[j].end && lives[j].start < lives[i].end;
                let apart = offsets[i] + sizes[i] <= offsets[j] || offsets[j] + sizes[j] <= offsets[i];
                assert!(!together || apart, "{i} and {j}");
            }
        }
        assert!(arena < sizes.iter().sum::<usize>());
    }

    #[test]
    fn an_arena_that_cannot_be_counted_is_as_large_as_can_be() {
        for sizes in [[usize::MAX / 2; 4], [usize::MAX, 1, 1, 1], [usize::MAX - 3, 5, 5, 5]] {
            assert_eq!(place(&sizes, &[const { 0..1 }; 4]).1, usize::MAX);
        }
    }
}
