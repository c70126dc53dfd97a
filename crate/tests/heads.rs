//! Heads on the command line: taught from folders, used by other commands, made part of a model; against scikit-learn.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;
#[path = "common/program.rs"]
mod program;

use inception::checkpoints::{Checkpoint, Dtype, Labels, Metadata, SourceFile, TaughtHead, TaughtOn, convert};
use inception::networks::OutputActivation;
use inception::{LoadOptions, Loader, Session};
use program::{MODELS, failure, folder, inception, lines, npy, stderr, stdout, text};
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Names of classes.
const WORDS: [&str; 3] = ["猫", "dog, \"big\"", "ünder"];

/// A picture of a class: its colours, and noise that is like no other.
fn paint(path: &Path, class: usize, seed: u32) {
    let noise = |i: u32| (i.wrapping_add(seed * 977 + 5).wrapping_mul(2_654_435_769) >> 26) as u8;
    let base = [[190, 20, 20], [20, 180, 20], [20, 20, 190], [150, 150, 20]][class % 4];
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    image::RgbImage::from_fn(12, 12, |x, y| {
        image::Rgb([0, 1, 2].map(|c: usize| base[c] + noise(y * 36 + x * 3 + c as u32)))
    })
    .save_with_format(path, image::ImageFormat::Png)
    .unwrap();
}

/// A folder of so many pictures for each class.
fn classes(dir: &Path, names: &[&str], count: u32) {
    for (class, name) in names.iter().enumerate() {
        (0..count).for_each(|i| paint(&dir.join(name).join(format!("{i}.png")), class, 100 * class as u32 + i));
    }
}

fn json(args: &[&str]) -> Value {
    let out = inception(args);
    assert!(out.status.success(), "{}", stderr(&out));
    serde_json::from_slice(&out.stdout).unwrap()
}

fn head_of(path: &Path) -> TaughtHead {
    TaughtHead::open("head", std::fs::read(path).unwrap()).unwrap()
}

/// A head for three classes, with where it and its pictures are.
fn taught(name: &str, more: &[&str]) -> (PathBuf, PathBuf, Value) {
    let dir = folder(name);
    let (set, out) = (dir.join("set"), dir.join("head.safetensors"));
    classes(&set, &WORDS, 6);
    let report = json(&[&["teach", text(&set), "--out", text(&out), "--json"], more].concat());
    (set, out, report)
}

#[test]
fn a_folder_teaches_its_folders() {
    let dir = folder("teach");
    let (set, out) = (dir.join("set"), dir.join("head.safetensors"));
    classes(&set, &WORDS, 6);
    std::fs::copy(set.join("猫/0.png"), set.join("猫/copy.png")).unwrap();
    std::fs::write(set.join("ünder/bad.png"), "no picture").unwrap();
    paint(&set.join("rare/1.png"), 3, 900);
    (0..4).for_each(|i| paint(&set.join(format!("others/{i}.png")), 3, 700 + i));
    let args = ["teach", text(&set), "--out", text(&out), "--none", "others"];

    let done = inception(&[&args[..], &["--json", "--l2", "10"]].concat());
    assert_eq!(done.status.code(), Some(1), "{}", stderr(&done));
    let said = stderr(&done);
    assert_eq!(said.lines().last(), Some("inception: 1 of 24 pictures could not be read"), "{said}");
    assert_eq!(said.lines().filter(|line| line.contains("ünder/bad.png: ")).count(), 1, "{said}");
    let report: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(report["labels"], json!([WORDS[1], "rare", WORDS[2], WORDS[0]]));
    assert_eq!((&report["examples"], &report["judged"], &report["l2"]), (&json!(19), &json!(18), &json!(10.0)));
    let files = report["files"].as_array().unwrap();
    assert_eq!((files.len(), report["answers"].as_array().unwrap().len()), (19, 19));
    let rare = files.iter().position(|file| file.as_str().unwrap().ends_with("rare/1.png")).unwrap();
    assert_eq!(report["answers"][rare], json!(null));
    assert_eq!(report["none"]["count"], 4);
    let left_out = json!({ "unreadable": [text(&set.join("ünder/bad.png"))], "copies": 1, "unlisted": 0 });
    assert_eq!(report["leftOut"], left_out);

    let head = head_of(&out);
    assert_eq!(json!(head.labels), report["labels"]);
    assert_eq!(
        (json!(head.threshold), json!(head.temperature)),
        (report["threshold"].clone(), report["temperature"].clone())
    );
    assert_eq!((head.activation, head.weights.len()), (OutputActivation::Softmax, 4 * 1024));

    let people = stdout(&inception(&args));
    let accuracy = format!("accuracy   {:.2} % by cross-validation: ", report["accuracy"].as_f64().unwrap() * 100.0);
    for wanted in [
        &*accuracy,
        "of 18 pictures, each answered without it, in 5 folds",
        "of the own pictures are answered",
        "of 4 pictures of none of the classes are not",
        "one picture: learned, not judged",
        "confusion matrix",
        "left out: 1 picture(s) that could not be read",
        "left out: 1 picture(s) that are copies",
        "not judged: 1 picture(s)",
    ] {
        assert!(people.contains(wanted), "{wanted}: {people}");
    }
    let rare = people.lines().find(|line| line.starts_with("rare ")).unwrap();
    assert_eq!(rare.split_whitespace().take(3).collect::<Vec<_>>(), ["rare", "1", "-"]);
}

