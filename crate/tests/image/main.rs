//! Pictures in: decoding against Pillow, preprocessing against Pillow and TF.js's formula, bad files and bad options.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod damaged;
mod decoding;
mod options;
mod photos;
mod preprocessing;

use std::path::{Path, PathBuf};

use inception::image::{Channels, Crop, Filter, Order, Preprocess, Resize, Rgb8, decode};

/// Enough for every picture of the tests.
const LIMIT: u64 = 1 << 20;

/// A folder of goldens written by tests/reference/image/make.py.
fn goldens(part: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/reference/image").join(part)
}

fn read(path: impl AsRef<Path>) -> Vec<u8> {
    let path = path.as_ref();
    std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn open(path: impl AsRef<Path>) -> Rgb8 {
    let path = path.as_ref();
    decode(&read(path), LIMIT).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Options of torchvision's Inception-v3.
fn torchvision() -> Preprocess {
    Preprocess {
        width: 299,
        height: 299,
        resize: Resize::ShortestSide,
        resize_to: 342,
        crop: Crop::Center,
        order: Order::ResizeCrop,
        filter: Filter::Bilinear,
        channels: Channels::Rgb,
        scale: 1.0 / 255.0,
        mean: [0.485, 0.456, 0.406],
        std: [0.229, 0.224, 0.225],
        standardize: false,
    }
}

/// How far two pictures of the same size are apart, in levels of 255.
#[derive(Debug)]
struct Distance {
    max: u8,
    mean: f64,
    /// Share of samples more than one level apart.
    over_one: f64,
}

fn distance(a: &[u8], b: &[u8]) -> Distance {
    assert_eq!(a.len(), b.len());
    let n = a.len() as f64;
    let apart = || a.iter().zip(b).map(|(&a, &b)| a.abs_diff(b));
    Distance {
        max: apart().max().unwrap_or(0),
        mean: apart().map(f64::from).sum::<f64>() / n,
        over_one: apart().filter(|&d| d > 1).count() as f64 / n,
    }
}
