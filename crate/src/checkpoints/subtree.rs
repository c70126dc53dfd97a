//! A network that is not alone in its file: a loss, metrics, a second network or the network's own classifier lie beside it, in the same
//! state dict or in another one. What may take part in the answer is used where its shapes prove what it is, or refused; all else
//! is left aside and said.

use std::collections::{BTreeMap, BTreeSet};

use super::CheckpointError;
use super::dialects::dialects;
use super::fit::{Fit, recognise};
use super::formats::{Stored, TensorFile};
use crate::networks::{Classifier, Head, Network};

/// Fewer tensors are no network of these.
const FEWEST: usize = 50;
/// How many networks of one file are held against their names; others are what lies beside.
const MOST_NETWORKS: usize = 16;
/// How deep in its names a network may lie.
const DEEPEST: usize = 8;
/// Modules of a classifier of another name than the network's own.
const MOST_BESIDE: usize = 8;
/// What is left aside and named; the rest is counted.
const NAMED: usize = 8;
/// What people call the numbers that pictures are normalised with.
const OF_PICTURES: [&str; 4] = ["mean", "std", "pixel_mean", "pixel_std"];

type Tensors = BTreeMap<String, Stored>;

/// A network, what all of its keys began with, and what was assumed of the tensors beside it. `fit` is what came of the largest
/// state dict without `taken` in front of its keys.
pub(super) fn recognise_among(
    file: &mut TensorFile,
    named: Option<&'static Network>,
    fit: Result<Fit, CheckpointError>,
    taken: &str,
) -> Result<(Fit, String, Vec<String>), CheckpointError> {
    let place = match file.sets.first() {
        Some(set) if !set.is_empty() => format!("{set}.{taken}"),
        _ => taken.to_owned(),
    };
    let unknown = match fit {
        Ok(fit) if file.beside.is_empty() => return Ok((fit, place, vec![])),
        Ok(_) => None,
        Err(error @ CheckpointError::Unrecognised { .. }) => Some(error),
        Err(error) if file.beside.is_empty() => return with_head_among(file, named, error, place),
        Err(error) => return Err(error),
    };
    let whole = |key: String| format!("{place}{key}");
    let mut all: Tensors = std::mem::take(&mut file.tensors).into_iter().map(|(key, t)| (whole(key), t)).collect();
    all.append(&mut file.beside);
    file.order = std::mem::take(&mut file.order).into_iter().map(whole).collect();
    let bodies = bodies(&all);
    let (prefix, others) = match unknown {
        None => {
            let others: Vec<String> = bodies.into_iter().filter(|body| *body != place).collect();
            file.sets.extend(others.iter().map(|body| body.trim_end_matches('.').to_owned()));
            (place.clone(), others)
        }
        Some(unknown) => chosen(&all, bodies, named)?.ok_or(unknown)?,
    };
    let mut outside = Tensors::new();
    file.tensors.clear();
    for (key, stored) in all {
        match key.strip_prefix(&prefix) {
            Some(inside) => drop(file.tensors.insert(inside.to_owned(), stored)),
            None if others.iter().any(|other| key.starts_with(other)) => {}
            None => drop(outside.insert(key, stored)),
        }
    }
    let inner = prefix.strip_prefix(&place).unwrap_or_default().to_owned();
    file.strip_modules(&inner);
    let strip = |key: String| key.strip_prefix(&prefix).map_or(key.clone(), str::to_owned);
    file.order = std::mem::take(&mut file.order).into_iter().map(strip).collect();

    let fit = recognise(file, named)?;
    let parts = Parts::of(&outside, &prefix, &fit)?;
    let head = parts.head(&fit)?;
    let said = parts.said(&head);
    let fit = if head.is_empty() { fit } else { with_head(file, named, &parts, &head)? };
    for (key, stored) in outside {
        file.tensors.entry(key).or_insert(stored);
    }
    Ok((fit, prefix, said))
}