#[test]
fn a_threshold_is_the_callers_own() {
    let (_, out, report) = taught("threshold", &["--threshold", "0"]);
    assert_eq!((&report["threshold"], &report["ownAnswered"]), (&json!(0.0), &json!(1.0)));
    assert_eq!(head_of(&out).threshold, Some(0.0));
    let set = out.with_file_name("set");
    let all = json(&["teach", text(&set), "--out", text(&out), "--json", "--threshold", "1"]);
    assert_eq!(all["threshold"], json!(1.0));
    for wrong in [
        ["--threshold", "1.5"],
        ["--threshold", "NaN"],
        ["--l2", "0"],
        ["--l2", "much"],
        ["--folds", "1"],
        ["--folds", "65536"],
    ] {
        let args = [&["teach", text(&set), "--out", text(&out)], &wrong[..]].concat();
        let done = inception(&args);
        assert_eq!(done.status.code(), Some(2), "{wrong:?}");
        assert_eq!(stderr(&done).contains("from 2 to 65535, nor 0"), wrong[1] == "65536", "{}", stderr(&done));
    }
    let people = stdout(&inception(&["teach", text(&set), "--out", text(&out), "--folds", "0"]));
    assert!(people.contains("accuracy   not known: with --folds 0 no picture is held out"), "{people}");
    assert!(!people.contains("one picture"), "{people}");
}

/// The answer of a head to each row of features, in f64, by its file alone.
fn answers(head: &TaughtHead, features: &[f32]) -> Vec<Vec<f64>> {
    let length = head.weights.len() / head.biases.len();
    let row = |features: &[f32]| {
        let logit = |(row, &bias): (&[f32], &f32)| {
            let sum: f64 = row.iter().zip(features).map(|(&w, &v)| f64::from(w) * f64::from(v)).sum();
            (sum + f64::from(bias)) / head.temperature
        };
        let logits: Vec<f64> = head.weights.chunks(length).zip(&head.biases).map(logit).collect();
        if head.activation == OutputActivation::Sigmoid {
            return logits.into_iter().map(|v| 1.0 / (1.0 + (-v).exp())).collect();
        }
        let most = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = logits.iter().map(|v| (v - most).exp()).sum();
        logits.into_iter().map(|v| (v - most).exp() / sum).collect()
    };
    features.chunks(length).map(row).collect()
}

