//! The commands that go by gradients, as a user meets them.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use common::{gradients, parity};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn inception(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_inception")).args(args).output().unwrap()
}

/// What a command that has to succeed prints.
fn printed(args: &[&str]) -> String {
    let out = inception(args);
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

/// What a command that has to fail says.
fn failure(args: &[&str]) -> String {
    let out = inception(args);
    assert_eq!(out.status.code(), Some(1));
    String::from_utf8(out.stderr).unwrap()
}

/// A folder of this test's own, with a model in it.
fn folder(name: &str, source: &str) -> (PathBuf, String) {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    let weights = path.join("w.safetensors");
    std::fs::write(&weights, common::generate(source)).unwrap();
    (path, weights.to_string_lossy().into_owned())
}

fn photo() -> String {
    common::reference().join("image/preprocess/column-20x20-bilinear.png").to_string_lossy().into_owned()
}

fn pixels(path: &Path) -> (u32, u32, Vec<u8>) {
    let drawn = inception::image::decode(&std::fs::read(path).unwrap(), 1 << 24).unwrap();
    (drawn.width, drawn.height, drawn.pixels)
}

#[test]
fn gradient_writes_what_the_library_computes() {
    let (dir, weights) = folder("gradient", "seed_inception_v1_c2");
    let input: Vec<f32> = common::input("seed_inception_v1_c2");
    let side = (input.len() / 3).isqrt();
    let bytes: Vec<u8> = input.iter().flat_map(|v| v.to_le_bytes()).collect();
    let view = TensorView::new(Dtype::F32, vec![1, 3, side, side], &bytes).unwrap();
    let path = |name: &str| dir.join(name).to_string_lossy().into_owned();
    std::fs::write(path("in.safetensors"), safetensors::serialize([("input", view)], None).unwrap()).unwrap();
    let (from, out) = (path("in.safetensors"), path("out.safetensors"));
    let args = |of: &'static str, at: &'static str| {
        ["gradient", "--weights", &weights, "--input", &from, "--out", &out, "--of", of, "--at", at].map(str::to_owned)
    };
    let run = |of, at| {
        let args = args(of, at);
        printed(&args.each_ref().map(String::as_str));
    };
    run("Logits:1", "Mixed_4b,Mixed_5c");
    let file = std::fs::read(&out).unwrap();
    let found = SafeTensors::deserialize(&file).unwrap();
    let mut names = found.names();
    names.sort();
    assert_eq!(names, ["Mixed_4b", "Mixed_5c", "input"]);
    let session = gradients::run("seed_inception_v1_c2", &inception::Device::Cpu, "Logits", 1);
    for name in names {
        let tensor = found.tensor(name).unwrap();
        let wanted = session.gradient(name).unwrap();
        assert_eq!(tensor.shape()[1..], wanted.shape);
        let values = tensor.data().chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]));
        let values: Vec<f32> = values.collect();
        let error = common::numbers::relative_error(&values, &wanted.data);
        // What is kept decides what is fused: single units may fall the other way.
        assert!(error < 0.05, "{name}: {error}");
    }
    run("Mixed_4b:3:2:5", "Mixed_3b/Branch_1");
    let refused = |of, at| {
        let args = args(of, at);
        failure(&args.each_ref().map(String::as_str))
    };
    assert!(refused("Mixed_9z:0", "all").contains("Mixed_9z"));
    assert!(refused("Logits:7", "all").contains("Logits has 2 channels"), "{}", refused("Logits:7", "all"));
    let wrong = args("Logits", "all");
    assert_eq!(inception(&wrong.each_ref().map(String::as_str)).status.code(), Some(2));
}

