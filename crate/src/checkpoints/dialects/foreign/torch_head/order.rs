//! The order in which a head's modules follow one another: by the numbers of a `Sequential`, by the file where that is in the order
//! in which they were made, or by their sizes.

use std::collections::HashMap;

use super::{Module, refused};
use crate::checkpoints::CheckpointError;
use crate::checkpoints::formats::TensorFile;
use crate::networks::HeadLayer;

/// How often a next module is tried: sizes in many orders are not worth more.
const MOST_TRIED: usize = 10_000;

/// How many modules are put in order by their sizes.
const MOST_MODULES: usize = 64;

/// Modules in their order, and what was assumed of it.
pub(super) fn of<'a>(
    file: &TensorFile,
    mut modules: Vec<Module<'a>>,
) -> Result<(Vec<Module<'a>>, Option<String>), CheckpointError> {
    // `fc.2` before `fc.10`.
    modules.sort_by_key(|module| parts(module.key));
    let fits = |modules: &[Module]| modules.windows(2).all(|pair| pair[0].outputs() == pair[1].inputs);
    let certainty = modules.windows(2).map(|pair| self::certainty(&pair[0], &pair[1])).min();
    if certainty.is_none_or(|certainty| certainty == Certainty::Numbers) && fits(&modules) {
        return Ok((modules, None));
    }
    let Orders { first, are_several, .. } = Orders::of(&modules);
    let Some(only) = first else {
        let odd = modules.windows(2).find(|pair| pair[0].outputs() != pair[1].inputs);
        let odd = odd.map_or("", |pair| pair[1].key);
        return Err(refused(odd, "a layer that does not follow the others by its size"));
    };
    if !are_several {
        return Ok((only.into_iter().map(|at| modules[at]).collect(), None));
    }
    let said = |modules: &[Module], why: &str| {
        let keys: Vec<&str> = modules.iter().map(|module| module.key).collect();
        format!("the sizes of its head's layers leave several orders: {why}, {}", keys.join(", "))
    };
    let numbered = modules.clone();
    if !file.order.is_empty() {
        let places: HashMap<&str, usize> =
            file.order.iter().enumerate().rev().filter_map(|(at, key)| Some((key.rsplit_once('.')?.0, at))).collect();
        modules.sort_by_key(|module| places.get(module.key));
        if fits(&modules) {
            let said = said(&modules, "they are taken in that of the file");
            return Ok((modules, Some(said)));
        }
    }
    if certainty != Some(Certainty::Unknown) && fits(&numbered) {
        let said = said(&numbered, "they are taken in that of the numbers in their names");
        return Ok((numbered, Some(said)));
    }
    let first = modules.iter().find(|module| matches!(module.layer, HeadLayer::Linear { .. }));
    Err(refused(
        first.map_or("", |module| module.key),
        "one of several that may follow one another in more than one order; save the state dict with torch.save, which keeps theirs",
    ))
}

/// How much the names of two modules say of their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Certainty {
    /// Nothing.
    Unknown,
    /// They end in different numbers: `fc2`, `fc10`.
    Named,
    /// They are parts of one `Sequential` or `ModuleList`.
    Numbers,
}

/// A part of a name without the number at its end, and the number; those that are nothing else come first.
fn parts(key: &str) -> Vec<(bool, &str, Option<u64>)> {
    let part = |part| {
        let stem = str::trim_end_matches(part, |letter: char| letter.is_ascii_digit());
        (!stem.is_empty(), stem, part[stem.len()..].parse().ok())
    };
    key.split('.').map(part).collect()
}

/// How certain the order of two neighbours is.
fn certainty(before: &Module, after: &Module) -> Certainty {
    let (a, b) = (parts(before.key), parts(after.key));
    match a.iter().zip(&b).find(|(a, b)| a != b) {
        Some(((false, _, Some(_)), (false, _, Some(_)))) => Certainty::Numbers,
        Some(((true, a, Some(_)), (true, b, Some(_)))) if a == b => Certainty::Named,
        _ => Certainty::Unknown,
    }
}

/// The orders in which modules follow one another by their sizes, the last of them linear.
struct Orders<'a> {
    modules: &'a [Module<'a>],
    taken: Vec<usize>,
    left: usize,
    first: Option<Vec<usize>>,
    are_several: bool,
}

impl<'a> Orders<'a> {
    fn of(modules: &'a [Module<'a>]) -> Self {
        let mut orders = Self { modules, taken: vec![], left: MOST_TRIED, first: None, are_several: false };
        if modules.len() <= MOST_MODULES {
            orders.go_on();
        }
        // What was not tried might be an order too.
        orders.are_several |= orders.left == 0;
        orders
    }

    fn go_on(&mut self) {
        let size = self.taken.last().map(|&last| self.modules[last].outputs());
        if self.taken.len() == self.modules.len() {
            let is_linear = |&at: &usize| matches!(self.modules[at].layer, HeadLayer::Linear { .. });
            if self.taken.last().is_some_and(is_linear) {
                self.are_several = self.first.is_some();
                self.first.get_or_insert(self.taken.clone());
            }
            return;
        }
        for at in 0..self.modules.len() {
            let follows = size.is_none_or(|size| size == self.modules[at].inputs);
            if !follows || self.taken.contains(&at) || self.are_several || self.left == 0 {
                continue;
            }
            self.left -= 1;
            self.taken.push(at);
            self.go_on();
            self.taken.pop();
        }
    }
}