#[test]
fn a_head_answers_in_place_of_the_models_classes() {
    let (set, head, _) = taught("head", &[]);
    let (dir, model) = (set.parent().unwrap(), format!("{MODELS}/googlenet-imagenet.safetensors"));
    std::fs::write(set.join("龠.png"), "no picture").unwrap();
    let features = dir.join("features.npy");
    assert_eq!(inception(&["embed", text(&set), "--for-heads", "--out", text(&features)]).status.code(), Some(1));
    // Less sure than it is, so that a threshold lies between its answers.
    let taught = head_of(&head);
    let soft = TaughtHead { temperature: 50.0 * taught.temperature, ..taught };
    let wanted = answers(&soft, &npy(&features).1);
    let mut highest: Vec<f64> = wanted.iter().map(|row| row.iter().copied().fold(0.0, f64::max)).collect();
    highest.sort_by(f64::total_cmp);
    let threshold = (highest[0] + highest[1]) / 2.0;
    std::fs::write(&head, TaughtHead { threshold: Some(threshold), ..soft }.to_bytes()).unwrap();
    let probability = |row: &Value, label: &str| {
        let found = row["predictions"].as_array().unwrap().iter().find(|p| p["label"] == label);
        found.unwrap()["probability"].as_f64().unwrap()
    };
    let labels = head_of(&head).labels;
    let use_head = ["--head", text(&head)];
    let rows = lines(&stdout(&inception(&[&["classify", text(&set), "--jsonl"], &use_head[..]].concat())));
    assert_eq!(rows.len(), 19);
    assert!(rows[18]["error"].is_string() && rows[18].get("none").is_none());
    for (row, wanted) in rows.iter().zip(&wanted) {
        for (label, &wanted) in labels.iter().zip(wanted) {
            assert!((probability(row, label) - wanted).abs() < 1e-5, "{row} {wanted}");
        }
        assert_eq!(row["none"], json!(wanted.iter().all(|&p| p < threshold)), "{row}");
    }

    let strict = TaughtHead { threshold: Some((highest[5] + highest[6]) / 2.0), ..head_of(&head) };
    let strict_path = dir.join("strict.safetensors");
    std::fs::write(&strict_path, strict.to_bytes()).unwrap();
    let use_strict = ["--head", text(&strict_path)];
    let csv = stdout(&inception(&[&["classify", text(&set), "--csv", "--top", "1"], &use_strict[..]].concat()));
    assert!(csv.starts_with("file,error,none,label1,probability1\n"), "{csv}");
    assert_eq!((csv.matches(",,true,").count(), csv.matches(",,false,").count()), (6, 12), "{csv}");
    let people = stdout(&inception(&[&["classify", text(&set)], &use_strict[..]].concat()));
    assert_eq!(people.lines().filter(|line| line.starts_with("   none of these  ")).count(), 6, "{people}");

    for (row, wanted) in rows.iter().zip(&wanted).take(18) {
        let file = row["file"].as_str().unwrap();
        let is_none = wanted.iter().all(|&p| p < strict.threshold.unwrap());
        let one = json(&[&["classify", file, "--json"], &use_strict[..]].concat());
        assert_eq!((&one["none"], &one["auxiliary"]), (&json!(is_none), &json!([])));
        assert!((probability(&one, &labels[0]) - wanted[0]).abs() < 1e-5);
        let people = stdout(&inception(&[&["classify", file], &use_strict[..]].concat()));
        assert_eq!(people.contains("none of these: nothing reaches "), is_none, "{people}");
        assert_eq!(people.lines().count(), 3 + usize::from(is_none), "{people}");
    }

    let evaluated = |head: &[&str]| {
        std::fs::write(set.join("ünder/bad.png"), "no picture").unwrap();
        let out = inception(&[&["evaluate", text(&set), "--json"], head].concat());
        assert_eq!(out.status.code(), Some(1));
        serde_json::from_slice::<Value>(&out.stdout).unwrap()
    };
    let (usual, strict) = (evaluated(&use_head), evaluated(&use_strict));
    assert_eq!((&usual["pictures"], &usual["unreadable"]), (&json!(18), &json!(1)));
    assert_eq!((&usual["accuracy"], &usual["confusion"]), (&strict["accuracy"], &strict["confusion"]));
    assert_eq!(strict["none"], 6);
    let of_classes: u64 =
        strict["classes"].as_array().unwrap().iter().map(|class| class["none"].as_u64().unwrap()).sum();
    assert_eq!(of_classes, 6);
    let mixed = dir.join("mixed");
    classes(&mixed, &[WORDS[0], "x"], 3);
    let others = json(&[&["evaluate", text(&mixed), "--json", "--none", "x"], &use_strict[..]].concat());
    assert_eq!((&others["pictures"], &others["others"]["count"]), (&json!(3), &json!(3)));

    // Runs into a file that another head, or none, has begun.
    let file = dir.join("answers.jsonl");
    let resume = ["classify", text(&set), "--jsonl", "--out", text(&file), "--resume"];
    assert_eq!(inception(&[&resume[..], &use_head[..]].concat()).status.code(), Some(1));
    assert!(failure(&[&resume[..], &["--top", "3"]].concat()).contains("was answered by a head"));
    // A threshold that answers the last picture otherwise.
    let threshold = Some(if rows[17]["none"] == json!(true) { 0.0 } else { 1.0 });
    std::fs::write(&strict_path, TaughtHead { threshold, ..head_of(&head) }.to_bytes()).unwrap();
    assert!(failure(&[&resume[..], &use_strict[..]].concat()).contains("and this run's threshold is "));

    let other = dir.join("other.safetensors");
    std::fs::write(&other, common::generate("seed_inception_v1_c2")).unwrap();
    for command in ["classify", "evaluate"] {
        let said = failure(&[&[command, text(&set), "--model", text(&other)], &use_head[..]].concat());
        assert!(
            said.contains("the head was taught on GoogLeNet (googlenet)") && said.contains("the model is "),
            "{said}"
        );
    }
    let said = failure(&["classify", text(&set), "--model", text(&head)]);
    assert!(said.contains("GoogLeNet"), "{said}");
    let said = failure(&["classify", text(&set), "--head", &model]);
    assert!(said.contains("holds no taught head"), "{said}");
    let plain = Command::new(env!("CARGO_BIN_EXE_inception"))
        .args(["classify", text(&set), "--models", MODELS, "--head", text(&head)])
        .output()
        .unwrap();
    assert!(stderr(&plain).contains("pictures that are prepared otherwise"), "{}", stderr(&plain));
}