/// The network with these groups beside it as its classifier.
fn with_head(
    file: &mut TensorFile,
    named: Option<&'static Network>,
    parts: &Parts,
    head: &[&str],
) -> Result<Fit, CheckpointError> {
    for (key, stored) in head.iter().filter_map(|group| parts.groups.get(group)).flatten() {
        if file.tensors.insert((*key).to_owned(), (*stored).clone()).is_some() {
            return Err(CheckpointError::DuplicateKey { key: (*key).to_owned() });
        }
    }
    file.head = head.iter().map(|&group| group.to_owned()).collect();
    let fit = recognise(file, named)?;
    match fit.options.head {
        Head::Classifier(Classifier { bias: false, .. }) => {
            Err(parts
                .refused(head, "which has no bias: it may be a classifier by angles (ArcFace) and no linear layer"))
        }
        _ => Ok(fit),
    }
}

/// A network whose classifier is an attribute of another name beside its layers: `classifier.1.weight` where it has `fc.weight`. Every
/// tensor that is no layer of it has to be of the classifier; otherwise `error` stands, which is what came of it with them.
fn with_head_among(
    file: &mut TensorFile,
    named: Option<&'static Network>,
    error: CheckpointError,
    place: String,
) -> Result<(Fit, String, Vec<String>), CheckpointError> {
    let mut outside = Tensors::new();
    let mut odd = error.clone();
    for _ in 0..MOST_BESIDE {
        let CheckpointError::Unexpected { key, .. } = odd else { return Err(error) };
        let first = group(&key, "").to_owned();
        let is_outside = |key: &str| group(key, "") == first;
        outside.extend(file.tensors.extract_if(.., |key, _| is_outside(key)));
        match recognise(file, named) {
            Ok(fit) if fit.options.head == Head::None => {
                let parts = Parts::of(&outside, "", &fit)?;
                let head = parts.head(&fit)?;
                if parts.groups.keys().any(|group| !head.contains(group)) {
                    return Err(error);
                }
                let fit = with_head(file, named, &parts, &head)?;
                return Ok((fit, place, vec![format!("{} is taken as its classifier", head.join(", "))]));
            }
            Ok(_) => return Err(error),
            Err(other) => odd = other,
        }
    }
    Err(error)
}

/// What the keys of networks begin with.
fn bodies(all: &Tensors) -> Vec<String> {
    let mut counts = BTreeMap::<&str, usize>::new();
    for key in all.keys() {
        for (at, _) in key.match_indices('.').take(DEEPEST) {
            *counts.entry(&key[..=at]).or_default() += 1;
        }
    }
    let is_body = |prefix: &str| {
        let file = TensorFile::of(below(all, prefix));
        dialects().any(|dialect| (dialect.rule)(&file).is_some())
    };
    let large = counts.into_iter().filter(|&(_, count)| count >= FEWEST).map(|(prefix, _)| prefix);
    large.filter(|prefix| is_body(prefix)).map(str::to_owned).collect()
}

fn below(all: &Tensors, prefix: &str) -> Tensors {
    let inside = all.range(prefix.to_owned()..).take_while(|(key, _)| key.starts_with(prefix));
    inside.map(|(key, stored)| (key[prefix.len()..].to_owned(), stored.clone())).collect()
}

/// The one network among several, and those that are the same once more; none where there is no network.
fn chosen(
    all: &Tensors,
    bodies: Vec<String>,
    named: Option<&'static Network>,
) -> Result<Option<(String, Vec<String>)>, CheckpointError> {
    let [first, others @ ..] = bodies.as_slice() else { return Ok(None) };
    let tensors = below(all, first);
    if others.iter().all(|other| below(all, other) == tensors) {
        return Ok(Some((first.clone(), others.to_vec())));
    }
    let mut fitting = vec![];
    let mut refused = None;
    for body in bodies.into_iter().take(MOST_NETWORKS) {
        let file = TensorFile::of(below(all, &body));
        match recognise(&file, named) {
            Ok(_) => fitting.push(body),
            Err(error) => refused = refused.or(Some(error)),
        }
    }
    match (fitting.len(), refused) {
        (1, _) => Ok(fitting.pop().map(|body| (body, vec![]))),
        (0, Some(error)) => Err(error),
        _ => Err(CheckpointError::Several { networks: fitting }),
    }
}

