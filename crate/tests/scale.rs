//! The recipes of `docs/scale.md`: what other programs distribute is what one run answers.
#![allow(clippy::unwrap_used)]

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const PICTURES: u32 = 24;
/// One thread a process, and pictures so small that a run takes little.
const CLASSIFY: [&str; 9] = [
    "classify",
    "--stdin",
    "--jsonl",
    "--threads",
    "1",
    "--preprocess",
    r#"{"width":64,"height":64}"#,
    "--models",
    concat!(env!("CARGO_MANIFEST_DIR"), "/../models"),
];

/// A folder with pictures, one of them damaged, and the list of them.
fn listed(name: &str) -> (PathBuf, PathBuf) {
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("scale").join(name);
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).unwrap();
    let mut paths = String::new();
    for i in 0..PICTURES {
        let path = dir.join(format!("{i}.png"));
        image::RgbImage::from_fn(9, 9, |x, y| image::Rgb([i as u8 * 10, (x * 25) as u8, (y * x * i) as u8]))
            .save_with_format(&path, image::ImageFormat::Png)
            .unwrap();
        if i == 7 {
            std::fs::write(&path, "no picture").unwrap();
        }
        paths += &format!("{}\n", path.display());
    }
    let list = dir.join("list.txt");
    std::fs::write(&list, paths).unwrap();
    (dir, list)
}

/// What one run answers.
fn plain(list: &Path) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_inception"));
    let out = command.args(CLASSIFY).stdin(File::open(list).unwrap()).output().unwrap();
    assert_eq!(out.status.code(), Some(1), "{}", String::from_utf8_lossy(&out.stderr));
    let answers = String::from_utf8(out.stdout).unwrap();
    assert_eq!(answers.lines().count(), PICTURES as usize);
    answers
}

/// The command as a shell reads it.
fn quoted() -> String {
    let words = std::iter::once(env!("CARGO_BIN_EXE_inception")).chain(CLASSIFY);
    words.map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" ")
}

/// Whether a program is here and says this of itself.
fn is_here(program: &str, says: &str) -> bool {
    let out = Command::new(program).arg("--version").stdin(Stdio::null()).output();
    out.is_ok_and(|out| String::from_utf8_lossy(&[out.stdout, out.stderr].concat()).contains(says))
}

#[test]
fn gnu_parallel_answers_what_one_run_does() {
    if !is_here("parallel", "GNU parallel") {
        println!("SKIPPED GNU parallel: it is not installed");
        return;
    }
    let (_, list) = listed("parallel");
    let mut command = Command::new("parallel");
    command.args(["--pipe", "-N", "5", "--keep-order", "-j", "2"]).arg(quoted());
    let out = command.stdin(File::open(&list).unwrap()).output().unwrap();
    assert_eq!(out.status.code(), Some(1), "one of the processes met the damaged picture");
    assert_eq!(String::from_utf8(out.stdout).unwrap(), plain(&list), "{}", String::from_utf8_lossy(&out.stderr));
}

#[test]
fn spark_answers_what_one_run_does() {
    if !is_here("java", "version") && !is_here("java", "openjdk") {
        println!("SKIPPED Spark: there is no Java");
        return;
    }
    if !is_here("spark-submit", "version") {
        println!("SKIPPED Spark: there is no spark-submit (pip install pyspark)");
        return;
    }
    let (dir, list) = listed("spark");
    let out = dir.join("answers");
    let recipe = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/scale/spark.py");
    let mut command = Command::new("spark-submit");
    command.args(["--master", "local[2]", recipe, &quoted()]).args([&list, &out]);
    let done = command.stdin(Stdio::null()).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let mut parts: Vec<PathBuf> = out.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    parts.retain(|path| path.file_name().unwrap().to_string_lossy().starts_with("part-"));
    parts.sort();
    assert!(parts.len() > 1, "several workers");
    let answers: String = parts.iter().map(|part| std::fs::read_to_string(part).unwrap()).collect();
    assert_eq!(answers, plain(&list));
}
