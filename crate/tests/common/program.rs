//! The command line with small pictures that are made here.
#![allow(dead_code, clippy::unwrap_used, clippy::panic)]

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

pub const MODELS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../models");
/// Two cores, and a picture so small that hundreds of runs take seconds.
pub const QUICK: [&str; 6] = ["--models", MODELS, "--threads", "2", "--preprocess", r#"{"width":64,"height":64}"#];

pub fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_inception"));
    command.args(args).args(QUICK).stdin(Stdio::null());
    command
}

pub fn inception(args: &[&str]) -> Output {
    command(args).output().unwrap()
}

pub fn stdout(out: &Output) -> String {
    String::from_utf8(out.stdout.clone()).unwrap()
}

pub fn stderr(out: &Output) -> String {
    String::from_utf8(out.stderr.clone()).unwrap()
}

/// The last line on stderr of a command that has to fail with exit code 1.
pub fn failure(args: &[&str]) -> String {
    let out = inception(args);
    assert_eq!(out.status.code(), Some(1), "{}", stderr(&out));
    stderr(&out).lines().last().unwrap().to_owned()
}

/// An empty folder of this test's own.
pub fn folder(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("pictures").join(name);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}

pub fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A small picture that is like no other.
pub fn paint(path: &Path, seed: u32) {
    let noise = |i: u32| (i.wrapping_add(seed * 977).wrapping_mul(2_654_435_769) >> 24) as u8;
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    image::RgbImage::from_fn(12, 12, |x, y| {
        let flat = ((seed * 37) % 256) as u8;
        image::Rgb([flat, noise(y * 12 + x), noise(x / 4 + y / 4 * 3)])
    })
    .save_with_format(path, image::ImageFormat::Png)
    .unwrap();
}

/// So many pictures, those at some places damaged.
pub fn pictures(folder: &Path, count: usize, damaged: &[usize]) {
    std::fs::create_dir_all(folder).unwrap();
    for i in 0..count {
        let path = folder.join(format!("{i:04}.png"));
        match damaged.contains(&i) {
            false => paint(&path, i as u32),
            true => std::fs::write(&path, "no picture").unwrap(),
        }
    }
}

pub fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect()
}

/// Shape and values of an array.
pub fn npy(path: &Path) -> (String, Vec<f32>) {
    let bytes = std::fs::read(path).unwrap();
    let start = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    assert_eq!(start % 64, 0);
    let header = String::from_utf8(bytes[10..start].to_vec()).unwrap();
    let shape = header.split_once("'shape': ").unwrap().1.split_once(')').unwrap().0.to_owned();
    (shape + ")", bytes[start..].chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect())
}
