//! The commands that go by gradients, as a user meets them; and what they show of a trained network.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use common::{gradients, parity};
use inception::checkpoints::SourceFile;
use inception::look::{Mapping, Visualization, VisualizationOptions};
use inception::networks::{Classifier, Head, HeadPool, Options};
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

/// Writes a picture of 120 x 100 with no two neighbours alike; its pixels.
fn noise(path: &Path) -> Vec<u8> {
    let rgb: Vec<u8> = (0..3 * 120 * 100u32).map(|i| (i.wrapping_mul(2_654_435_769) >> 24) as u8).collect();
    image::save_buffer(path, &rgb, 120, 100, image::ColorType::Rgb8).unwrap();
    rgb
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
    // Where a picture is of one colour, rounding decides which of its values is a maximum.
    noise(&dir.join("noise.png"));
    let [photo, out] = ["noise.png", "map.png"].map(|name| dir.join(name).to_string_lossy().into_owned());
    let args = |more: &[&'static str]| {
        let mut all =
            vec!["saliency".to_owned(), photo.clone(), "--model".into(), weights.clone(), "--out".into(), out.clone()];
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
    let rgb = noise(&from);
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

/// The generated model with another head: its last layer's values, each changed, and so many rows of them.
fn with_head(rows: usize, change: impl Fn(f32) -> f32) -> Vec<u8> {
    let tensors = common::keys("seed_inception_v1_c2").into_iter().map(|mut key| {
        let mut values = if key.kind == "ignore" { Vec::new() } else { common::tensor(&key) };
        if key.name.starts_with("fc.3.") {
            key.shape[0] = rows;
            values.truncate(key.shape.iter().product());
            values.iter_mut().for_each(|v| *v = change(*v));
        }
        (key, values)
    });
    common::safetensors(&tensors.collect::<Vec<_>>())
}

/// What clap says of arguments that it refuses.
fn usage(args: &[&str]) -> String {
    let out = inception(args);
    assert_eq!(out.status.code(), Some(2), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stderr).unwrap()
}

/// A picture of one colour.
fn plain(path: &Path, width: u32, height: u32) -> String {
    let rgb = vec![90; (3 * width * height) as usize];
    image::save_buffer(path, &rgb, width, height, image::ColorType::Rgb8).unwrap();
    path.to_string_lossy().into_owned()
}

#[test]
fn visualize_takes_over_no_pictures_that_it_knows_nothing_of() {
    let (dir, weights) = folder("visualize-others", "seed_inception_v1_c2");
    let path = |name: &str| dir.join(name).to_string_lossy().into_owned();
    let on = |model: &str, out: &str, more: &[&str]| {
        let fixed = ["visualize", "--model", model, "--out", out, "--size", "32", "--steps", "1"];
        [&fixed[..], more].concat().into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let refused = |args: Vec<String>| failure(&args.iter().map(String::as_str).collect::<Vec<_>>());
    let runs = |args: Vec<String>| printed(&args.iter().map(String::as_str).collect::<Vec<_>>());
    let channel = ["--layer", "Mixed_3b", "--channel", "17"];

    for (i, name) in ["Mixed_3b_0017.png", "Mixed_4b_0001.png", "Mixed_3b_Branch_2.png"].into_iter().enumerate() {
        let out = dir.join(format!("foreign{i}"));
        std::fs::create_dir_all(&out).unwrap();
        plain(&out.join(name), 32, 32);
        let said = refused(on(&weights, out.to_str().unwrap(), &channel));
        assert!(said.contains("of which nothing says how they were made"), "{said}");
        assert!(!out.join("pictures.json").exists());
    }
    // Other pictures are in nobody's way, and nothing is noted before there is a picture.
    let out = path("seen");
    std::fs::create_dir_all(&out).unwrap();
    plain(&dir.join("seen/cat.png"), 8, 8);
    for wrong in [["--layer", "Mixed_9z", "--channel", "0"], ["--layer", "Mixed_3b", "--channel", "256"]] {
        refused(on(&weights, &out, &wrong));
        assert!(!dir.join("seen/pictures.json").exists());
    }
    refused(on(&weights, &path("new"), &["--layer", "Mixed_3b", "--channel", "x"]));
    assert!(!dir.join("new").exists());
    runs(on(&weights, &out, &channel));
    assert!(dir.join("seen/pictures.json").exists());

    let said = refused(on(&weights, &out, &[&channel[..], &["--preprocess", r#"{"mean":[0.1,0.1,0.1]}"#]].concat()));
    assert!(said.contains("--preprocess") && said.contains("choose another folder"), "{said}");
    let said = refused(on(&weights, &out, &[&channel[..], &["--half"]].concat()));
    assert!(said.contains("--half"), "{said}");
    // What has no part in the pictures changes nothing.
    runs(on(&weights, &out, &[&channel[..], &["--preprocess", r#"{"filter":"bicubic"}"#]].concat()));

    std::fs::write(path("other.safetensors"), with_head(2, |v| -v)).unwrap();
    let logit = ["--layer", "Logits", "--channel", "1"];
    runs(on(&weights, &out, &logit));
    let of_one = pixels(&dir.join("seen/Logits_0001.png"));
    for layer in ["Logits", "Predictions"] {
        let args = ["--layer", layer, "--channel", "1"];
        runs(on(&weights, &out, &args));
        let said = refused(on(&path("other.safetensors"), &out, &args));
        assert!(said.contains("another classifier"), "{said}");
    }
    // The same features are another matter.
    runs(on(&path("other.safetensors"), &out, &channel));
    runs(on(&path("other.safetensors"), &path("of-other"), &logit));
    assert_ne!(pixels(&dir.join("of-other/Logits_0001.png")), of_one);

    for damaged in ["", "{", "{}", "[1]"] {
        std::fs::write(dir.join("seen/pictures.json"), damaged).unwrap();
        let said = refused(on(&weights, &out, &channel));
        assert!(said.contains("pictures.json") && said.contains("cannot be read"), "{said}");
    }
    let said = refused(on(&weights, &weights, &channel));
    assert!(said.contains("it is a file, not a folder"), "{said}");
}

#[test]
fn visualize_draws_damaged_pictures_again() {
    let (dir, weights) = folder("visualize-damaged", "seed_inception_v1_c2");
    let out = dir.join("seen").to_string_lossy().into_owned();
    let run = || {
        let fixed = ["visualize", "--model", &weights, "--out", &out, "--size", "32", "--steps", "1"];
        printed(&[&fixed[..], &["--layer", "Mixed_3b/Branch_2"]].concat())
    };
    let sheet = run();
    let sheet = Path::new(sheet.trim());
    let whole = pixels(sheet);
    let tiles: Vec<PathBuf> = (0..4).map(|c| dir.join(format!("seen/Mixed_3b_Branch_2_000{c}.png"))).collect();
    let good: Vec<_> = tiles.iter().map(|tile| pixels(tile)).collect();
    let bytes = std::fs::read(&tiles[1]).unwrap();
    std::fs::write(&tiles[0], []).unwrap();
    std::fs::write(&tiles[1], &bytes[..bytes.len() / 2]).unwrap();
    std::fs::write(&tiles[2], "no picture").unwrap();
    plain(&tiles[3], 16, 16);
    run();
    assert!(tiles.iter().map(|tile| pixels(tile)).eq(good));
    assert_eq!(pixels(sheet), whole);
}

#[test]
fn saliency_and_dream_write_only_where_nothing_is_lost() {
    let (dir, weights) = folder("written", "seed_inception_v1_c2");
    let path = |name: &str| dir.join(name).to_string_lossy().into_owned();
    let photo = plain(&dir.join("photo.png"), 120, 100);
    std::fs::create_dir_all(dir.join("sub")).unwrap();
    #[cfg(unix)]
    for (from, to) in [("photo.png", "link.png"), ("w.safetensors", "weights.png")] {
        std::os::unix::fs::symlink(dir.join(from), dir.join(to)).unwrap();
    }
    std::fs::hard_link(dir.join("photo.png"), dir.join("same.png")).unwrap();
    std::fs::write(path("notes.png"), "notes").unwrap();
    let read = "it is read from and cannot be written to";
    let mut cases = vec![
        ("photo.png", read),
        ("sub/../photo.png", read),
        ("w.safetensors", read),
        ("x.jpg", "it is written as PNG: name it x.png"),
        ("x.png.gz", "it is written as PNG: name it x.png"),
        ("sub", "it is a folder"),
        ("absent/x.png", "there is no folder"),
        ("notes.png", "it is no PNG"),
    ];
    if cfg!(unix) {
        cases.extend([("link.png", read), ("same.png", read), ("weights.png", read)]);
    }
    let before = std::fs::read(&photo).unwrap();
    for command in [&["saliency", "--method", "gradient"][..], &["dream", "--layer", "Mixed_3b"]] {
        for &(out, words) in &cases {
            let out = path(out);
            let said = failure(&[command, &[&photo, "--model", &weights, "--out", &out]].concat());
            assert!(said.contains(words), "{command:?} {out}: {said}");
        }
        // Before anything is loaded.
        let said = failure(&[command, &[&photo, "--model", &photo, "--out", &path("absent/x.png")]].concat());
        assert!(said.contains("there is no folder"), "{said}");
    }
    assert_eq!(std::fs::read(&photo).unwrap(), before);
    assert_eq!(std::fs::read(path("notes.png")).unwrap(), b"notes");
    assert!(!dir.join("x.jpg").exists());
}

/// A tensor file of one generated picture.
fn tensor(dir: &Path, change: impl Fn(&mut [f32])) -> String {
    let mut input = common::input("seed_inception_v1_c2");
    change(&mut input);
    let side = (input.len() / 3).isqrt();
    let bytes: Vec<u8> = input.iter().flat_map(|v| v.to_le_bytes()).collect();
    let view = TensorView::new(Dtype::F32, vec![1, 3, side, side], &bytes).unwrap();
    let path = dir.join("in.safetensors");
    std::fs::write(&path, safetensors::serialize([("input", view)], None).unwrap()).unwrap();
    path.to_string_lossy().into_owned()
}

#[test]
fn tensors_that_no_picture_makes_are_refused() {
    let (dir, weights) = folder("tensors", "seed_inception_v1_c2");
    let out = dir.join("out.safetensors").to_string_lossy().into_owned();
    let commands = |from: &str, words: &str| {
        for command in [&["run"][..], &["gradient", "--of", "Logits:1"]] {
            let said = failure(&[command, &["--weights", &weights, "--input", from, "--out", &out]].concat());
            assert!(said.contains(words), "{command:?}: {said}");
        }
    };
    for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let from = tensor(&dir, |values| {
            let side = (values.len() / 3).isqrt();
            values[side * side + 2 * side + 5] = value;
            values[2 * side * side] = value;
        });
        commands(&from, &format!("{value} at image 0, channel 1, row 2, column 5"));
    }
    commands(&photo(), "it is neither a .npy nor a .safetensors file");
    let from = tensor(&dir, |_| ());
    let bytes = std::fs::read(&from).unwrap();
    std::fs::write(&from, &bytes[..bytes.len() - 4]).unwrap();
    commands(&from, "damaged or cut short");
    let trimmed = tensor(&dir, |_| ());
    let fixed = ["--weights", &weights, "--input", &trimmed, "--out", &out];
    assert!(usage(&[&["run", "--layers", "Mixed_3b,"], &fixed[..]].concat()).contains("name"));
    assert!(usage(&[&["gradient", "--of", "Logits:1", "--at", " ,all"], &fixed[..]].concat()).contains("name"));
    printed(&[&["run", "--layers", "Mixed_3b, Mixed_3c"], &fixed[..]].concat());
    let file = std::fs::read(&out).unwrap();
    assert!(SafeTensors::deserialize(&file).unwrap().names().contains(&"Mixed_3c"));
}

#[test]
fn gradient_says_the_number_and_what_it_does_not_depend_on() {
    let (dir, weights) = folder("dependence", "seed_inception_v1_c2");
    let (from, out) = (tensor(&dir, |_| ()), dir.join("out.safetensors").to_string_lossy().into_owned());
    let args = |of: &'static str, at: &'static str| {
        ["gradient", "--weights", &weights, "--input", &from, "--out", &out, "--of", of, "--at", at].map(str::to_owned)
    };
    let refused = |of, at| failure(&args(of, at).each_ref().map(String::as_str));
    let run = |of, at| printed(&args(of, at).each_ref().map(String::as_str));
    for (of, at) in [("Mixed_4d", "Mixed_5b"), ("Mixed_4d/Branch_1", "Mixed_4d/Branch_2"), ("Mixed_4d", "Logits")] {
        let said = refused(if of == "Mixed_4d" { "Mixed_4d:1" } else { "Mixed_4d/Branch_1:1" }, at);
        assert!(said.contains(&format!("{of} does not depend on {at}")), "{said}");
    }
    assert!(run("Mixed_4b:3", "all").starts_with("Mixed_4b:3 is "));
    let session = gradients::run("seed_inception_v1_c2", &inception::Device::Cpu, "Logits", 1);
    let wanted = session.output("Logits", 0).unwrap().data[1];
    let said = run(" Logits : 1", "Mixed_4d , Mixed_5b");
    let found: f32 = said.trim().strip_prefix("Logits:1 is ").unwrap().parse().unwrap();
    assert!((found - wanted).abs() < 1e-3, "{said}");
    assert!(run("Mixed_4b:3:2:5", "Mixed_4b").starts_with("Mixed_4b:3:2:5 is "));
    let said = refused("mixed_4D:1", "all");
    assert!(said.contains("there is no layer mixed_4D in inception-v1-bn") && said.contains("Mixed_4d"), "{said}");
    assert!(refused("Mixed_5z:1", "all").contains("for example Mixed_5"), "{}", refused("Mixed_5z:1", "all"));
}

#[test]
fn saliency_takes_what_its_method_uses_and_names_the_class() {
    let (dir, weights) = folder("named", "seed_inception_v1_c2");
    let path = |name: &str| dir.join(name).to_string_lossy().into_owned();
    let (photo, out) = (photo(), path("map.png"));
    let args = |model: &str, more: &[&str]| {
        let all = [&["saliency", &photo, "--model", model, "--out", &out][..], more].concat();
        all.into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let refused = |more: &[&str]| failure(&args(&weights, more).iter().map(String::as_str).collect::<Vec<_>>());
    let run = |model: &str, more: &[&str]| printed(&args(model, more).iter().map(String::as_str).collect::<Vec<_>>());
    for (method, option, owner) in [
        ("gradient", ["--noise", "0.2"], "smoothgrad"),
        ("integrated", ["--noise", "0.2"], "smoothgrad"),
        ("gradient", ["--seed", "2"], "smoothgrad"),
        ("integrated", ["--seed", "2"], "smoothgrad"),
        ("gradient", ["--runs", "2"], "smoothgrad or integrated"),
        ("gradient", ["--baseline", "black"], "integrated"),
        ("smoothgrad", ["--baseline", "black"], "integrated"),
    ] {
        let said = refused(&[&["--method", method], &option[..]].concat());
        assert!(said.contains(option[0]) && said.contains(&format!("--method {owner}")), "{method}: {said}");
    }
    assert!(refused(&["--class", "2"]).contains("class 2: the classes are 0 to 1"));

    let two = path("two.safetensors");
    printed(&["convert", &weights, "--out", &two, "--labels", "no,yes"]);
    let said = run(&two, &["--method", "gradient", "--class", "1"]);
    assert!(said.starts_with("class 1 (yes), logit "), "{said}");
    // Of two classes that one logit answers, the first is its negative.
    let (one, named) = (path("one.safetensors"), path("named.safetensors"));
    std::fs::write(&one, with_head(1, |v| v)).unwrap();
    printed(&["convert", &one, "--out", &named, "--labels", "no,yes"]);
    let logit = |class: &str, name: &str| -> f64 {
        let said = run(&named, &["--method", "gradient", "--class", class]);
        let start = format!("class {class} ({name}), logit ");
        said.lines().next().unwrap().strip_prefix(&start).unwrap().parse().unwrap()
    };
    let [no, yes] = [logit("0", "no"), logit("1", "yes")];
    assert!(no == -yes && no != 0.0, "{no} {yes}");
    let likely = run(&named, &["--method", "gradient"]);
    assert!(likely.starts_with(if yes > 0.0 { "class 1 (yes)" } else { "class 0 (no)" }), "{likely}");
}

#[test]
fn sizes_that_a_network_cannot_read_are_said_in_pixels() {
    let (dir, weights) = folder("sizes", "seed_inception_v2_c10");
    let path = |name: &str| dir.join(name).to_string_lossy().into_owned();
    let out = path("dream.png");
    let dream = |photo: &str, more: &[&str]| {
        failure(&[&["dream", photo, "--model", &weights, "--out", &out, "--layer", "Mixed_3b"], more].concat())
    };
    let session = parity::session("seed_inception_v2_c10", &inception::Device::Cpu, 1);
    let least = session.graph().network();
    let network = inception::networks::find(least).unwrap();
    let builds = |side: usize| network.build(&Options { size: [side; 2], auxiliary: vec![], ..network.options() });
    let least = (1..).find(|&side| builds(side).is_ok()).unwrap();
    let small = plain(&dir.join("small.png"), 1, 1);
    let said = dream(&small, &[]);
    assert!(said.contains("1 x 1") && said.contains(&format!("shorter side is at least {least}")), "{said}");
    let wide = plain(&dir.join("wide.png"), 1000, 2 * least as u32);
    let said = dream(&wide, &["--size", "100"]);
    assert!(said.contains(&format!("shorter side is at least {least}")) && said.contains("--size 100"), "{said}");
    // As large as it has to be, though smaller than the smallest size of larger pictures.
    let photo = plain(&dir.join("least.png"), least as u32, least as u32);
    printed(&[
        "dream",
        &photo,
        "--model",
        &weights,
        "--out",
        &out,
        "--layer",
        "Mixed_3b",
        "--octaves",
        "2",
        "--steps",
        "1",
    ]);

    let (dir, weights) = folder("sizes-v3", "seed_inception_v3_slim");
    let seen = dir.join("seen").to_string_lossy().into_owned();
    let said = failure(&["visualize", "--model", &weights, "--out", &seen, "--size", "32", "--layer", "Mixed_5b"]);
    assert!(said.contains("--size 32") && said.contains("at least 75"), "{said}");
}

#[test]
fn limits_are_those_of_the_package() {
    let help = |command: &str| printed(&[command, "--help"]);
    let saliency = help("saliency");
    assert!(saliency.contains("25") && saliency.contains("64"), "{saliency}");
    for wrong in [
        ["dream", "--octaves", "11"],
        ["dream", "--octave-scale", "1.04"],
        ["dream", "--octave-scale", "NaN"],
        ["dream", "--step-size", "256"],
        ["saliency", "--noise", "1.5"],
        ["saliency", "--noise", "-1"],
    ] {
        let name = format!("{}={}", wrong[1], wrong[2]);
        let layer = if wrong[0] == "dream" { &["--layer", "Mixed_3b"][..] } else { &[] };
        let said = usage(&[&[wrong[0], "x.png", "--out", "y.png", &name], layer].concat());
        assert!(said.contains(wrong[1]), "{said}");
    }
}

#[test]
fn a_head_of_all_positions_reads_one_size() {
    let network = inception::networks::find("googlenet").unwrap();
    let head = Classifier { pool: HeadPool::Flatten, ..Classifier::new(5) };
    let options = Options { size: [64; 2], head: Head::Classifier(head), auxiliary: vec![], ..network.options() };
    let load = LoadOptions { threads: 1, keep_source: true, ..LoadOptions::default() };
    let session = Loader::random(network, &options, &load).unwrap().finish().unwrap();
    assert!(inception::Loader::again(&session, [64; 2], inception::Device::Cpu).is_ok());
    let refused = inception::Loader::again(&session, [96, 64], inception::Device::Cpu).map(drop).unwrap_err();
    assert!(refused.to_string().contains("only pictures of 64x64"), "{refused}");
}
