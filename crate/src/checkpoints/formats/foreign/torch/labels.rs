//! What training scripts call the classes in, beside the state dict: a list of names, or a dict between names and indices.

use super::pickle::{Pickled, Value};

/// Lists of names, or names by their indices.
const LISTS: [&str; 6] = ["classes", "class_names", "labels", "label_names", "categories", "idx_to_class"];
/// Indices by the names, as torchvision's `ImageFolder` has them.
const DICTS: [&str; 3] = ["class_to_idx", "class_to_index", "label_to_idx"];
/// As many classes as a network may have.
const MOST: usize = 1 << 20;

/// The names in order of their indices that a dict or record at this place holds, and where; none where they have gaps.
pub fn read(state: &Pickled, value: &Value, path: &str) -> Option<(String, Vec<String>)> {
    let (Value::Dict(items) | Value::Record(items)) = value else { return None };
    let entries = || {
        let text = |(key, inner): &(usize, usize)| match state.get(*key) {
            Value::Text(name) => Some((*name, state.get(*inner))),
            _ => None,
        };
        items.iter().take(MOST).filter_map(text)
    };
    // Where both are there, the dict says the order for certain.
    let of = |wanted: &[&str]| entries().find_map(|(name, inner)| Some((name, names(state, inner, wanted, name)?)));
    let (name, found) = of(&DICTS).or_else(|| of(&LISTS))?;
    Some((if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }, found))
}

fn names(state: &Pickled, value: &Value, wanted: &[&str], name: &str) -> Option<Vec<String>> {
    if !wanted.contains(&name) {
        return None;
    }
    let text = |id: usize| match state.get(id) {
        Value::Text(name) => Some((*name).to_owned()),
        _ => None,
    };
    match value {
        Value::List(items) | Value::Tuple(items) if !items.is_empty() && items.len() <= MOST => {
            items.iter().map(|&id| text(id)).collect()
        }
        Value::Dict(items) if !items.is_empty() && items.len() <= MOST => {
            let mut named = vec![None; items.len()];
            for &(key, inner) in items {
                let (index, name) = match (state.get(key), state.get(inner)) {
                    (Value::Text(name), &Value::Int(index)) | (&Value::Int(index), Value::Text(name)) => (index, *name),
                    _ => return None,
                };
                *named.get_mut(usize::try_from(index).ok()?)? = Some(name.to_owned());
            }
            named.into_iter().collect()
        }
        _ => None,
    }
}
