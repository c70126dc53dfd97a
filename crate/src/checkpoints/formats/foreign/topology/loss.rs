use serde_json::Value;

use crate::networks::OutputActivation;

/// What a model without a last activation was trained to be followed by.
pub fn of_loss(loss: &Value) -> Option<OutputActivation> {
    let of_logits = loss["config"]["from_logits"] == true;
    let name = loss.as_str().or(loss["class_name"].as_str()).or(loss["config"]["name"].as_str())?;
    let name: String = name.chars().filter(|c| *c != '_').collect::<String>().to_lowercase();
    match name.as_str() {
        "binarycrossentropy" if of_logits => Some(OutputActivation::Sigmoid),
        "categoricalcrossentropy" | "sparsecategoricalcrossentropy" if of_logits => Some(OutputActivation::Softmax),
        "mse" | "mae" | "meansquarederror" | "meanabsoluteerror" | "huber" | "logcosh" => Some(OutputActivation::None),
        _ => None,
    }
}
