//! Files of TensorFlow: what they answer, and which of them go together.

use inception::checkpoints::{Checkpoint, CheckpointError, SourceFile};
use inception::{LoadOptions, Loader};

const TOLERANCE: f64 = 2e-4;

fn sources(files: &[(String, Vec<u8>)]) -> Vec<SourceFile> {
    files.iter().map(|(name, bytes)| SourceFile { name: name.clone(), bytes: bytes.clone().into() }).collect()
}

/// Compares the logits of a fixture with its framework's. `prepare` does to its pictures what the file says.
fn check(name: &str, network: &str, prepare: fn(f32) -> f32) {
    let files = crate::filled::files(name, true);
    let mut session = Loader::new(sources(&files), LoadOptions::default()).unwrap().finish().unwrap();
    assert_eq!(Checkpoint::open(sources(&files), None).unwrap().network.id, network);
    let input: Vec<f32> = crate::filled::input(name).into_iter().map(prepare).collect();
    session.run(&input).unwrap();
    let error = crate::filled::error(&session.output("Logits", 0).unwrap().data, &crate::filled::logits(name));
    assert!(error < TOLERANCE, "{name}: {error:e} of the spread");
}

#[test]
fn a_checkpoint_of_slim() {
    check("tf_v3_slim_ckpt", "inception-v3-slim", |v| v);
}

#[test]
fn a_frozen_graph() {
    check("tf_v3_slim_frozen_pb", "inception-v3-slim", |v| v);
}

#[test]
fn a_saved_model_of_slim() {
    check("tf_v3_slim_savedmodel", "inception-v3-slim", |v| v);
}

#[test]
fn a_saved_model_of_keras() {
    check("k2_v3_savedmodel", "inception-v3-slim", |v| v);
}

#[test]
fn a_graph_of_tfjs() {
    check("tfjs_graph_v3", "inception-v3-slim", |pixel| pixel / 127.5 - 1.0);
}

#[test]
fn files_that_belong_together_are_asked_for() {
    let missing = |name: &str, kept: &[&str]| {
        let mut files = sources(&crate::filled::files(name, false));
        files.retain(|file| kept.iter().any(|kept| file.name.ends_with(kept)));
        match Checkpoint::open(files, None) {
            Err(CheckpointError::MissingShard { name }) => name,
            Err(other) => panic!("{other}"),
            Ok(_) => panic!("nothing was missing"),
        }
    };
    assert_eq!(missing("tf_v3_slim_ckpt", &[".index"]), "model.ckpt-5000.data-00000-of-00001");
    assert_eq!(missing("tf_v3_slim_ckpt", &[".data-00000-of-00001"]), "model.ckpt-5000.index");
    assert_eq!(missing("tf_v3_slim_savedmodel", &[".pb"]), "variables/variables.index");
    let data = "variables/variables.data-00000-of-00001";
    assert_eq!(missing("tf_v3_slim_savedmodel", &[".pb", ".index"]), data);
}

#[test]
fn a_checkpoint_is_held_against_its_checksums() {
    let damaged = |ending: &str, place: fn(usize) -> usize| {
        let mut files = crate::filled::files("tf_v3_slim_ckpt", true);
        let (_, bytes) = files.iter_mut().find(|(name, _)| name.ends_with(ending)).unwrap();
        let place = place(bytes.len());
        bytes[place] ^= 0x15;
        match Checkpoint::open(sources(&files), None) {
            Err(error) => error.to_string(),
            Ok(_) => panic!("damage in {ending} was passed over"),
        }
    };
    let said = damaged(".data-00000-of-00001", |length| length / 2);
    assert!(
        said.starts_with("InceptionV3/") && said.ends_with("do not fit their checksum: the file is damaged"),
        "{said}"
    );
    let said = damaged(".index", |length| length / 2);
    assert!(said.contains("a block of model.ckpt-5000.index: its bytes do not fit"), "{said}");
}
