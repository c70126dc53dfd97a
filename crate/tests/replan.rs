//! Plans that are refused, and plans made anew.
#![allow(clippy::unwrap_used)]

mod common;

use common::asks::Asks;
use inception::cpu::CpuError;
use inception::networks::{self, Options};
use inception::plan::Request;
use inception::{Error, LoadOptions, Loader, Session};

const SIDE: usize = 64;

/// More images than any computer has memory for, but not more than their values can be counted.
const TOO_MANY: usize = 1 << 44;

fn session() -> Session {
    let network = networks::find("googlenet").unwrap();
    let options = Options { size: [SIDE; 2], auxiliary: vec![], ..network.options() };
    Loader::random(network, &options, &LoadOptions::default()).unwrap().finish().unwrap()
}

fn picture() -> Vec<f32> {
    (0..3 * SIDE * SIDE).map(|i| common::numbers::signed_unit(1, i as u64)).collect()
}

fn answer(session: &mut Session) -> Vec<f32> {
    session.run(&picture()).unwrap();
    session.predictions(0).unwrap()
}

#[test]
fn a_refused_plan_leaves_the_old_one_in_force() {
    let mut session = session();
    session.keep(&["Mixed_3b"]).unwrap();
    let before = answer(&mut session);
    let refused = session.batch(TOO_MANY);
    assert!(matches!(refused, Err(Error::Cpu(CpuError::OutOfMemory { .. }))), "{refused:?}");
    assert_eq!(session.request().images, 1);
    assert!(session.output("Mixed_3b", 0).is_err(), "its run is over");
    assert_eq!(answer(&mut session), before);
    assert!(session.output("Mixed_3b", 0).is_ok());
    assert!(session.batch(TOO_MANY).is_err());
    session.keep(&["all"]).unwrap();
    assert_eq!(answer(&mut session), before);
}

#[test]
fn a_name_that_there_is_not_changes_nothing() {
    let mut session = session();
    session.keep(&["Mixed_3b"]).unwrap();
    let before = answer(&mut session);
    assert!(matches!(session.switch_off(&[vec!["nothing"]]), Err(Error::UnknownLayer { .. })));
    assert!(matches!(session.keep(&["nothing"]), Err(Error::UnknownLayer { .. })));
    assert_eq!(session.predictions(0).unwrap(), before, "not even the run");
}

#[test]
fn what_is_chosen_at_once_takes_nothing_of_what_was_chosen_before() {
    let mut session = session();
    let off = session.off(&[vec!["Mixed_3b/Branch_1"], vec![]]).unwrap();
    session.configure(Request { off, images: 2, ..Request::default() }).unwrap();
    let keep = session.layers(&["all"]).unwrap();
    session.configure(Request { keep, ..Request::default() }).unwrap();
    assert_eq!(session.request().images, 1);
    session.run(&picture()).unwrap();
    assert!(session.output("Mixed_3b/Branch_1", 0).unwrap().data.iter().any(|&v| v > 0.0));
}
