//! How Keras calls groups and variables.

use serde_json::Value;

/// The name of a group after a class: `BatchNormalization` is `batch_normalization`.
pub fn snake_case(class: &str) -> String {
    let letters: Vec<char> = class.chars().collect();
    let mut name = String::new();
    for (i, letter) in letters.iter().enumerate() {
        let is_lower = |at: Option<usize>| at.and_then(|at| letters.get(at)).is_some_and(|c| c.is_ascii_lowercase());
        if i > 0 && letter.is_ascii_uppercase() && (is_lower(i.checked_sub(1)) || is_lower(Some(i + 1))) {
            name.push('_');
        }
        name.extend(letter.to_lowercase());
    }
    name
}

/// The number of a group that is called after a class: none of the first.
pub fn number(group: &str, stem: &str) -> Option<usize> {
    match group.strip_prefix(stem)? {
        "" => Some(0),
        rest => rest.strip_prefix('_')?.parse().ok(),
    }
}

/// The variables of a layer in the order of `vars/0`, `vars/1`; empty for classes whose variables are not known.
pub fn variables(class: &str, config: &Value) -> Vec<&'static str> {
    let has = |option: &str| config[option] != false;
    match class {
        "Conv2D" | "Dense" => vec!["kernel", "bias"],
        "BatchNormalization" => {
            let gamma = has("scale").then_some("gamma");
            let beta = has("center").then_some("beta");
            gamma.into_iter().chain(beta).chain(["moving_mean", "moving_variance"]).collect()
        }
        "Normalization" => vec!["mean", "variance", "count"],
        _ => vec![],
    }
}

/// Whether a variable is the state of a random generator, which inference has no use for.
pub fn is_random_state(path: &str) -> bool {
    path.split(['/', ':']).any(|part| part == "StateVar" || part.starts_with("seed_generator"))
}
