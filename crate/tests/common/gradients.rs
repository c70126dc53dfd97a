//! Gradients of whole networks, held against PyTorch's in float64; see "Gradients" in the reference data's description.

use super::asks::Asks;
use super::parity::{input, numbers, session};
use super::{golden, read_json};
use inception::session::Objective;
use inception::{Device, Session};
use serde_json::Value;

/// Of the norm of a tensor's gradient, and of the root mean square of its samples over that of the tensor: what float32 can
/// reach where single units fall the other way.
const NORM: f64 = 0.005;
const SAMPLES: f64 = 0.08;

/// The recorded gradients of a source.
pub fn recorded(source: &str) -> Value {
    serde_json::from_str(&read_json("gradients", source)).unwrap()
}

/// How far a gradient is from a recorded one: its norm, and its samples.
fn errors(row: &Value, index: &[f64], data: &[f32]) -> [f64; 2] {
    let l2 = row["l2"].as_f64().unwrap();
    let found = data.iter().map(|&v| f64::from(v).powi(2)).sum::<f64>().sqrt();
    let rms = l2 / (data.len() as f64).sqrt();
    let wanted = numbers(&row["value"]);
    let squares = index.iter().zip(&wanted).map(|(&i, wanted)| (f64::from(data[i as usize]) - wanted).powi(2));
    let samples = (squares.sum::<f64>() / wanted.len() as f64).sqrt() / rms;
    [(found / l2 - 1.0).abs(), if samples.is_nan() { f64::INFINITY } else { samples }]
}

/// A layer's recorded indices.
fn index(golden: &Value, name: &str) -> Vec<f64> {
    let rows = golden["endpoints"].as_array().unwrap();
    numbers(&rows.iter().find(|row| row["name"] == name).unwrap()["index"])
}

/// A session that has run the source's input, with every gradient of its top logit.
pub fn run(source: &str, device: &Device, of: &str, channel: usize) -> Session {
    let mut session = session(source, device, 2);
    session.ask(of, &["input", "all"], &["all"]).unwrap();
    session.run(&input(source)).unwrap();
    session.run_reverse(&Objective::Channel { channel, position: None, sum: true }, false).unwrap();
    session
}

/// The gradient at the input and at every end point, and Grad-CAM's maps.
pub fn check(source: &str, device: &Device) {
    let (recorded, golden) = (recorded(source), golden(source));
    let class = recorded["target"]["class"].as_u64().unwrap() as usize;
    let session = run(source, device, "Logits", class);
    let mut worst = [(0.0, String::new()), (0.0, String::new())];
    let mut hold = |name: &str, row: &Value, index: &[f64]| {
        let found = errors(row, index, &session.gradient(name).unwrap().data);
        for ((worst, found), limit) in worst.iter_mut().zip(found).zip([NORM, SAMPLES]) {
            assert!(found <= limit, "{source}: {name}: {found} of {limit}");
            if found > worst.0 {
                *worst = (found, name.to_owned());
            }
        }
    };
    hold("input", &recorded["input"], &numbers(&recorded["input"]["index"]));
    for row in recorded["endpoints"].as_array().unwrap() {
        let name = row["name"].as_str().unwrap();
        hold(name, row, &index(&golden, name));
    }
    println!("{source}: norm {:.1e} {}, samples {:.1e} {}", worst[0].0, worst[0].1, worst[1].0, worst[1].1);
}
