//! Parameters, multiply-adds and the shape of every end point, against the reference libraries' own counts.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use common::golden;
use common::sources::{SOURCES, Source};
use inception::graph::Op;
use inception::networks::{self, Head};

#[test]
fn counts_and_shapes_equal_the_references() {
    for Source { name: source, network, auxiliary } in SOURCES {
        let golden = golden(source);
        let network = networks::find(network).unwrap();
        let mut options = network.options();
        options.head = options.head.with_classes(golden["classes"].as_u64().unwrap() as usize);
        if !auxiliary {
            options.auxiliary.clear();
        }
        let graph = network.build(&options).unwrap();

        assert_eq!(graph.params(), golden["params"].as_u64().unwrap(), "{source}: params");
        let body = |aux: bool| graph.layers().iter().filter(move |l| l.auxiliary == aux);
        let without_aux: u64 = body(false).map(|l| graph.layer_params(l)).sum();
        assert_eq!(without_aux, golden["params_without_aux"].as_u64().unwrap(), "{source}: params without aux");
        let (macs, macs_aux) = graph.macs();
        // What the reference computes twice is counted once there.
        let wanted = golden["macs"].as_u64().unwrap() + golden["macs_repeated"].as_u64().unwrap_or(0);
        assert_eq!(macs, wanted, "{source}: macs");
        assert_eq!(macs_aux, golden["macs_aux"].as_u64().unwrap(), "{source}: aux macs");

        let endpoints = golden["endpoints"].as_array().unwrap();
        let mut listed = 0;
        for endpoint in endpoints {
            let name = endpoint["name"].as_str().unwrap();
            let id = graph.find(name).unwrap_or_else(|| panic!("{source} has no layer {name}"));
            let shape: Vec<usize> =
                endpoint["shape"].as_array().unwrap().iter().map(|v| v.as_u64().unwrap() as usize).collect();
            let found = graph.layer(id).shape.chw();
            let found = if shape.len() == 1 { &found[..1] } else { &found[..] };
            assert_eq!(found, shape, "{source}: shape of {name}");
            if let Some(concat) = endpoint["concat"].as_array() {
                let wanted: Vec<&str> = concat.iter().map(|v| v.as_str().unwrap()).collect();
                assert_eq!(flattened(&graph, id, &wanted), wanted, "{source}: order of {name}");
            }
            listed += 1;
        }
        assert_eq!(listed, endpoints.len());
        let weighted = graph.public().filter(|(_, l)| graph.params_read(l) > 0);
        for (_, layer) in weighted {
            assert!(
                endpoints.iter().any(|e| e["name"] == layer.name.as_str()),
                "{source}: {} has weights but is not in the reference",
                layer.name
            );
        }
    }
}

/// The inputs of a concatenation, each followed through single-input aliases until its name is listed.
fn flattened(graph: &inception::graph::Graph, id: inception::graph::LayerId, listed: &[&str]) -> Vec<String> {
    let mut names = Vec::new();
    for &input in &graph.layer(id).inputs {
        let layer = graph.layer(input);
        match listed.contains(&layer.name.as_str()) || layer.op != Op::Concat {
            true => names.push(layer.name.clone()),
            false => names.extend(flattened(graph, input, listed)),
        }
    }
    names
}

#[test]
fn every_network_has_a_reference() {
    for network in &networks::NETWORKS {
        // The weights of FID's network were published without its code; real ones are held by `real_weights.rs`.
        let is_held = network.id == "inception-v3-2015" || SOURCES.iter().any(|source| source.network == network.id);
        assert!(is_held, "{} is no source's network", network.id);
    }
    let names: Vec<&str> = SOURCES.iter().map(|source| source.name).collect();
    common::parity::is_every_source(&names);
}

#[test]
fn the_packages_guesses_of_multiply_adds_are_near() {
    let script = include_str!("../../pkg/src/shared/network-macs.js");
    for network in &networks::NETWORKS {
        let row = script.lines().find_map(|line| line.trim_start().strip_prefix(&format!("'{}': ", network.id)));
        let guess: f64 =
            row.unwrap_or_else(|| panic!("no row for {}", network.id)).trim_end_matches(',').parse().unwrap();
        let macs = network.build(&network.options()).unwrap().macs().0 as f64;
        assert!((guess / macs - 1.0).abs() < 0.05, "{}: {guess} for {macs}", network.id);
    }
}

/// The answer panel says of these that a checkpoint lacks heads, of others that the network has none.
#[test]
fn the_answer_panel_knows_which_networks_have_auxiliary_heads() {
    let script = include_str!("../../pkg/src/element/view/answer.js");
    let (_, rest) = script.split_once("WITH_HEADS = [").unwrap();
    let said: Vec<&str> = rest.split_once(']').unwrap().0.split(", ").map(|id| id.trim_matches('\'')).collect();
    let with_heads = networks::NETWORKS.iter().filter(|network| !network.auxiliary.is_empty());
    assert_eq!(said, with_heads.map(|network| network.id).collect::<Vec<_>>());
}

#[test]
fn names_are_unique() {
    for network in &networks::NETWORKS {
        let graph = network.build(&network.options()).unwrap();
        let mut names: Vec<_> = graph.public().map(|(_, l)| &l.name).collect();
        let all = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all, "{}", network.id);
    }
}

#[test]
fn impossible_sizes_say_why() {
    let v3 = networks::find("inception-v3").unwrap();
    let at = |size: usize| v3.build(&networks::Options { size: [size; 2], ..v3.options() });
    assert!(at(320).is_ok());
    let message = at(60).unwrap_err().to_string();
    assert!(message.contains("inception-v3 cannot take 60x60 images: "), "{message}");
    let shared = networks::find("inception-resnet-v1-shared").unwrap();
    let at_side = |size: usize| shared.build(&networks::Options { size: [size; 2], ..shared.options() });
    assert!(at_side(107).is_ok() && at_side(202).is_ok());
    for (size, positions) in [(203, "2x2"), (299, "3x3"), (106, "0x0")] {
        let message = at_side(size).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(message.contains("Logits") && message.contains(positions), "{size}: {message}");
    }
    assert!(at(0).unwrap_err().to_string().contains("0x0"));
    assert!(at(100_000).is_err());

    let v1 = networks::find("googlenet").unwrap();
    let large = networks::Options { size: [320, 320], ..v1.options() };
    let message = v1.build(&large).unwrap_err().to_string();
    assert!(message.contains("AuxLogits_1") && message.contains("4x4"), "{message}");
    assert!(v1.build(&networks::Options { auxiliary: vec![], ..large }).is_ok());
    let none = networks::Options { head: Head::classifier(0), ..v1.options() };
    assert!(v1.build(&none).unwrap_err().to_string().contains("Logits"));
}
