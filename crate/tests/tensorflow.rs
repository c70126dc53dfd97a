//! Files of TensorFlow whose tensors have names that are known.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "common/filled.rs"]
mod filled;

use inception::checkpoints::{CheckpointError, SourceFile};
use inception::{LoadOptions, Loader, Session};

fn files(fixture: &str) -> Vec<SourceFile> {
    let file = |(name, bytes): (String, Vec<u8>)| SourceFile { name, bytes: bytes.into() };
    filled::files(fixture, true).into_iter().map(file).collect()
}

fn open(files: Vec<SourceFile>) -> Result<Session, inception::Error> {
    Loader::new(files, LoadOptions::default())?.finish()
}

#[test]
fn a_checkpoint_of_slim_answers_as_tensorflow_does() {
    let fixture = "tf_v3_slim_ckpt";
    let mut session = open(files(fixture)).unwrap();
    session.run(&filled::input(fixture)).unwrap();
    let (found, wanted) = (session.output("Logits", 0).unwrap().data, filled::logits(fixture));
    assert_eq!(found.len(), wanted.len());
    let mean = wanted.iter().sum::<f64>() / wanted.len() as f64;
    let std = (wanted.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / wanted.len() as f64).sqrt();
    let error = found.iter().zip(&wanted).map(|(a, b)| (f64::from(*a) - b).abs()).fold(0.0, f64::max) / std;
    assert!(error < 2e-4, "{error:e} of the spread");
}

#[test]
fn a_checkpoint_needs_both_of_its_files() {
    for (kept, wanted) in
        [(".index", "model.ckpt-5000.data-00000-of-00001"), (".data-00000-of-00001", "model.ckpt-5000.index")]
    {
        let mut files = files("tf_v3_slim_ckpt");
        files.retain(|file| file.name.ends_with(kept));
        let Err(inception::Error::Checkpoint(error)) = open(files) else { panic!("{kept}") };
        assert_eq!(error, CheckpointError::MissingShard { name: wanted.into() });
    }
}
