//! What the parity suites of all backends share: sessions over generated weights, and their outputs against the
//! reference libraries' float64 runs.

use super::asks::Asks;
use super::{generate, golden, input as image};
use inception::checkpoints::SourceFile;
use inception::{Device, LoadOptions, Loader, Session};
use serde_json::Value;

/// Of the spread of the logits, and of an end point's largest value; see `tests/reference`.
const TOLERANCE: f64 = 2e-4;

/// A session over a source's generated weights.
pub fn session(source: &str, device: &Device, threads: usize) -> Session {
    let file = SourceFile { name: format!("{source}.safetensors"), bytes: generate(source).into() };
    let options = LoadOptions { threads, device: device.clone(), keep_source: true, ..LoadOptions::default() };
    Loader::new(vec![file], options).unwrap().finish().unwrap()
}

/// A source's generated input, `[H,W,3]`.
pub fn input(source: &str) -> Vec<f32> {
    let chw = image(source);
    let pixels = chw.len() / 3;
    (0..chw.len()).map(|i| chw[i % 3 * pixels + i / 3]).collect()
}

/// A list of numbers.
pub fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

fn check_logits(what: &str, found: &[f32], wanted: &[f64]) {
    assert_eq!(found.len(), wanted.len(), "{what}: number of classes");
    let mean = wanted.iter().sum::<f64>() / wanted.len() as f64;
    let std = (wanted.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / wanted.len() as f64).sqrt();
    let error = found.iter().zip(wanted).map(|(a, b)| (f64::from(*a) - b).abs()).fold(0.0, f64::max) / std;
    assert!(error < TOLERANCE, "{what}: {error:e} of the spread");
}

/// The largest error of an end point relative to its largest value.
fn endpoint_error(endpoint: &Value, data: &[f32]) -> f64 {
    let number = |key: &str| endpoint[key].as_f64().unwrap();
    let scale = number("min").abs().max(number("max").abs());
    let mean = data.iter().map(|&v| f64::from(v)).sum::<f64>() / data.len() as f64;
    let min = data.iter().copied().fold(f32::INFINITY, f32::min);
    let max = data.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut pairs = vec![(mean, number("mean")), (min.into(), number("min")), (max.into(), number("max"))];
    let samples = numbers(&endpoint["index"]).into_iter().zip(numbers(&endpoint["value"]));
    pairs.extend(samples.map(|(index, value)| (f64::from(data[index as usize]), value)));
    let worst = pairs.iter().map(|(a, b)| if a.is_nan() { f64::INFINITY } else { (a - b).abs() });
    worst.fold(0.0, f64::max) / scale
}

/// Every listed end point and all logits of a source, with every layer kept on the first device and with none on the second;
/// `tune` says which ways their kernels go.
pub fn check(source: &str, [keeping, plain]: [&Device; 2], tune: impl Fn(&mut Session)) {
    let golden = golden(source);
    let input = input(source);
    let mut kept = session(source, keeping, 2);
    kept.keep(&["all"]).unwrap();
    tune(&mut kept);
    kept.run(&input).unwrap();
    let mut worst = (0.0, String::new());
    for endpoint in golden["endpoints"].as_array().unwrap() {
        let name = endpoint["name"].as_str().unwrap();
        let tensor = kept.output(name, 0).unwrap();
        let error = endpoint_error(endpoint, &tensor.data);
        assert!(error < TOLERANCE, "{source}: {name}: {error:e} of its largest value");
        if error > worst.0 {
            worst = (error, name.into());
        }
    }
    println!("{source}: worst end point {} {:.1e}", worst.1, worst.0);

    let mut plain = session(source, plain, 1);
    tune(&mut plain);
    plain.run(&input).unwrap();
    for session in [&kept, &plain] {
        check_logits(source, &session.output("Logits", 0).unwrap().data, &numbers(&golden["logits_f64"]));
        for (name, head) in golden["aux"].as_object().into_iter().flatten() {
            let found = session.output(name, 0).unwrap().data;
            check_logits(&format!("{source}: {name}"), &found, &numbers(&head["logits_f64"]));
        }
        if let Some(wanted) = golden["embedding"].get("values_f64") {
            check_logits(&format!("{source}: embedding"), &session.embedding(0).unwrap(), &numbers(wanted));
        }
    }
    let fused = kept.output("Logits", 0).unwrap().data;
    let error =
        fused.iter().zip(plain.output("Logits", 0).unwrap().data).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(error < 1e-3, "{source}: keeping layers changes the logits by {error}");
}

/// One test per source of the goldens, and one that none is missing.
#[macro_export]
macro_rules! every_source {
    ($check:ident) => {
        $crate::every_source!(
            $check: paper_googlenet, torchvision_googlenet, seed_inception_v1_c2, seed_inception_v1_c1000,
            seed_inception_v2_c10, seed_inception_v2_c1000, cadene_bninception, torchvision_inception_v3,
            timm_inception_v3, seed_inception_v3_slim, timm_inception_v4, facenet_inception_resnet_v1,
            timm_inception_resnet_v2, seed_inception_v4, seed_inception_resnet_v1
        );
    };
    ($check:ident: $($source:ident),*) => {
        $(
            #[test]
            fn $source() {
                $check(stringify!($source));
            }
        )*

        #[test]
        fn every_source_is_checked() {
            common::parity::is_every_source(&[$(stringify!($source)),*]);
        }
    };
}

/// Fails where the goldens are other sources than these.
pub fn is_every_source(checked: &[&str]) {
    let files = std::fs::read_dir(super::reference().join("golden")).unwrap();
    let stems = files.map(|f| f.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned());
    let mut sources: Vec<String> = stems.collect();
    let mut checked: Vec<&str> = checked.to_vec();
    sources.sort();
    checked.sort();
    assert_eq!(sources, checked);
}
