//! Weights that are read again from where they were loaded from.
#![allow(clippy::unwrap_used)]

mod common;

use inception::checkpoints::{Checkpoint, CheckpointError, Content, SourceFile};
use inception::cpu::{Cpu, Threads};
use inception::{Error, LoadOptions, Loader};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

const SOURCE: &str = "seed_inception_v4";

/// The file as a page has it: elsewhere, and gone as soon as the switch says so.
fn file(gone: &Arc<AtomicBool>) -> SourceFile {
    let (bytes, gone) = (common::generate(SOURCE), gone.clone());
    let read = move |range: std::ops::Range<usize>| match gone.load(Ordering::Relaxed) {
        true => vec![],
        false => bytes[range].to_vec(),
    };
    let length = common::generate(SOURCE).len();
    SourceFile { name: "model.safetensors".into(), bytes: Content::elsewhere(length, read).unwrap() }
}

#[test]
fn weights_are_read_again_as_they_were_loaded() {
    let gone = Arc::new(AtomicBool::new(false));
    let options = LoadOptions { keep_source: true, ..LoadOptions::default() };
    let mut session = Loader::new(vec![file(&gone)], options).unwrap().finish().unwrap();
    let checkpoint = Checkpoint::open(vec![file(&gone)], None).unwrap();
    let graph = Arc::new(session.graph().clone());
    let mut cpu = Cpu::new(graph.clone(), Threads::new(2));
    for (id, layer) in graph.public() {
        let weights = session.weights(&layer.name).unwrap();
        for (param, _) in graph.tensors(layer).list() {
            let found = match param {
                inception::graph::Param::Weights => Some(&weights.weights),
                inception::graph::Param::Biases => weights.biases.as_ref(),
                _ => continue,
            };
            assert_eq!(found, Some(&checkpoint.read(&layer.name, param).unwrap()), "{}", layer.name);
        }
        cpu.prepare(id, &weights).unwrap();
    }
    let input = common::numbers::noise(2, graph.input().len());
    session.run(&input).unwrap();
    cpu.set_input(&input).unwrap();
    cpu.run(0..cpu.plan().steps.len()).unwrap();
    let predictions = cpu.view(graph.predictions().unwrap(), 0).values();
    assert_eq!(predictions, session.predictions(0).unwrap(), "what is made of them computes the same");
}

#[test]
fn a_source_that_is_not_there_is_an_error() {
    let gone = Arc::new(AtomicBool::new(false));
    let options = LoadOptions { keep_source: true, ..LoadOptions::default() };
    let session = Loader::new(vec![file(&gone)], options).unwrap().finish().unwrap();
    let name = "Conv2d_1a_3x3";
    assert!(matches!(session.weights("nothing"), Err(Error::UnknownLayer { .. })));
    gone.store(true, Ordering::Relaxed);
    assert!(matches!(session.weights(name), Err(Error::Checkpoint(CheckpointError::ByteLength { .. }))));
    gone.store(false, Ordering::Relaxed);
    assert!(session.weights(name).is_ok(), "it is there again");
    let session = Loader::new(vec![file(&gone)], LoadOptions::default()).unwrap().finish().unwrap();
    assert!(matches!(session.weights(name), Err(Error::NoSource)));
}

/// A page reads weights again from its cache, where another version may lie by then.
#[test]
fn other_weights_of_the_same_network_are_refused() {
    let load = |keep_source: bool, bytes: Vec<u8>| {
        let file = SourceFile { name: "model.safetensors".into(), bytes: bytes.into() };
        Loader::new(vec![file], LoadOptions { keep_source, ..LoadOptions::default() }).unwrap()
    };
    let bytes = common::generate(SOURCE);
    let mut session = load(false, bytes.clone()).finish().unwrap();
    assert!(matches!(session.weights("Conv2d_1a_3x3"), Err(Error::NoSource)));
    // Half of the values: every layer has some of them.
    let mut other = bytes.clone();
    let end = other.len();
    other[end / 2..].chunks_exact_mut(4).for_each(|value| value[3] ^= 0x80);
    assert!(matches!(session.adopt(load(false, other).into_source().unwrap()), Err(Error::OtherSource)));
    assert!(!session.has_source());
    session.adopt(load(false, bytes).into_source().unwrap()).unwrap();
    session.weights("Conv2d_1a_3x3").unwrap();
}
