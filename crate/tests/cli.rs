//! The command line as a user meets it: what it prints, where, and its exit codes.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde_json::Value;
use std::io::BufRead;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

fn inception(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_inception")).args(args).output().unwrap()
}

fn json(args: &[&str]) -> Value {
    let out = inception(args);
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    serde_json::from_slice(&out.stdout).unwrap()
}

/// The one line on stderr of a command that has to fail with exit code 1.
fn failure(args: &[&str]) -> String {
    let out = inception(args);
    assert_eq!(out.status.code(), Some(1));
    assert!(out.stdout.is_empty());
    let line = String::from_utf8(out.stderr).unwrap();
    assert_eq!(line.lines().count(), 1, "{line}");
    line
}

/// A folder of this test's own.
fn folder(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&path).unwrap();
    path
}

#[test]
fn a_reader_that_leaves_ends_it_quietly() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_inception"));
    let mut child =
        command.args(["layers", "inception-v3"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let out = child.wait_with_output().unwrap();
    assert!(out.status.success(), "{:?}", out.status);
    assert_eq!(String::from_utf8_lossy(&out.stderr), "");
}

#[test]
fn models_prints_the_references_counts() {
    let rows = json(&["models", "--json"]);
    assert_eq!(rows.as_array().unwrap().len(), inception::networks::NETWORKS.len());
    let v3 = rows.as_array().unwrap().iter().find(|r| r["id"] == "inception-v3").unwrap();
    let golden = common::golden("torchvision_inception_v3");
    for key in ["params", "params_without_aux", "macs", "macs_aux", "classes"] {
        assert_eq!(v3[key], golden[key], "{key}");
    }
    let ten = json(&["models", "--json", "--classes", "10"]);
    assert!(ten.as_array().unwrap().iter().all(|r| r["classes"] == 10));
}

#[test]
fn layers_prints_what_the_contract_names() {
    let rows = json(&["layers", "inception-v3", "--json"]);
    let row = rows.as_array().unwrap().iter().find(|r| r["name"] == "Mixed_5b/Branch_1/Conv2d_0b_5x5").unwrap();
    assert_eq!(row["kind"], "conv");
    assert_eq!(row["inputs"][0], "Mixed_5b/Branch_1/Conv2d_0a_1x1");
    assert_eq!(row["shape"], serde_json::json!([64, 35, 35]));
    assert_eq!(row["params"], 64 * 48 * 25 + 2 * 64);
    assert_eq!(row["macs"], 64 * 48 * 25 * 35 * 35);
    assert_eq!(row["receptive_field"]["stride"], serde_json::json!([8, 8]));
    assert!(failure(&["layers", "inception-v9"]).contains("inception-v4"));
    assert!(failure(&["layers", "inception-v3", "--size", "40"]).contains("40x40"));
}

#[test]
fn run_writes_outputs_under_public_names() {
    let dir = folder("run");
    let path = |name: &str| dir.join(name).to_string_lossy().into_owned();
    std::fs::write(path("w.safetensors"), common::generate("seed_inception_v2_c10")).unwrap();
    let image = common::input("seed_inception_v2_c10");
    let two: Vec<u8> = image.iter().chain(&image).flat_map(|v| v.to_le_bytes()).collect();
    let view = TensorView::new(Dtype::F32, vec![2, 3, 224, 224], &two).unwrap();
    std::fs::write(path("x.safetensors"), safetensors::serialize([("input", view)], None).unwrap()).unwrap();
    let mut npy = b"\x93NUMPY\x01\x00\x50\x00".to_vec();
    npy.extend(format!("{:<80}", "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3, 224, 224), }").bytes());
    npy.extend(&two);
    std::fs::write(path("x.npy"), npy).unwrap();

    let golden = common::golden("seed_inception_v2_c10");
    let wanted: Vec<f64> = golden["logits_f64"].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect();
    for input in ["x.safetensors", "x.npy"] {
        let (weights, input, output) = (path("w.safetensors"), path(input), path("y.safetensors"));
        let args = ["run", "--weights", &weights, "--input", &input, "--out", &output];
        let out = inception(&[&args[..], &["--layers", "Mixed_3b/Branch_1,AvgPool_1a"]].concat());
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        let bytes = std::fs::read(&output).unwrap();
        let file = SafeTensors::deserialize(&bytes).unwrap();
        assert_eq!(file.len(), 3);
        assert_eq!(file.tensor("Mixed_3b/Branch_1").unwrap().shape(), [2, 64, 28, 28]);
        assert_eq!(file.tensor("AvgPool_1a").unwrap().shape(), [2, 1024]);
        let logits = file.tensor("Logits").unwrap();
        assert_eq!(logits.shape(), [2, 10]);
        for (found, wanted) in logits.data().chunks_exact(4).zip(wanted.iter().cycle()) {
            let found = f64::from(f32::from_le_bytes(found.try_into().unwrap()));
            assert!((found - wanted).abs() < 2e-4, "{found} instead of {wanted}");
        }
    }
    let args = ["--input", &path("x.npy"), "--out", &path("y.safetensors")];
    let run = |weights: &str, more: &[&str]| failure(&[&["run", "--weights", weights], &args[..], more].concat());
    assert!(run(&path("absent"), &[]).contains("absent"));
    assert!(run(&path("w.safetensors"), &["--layers", "Mixed_9z"]).contains("Mixed_9z"));
    assert!(run(&path("x.npy"), &[]).contains("x.npy"));
    // Nothing that is read, or is of another kind, is written over.
    for (out, words) in [
        ("w.safetensors", "it is read from and cannot be written to"),
        ("x.safetensors", "it is read from and cannot be written to"),
        ("x.npy", "it is no safetensors file"),
        ("", "it is a folder"),
    ] {
        let before = std::fs::read(path(out)).ok();
        let (weights, input, out) = (path("w.safetensors"), path("x.safetensors"), path(out));
        let said = failure(&["run", "--weights", &weights, "--input", &input, "--out", &out]);
        assert!(said.contains(words), "{said}");
        assert_eq!(std::fs::read(&out).ok(), before);
    }
}

#[test]
fn convert_and_classify_use_the_same_file() {
    let dir = folder("convert");
    let path = |name: &str| dir.join(name).to_string_lossy().into_owned();
    std::fs::write(path("w.safetensors"), common::generate("seed_inception_v1_c2")).unwrap();
    let (source, file) = (path("w.safetensors"), path("two.safetensors"));
    let out =
        inception(&["convert", &source, "--out", &file, "--dtype", "f16", "--title", "Two", "--labels", "no,yes"]);
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let picture = common::reference().join("image/preprocess/column-20x20-bilinear.png");
    let picture = picture.to_string_lossy();
    let result = json(&["classify", &picture, "--model", &file, "--json", "--threads", "2"]);
    assert_eq!(result["model"], "Two");
    let labels: Vec<&str> =
        result["predictions"].as_array().unwrap().iter().map(|p| p["label"].as_str().unwrap()).collect();
    assert!(labels == ["no", "yes"] || labels == ["yes", "no"]);
    let sum: f64 = result["predictions"].as_array().unwrap().iter().map(|p| p["probability"].as_f64().unwrap()).sum();
    assert!((sum - 1.0).abs() < 1e-5);
    assert!(failure(&["classify", &file, "--model", &file]).contains("two.safetensors"));
    assert!(failure(&["classify", &picture, "--model", &picture]).contains(".png"));
    let gpu = ["classify", &picture, "--model", &file, "--json", "--device", "gpu"];
    if !cfg!(feature = "gpu") {
        assert!(failure(&gpu).contains("gpu"));
    } else if String::from_utf8_lossy(&inception(&gpu).stderr).contains("no GPU") {
        println!("SKIPPED classify on the GPU: no adapter");
    } else {
        let probability = |result: &Value| result["predictions"][0]["probability"].as_f64().unwrap();
        assert!((probability(&json(&gpu)) - probability(&result)).abs() < 1e-4);
    }
}

#[test]
fn convert_says_how_much_it_changes_answers() {
    let dir = folder("difference");
    let path = |name: &str| dir.join(name).to_string_lossy().into_owned();
    std::fs::remove_dir_all(path("www")).ok();
    std::fs::create_dir_all(path("models")).unwrap();
    std::fs::create_dir_all(path("www/samples")).unwrap();
    std::fs::create_dir_all(path("empty")).unwrap();
    std::fs::write(path("w.safetensors"), common::generate("seed_inception_v1_c2")).unwrap();
    let (source, file, models) = (path("w.safetensors"), path("two.safetensors"), path("models"));
    let picture = common::reference().join("image/preprocess/scene.png");
    let convert = |more: &[&str]| {
        let out = inception(&[&["convert", &source, "--out", &file, "--models", &models], more].concat());
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8(out.stderr).unwrap()
    };
    let change = |text: &str, count: usize| -> f64 {
        let start = format!("worst change of a top-1 probability over {count} picture(s): ");
        text.lines().find_map(|line| line.strip_prefix(&start)).unwrap_or_else(|| panic!("{text}")).parse().unwrap()
    };
    assert!(!convert(&["--dtype", "u8"]).contains("worst change"), "there are no pictures");
    std::fs::copy(&picture, path("www/samples/scene.png")).unwrap();
    std::fs::write(path("www/samples/about.txt"), "no picture").unwrap();
    let picture = picture.to_string_lossy();
    let told = change(&convert(&["--dtype", "u8"]), 1);
    let probabilities = |model: &str| -> Vec<f64> {
        let answer = json(&["classify", &picture, "--model", model, "--json"]);
        answer["predictions"].as_array().unwrap().iter().map(|row| row["probability"].as_f64().unwrap()).collect()
    };
    // Of two probabilities one changes as the other does.
    let found = (probabilities(&source)[0] - probabilities(&file)[0]).abs();
    assert!(told > 0.0 && (told - found).abs() < 1e-3, "{told} instead of {found}");
    assert!(change(&convert(&["--dtype", "f16"]), 1) < told);
    assert!(!convert(&[]).contains("worst change"), "the weights stay as they are");
    assert_eq!(change(&convert(&["--pictures", &picture, &path("www/samples")]), 2), 0.0);
    let asked = |pictures: &str| failure(&["convert", &source, "--out", &file, "--pictures", pictures]);
    assert!(asked(&path("empty")).contains("there is no picture in this folder"));
    assert!(asked(&source).contains("w.safetensors"));
}

/// The values of a `.npy` file after its header.
fn npy(bytes: &[u8]) -> Vec<f32> {
    let start = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    bytes[start..].chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect()
}

#[test]
fn features_draws_every_branch_of_a_module() {
    let dir = folder("features");
    let path = |name: &str| dir.join(name).to_string_lossy().into_owned();
    let weights = path("w.safetensors");
    std::fs::write(&weights, common::generate("seed_inception_v1_c2")).unwrap();
    let picture = common::reference().join("image/preprocess/column-20x20-bilinear.png");
    let picture = picture.to_string_lossy();
    let features = |layer: &str, out: &str| {
        let args = ["features", &picture, "--model", &weights, "--layer", layer, "--out", out, "--colors", "grey"];
        inception(&args)
    };
    let out = features("Mixed_3b", &path("maps"));
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let printed = String::from_utf8(out.stdout).unwrap();
    assert_eq!(printed.lines().count(), 5, "{printed}");

    let values = npy(&std::fs::read(path("maps/Mixed_3b.npy")).unwrap());
    assert_eq!(values.len(), 256 * 28 * 28);
    let high = values.iter().copied().fold(0.0, f32::max);
    assert!(high > 0.0);
    let mut first = 0;
    for (branch, channels) in [64usize, 128, 32, 32].into_iter().enumerate() {
        let file = std::fs::read(path(&format!("maps/Mixed_3b_Branch_{branch}.png"))).unwrap();
        let drawn = inception::image::decode(&file, 1 << 24).unwrap();
        let columns = (channels as f64).sqrt().ceil() as usize;
        let rows = channels.div_ceil(columns);
        assert_eq!((drawn.width as usize, drawn.height as usize), (columns * 29 - 1, rows * 29 - 1));
        for channel in (0..channels).step_by(13) {
            for (y, x) in [(0, 0), (13, 7), (27, 27)] {
                let value = values[((first + channel) * 28 + y) * 28 + x] / high;
                let at = (channel / columns * 29 + y) * drawn.width as usize + channel % columns * 29 + x;
                let level = f32::from(drawn.pixels[3 * at]);
                assert!((level - 255.0 * value).abs() <= 0.51, "channel {channel} of branch {branch}: {level}");
            }
        }
        first += channels;
    }

    let one = features("Conv2d_1a_7x7", &path("one"));
    assert_eq!(String::from_utf8(one.stdout).unwrap().lines().count(), 2, "a layer without branches is one picture");
    let args =
        ["features", &picture, "--model", &weights, "--layer", "Mixed_3b/Branch_2", "--out", &path("p"), "--patches"];
    let out = inception(&args);
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let patches = std::fs::read(path("p/Mixed_3b_Branch_2.patches.png")).unwrap();
    let drawn = inception::image::decode(&patches, 1 << 24).unwrap();
    let layers = json(&["layers", "inception-v1-bn", "--json"]);
    let layer = layers.as_array().unwrap().iter().find(|layer| layer["name"] == "Mixed_3b/Branch_2").unwrap();
    let [high, wide] = [0, 1].map(|i| layer["receptive_field"]["size"][i].as_u64().unwrap().min(64) as u32);
    assert_eq!((drawn.width, drawn.height), (6 * (wide + 1) - 1, 6 * (high + 1) - 1), "32 channels");

    let unknown = features("Mixed_9z", &path("none"));
    assert_eq!(unknown.status.code(), Some(1));
    assert!(String::from_utf8(unknown.stderr).unwrap().contains("Mixed_9z"));
}

#[test]
fn classify_needs_nothing_but_a_picture() {
    let models = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../models");
    let picture = common::reference().join("image/preprocess/scene.png");
    let (models, picture) = (models.to_string_lossy(), picture.to_string_lossy());
    let result = json(&["classify", &picture, "--models", &models, "--json"]);
    assert_eq!((&result["model"], &result["network"]), (&"GoogLeNet".into(), &"googlenet".into()));
    let names: Value = serde_json::from_slice(&std::fs::read(format!("{models}/imagenet1k.json")).unwrap()).unwrap();
    for row in result["predictions"].as_array().unwrap() {
        assert_eq!(row["label"], names[row["index"].as_u64().unwrap() as usize]);
    }
    assert!(failure(&["classify", &picture, "--models", "nowhere"]).contains("nowhere"));
}

#[test]
fn wrong_usage_exits_with_two() {
    for args in [&["classify"][..], &["models", "--bogus"], &["bench", "--threads", "many"], &[]] {
        assert_eq!(inception(args).status.code(), Some(2), "{args:?}");
    }
}

#[test]
fn a_compressed_file_is_read_and_written() {
    let folder = folder("compressed");
    let model = concat!(env!("CARGO_MANIFEST_DIR"), "/../models/googlenet-imagenet.safetensors");
    let packed = folder.join("googlenet.safetensors.gz");
    let out = inception(&["convert", model, "--out", packed.to_str().unwrap()]);
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let bytes = std::fs::read(&packed).unwrap();
    assert!(bytes.len() <= 5_500_000, "{} bytes", bytes.len());
    assert_eq!(json(&["inspect", packed.to_str().unwrap(), "--json"]), json(&["inspect", model, "--json"]));
    let cut = folder.join("cut.safetensors.gz");
    std::fs::write(&cut, &bytes[..bytes.len() / 2]).unwrap();
    assert!(failure(&["inspect", cut.to_str().unwrap()]).contains("it is compressed and damaged or cut short"));
}

#[test]
fn inspect_says_what_was_taken_and_why() {
    let folder = folder("inspect");
    let rows: Vec<(String, Vec<usize>)> = (common::keys("torchvision_inception_v3").into_iter())
        .filter(|key| key.kind != "ignore" && !key.name.starts_with("fc."))
        .map(|key| (format!("model.{}", key.name), key.shape))
        .chain([("model.fc.weight".into(), vec![1, 2048]), ("model.fc.bias".into(), vec![1])])
        .collect();
    let file = folder.join("cats.safetensors");
    std::fs::write(&file, common::zeros(&rows, &[])).unwrap();
    let found = json(&["inspect", file.to_str().unwrap(), "--json"]);
    assert_eq!(found["network"], "inception-v3");
    assert_eq!(found["prefix"], "model.");
    assert_eq!(found["activation"], "sigmoid");
    assert_eq!(found["auxiliaryClasses"], 1000);
    let assumed = found["assumptions"].to_string();
    assert!(assumed.contains("one output") && assumed.contains("transform_input"), "{assumed}");
    let out = inception(&["inspect", file.to_str().unwrap()]);
    let text = String::from_utf8(out.stdout).unwrap();
    for line in ["format      safetensors", "prefix      model.", "head        global average, 1 logits, sigmoid"] {
        assert!(text.contains(line), "{text}");
    }
}

#[test]
fn a_folder_is_looked_into() {
    let dir = folder("folders");
    let make = |name: &str, files: &[&str]| {
        let path = dir.join(name);
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        let weights = common::generate("seed_inception_v1_c2");
        files.iter().for_each(|file| std::fs::write(path.join(file), &weights).unwrap());
        path.to_string_lossy().into_owned()
    };
    let only = make("only", &["README.md", "w.safetensors"]);
    assert_eq!(json(&["inspect", &only, "--json"])["format"], "safetensors");
    assert!(failure(&["inspect", &make("none", &[])]).contains("the folder is empty"));
    assert!(
        failure(&["inspect", &make("notes", &["notes.md"])]).contains("no model that is known by its name: notes.md")
    );
    let several = failure(&["inspect", &make("several", &["b.h5", "a.onnx", "c.txt"])]);
    assert!(several.contains("name one of them: a.onnx, b.h5"), "{several}");
}

#[test]
fn one_name_is_that_of_a_list() {
    let dir = folder("labels");
    let path = dir.join("w.safetensors").to_string_lossy().into_owned();
    std::fs::write(&path, common::generate("seed_inception_v1_c2")).unwrap();
    let out = dir.join("out.safetensors").to_string_lossy().into_owned();
    let said = failure(&["convert", &path, "--out", &out, "--labels", "cat"]);
    assert!(said.contains("there is no list cat.json") && said.contains("separated by commas"), "{said}");
}

#[test]
fn measure_writes_the_report_of_the_page() {
    let dir = folder("measure");
    let path = |name: &str| dir.join(name).to_string_lossy().into_owned();
    std::fs::write(path("w.safetensors"), common::generate("seed_inception_v1_c2")).unwrap();
    let (model, out) = (path("w.safetensors"), path("machine.json"));
    for _ in 0..2 {
        let done = inception(&["measure", &model, "--runs", "5", "--out", &out]);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }
    let report: Value = serde_json::from_slice(&std::fs::read(&out).unwrap()).unwrap();
    assert_eq!((&report["format"], &report["version"]), (&"inception-bench".into(), &1.into()));
    let answers = report["answers"].as_array().unwrap();
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let on = |device: &str| answers.iter().filter(|answer| answer["device"] == device).collect::<Vec<_>>();
    assert_eq!(on("cpu").len(), if processors > 1 { 2 } else { 1 });
    assert_eq!(on("webgpu").is_empty(), report["machine"]["adapter"].is_null());
    for answer in answers {
        assert_eq!(answer["failure"], Value::Null);
        assert_eq!((&answer["weights"], answer["runs"].as_array().unwrap().len()), (&"own".into(), 5));
        let layers = answer["layers"].as_array().unwrap();
        let in_branch = layers.iter().find(|layer| layer["name"].as_str().unwrap().contains("Branch_1/")).unwrap();
        let part = in_branch["part"].as_str().unwrap();
        assert!(part.ends_with("/Branch_1") && in_branch["name"].as_str().unwrap().starts_with(part), "{in_branch}");
    }
    // One that is ended while it measures leaves what was whole, and of a new file the rows that there are.
    let ended = |out: &str| {
        let mut child = Command::new(env!("CARGO_BIN_EXE_inception"))
            .args(["measure", &model, "--runs", "5", "--out", out])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut row = String::new();
        std::io::BufReader::new(child.stdout.take().unwrap()).read_line(&mut row).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        let report: Value = serde_json::from_slice(&std::fs::read(out).unwrap()).unwrap();
        (report["complete"].as_bool().unwrap(), report["answers"].as_array().unwrap().len())
    };
    assert_eq!(ended(&out), (true, answers.len()));
    if processors > 1 {
        assert_eq!(ended(&path("new.json")), (false, 1));
        std::fs::remove_file(path("new.json")).unwrap();
    }
    // Nothing is measured before it is known that the report can be written.
    assert!(failure(&["measure", "--out", &path("no/folder.json")]).contains("folder.json"));
    assert!(failure(&["measure", "--out", &model]).contains("no such report"));
    assert!(failure(&["measure", "inception-v9", "--out", &path("new.json")]).contains("inception-v4"));
    assert!(failure(&["measure", "none.safetensors", "--out", &path("new.json")]).contains("no file none.safetensors"));
    if cfg!(unix) {
        assert!(failure(&["measure", "--out", "/dev/null"]).contains("no file"));
    }
    let text = path("text.safetensors");
    std::fs::write(&text, "text").unwrap();
    let out = inception(&["measure", &text, &model, "--runs", "5", "--out", &path("both.json")]);
    assert!(out.status.success());
    let report: Value = serde_json::from_slice(&std::fs::read(path("both.json")).unwrap()).unwrap();
    let [first, second] = [0, 1].map(|i| &report["answers"][i]);
    assert_eq!((&first["failure"]["code"], &second["title"]), (&"bad-weights".into(), &"w.safetensors".into()));
    assert!(!dir.join("new.json").exists());
}

#[test]
fn bench_says_at_once_what_it_cannot_do() {
    for option in ["--tune", "--as-hardware"] {
        assert!(failure(&["bench", option]).contains("--device gpu"), "{option}");
    }
    assert!(failure(&["bench", "--model", "none.safetensors"]).contains("there is no file none.safetensors"));
    assert!(failure(&["bench", "--model", "inception-v9"]).contains("inception-v4"));
}

#[cfg(feature = "gpu")]
#[test]
fn plan_counts_a_network_with_and_without_the_heads_for_training() {
    let dispatches = |more: &[&str]| {
        let plan = json(&[&["plan", "inception-v3", "--json"], more].concat());
        plan["sum"]["dispatches"].as_u64().unwrap()
    };
    assert_eq!((dispatches(&[]), dispatches(&["--without-auxiliary"])), (62, 58));
    let refused = |size: &str| failure(&["plan", "googlenet", "--size", size]);
    assert!(
        refused("64").contains("4x4 reaches it; --without-auxiliary leaves the auxiliary heads out"),
        "{}",
        refused("64")
    );
    assert!(!refused("8").contains("--without-auxiliary"), "{}", refused("8"));
}