/// A key up to the first of its parts that is not on the way to the network.
fn group<'a>(key: &'a str, prefix: &str) -> &'a str {
    let ends = key.match_indices('.').map(|(at, _)| at);
    let own = ends.into_iter().find(|&at| !prefix.starts_with(&key[..=at]));
    &key[..own.unwrap_or(key.len())]
}

/// What a module beside the network has to do with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Touch {
    /// It gives three channels, as a picture has.
    Before,
    /// It reads as many values as the body gives.
    Features,
    /// It reads as many values as the head gives.
    Answer,
    /// It pools otherwise than by the average.
    Pool,
}

/// Everything beside a network.
struct Parts<'a> {
    prefix: &'a str,
    groups: BTreeMap<&'a str, Vec<(&'a str, &'a Stored)>>,
    /// Groups that may have to do with the network.
    touching: BTreeSet<(Touch, &'a str)>,
    /// Values that the body gives.
    features: usize,
}

/// What modules with a generalised mean are called.
const POOLS: [&str; 2] = ["pool", "gem"];

impl<'a> Parts<'a> {
    fn of(outside: &'a Tensors, prefix: &'a str, fit: &Fit) -> Result<Self, CheckpointError> {
        let graph = fit.network.build(&fit.options)?;
        let shape = graph.layer(graph.features()).shape;
        let features = shape.c * shape.h * shape.w;
        let answers = match fit.options.head {
            Head::Embedding { size, classes, .. } => [Some(size), classes],
            ref head => [head.classes(), None],
        };
        let mut parts = Self { prefix, groups: BTreeMap::new(), touching: BTreeSet::new(), features };
        for (key, stored) in outside {
            let group = group(key, prefix);
            parts.groups.entry(group).or_default().push((key, stored));
            let (stem, leaf) = key.rsplit_once('.').unwrap_or(("", key));
            let has = |leaf: &str| outside.contains_key(&format!("{stem}.{leaf}"));
            let reads = |size: usize, touch| match size {
                _ if size == features => Some(Touch::Features),
                _ if answers.contains(&Some(size)) => Some(Touch::Answer),
                _ => touch,
            };
            let touch = match *stored.shape.as_slice() {
                [size] if leaf == "running_mean" => reads(size, (size == 3).then_some(Touch::Before)),
                [size] if leaf == "weight" && has("bias") => reads(size, None),
                // One of its own for each class.
                [size] if leaf.contains("bias") && !has("weight") && answers.contains(&Some(size)) => {
                    Some(Touch::Answer)
                }
                // What a generalised mean has as its exponent.
                [1] if leaf == "p" && POOLS.iter().any(|pool| stem.to_lowercase().contains(pool)) => Some(Touch::Pool),
                [_, inputs] if leaf.contains("weight") => reads(inputs, None),
                [3, _, _, _] if leaf.contains("weight") => Some(Touch::Before),
                [_, inputs, ..] if leaf.contains("weight") && inputs == features => Some(Touch::Features),
                _ => None,
            };
            parts.touching.extend(touch.map(|touch| (touch, group)));
        }
        Ok(parts)
    }

    fn refused(&self, groups: &[&str], why: &str) -> CheckpointError {
        let (network, part) = (self.prefix.to_owned(), groups.join(" and "));
        CheckpointError::Beside { network, part, why: why.to_owned() }
    }

