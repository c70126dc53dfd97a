//! The commands that go by gradients, as a user meets them; and what they show of a trained network.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use common::{gradients, parity};
use inception::checkpoints::SourceFile;
use inception::look::{Mapping, Visualization, VisualizationOptions};
use inception::plan::Request;
use inception::session::Objective;
use inception::{LoadOptions, Loader, Session};
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
    let gpu = args(&["--method", "gradient", "--class", "0", "--device", "gpu"]);
    let ran = inception(&gpu.iter().map(String::as_str).collect::<Vec<_>>());
    if !ran.status.success() {
        let said = String::from_utf8_lossy(&ran.stderr);
        assert!(said.contains("no GPU") || said.contains("without the feature gpu"), "{said}");
        return println!("SKIPPED saliency on a GPU: {said}");
    }
    let differences = pixels(Path::new(&out)).2.into_iter().zip(gradient.2).map(|(a, b)| f64::from(a.abs_diff(b)));
    assert!(differences.sum::<f64>() < 0.5 * f64::from(4 * side * side), "a GPU gives another map");
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
    let other = dir.join("other").to_string_lossy().into_owned();
    let fixed = ["visualize", "--model", &weights, "--layer", "Mixed_3b", "--channel", "17", "--size", "32"];
    printed(&[&fixed[..], &["--out", &other, "--steps", "2", "--seed", "5"]].concat());
    assert_ne!(pixels(&dir.join("other/Mixed_3b_0017.png")).2, first.2, "another seed");
    for changed in [["--steps", "3"], ["--seed", "6"]] {
        let said = failure(&[&fixed[..], &["--out", &out], &changed].concat());
        assert!(said.contains("choose another folder"), "{said}");
    }
    let sheet = run(&["--layer", "Mixed_3b/Branch_2"]);
    let sheet = pixels(Path::new(sheet.trim()));
    assert_eq!((sheet.0, sheet.1), (16 * 32, 2 * 32), "32 channels in two rows");
    let tile = pixels(&dir.join("seen/Mixed_3b_Branch_2_0018.png"));
    for y in 0..32 {
        let at = ((32 + y) * 16 * 32 + 2 * 32) * 3;
        assert_eq!(sheet.2[at..at + 96], tile.2[y * 96..(y + 1) * 96], "row {y} of channel 18");
    }
    let fixed =
        ["visualize", "--model", &weights, "--out", &other, "--layer", "Mixed_3b", "--steps", "2", "--seed", "5"];
    assert!(failure(&[&fixed[..], &["--channel", "256", "--size", "32"]].concat()).contains("256 channels"));
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

/// Names, and what the network reads.
type Photos = Vec<(String, Vec<f32>)>;

/// The offline GoogLeNet for pictures of that size, and the photos as it reads them; none where they are absent.
fn googlenet(test: &str, side: u32) -> Option<(Session, Photos)> {
    let Some(folder) = common::verify() else {
        println!("SKIPPED {test}: the folder shared/verify is absent");
        return None;
    };
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../models/googlenet-imagenet.safetensors");
    let file = SourceFile { name: "model".into(), bytes: std::fs::read(path).unwrap().into() };
    let preprocess = Some(serde_json::json!({ "width": side, "height": side, "resizeTo": side }));
    let options = LoadOptions { preprocess, threads: 2, keep_source: true, ..LoadOptions::default() };
    let session = Loader::new(vec![file], options).unwrap().finish().unwrap();
    let levels = session.info().preprocess.levels();
    let photos = ["astronaut.png", "chelsea.png", "china.jpg", "coffee.png", "flower.jpg", "rocket.jpg"].map(|name| {
        let bytes = std::fs::read(folder.join("photos").join(name)).unwrap();
        let (input, _) = session.info().preprocess.input(&inception::image::decode(&bytes, 1 << 26).unwrap()).unwrap();
        (name.to_owned(), input.into_values(&levels))
    });
    Some((session, photos.into()))
}

fn logits(session: &mut Session, input: &[f32]) -> Vec<f32> {
    session.run(input).unwrap();
    session.output("Logits", 0).unwrap().data
}

/// Cats, a cup, rockets, buildings and flowers, of which there are photos, among others.
const CLASSES: [usize; 10] = [285, 281, 967, 504, 657, 812, 663, 698, 985, 309];

