//! What a conversion changes of the answers to pictures.

use crate::pictures::picture;
use crate::{Failure, Source, files};
use inception::checkpoints::SourceFile;
use inception::image::Rgb8;
use inception::info::SessionInfo;
use inception::networks::OutputActivation;
use inception::{LoadOptions, Loader, Session};
use std::path::{Path, PathBuf};

/// The pictures of the page's samples, beside the folder of models.
const SAMPLES: &str = "../www/samples";

/// The pictures to compare with: those given, files and all that is a picture in folders; where none are given, the samples that are here.
pub fn pictures(given: &[PathBuf], models: &Path) -> Result<Vec<Rgb8>, Failure> {
    let samples = models.join(SAMPLES);
    let paths = match given {
        [] if samples.is_dir() => &[samples],
        given => given,
    };
    let mut found = Vec::new();
    for path in paths {
        if !path.is_dir() {
            found.push(picture(path)?);
            continue;
        }
        let before = found.len();
        let files = path.read_dir()?.collect::<Result<Vec<_>, _>>()?;
        found.extend(files.iter().filter_map(|file| picture(&file.path()).ok()));
        if found.len() == before && !given.is_empty() {
            return Err(format!("{}: there is no picture in this folder", path.display()).into());
        }
    }
    Ok(found)
}

/// One line: the worst change from a checkpoint to what was made of it, over pictures.
pub fn worst(original: &Path, converted: Vec<u8>, source: &Source, pictures: &[Rgb8]) -> Result<String, Failure> {
    let before = answers(&mut files::open(original, source, LoadOptions::default())?, pictures)?;
    let file = SourceFile { name: "converted.safetensors".into(), bytes: converted.into() };
    let mut session = files::prepare(Loader::new(vec![file], LoadOptions::default())?)?;
    let after = answers(&mut session, pictures)?;
    let subject = match session.info() {
        SessionInfo { classes: 0, .. } => "an embedding, relative to its length,",
        SessionInfo { activation: OutputActivation::None, .. } => "a largest value",
        _ => "a top-1 probability",
    };
    let change = if session.info().classes > 0 { change_of_first } else { distance };
    let changes = before.iter().zip(&after).map(|(before, after)| change(before, after));
    let worst = changes.max_by(f32::total_cmp).unwrap_or(0.0);
    Ok(format!("worst change of {subject} over {} picture(s): {worst:.4}", pictures.len()))
}

/// What a network says of each picture: its predictions, or its embedding where it has no classes.
fn answers(session: &mut Session, pictures: &[Rgb8]) -> Result<Vec<Vec<f32>>, Failure> {
    let answer = |picture| {
        let (input, _) = session.info().preprocess.input(picture)?;
        session.run_input(&input)?;
        Ok(if session.info().classes > 0 { session.predictions(0)? } else { session.embedding(0)? })
    };
    pictures.iter().map(answer).collect()
}

/// How much the value changes that was the largest one.
fn change_of_first(before: &[f32], after: &[f32]) -> f32 {
    let pairs = before.iter().zip(after);
    pairs.max_by(|(a, _), (b, _)| a.total_cmp(b)).map_or(0.0, |(before, after)| (after - before).abs())
}

fn distance(before: &[f32], after: &[f32]) -> f32 {
    let length = before.iter().map(|value| value * value).sum::<f32>().sqrt();
    let change = before.iter().zip(after).map(|(a, b)| (a - b) * (a - b)).sum::<f32>().sqrt();
    change / length.max(f32::MIN_POSITIVE)
}