    /// The groups that are the classifier of a network that has none.
    ///
    /// # Errors
    /// [`CheckpointError::Beside`] for what may take part in the answer and is no classifier for certain.
    fn head(&self, fit: &Fit) -> Result<Vec<&'a str>, CheckpointError> {
        let touching = |wanted: Touch| -> Vec<&str> {
            self.touching.iter().filter(|(touch, _)| *touch == wanted).map(|(_, group)| *group).collect()
        };
        if let before @ [_, ..] = touching(Touch::Before).as_slice() {
            return Err(self.refused(before, "which has three channels, as pictures have"));
        }
        if let pool @ [_, ..] = touching(Touch::Pool).as_slice() {
            return Err(self.refused(pool, "which is the exponent of a generalised mean (GeM) in place of the average"));
        }
        let (readers, answering) = (touching(Touch::Features), touching(Touch::Answer));
        let features = self.features;
        if fit.options.head != Head::None {
            let reads = format!("which reads as many values as the network's body gives, {features}");
            return match (readers.as_slice(), answering.as_slice()) {
                ([], []) => Ok(vec![]),
                ([], answering) => Err(self.refused(answering, "which reads as many values as the network answers")),
                (readers, _) => Err(self.refused(readers, &reads)),
            };
        }
        match *readers.as_slice() {
            [] => {
                let is_linear = |(key, stored): &&(&str, &Stored)| stored.shape.len() == 2 && key.ends_with(".weight");
                let odd = self.groups.iter().find(|(_, tensors)| tensors.iter().any(|tensor| is_linear(&tensor)));
                let why = format!("which does not read the {features} values that the network gives");
                odd.map_or(Ok(vec![]), |(group, _)| Err(self.refused(&[group], &why)))
            }
            [first] => Ok(self.following(first)),
            ref several => {
                Err(self.refused(several, &format!("which all read the {features} values that the network gives")))
            }
        }
    }

    /// A group and those that read what it gives, what they give and so on.
    fn following(&self, first: &'a str) -> Vec<&'a str> {
        let mut found = vec![first];
        let mut at = 0;
        while let Some(tensors) = found.get(at).and_then(|group| self.groups.get(group)) {
            let given: BTreeSet<usize> = tensors
                .iter()
                .filter(|(_, stored)| stored.shape.len() == 2)
                .filter_map(|(_, stored)| stored.shape.first().copied())
                .collect();
            let reads = |(key, stored): &(&str, &Stored)| match *stored.shape.as_slice() {
                [size] => key.ends_with(".running_mean") && given.contains(&size),
                [_, inputs] => key.ends_with(".weight") && given.contains(&inputs),
                _ => false,
            };
            let more: Vec<&str> = self
                .groups
                .iter()
                .filter(|(group, tensors)| !found.contains(group) && tensors.iter().any(reads))
                .map(|(&group, _)| group)
                .collect();
            found.extend(more);
            at += 1;
        }
        found
    }

    /// What is said of the tensors beside the network.
    fn said(&self, head: &[&str]) -> Vec<String> {
        let mut said = vec![];
        let network = self.prefix;
        if !head.is_empty() {
            said.push(format!(
                "the network is `{network}`, and {} beside it is taken as its classifier",
                head.join(", ")
            ));
        }
        let aside: Vec<&str> = self.groups.keys().copied().filter(|group| !head.contains(group)).collect();
        if !aside.is_empty() {
            let more = aside.len().saturating_sub(NAMED);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let list = aside[..aside.len().min(NAMED)].join(", ");
            said.push(format!("the network is `{network}`; beside it left aside: {list}{more}"));
        }
        let is_of_pictures = |group: &&&str| {
            let tensors = self.groups.get(*group).into_iter().flatten();
            let mut leaves = tensors.filter_map(|(key, _)| key.rsplit('.').next());
            leaves.any(|leaf| OF_PICTURES.contains(&leaf))
        };
        if aside.iter().any(|group| is_of_pictures(&group)) {
            said.push("the mean and deviation in the file are not used: the option `preprocess` says how pictures are normalised".into());
        }
        said
    }
}
