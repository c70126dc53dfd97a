//! Which pictures are held out together.

use super::error::TeachError;
use super::examples::Examples;

/// The folds of a cross-validation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folds {
    /// How many there are; 0 where no picture can be held out.
    pub count: usize,
    /// The fold of each picture; none for one that is never held out.
    pub of: Vec<Option<usize>>,
}

impl Folds {
    /// At most `folds` folds (0: none) in which every class is spread evenly, the same ones for the same pictures. Pictures with the same
    /// features stay together. There are no more folds than the smallest class has pictures; a class with a single one is not
    /// counted, and its picture is never held out.
    ///
    /// # Errors
    /// A single fold.
    pub fn stratified(examples: &Examples, folds: usize) -> Result<Self, TeachError> {
        if folds == 1 {
            return Err(TeachError::Folds { folds });
        }
        let mut groups = same(examples);
        shuffle(&mut groups);
        let mut members = vec![Vec::new(); examples.classes()];
        for (group, pictures) in groups.iter().enumerate() {
            let mut labels: Vec<u32> = pictures.iter().flat_map(|&picture| examples.labels(picture)).copied().collect();
            labels.sort_unstable();
            labels.dedup();
            labels.into_iter().for_each(|label| members[label as usize].push(group));
        }
        let smallest = members.iter().map(Vec::len).filter(|&size| size > 1).min();
        let mut folds = Self { count: smallest.map_or(0, |size| folds.min(size)), of: vec![None; examples.len()] };
        if folds.count > 0 {
            folds.spread(&groups, &members);
        }
        Ok(folds)
    }

    /// Folds that the caller has chosen, one number for each picture.
    ///
    /// # Errors
    /// Another number of pictures than there are, and fewer than two folds.
    pub fn given(examples: &Examples, of: Vec<usize>) -> Result<Self, TeachError> {
        if of.len() != examples.len() {
            return Err(TeachError::Length { what: "folds", found: of.len(), wanted: examples.len() });
        }
        let mut numbers = of.clone();
        numbers.sort_unstable();
        numbers.dedup();
        if numbers.len() < 2 {
            return Err(TeachError::Folds { folds: numbers.len() });
        }
        let of = of.iter().map(|fold| numbers.binary_search(fold).ok()).collect();
        Ok(Self { count: numbers.len(), of })
    }

    /// Puts the groups of the rarest class into the folds first, each into the one that has fewest of the class so far, then
    /// fewest pictures. Groups without a label come last.
    fn spread(&mut self, groups: &[Vec<usize>], members: &[Vec<usize>]) {
        let mut is_placed = vec![false; groups.len()];
        let mut sizes = vec![0; self.count];
        let mut folds = vec![None; groups.len()];
        for own in members.iter().filter(|own| own.len() == 1) {
            is_placed[own[0]] = true;
        }
        let mut classes: Vec<&[usize]> = members.iter().map(Vec::as_slice).filter(|own| own.len() > 1).collect();
        classes.sort_by_key(|own| own.len());
        let all: Vec<usize> = (0..groups.len()).collect();
        classes.push(&all);
        for own in classes {
            let mut counts = vec![0; self.count];
            own.iter().filter_map(|&group| folds[group]).for_each(|fold: usize| counts[fold] += 1);
            for &group in own {
                if std::mem::replace(&mut is_placed[group], true) {
                    continue;
                }
                let fold = (0..self.count).min_by_key(|&fold| (counts[fold], sizes[fold])).unwrap_or(0);
                counts[fold] += 1;
                sizes[fold] += groups[group].len();
                folds[group] = Some(fold);
            }
        }
        for (group, fold) in groups.iter().zip(folds) {
            group.iter().for_each(|&picture| self.of[picture] = fold);
        }
    }
}

/// Pictures in groups of the same features, bit for bit.
fn same(examples: &Examples) -> Vec<Vec<usize>> {
    let bits = |picture: usize| examples.features(picture).iter().map(|value| value.to_bits());
    let mut order: Vec<usize> = (0..examples.len()).collect();
    order.sort_by(|&a, &b| bits(a).cmp(bits(b)).then(a.cmp(&b)));
    let mut groups: Vec<Vec<usize>> = order.chunk_by(|&a, &b| bits(a).eq(bits(b))).map(<[usize]>::to_vec).collect();
    groups.sort_by_key(|group| group[0]);
    groups
}

/// Fisher and Yates' shuffle with splitmix64 from a fixed seed.
fn shuffle<T>(items: &mut [T]) {
    let mut state = 0u64;
    for i in (1..items.len()).rev() {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        items.swap(i, ((z ^ (z >> 31)) % (i as u64 + 1)) as usize);
    }
}