#[test]
fn saliency_of_integrated_gradients_adds_up_to_the_logit() {
    let (dir, weights) = folder("saliency", "seed_inception_v1_c2");
    let out = dir.join("map.png").to_string_lossy().into_owned();
    let args = |more: &[&'static str]| {
        let mut all =
            vec!["saliency".to_owned(), photo(), "--model".into(), weights.clone(), "--out".into(), out.clone()];
        all.extend(more.iter().map(|&arg| arg.to_owned()));
        all
    };
    let run = |more: &[&'static str]| printed(&args(more).iter().map(String::as_str).collect::<Vec<_>>());
    let said = run(&["--method", "integrated", "--runs", "4"]);
    assert!(said.contains("the pixels add"), "{said}");
    let side = parity::session("seed_inception_v1_c2", &inception::Device::Cpu, 1).info().input[1] as u32;
    let integrated = pixels(Path::new(&out));
    assert_eq!((integrated.0, integrated.1), (side, side));
    run(&["--method", "gradient", "--class", "0"]);
    let gradient = pixels(Path::new(&out));
    assert_ne!(gradient.2, integrated.2);
    run(&["--method", "smoothgrad", "--runs", "2", "--class", "0"]);
    assert_ne!(pixels(Path::new(&out)).2, gradient.2);
    let gpu = args(&["--device", "gpu"]);
    assert!(failure(&gpu.iter().map(String::as_str).collect::<Vec<_>>()).contains("on the CPU only"));
}

#[test]
fn visualize_draws_channels_and_sheets_and_goes_on_where_it_ended() {
    let (dir, weights) = folder("visualize", "seed_inception_v1_c2");
    let out = dir.join("seen").to_string_lossy().into_owned();
    let run = |more: &[&str]| {
        let fixed = ["visualize", "--model", &weights, "--out", &out, "--size", "32", "--steps", "2"];
        printed(&[&fixed[..], more].concat())
    };
    let said = run(&["--layer", "Mixed_3b", "--channel", "17"]);
    let path = dir.join("seen/Mixed_3b_0017.png");
    assert_eq!(said.trim(), path.to_string_lossy());
    let first = pixels(&path);
    assert_eq!((first.0, first.1), (32, 32));
    assert!(first.2.iter().any(|&level| level != first.2[0]), "it is not one colour");
    let made = std::fs::metadata(&path).unwrap().modified().unwrap();
    run(&["--layer", "Mixed_3b", "--channel", "17"]);
    assert_eq!(std::fs::metadata(&path).unwrap().modified().unwrap(), made, "it was there");
    std::fs::remove_file(&path).unwrap();
    run(&["--layer", "Mixed_3b", "--channel", "17"]);
    assert_eq!(pixels(&path), first, "the same seed, the same picture");
    std::fs::remove_file(&path).unwrap();
    run(&["--layer", "Mixed_3b", "--channel", "17", "--seed", "5"]);
    assert_ne!(pixels(&path).2, first.2);
    let sheet = run(&["--layer", "Mixed_3b/Branch_2"]);
    let sheet = pixels(Path::new(sheet.trim()));
    assert_eq!((sheet.0, sheet.1), (16 * 32, 2 * 32), "32 channels in two rows");
    let tile = pixels(&dir.join("seen/Mixed_3b_Branch_2_0018.png"));
    for y in 0..32 {
        let at = ((32 + y) * 16 * 32 + 2 * 32) * 3;
        assert_eq!(sheet.2[at..at + 96], tile.2[y * 96..(y + 1) * 96], "row {y} of channel 18");
    }
    let fixed = ["visualize", "--model", &weights, "--out", &out, "--layer", "Mixed_3b"];
    assert!(failure(&[&fixed[..], &["--channel", "256"]].concat()).contains("256 channels"));
    assert!(failure(&[&fixed[..], &["--size", "33"]].concat()).contains("even"));
}

#[test]
fn dream_changes_the_picture_and_keeps_its_size() {
    let (dir, weights) = folder("dream", "seed_inception_v1_c2");
    let (from, out) = (dir.join("from.png"), dir.join("dream.png"));
    let rgb: Vec<u8> = (0..3 * 120 * 100u32).map(|i| (i.wrapping_mul(2_654_435_769) >> 24) as u8).collect();
    image::save_buffer(&from, &rgb, 120, 100, image::ColorType::Rgb8).unwrap();
    let [from, to] = [&from, &out].map(|path| path.to_string_lossy().into_owned());
    let fixed = ["dream", &from, "--model", &weights, "--out", &to, "--octaves", "2", "--steps", "2"];
    printed(&[&fixed[..], &["--layer", "Mixed_3b"]].concat());
    let found = pixels(&out);
    assert_eq!((found.0, found.1), (120, 100));
    let moved = found.2.iter().zip(&rgb).filter(|(a, b)| a != b).count();
    assert!(moved > rgb.len() / 4, "{moved} of {}", rgb.len());
    assert!(failure(&[&fixed[..], &["--layer", "Mixed_9z"]].concat()).contains("Mixed_9z"));
}