#[test]
fn what_a_class_looks_for_answers_more_than_any_photo() {
    let Some((mut session, photos)) = googlenet("what_a_class_looks_for_answers_more_than_any_photo", 128) else {
        return;
    };
    let of_photos: Vec<Vec<f32>> = photos.iter().map(|(_, photo)| logits(&mut session, photo)).collect();
    let mapping = Mapping::new(&session.info().preprocess);
    let gradients = Some(session.gradients("Logits", &["input"]).unwrap());
    session.configure(Request { gradients, ..Request::default() }).unwrap();
    for class in CLASSES {
        let mut picture = Visualization::new(mapping.clone(), &VisualizationOptions::default()).unwrap();
        for _ in 0..40 {
            session.run(picture.input()).unwrap();
            session.run_reverse(&Objective::Channel { channel: class, position: None, sum: true }, false).unwrap();
            picture.step(&session.gradient("input").unwrap().data).unwrap();
        }
        let pixels = picture.picture();
        let planes: Vec<f32> =
            (0..3).flat_map(|c| pixels.iter().skip(c).step_by(4).map(|&v| f32::from(v) / 255.0)).collect();
        let found = logits(&mut session, &mapping.input(&planes).unwrap())[class];
        let most = of_photos.iter().map(|logits| logits[class]).fold(f32::NEG_INFINITY, f32::max);
        assert!(found > most, "class {class}: {found}, and a photo {most}");
    }
}

/// The branch of a module whose channels, each weighed by the mean of its gradient, add most.
#[test]
fn without_the_branch_that_grad_cam_points_at_a_class_is_less() {
    let Some((mut session, photos)) = googlenet("without_the_branch_that_grad_cam_points_at_a_class_is_less", 224)
    else {
        return;
    };
    for (name, photo) in &photos {
        session.configure(Request::default()).unwrap();
        let whole = logits(&mut session, photo);
        let class = (0..whole.len()).max_by(|&a, &b| whole[a].total_cmp(&whole[b])).unwrap();
        for module in ["Mixed_4f", "Mixed_5b", "Mixed_5c"] {
            let gradients = Some(session.gradients("Logits", &[module]).unwrap());
            let keep = session.layers(&[module]).unwrap();
            session.configure(Request { keep, gradients, ..Request::default() }).unwrap();
            session.run(photo).unwrap();
            session.run_reverse(&Objective::Channel { channel: class, position: None, sum: true }, false).unwrap();
            let (maps, gradient) = (session.output(module, 0).unwrap(), session.gradient(module).unwrap());
            let pixels = maps.shape[1] * maps.shape[2];
            let mean = |values: &[f32]| values.iter().sum::<f32>() / pixels as f32;
            let planes = maps.data.chunks_exact(pixels).zip(gradient.data.chunks_exact(pixels));
            let adds: Vec<f32> = planes.map(|(map, gradient)| mean(map) * mean(gradient)).collect();
            let mut first = 0;
            let branches: Vec<(String, f32)> = (0..4)
                .map(|branch| {
                    let branch = format!("{module}/Branch_{branch}");
                    let [id] = session.layers(&[&branch]).unwrap()[..] else { panic!() };
                    let count = session.graph().layer(id).shape.c;
                    first += count;
                    (branch, adds[first - count..first].iter().sum())
                })
                .collect();
            let (branch, _) = branches.iter().max_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
            let off = session.off(&[vec![branch]]).unwrap();
            session.configure(Request { off, ..Request::default() }).unwrap();
            let without = logits(&mut session, photo)[class];
            assert!(without < whole[class], "{name}, {branch}: {without}, before {}", whole[class]);
        }
    }
}

/// From grey this channel is zero everywhere, and has no gradient.
#[test]
fn a_silent_channel_of_a_trained_network_answers_once_it_is_drawn() {
    let Some((mut session, _)) = googlenet("a_silent_channel_of_a_trained_network_answers_once_it_is_drawn", 128)
    else {
        return;
    };
    let layer = "Mixed_4d/Branch_2";
    let gradients = Some(session.gradients(layer, &["input"]).unwrap());
    let keep = session.layers(&[layer]).unwrap();
    session.configure(Request { keep, gradients, ..Request::default() }).unwrap();
    let objective = Objective::Channel { channel: 17, position: None, sum: false };
    let mapping = Mapping::new(&session.info().preprocess);
    let mut picture = Visualization::new(mapping, &VisualizationOptions::default()).unwrap();
    let mut values = vec![0.0];
    for step in 0..24 {
        session.run(picture.input()).unwrap();
        session.run_reverse(&objective, picture.wakes(values[step])).unwrap();
        values.push(session.objective(layer, &objective).unwrap());
        picture.step(&session.gradient("input").unwrap().data).unwrap();
    }
    assert_eq!(values[1], 0.0, "it is silent");
    assert!(values[24] > 1.0, "{values:?}");
}