#[test]
fn a_model_with_a_taught_head_is_one_file() {
    let (set, head, _) = taught("whole", &[]);
    let (dir, model) = (set.parent().unwrap(), format!("{MODELS}/googlenet-imagenet.safetensors"));
    let whole = dir.join("whole.safetensors");
    let convert = |model: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_inception"));
        command.args(["convert", model, "--head", text(&head), "--out", text(&whole)]);
        command.args(["--preprocess", r#"{"width":64,"height":64}"#]).output().unwrap()
    };
    let made = convert(&model);
    assert!(made.status.success(), "{}", stderr(&made));
    assert!(stderr(&made).contains("is not part of a model"));
    let rows = |more: &[&str]| lines(&stdout(&inception(&[&["classify", text(&set), "--jsonl"], more].concat())));
    let (found, wanted) = (rows(&["--model", text(&whole)]), rows(&["--head", text(&head)]));
    assert_eq!(found.len(), 18);
    for (found, wanted) in found.iter().zip(&wanted) {
        assert!(found.get("none").is_none());
        for (found, wanted) in
            found["predictions"].as_array().unwrap().iter().zip(wanted["predictions"].as_array().unwrap())
        {
            assert_eq!((&found["label"], &found["index"]), (&wanted["label"], &wanted["index"]));
            let difference = found["probability"].as_f64().unwrap() - wanted["probability"].as_f64().unwrap();
            assert!(difference.abs() < 1e-5, "{found} {wanted}");
        }
    }
    // The body is the same, so heads of the model go with it.
    assert_eq!(rows(&["--model", text(&whole), "--head", text(&head)]), wanted);
    let inspected: Value = serde_json::from_slice(
        &Command::new(env!("CARGO_BIN_EXE_inception"))
            .args(["inspect", text(&whole), "--json"])
            .output()
            .unwrap()
            .stdout,
    )
    .unwrap();
    assert_eq!(inspected["labels"], json!(head_of(&head).labels));
    assert_eq!(inspected["auxiliary"], json!([]));
    let other = dir.join("other.safetensors");
    std::fs::write(&other, common::generate("seed_inception_v1_c2")).unwrap();
    let said = stderr(&convert(text(&other)));
    assert!(said.contains("the head was taught on GoogLeNet (googlenet)"), "{said}");
}

/// Models of other libraries take a head, too: FaceNet's, which has a vector before its classes.
#[test]
fn a_model_of_another_library_takes_a_head() {
    let files = |bytes: Vec<u8>| vec![SourceFile { name: "m.safetensors".into(), bytes: bytes.into() }];
    let preprocess = json!({ "width": 96, "height": 96 });
    let options = || LoadOptions { threads: 2, preprocess: Some(preprocess.clone()), ..LoadOptions::default() };
    let bytes = common::generate("facenet_inception_resnet_v1");
    let load = |bytes: Vec<u8>| Loader::new(files(bytes), options()).unwrap().finish().unwrap();
    let input: Vec<f32> = (0..3 * 96 * 96).map(|i| common::numbers::signed_unit(7, i)).collect();
    let run = |session: &mut Session| {
        use common::asks::Asks;
        session.keep(&[session.info().backbone.layer.clone()]).unwrap();
        session.run(&input).unwrap();
    };
    let mut session = load(bytes.clone());
    run(&mut session);
    let taught_on = TaughtOn::of(session.info());
    let unit = |seed: u64, count: usize| (0..count as u64).map(|i| common::numbers::signed_unit(seed, i)).collect();
    let head = TaughtHead {
        labels: WORDS.map(str::to_owned).to_vec(),
        activation: OutputActivation::Sigmoid,
        threshold: None,
        temperature: 2.5,
        weights: unit(1, 3 * taught_on.backbone.length),
        biases: unit(2, 3),
        taught_on,
    };
    let wanted = answers(&head, &session.taught_features(0).unwrap());
    let mut checkpoint = Checkpoint::open(files(bytes), None).unwrap();
    checkpoint.set_head(&head).unwrap();
    assert_eq!(checkpoint.labels, Some(Labels::List(head.labels.clone())));
    for dtype in [None, Some(Dtype::F32)] {
        let mut whole = load(convert(&checkpoint, dtype, &Metadata::default()).unwrap());
        run(&mut whole);
        assert_eq!(whole.info().labels.as_deref(), Some(&head.labels[..]));
        assert_eq!(whole.info().backbone, session.info().backbone);
        for (found, wanted) in whole.predictions(0).unwrap().iter().zip(&wanted[0]) {
            assert!((f64::from(*found) - wanted).abs() < 1e-5, "{found} {wanted}");
        }
    }
    let short = TaughtHead { weights: vec![0.0; 3], ..head.clone() };
    let short = TaughtHead {
        taught_on: TaughtOn {
            backbone: inception::networks::Backbone { length: 1, ..head.taught_on.backbone.clone() },
            ..head.taught_on.clone()
        },
        ..short
    };
    assert!(checkpoint.set_head(&short).is_err());
}

#[test]
fn inspect_says_what_a_head_is() {
    let (_, head, _) = taught("inspect", &[]);
    let inspect = |more: &[&str]| {
        let out =
            Command::new(env!("CARGO_BIN_EXE_inception")).args(["inspect", text(&head)]).args(more).output().unwrap();
        assert!(out.status.success(), "{}", stderr(&out));
        stdout(&out)
    };
    let people = inspect(&[]);
    for wanted in
        ["head        a classifier for GoogLeNet (googlenet)", "3: dog, \"big\", ünder, 猫", "the 1024 features of"]
    {
        assert!(people.contains(wanted), "{wanted}: {people}");
    }
    let found: Value = serde_json::from_str(&inspect(&["--json"])).unwrap();
    let head = head_of(&head);
    assert_eq!((&found["kind"], &found["backbone"]), (&json!("head"), &json!(head.taught_on.backbone.digest)));
    assert_eq!((&found["labels"], &found["threshold"]), (&json!(head.labels), &json!(head.threshold)));
}

#[test]
fn a_picture_may_have_several_labels() {
    let dir = folder("several");
    let (set, out) = (dir.join("set"), dir.join("head.safetensors"));
    classes(&set, &["a", "b"], 6);
    for i in 0..3 {
        std::fs::copy(set.join(format!("a/{i}.png")), set.join(format!("b/a{i}.png"))).unwrap();
    }
    let single = inception(&["teach", text(&set), "--out", text(&out)]);
    assert!(
        stderr(&single).contains("3 picture(s) lie in two classes") && single.status.success(),
        "{}",
        stderr(&single)
    );
    let folders = json(&["teach", text(&set), "--out", text(&out), "--multi-label", "--json", "--l2", "1"]);
    assert_eq!((&folders["examples"], &folders["confusion"]), (&json!(12), &json!([])));
    assert_eq!((&folders["classes"][0]["count"], &folders["classes"][1]["count"]), (&json!(6), &json!(9)));
    assert_eq!(head_of(&out).activation, OutputActivation::Sigmoid);

    // The same labels in a table give the same head.
    let (table, by_table) = (dir.join("labels.csv"), dir.join("table.safetensors"));
    let rows = |folder: &str, labels: &[&str; 6]| -> String {
        labels.iter().enumerate().map(|(i, labels)| format!("{folder}/{i}.png,{labels}\r\n")).collect()
    };
    let text_of = rows("a", &["a;b", "b ; a", "a;b", "a", "a", "a"]) + &rows("b", &["b"; 6]);
    std::fs::write(&table, format!("file,labels\n{text_of}")).unwrap();
    let args = [
        "teach",
        text(&set),
        "--out",
        text(&by_table),
        "--labels",
        text(&table),
        "--multi-label",
        "--l2",
        "1",
        "--json",
    ];
    let report = json(&args);
    assert_eq!(report["leftOut"]["unlisted"], 3);
    assert_eq!(std::fs::read(&by_table).unwrap(), std::fs::read(&out).unwrap());
    let without = [&args[..6], &["--json"]].concat();
    assert!(failure(&without).contains("a/0.png has 2 labels; with --multi-label"));

    let people = stdout(&inception(&["classify", text(&set), "--head", text(&out)]));
    let both = people.lines().filter(|line| line.contains(" %  a, ") || line.contains(" %  b, ")).count();
    assert!((1..=9).contains(&both), "{people}");
    let args_of = ["classify", text(&set), "--head", text(&out), "--top", "1"];
    let threshold = head_of(&out).threshold.unwrap();
    let csv = stdout(&inception(&[&args_of[..], &["--csv"]].concat()));
    assert_eq!(csv.lines().next(), Some("file,error,none,label1,probability1,labels"));
    for (row, csv) in lines(&stdout(&inception(&[&args_of[..], &["--jsonl"]].concat()))).iter().zip(csv.lines().skip(1))
    {
        let file = row["file"].as_str().unwrap();
        let whole = json(&["classify", file, "--head", text(&out), "--json"]);
        let predictions = whole["predictions"].as_array().unwrap();
        let reach = predictions.iter().filter(|p| p["probability"].as_f64().unwrap() >= threshold);
        let labels: Vec<&str> = reach.map(|p| p["label"].as_str().unwrap()).collect();
        assert_eq!((&row["labels"], &whole["labels"]), (&json!(labels), &json!(labels)));
        assert!(csv.ends_with(&format!(",{}", labels.join(";"))), "{csv}");
    }
    let one = stdout(&inception(&["classify", text(&set.join("a/0.png")), "--head", text(&out)]));
    assert!(one.lines().next().unwrap().ends_with(" %") && one.contains(": from "), "{one}");
    let said = failure(&["evaluate", text(&set), "--head", text(&out)]);
    assert!(said.contains("any number of labels"), "{said}");
    for (wrong, words) in [
        ("a/0.png\n", "row 1 has 1 field(s)"),
        ("a/0.png,a\na/0.png,b\n", "two rows"),
        ("a/0.png,\"a\n", "open quotation mark"),
        ("file,labels\n", "no label"),
    ] {
        std::fs::write(&table, wrong).unwrap();
        let said = failure(&args);
        assert!(said.contains(words), "{said}");
    }
}

#[test]
fn what_cannot_teach_is_told() {
    let dir = folder("edges");
    let out = dir.join("head.safetensors");
    let said = |set: &str| failure(&["teach", text(&dir.join(set)), "--out", text(&out)]);
    classes(&dir.join("one"), &["cat"], 3);
    assert!(said("one").contains("cat is the only class; give pictures of a second one"));
    classes(&dir.join("empty"), &["cat", "dog"], 2);
    std::fs::create_dir(dir.join("empty/fox")).unwrap();
    assert!(said("empty").contains("fox: there is no picture in this folder"));
    paint(&dir.join("flat/1.png"), 1, 1);
    assert!(said("flat").contains("each class is a folder of pictures"));
    classes(&dir.join("bad"), &["cat", "dog"], 2);
    std::fs::create_dir(dir.join("bad/fox")).unwrap();
    std::fs::write(dir.join("bad/fox/1.png"), "no picture").unwrap();
    assert!(said("bad").contains("no picture of the class fox could be read, of 1"));
    assert!(!out.exists());
    let nowhere = failure(&["teach", text(&dir.join("bad")), "--out", text(&dir.join("no/head.safetensors"))]);
    assert!(nowhere.contains("there is no folder"), "{nowhere}");
    let none = failure(&["teach", text(&dir.join("bad")), "--out", text(&out), "--none", "nothing"]);
    assert!(none.contains("--none nothing: there is no such folder"), "{none}");

    // Of each class one picture: learned, and nothing can be held out. More classes than a table shows.
    let names: Vec<String> = (0..33).map(|i| format!("c{i:02}")).collect();
    classes(&dir.join("single"), &names.iter().map(String::as_str).collect::<Vec<_>>(), 1);
    let people = inception(&["teach", text(&dir.join("single")), "--out", text(&out)]);
    assert!(people.status.success(), "{}", stderr(&people));
    let people = stdout(&people);
    assert!(people.contains("accuracy   not known: each class has one picture"), "{people}");
    assert!(people.contains("of 33 classes the 30 of least recall"), "{people}");
    assert_eq!(head_of(&out).labels, names);
}

/// A file of answers that a head with another threshold has begun, also where the last picture does not tell.
#[test]
fn a_file_of_another_threshold_is_not_gone_on_with() {
    let (set, head, _) = taught("threshold-resume", &["--threshold", "0"]);
    let soft = TaughtHead { temperature: 50.0, ..head_of(&head) };
    std::fs::write(&head, soft.to_bytes()).unwrap();
    let mut rows = lines(&stdout(&inception(&["classify", text(&set), "--jsonl", "--head", text(&head)])));
    let best = |row: &Value| row["predictions"][0]["probability"].as_f64().unwrap();
    rows.sort_by(|a, b| best(a).total_cmp(&best(b)));
    let files: Vec<&str> = rows.iter().map(|row| row["file"].as_str().unwrap()).collect();
    let between = TaughtHead { threshold: Some((best(&rows[0]) + best(&rows[1])) / 2.0), ..soft.clone() };
    for format in ["--jsonl", "--csv"] {
        let out = set.with_file_name(format!("answers{format}"));
        let more = [format, "--head", text(&head), "--out", text(&out), "--resume"];
        let args = [&["classify"], &files[..], &more].concat();
        std::fs::write(&head, soft.to_bytes()).unwrap();
        assert!(inception(&args).status.success());
        let before = std::fs::read_to_string(&out).unwrap();
        std::fs::write(&head, between.to_bytes()).unwrap();
        let said = failure(&args);
        assert!(said.contains(&format!("to {} it says an answer", files[0])), "{said}");
        assert!(said.contains("and this run's threshold is ") && said.contains("Give --out another file"), "{said}");
        assert_eq!(std::fs::read_to_string(&out).unwrap(), before);
        std::fs::write(&head, soft.to_bytes()).unwrap();
        assert!(inception(&args).status.success());
    }
}

#[test]
fn a_head_is_written_over_nothing_but_a_head() {
    let (set, head, _) = taught("over", &[]);
    let (dir, picture) = (set.parent().unwrap(), set.join("ünder/0.png"));
    let before = std::fs::read(&picture).unwrap();
    let said = failure(&["teach", text(&set), "--out", text(&picture)]);
    assert!(said.contains("there is a file already, and it is no taught head"), "{said}");
    assert_eq!(std::fs::read(&picture).unwrap(), before);
    // What cannot be written is told before anything is read: here there is nothing to read.
    let nothing = dir.join("nothing");
    let said = failure(&["teach", text(&nothing), "--out", text(&set)]);
    assert!(said.contains("it is a folder; name a file in it"), "{said}");
    let said = failure(&["teach", text(&nothing), "--out", text(&dir.join("no/head.safetensors"))]);
    assert!(said.contains("there is no folder"), "{said}");
    let fresh = dir.join("fresh.safetensors");
    assert!(failure(&["teach", text(&nothing), "--out", text(&fresh)]).contains("nothing"));
    assert!(!fresh.exists());
    assert!(inception(&["teach", text(&set), "--out", text(&head)]).status.success());
    // Compressed, it is read and written over like any other.
    let packed = dir.join("head.safetensors.gz");
    for _ in 0..2 {
        assert!(inception(&["teach", text(&set), "--out", text(&packed)]).status.success());
    }
    assert!(inception(&["classify", text(&picture), "--head", text(&packed)]).status.success());

    let model = dir.join("model.safetensors");
    std::fs::copy(format!("{MODELS}/googlenet-imagenet.safetensors"), &model).unwrap();
    let convert = |out: &Path| {
        let args = ["convert", text(&model), "--head", text(&head), "--out", text(out), "--preprocess"];
        Command::new(env!("CARGO_BIN_EXE_inception")).args(args).arg(r#"{"width":64,"height":64}"#).output().unwrap()
    };
    for (out, words) in [
        (&model, "it is read from and cannot be written to"),
        (&head, "it is read from and cannot be written to"),
        (&picture, "it is no safetensors file"),
        (&set, "it is a folder"),
    ] {
        let kept = std::fs::read(out).ok();
        let done = convert(out);
        assert!(!done.status.success() && stderr(&done).contains(words), "{}", stderr(&done));
        assert_eq!(std::fs::read(out).ok(), kept);
    }
    let whole = dir.join("whole.safetensors");
    for _ in 0..2 {
        let done = convert(&whole);
        assert!(done.status.success(), "{}", stderr(&done));
    }
}

/// A head's file with other metadata and bytes.
fn changed(head: &TaughtHead, change: impl Fn(&mut Value)) -> Vec<u8> {
    let bytes = head.to_bytes();
    let end = 8 + u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let mut header: Value = serde_json::from_slice(&bytes[8..end]).unwrap();
    change(&mut header);
    let header = header.to_string().into_bytes();
    [&(header.len() as u64).to_le_bytes()[..], &header, &bytes[end..]].concat()
}

#[test]
fn what_is_no_head_is_told_with_its_name() {
    let (set, path, _) = taught("damaged", &[]);
    let (head, picture) = (head_of(&path), set.join("ünder/0.png"));
    let both = |bytes: Vec<u8>| {
        let file = set.with_file_name("mine.safetensors");
        std::fs::write(&file, bytes).unwrap();
        let said = failure(&["classify", text(&picture), "--head", text(&file)]);
        assert!(said.contains("mine.safetensors"), "{said}");
        let out = Command::new(env!("CARGO_BIN_EXE_inception")).args(["inspect", text(&file)]).output().unwrap();
        assert!(!out.status.success() && stderr(&out).contains("mine.safetensors"), "{}", stderr(&out));
        [said, stderr(&out)]
    };
    for said in both(changed(&head, |header| header["__metadata__"]["format"] = "inception-examples-1".into())) {
        assert!(said.contains("saved examples, not a classifier"), "{said}");
        assert!(said.contains("Teach") && said.contains("\"Classifier\" under Save"), "{said}");
    }
    for said in both(changed(&head, |header| header["__metadata__"]["preprocess"] = "{}".into())) {
        assert!(said.contains("a head needs all of it, and ") && said.contains("is missing"), "{said}");
    }
    both(changed(&head, |header| header["__metadata__"]["preprocess"] = "[]".into()));
    both(changed(&head, |header| header["__metadata__"]["labels"] = "[\"a\"]".into()));
    both(changed(&head, |header| header["Logits/weights"]["shape"] = json!([1024, 3])));
    both(changed(&head, |header| header["Logits/weights"]["data_offsets"] = json!([0, 1_u64 << 40])));
    both(head.to_bytes()[..5].to_vec());
    both(TaughtHead { weights: vec![f32::NAN; head.weights.len()], ..head.clone() }.to_bytes());
}

#[test]
fn an_answer_that_is_not_finite_is_an_error() {
    let (set, path, _) = taught("huge", &[]);
    let head = head_of(&path);
    std::fs::write(&path, TaughtHead { weights: vec![f32::MAX; head.weights.len()], ..head }.to_bytes()).unwrap();
    let picture = set.join("ünder/0.png");
    let said = failure(&["classify", text(&picture), "--head", text(&path)]);
    assert!(said.contains("0.png: the answer is NaN, which is not a finite number"), "{said}");
    let out = inception(&["classify", text(&set), "--jsonl", "--head", text(&path)]);
    assert_eq!(out.status.code(), Some(1));
    let rows = lines(&stdout(&out));
    assert_eq!(rows.len(), 18);
    assert!(rows.iter().all(|row| row["error"].as_str().unwrap().contains("not a finite number")), "{rows:?}");
}

#[test]
fn pictures_of_none_of_the_classes_are_of_no_class() {
    let (set, out, _) = taught("contradiction", &[]);
    let none = set.with_file_name("none");
    (0..4).for_each(|i| paint(&none.join(format!("{i}.png")), 3, 700 + i));
    let said = |none: &Path| stderr(&inception(&["teach", text(&set), "--out", text(&out), "--none", text(none)]));
    assert!(!said(&none).contains("none of the classes are pictures of a class"));
    for i in 0..2 {
        std::fs::copy(set.join(format!("猫/{i}.png")), none.join(format!("copy{i}.png"))).unwrap();
    }
    let said = said(&none);
    assert!(said.contains("2 picture(s) of none of the classes are pictures of a class, too"), "{said}");
    assert!(said.contains("copy0.png; ") && said.contains("copy1.png"), "{said}");
}

#[test]
fn classes_weigh_the_same_unless_pictures_shall() {
    let (set, out, usual) = taught("balance", &["--l2", "100"]);
    (1..6).for_each(|i| std::fs::remove_file(set.join(format!("猫/{i}.png"))).unwrap());
    let teach = |more: &[&str]| {
        let args = ["teach", text(&set), "--out", text(&out), "--l2", "100", "--folds", "0", "--json"];
        json(&[&args[..], more].concat());
        std::fs::read(&out).unwrap()
    };
    let (plain, balanced, unbalanced) = (teach(&[]), teach(&["--balanced"]), teach(&["--unbalanced"]));
    assert!(plain == balanced && plain != unbalanced);
    assert_eq!(usual["l2"], json!(100.0));
}

#[test]
fn evaluate_advises_what_a_head_takes() {
    let (set, head, _) = taught("advice", &[]);
    paint(&set.join("fox/1.png"), 3, 1);
    let said = failure(&["evaluate", text(&set), "--head", text(&head)]);
    assert!(said.contains("no class of the head is called like the folder fox"), "{said}");
    assert!(said.contains("--none") && !said.contains("--labels-file"), "{said}");
    let alike = TaughtHead { labels: ["A", "a", "b"].map(str::to_owned).to_vec(), ..head_of(&head) };
    // A folder that is called as neither.
    let alike = TaughtHead { labels: vec!["Ä, 1".into(), "Ä, 2".into(), "b".into()], ..alike };
    std::fs::write(&head, alike.to_bytes()).unwrap();
    let other = set.with_file_name("other");
    classes(&other, &["ä", "b"], 1);
    let said = failure(&["evaluate", text(&other), "--head", text(&head)]);
    assert!(said.contains("may be any of the classes [0, 1]") && !said.contains("--labels-file"), "{said}");
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Digits {
    l2: f64,
    taught: Vec<Digit>,
    evaluated: Vec<Digit>,
    folds: Vec<usize>,
    held_out: Vec<usize>,
    held_out_accuracy: f64,
    answers: Vec<usize>,
    accuracy: f64,
}

#[derive(Deserialize)]
struct Digit {
    label: usize,
    pixels: String,
}

impl Digit {
    fn save(&self, path: &Path) {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let pixel = |x: u32, y: u32| self.pixels[(16 * y + 2 * x) as usize..][..2].parse::<u8>().unwrap() * 15;
        image::GrayImage::from_fn(8, 8, |x, y| image::Luma([pixel(x, y)]))
            .save_with_format(path, image::ImageFormat::Png)
            .unwrap();
    }
}

/// GoogLeNet at its own size: the same pictures, features and folds, another implementation (tests/reference/digits).
#[test]
fn a_taught_head_is_as_good_as_scikit_learns() {
    let path = common::reference().join("digits/digits.json");
    let digits: Digits = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let dir = folder("digits");
    for (name, set) in [("taught", &digits.taught), ("evaluated", &digits.evaluated)] {
        for (number, digit) in set.iter().enumerate() {
            digit.save(&dir.join(name).join(digit.label.to_string()).join(format!("{number:03}.png")));
        }
    }
    let run = |args: &[&str]| {
        let out =
            Command::new(env!("CARGO_BIN_EXE_inception")).args(args).args(["--models", MODELS, "--json"]).output();
        let out = out.unwrap();
        assert!(out.status.success(), "{}", stderr(&out));
        serde_json::from_slice::<Value>(&out.stdout).unwrap()
    };
    let [taught, evaluated, head] = ["taught", "evaluated", "head.safetensors"].map(|name| dir.join(name));
    let report = run(&["teach", text(&taught), "--out", text(&head), "--l2", &digits.l2.to_string(), "--unbalanced"]);
    let answers = report["answers"].as_array().unwrap();
    let of = |field: &str| answers.iter().map(|a| a[field].as_u64().unwrap() as usize).collect::<Vec<_>>();
    assert_eq!(of("fold"), digits.folds, "the folds are others: make the reference anew");
    assert_eq!(of("class"), digits.held_out);
    assert_eq!(report["accuracy"].as_f64().unwrap(), digits.held_out_accuracy);

    let report = run(&["evaluate", text(&evaluated), "--head", text(&head)]);
    assert_eq!(report["accuracy"].as_f64().unwrap(), digits.accuracy);
    let mut confusion = vec![vec![0; 11]; 10];
    digits.evaluated.iter().zip(&digits.answers).for_each(|(digit, &answer)| confusion[digit.label][answer] += 1);
    assert_eq!(report["confusion"], json!(confusion));
}
