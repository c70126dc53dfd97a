//! Many pictures on the command line: folders, lists on standard input, runs that are broken off, features, evaluation.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;
#[path = "common/program.rs"]
mod program;

use program::{command, failure, folder, inception, lines, npy, paint, pictures, stderr, stdout, text};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Waits for a file to have so many lines while a program writes it.
fn wait_for(file: &Path, wanted: usize) {
    let start = Instant::now();
    while std::fs::read(file).map_or(0, |bytes| bytes.iter().filter(|&&b| b == b'\n').count()) < wanted {
        assert!(start.elapsed() < Duration::from_secs(120), "no {wanted} lines in two minutes");
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn a_run_that_is_broken_off_goes_on() {
    const COUNT: usize = 500;
    const DAMAGED: [usize; 5] = [0, 57, 58, 301, 499];
    let dir = folder("broken");
    pictures(&dir.join("in"), COUNT, &DAMAGED);
    let input = dir.join("in");
    for (format, header) in [("--jsonl", 0), ("--csv", 1)] {
        let plain = inception(&["classify", text(&input), format]);
        assert_eq!(plain.status.code(), Some(1));
        let said = stderr(&plain);
        assert_eq!(said.lines().last(), Some("inception: 5 of 500 pictures could not be read"));
        for damaged in DAMAGED {
            let named = format!("{damaged:04}.png: ");
            assert_eq!(said.lines().filter(|line| line.contains(&named)).count(), 1, "{said}");
        }
        let wanted = stdout(&plain);
        assert_eq!(wanted.lines().count(), COUNT + header);
        for (i, line) in wanted.lines().skip(header).enumerate() {
            assert!(line.contains(&format!("{i:04}.png")), "{i}: {line}");
        }

        let out = dir.join(format!("answers{format}"));
        let mut args = vec!["classify", text(&input), format, "--out", text(&out)];
        let mut child = command(&args).stderr(Stdio::null()).spawn().unwrap();
        wait_for(&out, 100);
        child.kill().unwrap();
        child.wait().unwrap();
        let written = std::fs::read(&out).unwrap();
        assert!(wanted.as_bytes().starts_with(&written) && written.len() < wanted.len());
        // As if it had been killed within a line.
        let whole = written.iter().rposition(|&b| b == b'\n').unwrap();
        std::fs::write(&out, &written[..whole - 9]).unwrap();

        assert!(failure(&args).contains("--resume"));
        args.push("--resume");
        let interrupted = interrupt(&args, &out, 250);
        assert!(interrupted.ends_with('\n') && wanted.starts_with(&interrupted));
        let end = inception(&args);
        assert_eq!(stderr(&end).lines().last(), Some("inception: 5 of 500 pictures could not be read"));
        assert!(end.stdout.is_empty());
        assert_eq!(std::fs::read_to_string(&out).unwrap(), wanted);
        assert_eq!(inception(&args).status.code(), Some(1), "nothing is left to do");
        assert_eq!(std::fs::read_to_string(&out).unwrap(), wanted);
    }
}

/// Ends a run by Ctrl-C after so many lines; what it has written.
fn interrupt(args: &[&str], out: &Path, after: usize) -> String {
    let mut child = command(args).stderr(Stdio::null()).spawn().unwrap();
    wait_for(out, after);
    if cfg!(unix) {
        assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
        assert_eq!(child.wait().unwrap().code(), Some(130));
    } else {
        child.kill().unwrap();
        child.wait().unwrap();
    }
    std::fs::read_to_string(out).unwrap()
}

#[test]
fn a_file_of_another_run_is_not_gone_on_with() {
    let dir = folder("other");
    pictures(&dir.join("in"), 3, &[]);
    let (input, out) = (dir.join("in"), dir.join("answers.jsonl"));
    let args = ["classify", text(&input), "--jsonl", "--out", text(&out), "--resume"];
    assert!(inception(&args).status.success());
    let before = std::fs::read(&out).unwrap();
    let refused = |more: &[&str], what: &str| {
        let said = failure(&[&args[..], more].concat());
        assert!(said.contains("made with another model or other options") && said.contains(what), "{said}");
        assert_eq!(std::fs::read(&out).unwrap(), before);
    };
    refused(&["--top", "3"], "this run writes 3");
    refused(&["--activation", "none"], "this run with");
    let two = dir.join("two.safetensors");
    std::fs::write(&two, common::generate("seed_inception_v1_c2")).unwrap();
    refused(&["--model", text(&two)], "this run writes 2");
    let csv = failure(&["classify", text(&input), "--csv", "--out", text(&out), "--resume"]);
    assert!(csv.contains("its columns are"), "{csv}");
    assert!(failure(&["classify", text(&input), "--out", text(&out), "--resume"]).contains("--jsonl or --csv"));
    // More pictures are more lines, and those that have one are not read again.
    paint(&dir.join("in/0001a.png"), 9);
    std::fs::write(dir.join("in/0000.png"), "damaged since").unwrap();
    assert!(inception(&args).status.success());
    let now = std::fs::read_to_string(&out).unwrap();
    assert!(now.as_bytes().starts_with(&before) && lines(&now).len() == 4);
    assert!(lines(&now)[3]["file"].as_str().unwrap().ends_with("0001a.png"));
}

#[test]
fn a_record_says_what_one_picture_says() {
    let dir = folder("same");
    pictures(&dir, 4, &[2]);
    let files: Vec<PathBuf> = [3, 0, 2, 1].map(|i| dir.join(format!("{i:04}.png"))).to_vec();
    let args: Vec<&str> = files.iter().map(|file| text(file)).collect();
    let out = inception(&[&["classify", "--json", "--top", "2"], &args[..]].concat());
    assert_eq!(out.status.code(), Some(1));
    let rows = lines(&stdout(&out));
    assert_eq!(rows.len(), 4);
    let csv = stdout(&inception(&[&["classify", "--csv", "--top", "2"], &args[..]].concat()));
    assert_eq!(csv.lines().next(), Some("file,error,label1,probability1,label2,probability2"));
    for (row, file) in rows.iter().zip(&args) {
        assert_eq!(row["file"], *file);
        if file.ends_with("0002.png") {
            assert!(row["error"].as_str().unwrap().len() > 5 && row.get("predictions").is_none());
            assert!(csv.contains(&format!("\n{file},\"{}\",,,,\n", row["error"].as_str().unwrap())), "{csv}");
            continue;
        }
        let one: Value =
            serde_json::from_slice(&inception(&["classify", file, "--json", "--top", "2"]).stdout).unwrap();
        for (i, wanted) in one["predictions"].as_array().unwrap().iter().enumerate() {
            let found = &row["predictions"][i];
            assert_eq!((&found["index"], &found["label"]), (&wanted["index"], &wanted["label"]));
            let (found, wanted) = (found["probability"].as_f64().unwrap(), wanted["probability"].as_f64().unwrap());
            assert!((found - wanted).abs() < 1e-5, "{found} instead of {wanted}");
        }
    }
}

#[test]
fn a_folder_is_looked_through() {
    let dir = folder("tree");
    for name in ["b/2.PNG", "b/1.png", "a.png", "z.png", ".hidden.png", ".git/x.png", "b/deep/down/3.png"] {
        paint(&dir.join(name), 1);
    }
    std::fs::write(dir.join("notes.txt"), "no picture").unwrap();
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(&dir, dir.join("b/loop")).unwrap();
        std::os::unix::fs::symlink("loop", dir.join("loop")).unwrap();
    }
    let out = inception(&["classify", text(&dir), "--jsonl"]);
    let found: Vec<String> = lines(&stdout(&out)).iter().map(|row| row["file"].as_str().unwrap().to_owned()).collect();
    let wanted = ["a.png", "b/1.png", "b/2.PNG", "b/deep/down/3.png", "z.png"];
    assert_eq!(found, wanted.map(|name| text(&dir.join(name)).to_owned()));
    assert!(out.status.success());
    let people = inception(&["classify", text(&dir)]);
    assert_eq!(stdout(&people).lines().filter(|line| line.contains(" %  ") && line.contains(text(&dir))).count(), 5);
    std::fs::create_dir(dir.join("empty")).unwrap();
    assert!(failure(&["classify", text(&dir.join("empty"))]).contains("there is no picture in this folder"));
}

/// A run that reads paths from a pipe.
fn piped(args: &[&str]) -> Child {
    command(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
}

#[test]
fn each_line_is_answered_without_waiting_for_the_end() {
    let dir = folder("stdin");
    pictures(&dir, 3, &[1]);
    let mut child = piped(&["classify", "--stdin", "--jsonl"]);
    let (mut input, output) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
    let mut answers = output.lines();
    for i in [0, 1, 2, 0] {
        let path = dir.join(format!("{i:04}.png"));
        write!(input, "\n{}\r\n", text(&path)).unwrap();
        input.flush().unwrap();
        let answer: Value = serde_json::from_str(&answers.next().unwrap().unwrap()).unwrap();
        assert_eq!((&answer["file"], answer["error"].is_string()), (&json!(text(&path)), i == 1));
    }
    drop(input);
    assert!(answers.next().is_none());
    assert_eq!(child.wait().unwrap().code(), Some(1));

    let odd = dir.join("a\nb.png");
    if std::fs::copy(dir.join("0000.png"), &odd).is_ok() {
        let mut child = piped(&["classify", "--stdin", "--null", "--csv", "--top", "1"]);
        write!(child.stdin.take().unwrap(), "{}\0{}\0", text(&odd), text(&dir.join("0002.png"))).unwrap();
        let out = child.wait_with_output().unwrap();
        assert!(out.status.success());
        assert!(stdout(&out).starts_with(&format!("file,error,label1,probability1\n\"{}\",,", text(&odd))));
    }
}

#[test]
fn a_long_list_is_not_read_ahead() {
    let dir = folder("ahead");
    pictures(&dir, 1, &[]);
    // Nobody reads the answers: soon it may read no more of the list than fits in the pipes.
    let mut child = piped(&["classify", "--stdin", "--jsonl", "--top", "1000"]);
    let mut input = child.stdin.take().unwrap();
    let line = format!("{}\n", text(&dir.join("0000.png")));
    let (sent, count) = std::sync::mpsc::channel();
    let writer = std::thread::spawn(move || {
        (0..100_000)
            .take_while(|_| input.write_all(line.as_bytes()).and_then(|()| input.flush()).is_ok())
            .for_each(|i| _ = sent.send(i))
    });
    let mut output = child.stdout.take().unwrap();
    output.read_exact(&mut [0]).unwrap();
    let mut read = 0;
    while read < 5_000
        && let Ok(i) = count.recv_timeout(Duration::from_secs(3))
    {
        read = i;
    }
    child.kill().unwrap();
    child.wait().unwrap();
    writer.join().unwrap();
    assert!(read < 5_000, "{read} lines");
}

#[test]
fn embed_writes_a_row_for_each_picture_that_can_be_read() {
    let dir = folder("embed");
    pictures(&dir.join("in"), 5, &[1, 4]);
    let out = dir.join("features.npy");
    let said = failure(&["embed", text(&dir.join("in")), "--out", text(&out)]);
    assert_eq!(said, "inception: 2 of 5 pictures could not be read");
    let (shape, values) = npy(&out);
    assert_eq!((shape.as_str(), values.len()), ("(3, 1024,)", 3 * 1024));
    let names = std::fs::read_to_string(dir.join("features.csv")).unwrap();
    let wanted = [0, 2, 3].map(|i| dir.join(format!("in/{i:04}.png")));
    assert_eq!(names, format!("file\n{}\n{}\n{}\n", text(&wanted[0]), text(&wanted[1]), text(&wanted[2])));
    for (row, picture) in values.chunks(1024).zip(&wanted) {
        let maps = dir.join("maps");
        let drawn = inception(&["features", text(picture), "--layer", "Mixed_5c", "--out", text(&maps)]);
        assert!(drawn.status.success(), "{}", stderr(&drawn));
        let (_, maps) = npy(&maps.join("Mixed_5c.npy"));
        let pixels = maps.len() / 1024;
        for (value, map) in row.iter().zip(maps.chunks(pixels)) {
            let mean = map.iter().sum::<f32>() / pixels as f32;
            assert!((value - mean).abs() <= 1e-4 * mean.abs().max(1.0), "{value} instead of {mean}");
        }
    }
    let refused = inception(&["embed", text(&dir.join("in")), "--out", "features.txt"]);
    assert_eq!(refused.status.code(), Some(2));
}

#[test]
fn evaluate_counts_what_classify_answers() {
    let dir = folder("evaluate");
    let (source, model) = (dir.join("w.safetensors"), dir.join("two.safetensors"));
    std::fs::write(&source, common::generate("seed_inception_v1_c2")).unwrap();
    let convert = ["convert", text(&source), "--out", text(&model), "--labels", "No,Yes"];
    assert!(Command::new(env!("CARGO_BIN_EXE_inception")).args(convert).status().unwrap().success());
    pictures(&dir.join("all"), 13, &[]);
    let answers = lines(&stdout(&inception(&["classify", text(&dir.join("all")), "--jsonl", "--model", text(&model)])));
    let set = dir.join("set");
    let mut confusion = [[0, 0], [0, 0]];
    for (i, row) in answers.iter().enumerate() {
        let answered = row["predictions"][0]["index"].as_u64().unwrap() as usize;
        let actual = if i % 3 == 0 { 1 - answered } else { answered };
        let to = set.join(["no", "Yes"][actual]).join(format!("{i}.png"));
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::copy(row["file"].as_str().unwrap(), to).unwrap();
        // Folders are sorted by name, in which capitals come first.
        confusion[1 - actual][1 - answered] += 1;
    }
    std::fs::write(set.join("no/bad.jpg"), "no picture").unwrap();
    let args = ["evaluate", text(&set), "--model", text(&model)];
    let out = inception(&[&args[..], &["--json"]].concat());
    assert_eq!(stderr(&out).lines().last(), Some("inception: 1 of 14 pictures could not be read"));
    let report: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!((&report["pictures"], &report["unreadable"], &report["top5"]), (&json!(13), &json!(1), &json!(null)));
    assert_eq!(report["accuracy"].as_f64().unwrap(), 8.0 / 13.0);
    let [[yes, yes_as_no], [no_as_yes, no]] = confusion;
    assert_eq!(report["confusion"], json!([[yes, yes_as_no, 0], [no_as_yes, no, 0]]));
    assert_eq!(report["classes"][1]["folder"], "no");
    assert_eq!(report["classes"][1]["recall"].as_f64(), Some(f64::from(no) / f64::from(no + no_as_yes)));
    let precision = (yes + no_as_yes > 0).then(|| f64::from(yes) / f64::from(yes + no_as_yes));
    assert_eq!(report["classes"][0]["precision"].as_f64(), precision);
    let table = stdout(&inception(&args));
    assert!(table.contains("accuracy  61.54 % of 13 pictures") && table.contains("confusion matrix"), "{table}");
    let csv = stdout(&inception(&[&args[..], &["--csv"]].concat()));
    assert!(csv.starts_with("class,index,count,recall,precision,Yes,no,other answers\nYes,1,"), "{csv}");
}

#[test]
fn folders_are_classes_by_their_names() {
    let dir = folder("classes");
    for name in ["TENCH", "Egyptian cat", "goldfish, Carassius auratus"] {
        paint(&dir.join("named").join(name).join("1.png"), 1);
    }
    let report = inception(&["evaluate", text(&dir.join("named")), "--json"]);
    let report: Value = serde_json::from_slice(&report.stdout).unwrap();
    let index = |i: usize| report["classes"][i]["index"].as_u64().unwrap();
    assert_eq!((index(0), index(1), index(2)), (285, 0, 1));
    assert!(report["top5"].is_number());

    paint(&dir.join("typo/tenhc/1.png"), 1);
    let said = failure(&["evaluate", text(&dir.join("typo"))]);
    assert!(said.contains("the folder tenhc") && said.contains("the nearest are tench;"), "{said}");
    let names = dir.join("names.txt");
    let list: String = (0..1000).map(|i| format!("n{i:08}\n")).collect();
    std::fs::write(&names, list).unwrap();
    paint(&dir.join("ids/n00000517/1.png"), 1);
    let ids = dir.join("ids");
    let args = ["evaluate", text(&ids), "--json", "--labels-file", text(&names)];
    let report: Value = serde_json::from_slice(&inception(&args).stdout).unwrap();
    assert_eq!(report["classes"][0]["index"], 517);
    std::fs::write(&names, "one\ntwo\n").unwrap();
    assert!(failure(&args).contains("2 names for 1000 classes"));
    std::fs::create_dir(dir.join("none")).unwrap();
    assert!(failure(&["evaluate", text(&dir.join("none"))]).contains("each class is a folder of pictures"));
}

/// A pipe that nobody writes to.
#[cfg(unix)]
fn pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[cfg(unix)]
#[test]
fn what_is_no_regular_file_is_an_error_of_its_own() {
    let dir = folder("pipes");
    for class in ["a", "b"] {
        pictures(&dir.join("set").join(class), 3, &[]);
    }
    let (pipes, head) = ([dir.join("set/a/x.jpg"), dir.join("set/a/y.jpg")], dir.join("head.safetensors"));
    pipes.iter().for_each(|path| pipe(path));
    let ended = |args: &[&str]| {
        let mut child = command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let start = Instant::now();
        while child.try_wait().unwrap().is_none() {
            if start.elapsed() > Duration::from_secs(60) {
                child.kill().unwrap();
                panic!("{args:?} waits for a pipe");
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        child.wait_with_output().unwrap()
    };
    let set = dir.join("set");
    let out = ended(&["classify", text(&set), "--jsonl"]);
    let rows = lines(&stdout(&out));
    assert_eq!((out.status.code(), rows.len()), (Some(1), 8));
    assert_eq!(rows.iter().filter(|row| row["error"] == "it is no regular file").count(), 2);
    let out = ended(&["classify", text(&pipes[0])]);
    assert!(stderr(&out).contains("x.jpg: it is no regular file"), "{}", stderr(&out));
    let out = ended(&["teach", text(&set), "--out", text(&head)]);
    assert!(stderr(&out).contains("inception: 2 of "), "{}", stderr(&out));
    assert!(head.exists());
}

#[cfg(unix)]
#[test]
fn links_are_followed_alike_by_every_command() {
    use std::os::unix::fs::symlink;
    let dir = folder("links");
    let set = dir.join("set");
    pictures(&set.join("tench"), 2, &[]);
    pictures(&dir.join("elsewhere"), 1, &[]);
    paint(&dir.join("one.png"), 99);
    symlink(".", set.join("self")).unwrap();
    symlink("..", set.join("tench/up")).unwrap();
    symlink(dir.join("elsewhere"), set.join("goldfish")).unwrap();
    symlink(dir.join("elsewhere"), set.join("hen")).unwrap();
    symlink(dir.join("one.png"), set.join("tench/one.png")).unwrap();
    symlink("nowhere", set.join("tench/lost")).unwrap();
    let wanted = ["goldfish/0000.png", "hen/0000.png", "tench/0000.png", "tench/0001.png", "tench/one.png"];
    let rows = lines(&stdout(&inception(&["classify", text(&set), "--jsonl"])));
    let files: Vec<&str> = rows.iter().map(|row| row["file"].as_str().unwrap()).collect();
    assert_eq!(files, wanted.map(|name| text(&set.join(name)).to_owned()));
    let out = inception(&["evaluate", text(&set), "--json"]);
    let report: Value = serde_json::from_slice(&out.stdout).unwrap();
    let folders: Vec<&Value> = report["classes"].as_array().unwrap().iter().map(|class| &class["folder"]).collect();
    assert_eq!((json!(folders), &report["pictures"]), (json!(["goldfish", "hen", "tench"]), &json!(5)));
    let head = dir.join("head.safetensors");
    let out = inception(&["teach", text(&set), "--out", text(&head), "--json"]);
    let report: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(report["labels"], json!(["goldfish", "hen", "tench"]));
    let taught: Vec<&str> = report["files"].as_array().unwrap().iter().map(|file| file.as_str().unwrap()).collect();
    assert_eq!(taught, wanted.map(|name| text(&set.join(name)).to_owned()));
}

#[cfg(unix)]
#[test]
fn a_class_whose_name_is_no_text_is_refused() {
    use std::os::unix::ffi::OsStrExt;
    let dir = folder("bytes");
    for name in [&b"\xff"[..], b"\xfe"] {
        paint(&dir.join("set").join(std::ffi::OsStr::from_bytes(name)).join("1.png"), 1);
    }
    for command in [&["evaluate"][..], &["teach", "--out", "head.safetensors"]] {
        let said = failure(&[command, &[text(&dir.join("set"))]].concat());
        assert!(said.contains(r#""\xFE", "\xFF" is no UTF-8 text; rename"#), "{said}");
    }
}

#[test]
fn features_are_written_over_features_alone() {
    let dir = folder("over");
    pictures(&dir.join("in"), 2, &[]);
    let (input, out, names) = (dir.join("in"), dir.join("list.npy"), dir.join("list.csv"));
    let args = ["embed", text(&input), "--out", text(&out)];
    let list = format!("{}\n", text(&input.join("0000.png")));
    std::fs::write(&names, &list).unwrap();
    let said = failure(&args);
    assert!(said.contains("list.csv: there is a file already, and it is no list of an array's rows"), "{said}");
    assert_eq!(std::fs::read_to_string(&names).unwrap(), list);
    assert!(!out.exists());
    std::fs::remove_file(&names).unwrap();
    for _ in 0..2 {
        assert!(inception(&args).status.success());
    }
    std::fs::write(&out, "notes").unwrap();
    assert!(failure(&args).contains("it is no NumPy array"));
    let nothing = dir.join("nothing");
    std::fs::create_dir(dir.join("folder.npy")).unwrap();
    for (out, words) in [("folder.npy", "it is a folder"), ("no/x.npy", "there is no folder")] {
        let said = failure(&["embed", text(&nothing), "--out", text(&dir.join(out))]);
        assert!(said.contains(words), "{said}");
    }
    let said = failure(&["classify", text(&nothing), "--jsonl", "--out", text(&dir.join("folder.npy"))]);
    assert!(said.contains("it is a folder"), "{said}");
}
