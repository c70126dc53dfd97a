//! Reading a run: contributions and class activation maps against the head itself, branches switched off against an
//! engine whose weights are zero there, receptive fields by perturbation.
#![allow(clippy::unwrap_used)]

mod common;

use common::asks::Asks;
use inception::checkpoints::SourceFile;
use inception::graph::LayerKind;
use inception::image::Input;
use inception::info::Tensor;
use inception::inspect::{ColorMap, Target};
use inception::networks::{self, Classifier, Head, Options, OutputActivation};
use inception::{Error, LoadOptions, Loader, Session};

const SIDE: usize = 96;

/// A network with random weights on small images, without auxiliary heads.
fn session(id: &str, head: Option<Head>) -> Session {
    let network = networks::find(id).unwrap();
    let usual = network.options();
    let head = head.unwrap_or_else(|| usual.head.clone());
    let options = Options { size: [SIDE; 2], auxiliary: vec![], head, ..usual };
    let load = LoadOptions { threads: 2, ..LoadOptions::default() };
    Loader::random(network, &options, &load).unwrap().finish().unwrap()
}

fn picture(seed: u64) -> Vec<f32> {
    (0..3 * SIDE * SIDE).map(|i| common::numbers::signed_unit(seed, i as u64)).collect()
}

fn close(a: f32, b: f32, scale: f32) -> bool {
    (a - b).abs() <= 1e-4 * scale
}

fn heads() -> [(&'static str, Option<Head>, bool); 5] {
    let hidden = Head::Classifier(Classifier::with_hidden(6, &[24, 17]));
    [
        ("googlenet", None, true),
        ("inception-v3", Some(hidden), false),
        ("inception-v4", Some(Head::classifier(11)), true),
        (
            "inception-resnet-v1",
            Some(networks::find("inception-resnet-v1").unwrap().options().head.with_classes(9)),
            true,
        ),
        ("inception-resnet-v2", Some(Head::classifier(7)), true),
    ]
}

#[test]
fn contributions_and_bias_sum_to_the_logit() {
    for (id, head, exact) in heads() {
        let mut session = session(id, head);
        session.run(&picture(1)).unwrap();
        let logits = session.output("Logits", 0).unwrap().data;
        let scale = logits.iter().fold(0.0f32, |most, v| most.max(v.abs()));
        for class in [0, 3, logits.len() - 1] {
            let found = session.contributions(Target::Class(class), 0).unwrap();
            assert_eq!(found.exact, exact, "{id}");
            assert!(close(found.logit, logits[class], scale), "{id}: {} {}", found.logit, logits[class]);
            let sum = found.contribution.iter().map(|&v| f64::from(v)).sum::<f64>() as f32 + found.bias;
            assert!(close(sum, logits[class], scale), "{id}: {sum} {}", logits[class]);
        }
        assert!(matches!(session.contributions(Target::Class(logits.len()), 0), Err(Error::NoClass { .. })));
    }
}

/// The head of a linear classifier at one position is the network whose last maps hold only that position's values.
#[test]
fn activation_maps_are_the_dense_head_at_each_position() {
    for (id, head, exact) in heads() {
        let mut session = session(id, head);
        let layer = session.last_maps().unwrap().to_owned();
        session.keep(std::slice::from_ref(&layer)).unwrap();
        session.run(&picture(2)).unwrap();
        let maps = session.output(&layer, 0).unwrap();
        let logits = session.output("Logits", 0).unwrap().data;
        let scale = logits.iter().fold(0.0f32, |most, v| most.max(v.abs()));
        let [channels, h, w] = maps.shape;
        for class in [1, 4] {
            let map = session.activation_map(Target::Class(class), 0).unwrap();
            assert_eq!((map.height, map.width, map.exact), (h, w, exact), "{id}");
            let mean = map.data.iter().sum::<f32>() / map.data.len() as f32;
            assert!(close(mean, logits[class], scale), "{id}: {mean} {}", logits[class]);
            // The dense head: contributions over mean activations are the class's weights.
            let parts = session.contributions(Target::Class(class), 0).unwrap();
            let pooled = session.output("AvgPool_1a", 0).unwrap().data;
            for position in 0..h * w {
                let dense: f64 = (0..channels)
                    .filter(|&c| pooled[c] != 0.0)
                    .map(|c| f64::from(parts.contribution[c] / pooled[c]) * f64::from(maps.data[c * h * w + position]))
                    .sum();
                assert!(close(map.data[position], dense as f32 + parts.bias, 20.0 * scale), "{id}, {position}");
            }
        }
        session.keep(&[""; 0]).unwrap();
        session.run(&picture(2)).unwrap();
        assert!(matches!(session.activation_map(Target::Class(1), 0), Err(Error::NotKept { .. })));
    }
}

/// The tutorials' Inception-ResNet-v1 reads 3x3 of 4x4 positions of a picture of 160x160.
#[test]
fn positions_that_no_pool_reads_have_no_part_in_the_map() {
    let network = networks::find("inception-resnet-v1-shared").unwrap();
    let options = Options { head: Head::classifier(5), ..network.options() };
    let load = LoadOptions { threads: 2, ..LoadOptions::default() };
    let mut session = Loader::random(network, &options, &load).unwrap().finish().unwrap();
    let layer = session.last_maps().unwrap().to_owned();
    session.keep(std::slice::from_ref(&layer)).unwrap();
    let picture: Vec<f32> = (0..3 * 160 * 160).map(|i| common::numbers::signed_unit(5, i)).collect();
    session.run(&picture).unwrap();
    let logits = session.output("Logits", 0).unwrap().data;
    let scale = logits.iter().fold(0.0f32, |most, v| most.max(v.abs()));
    for (class, &logit) in logits.iter().enumerate() {
        let map = session.activation_map(Target::Class(class), 0).unwrap();
        assert_eq!((map.width, map.height, map.exact), (4, 4, true));
        let mean = map.data.iter().sum::<f32>() / 16.0;
        assert!(close(mean, logit, scale), "{mean} {}", logit);
        let parts = session.contributions(Target::Class(class), 0).unwrap();
        assert!(parts.exact);
        let sum = parts.contribution.iter().map(|&v| f64::from(v)).sum::<f64>() as f32 + parts.bias;
        assert!(close(sum, logit, scale), "{sum} {}", logit);
        for at in [3, 7, 11, 12, 13, 14, 15] {
            assert_eq!(map.data[at], parts.bias, "position {at}");
        }
        assert!(map.data[0] != parts.bias && map.data[10] != parts.bias);
    }
}

#[test]
fn a_network_without_a_classifier_has_no_contributions() {
    let mut session = session("inception-v3", Some(Head::None));
    session.run(&picture(3)).unwrap();
    assert!(session.last_maps().is_some(), "a taught head has them");
    assert!(matches!(session.contributions(Target::Class(0), 0), Err(Error::NoClassifier { .. })));
}

#[test]
fn a_branch_switched_off_is_zeros_and_nothing_else_of_its_module_changes() {
    for id in ["googlenet", "inception-v3", "inception-v4", "inception-resnet-v2"] {
        let mut session = session(id, None);
        let layers = session.layer_info();
        let branches: Vec<_> = layers.iter().filter(|l| l.kind == LayerKind::Branch).cloned().collect();
        for branch in branches.iter().step_by(branches.len() / 5) {
            let module = branch.module.clone().unwrap();
            let siblings: Vec<String> =
                branches.iter().filter(|b| b.module.as_ref() == Some(&module)).map(|b| b.name.clone()).collect();
            session.keep(&siblings).unwrap();
            session.switch_off(&<[Vec<String>; 0]>::default()).unwrap();
            session.run(&picture(4)).unwrap();
            let before: Vec<Vec<f32>> = siblings.iter().map(|s| session.output(s, 0).unwrap().data).collect();
            let logits = session.output("Logits", 0).unwrap().data;
            session.switch_off(&[vec![branch.name.clone()]]).unwrap();
            session.run(&picture(4)).unwrap();
            for (sibling, before) in siblings.iter().zip(&before) {
                let after = session.output(sibling, 0).unwrap().data;
                match *sibling == branch.name {
                    true => assert!(after.iter().all(|v| *v == 0.0), "{id}: {sibling}"),
                    false => assert_eq!(&after, before, "{id}: {sibling}"),
                }
            }
            assert!(before.iter().flatten().any(|v| *v != 0.0));
            assert_ne!(session.output("Logits", 0).unwrap().data, logits, "{id}: {}", branch.name);
        }
    }
}

/// In the last module, a branch switched off takes exactly its channels' contributions out of every logit.
#[test]
fn switching_off_equals_running_with_that_slice_zeroed() {
    for id in ["googlenet", "inception-v3", "inception-v4"] {
        let mut session = session(id, Some(Head::classifier(7)));
        let last = session.last_maps().unwrap().to_owned();
        let branches: Vec<(String, usize)> = (session.layer_info().into_iter())
            .filter(|l| l.kind == LayerKind::Branch && l.module.as_ref() == Some(&last))
            .map(|l| (l.name, l.shape[0]))
            .collect();
        session.run(&picture(5)).unwrap();
        let parts: Vec<_> = (0..7).map(|class| session.contributions(Target::Class(class), 0).unwrap()).collect();
        let scale = parts.iter().fold(0.0f32, |most, p| most.max(p.logit.abs()));
        let mut first = 0;
        for (branch, channels) in &branches {
            session.switch_off(&[vec![branch.clone()]]).unwrap();
            session.run(&picture(5)).unwrap();
            let found = session.output("Logits", 0).unwrap().data;
            for (part, found) in parts.iter().zip(found) {
                let gone: f32 = part.contribution[first..first + channels].iter().sum();
                assert!(close(found, part.logit - gone, 10.0 * scale), "{id}: {branch}: {found} {}", part.logit - gone);
            }
            first += channels;
        }
        assert_eq!(first, parts[0].contribution.len(), "the branches are all channels");
    }
}

#[test]
fn a_batch_switches_another_branch_off_for_each_image() {
    let mut session = session("googlenet", None);
    let names = ["Mixed_3b/Branch_0", "Mixed_4d/Branch_2", "Mixed_5c/Branch_1"];
    let one = picture(6);
    let alone: Vec<Vec<f32>> = (names.iter())
        .map(|name| {
            session.switch_off(&[vec![name.to_string()]]).unwrap();
            session.run(&one).unwrap();
            session.predictions(0).unwrap()
        })
        .collect();
    let off: Vec<Vec<String>> = names.iter().map(|name| vec![name.to_string()]).collect();
    session.switch_off(&off).unwrap();
    session.batch(3).unwrap();
    session.run_input(&Input::Values(one.repeat(3))).unwrap();
    for (image, alone) in alone.iter().enumerate() {
        assert_eq!(&session.predictions(image).unwrap(), alone, "{}", names[image]);
    }
    assert!(session.predictions(3).is_err());
    assert!(matches!(session.switch_off(&[vec!["nothing"]]), Err(Error::UnknownLayer { .. })));
}

/// Pixels outside a position's receptive field have no part in its value; some inside have one.
#[test]
fn receptive_fields_hold_every_pixel_that_matters() {
    for (id, layers) in [
        ("googlenet", ["MaxPool_3a_3x3", "Mixed_3b", "Mixed_4a"]),
        ("inception-v3", ["Conv2d_2b_3x3", "MaxPool_5a_3x3", "Mixed_5b/Branch_2"]),
        ("inception-resnet-v1", ["Conv2d_3b_1x1", "Conv2d_4b_3x3", "Repeat/block35_1/Branch_2"]),
    ] {
        let mut session = session(id, None);
        let names: Vec<String> =
            layers.iter().map(|l| l.to_string()).filter(|l| session.graph().find(l).is_some()).collect();
        assert!(names.len() >= 2, "{id}");
        session.keep(&names).unwrap();
        session.run(&picture(7)).unwrap();
        let before: Vec<_> = names.iter().map(|n| session.output(n, 0).unwrap()).collect();
        let fields = session.graph().receptive_fields();
        for (y, x) in [(0, 0), (SIDE / 2, SIDE / 3), (SIDE - 1, SIDE - 2)] {
            let mut changed = picture(7);
            (0..3).for_each(|c| changed[(y * SIDE + x) * 3 + c] += 40.0);
            session.run(&changed).unwrap();
            for (name, before) in names.iter().zip(&before) {
                let id = session.graph().find(name).unwrap();
                let field = fields[id.index()];
                let after = session.output(name, 0).unwrap();
                let [channels, h, w] = before.shape;
                // Neighbouring outputs share their products, so what one does not see can still move its last digits.
                let largest = after.data.iter().fold(0.0f32, |most, v| most.max(v.abs()));
                let mut moved = 0;
                for at in 0..h * w {
                    let sees = |axis: usize, position: usize, pixel: usize| {
                        let first = field.start[axis] + (position * field.stride[axis]) as isize;
                        (first..first + field.size[axis] as isize).contains(&(pixel as isize))
                    };
                    let seen = sees(0, at / w, y) && sees(1, at % w, x);
                    let difference = |c: usize| (before.data[c * h * w + at] - after.data[c * h * w + at]).abs();
                    let differs = (0..channels).any(|c| difference(c) > 1e-5 * largest);
                    assert!(seen || !differs, "{name}: {at} does not see ({y}, {x}) but changes");
                    moved += usize::from(differs);
                }
                // A border that strides step over changes nothing.
                assert!(moved > 0 || y != SIDE / 2, "{name}: nothing changes with ({y}, {x})");
            }
        }
    }
}

/// Whatever the order of the axes in the file, the filters are out, in, height, width.
#[test]
fn filters_are_the_file_s_weights_of_the_layer_that_reads_the_picture() {
    for (source, key, layer) in [
        ("paper_googlenet", "conv1/7x7_s2.weight", "Conv2d_1a_7x7"),
        ("seed_inception_v3_slim", "InceptionV3/Conv2d_1a_3x3/weights", "Conv2d_1a_3x3"),
        ("timm_inception_v4", "features.0.conv.weight", "Conv2d_1a_3x3"),
    ] {
        let file = SourceFile { name: format!("{source}.safetensors"), bytes: common::generate(source).into() };
        let load = LoadOptions { threads: 2, ..LoadOptions::default() };
        let session = Loader::new(vec![file], load).unwrap().finish().unwrap();
        let filters = session.filters().unwrap();
        let key = common::keys(source).into_iter().find(|k| k.name == key).unwrap();
        let stored = common::tensor(&key);
        let is_slim = source.ends_with("slim");
        let [outputs, inputs, h, w] = filters.shape;
        let shape = if is_slim { vec![h, w, inputs, outputs] } else { vec![outputs, inputs, h, w] };
        assert_eq!((filters.layer.as_str(), shape), (layer, key.shape.clone()), "{source}");
        for at in 0..filters.data.len() {
            let (o, i, y, x) = (at / (inputs * h * w), at / (h * w) % inputs, at / w % h, at % w);
            let place = if is_slim { ((y * w + x) * inputs + i) * outputs + o } else { at };
            assert_eq!(filters.data[at], stored[place], "{source}: {o}, {i}, {y}, {x}");
        }
    }
}

#[test]
fn sigmoid_answers_each_class_and_one_logit_two() {
    let network = networks::find("inception-v3").unwrap();
    let build = |head: Head, activation| {
        let options = Options { size: [SIDE; 2], auxiliary: vec![], head, activation, ..network.options() };
        Loader::random(network, &options, &LoadOptions::default()).unwrap().finish().unwrap()
    };
    for outputs in [1, 2, 14] {
        let mut session = build(Head::classifier(outputs), OutputActivation::Sigmoid);
        session.run(&picture(5)).unwrap();
        let logits = session.output("Logits", 0).unwrap().data;
        assert_eq!(logits.len(), outputs);
        let p: Vec<f64> = logits.iter().map(|&z| 1.0 / (1.0 + (-f64::from(z)).exp())).collect();
        let wanted = if outputs == 1 { vec![1.0 - p[0], p[0]] } else { p };
        let found = session.predictions(0).unwrap();
        assert_eq!((found.len(), session.info().classes), (wanted.len(), wanted.len()));
        for (found, wanted) in found.iter().zip(&wanted) {
            assert!((f64::from(*found) - wanted).abs() < 1e-6, "{found} {wanted}");
        }
        if outputs == 1 {
            let [no, yes] = [0, 1].map(|class| session.contributions(Target::Class(class), 0).unwrap());
            assert!(close(yes.logit, logits[0], 1.0) && close(no.logit, -logits[0], 1.0));
            assert!(no.contribution.iter().zip(&yes.contribution).all(|(no, yes)| *no == -yes));
            assert!(matches!(session.contributions(Target::Class(2), 0), Err(Error::NoClass { .. })));
        }
    }
    let mut session = build(Head::classifier(3), OutputActivation::None);
    session.run(&picture(5)).unwrap();
    assert_eq!(
        session.predictions(0).unwrap(),
        session.output("Logits", 0).unwrap().data,
        "values are left as they are"
    );
}

/// `tests/node/drawing.mjs` holds the page's against the same.
#[test]
fn colours_and_peaks_are_those_of_the_page() {
    let text = include_str!("../../tests/reference/inspection.json");
    let reference: serde_json::Value = serde_json::from_str(text).unwrap();
    let maps = [
        ("viridis", ColorMap::Viridis),
        ("magma", ColorMap::Magma),
        ("grey", ColorMap::Grey),
        ("diverging", ColorMap::Diverging),
    ];
    assert_eq!(reference["colors"].as_object().unwrap().len(), maps.len());
    for (name, map) in maps {
        let points: Vec<&str> = reference["colors"][name].as_str().unwrap().split(' ').collect();
        let levels: Vec<&str> = reference["levels"][name].as_str().unwrap().split(' ').collect();
        assert_eq!((levels.len(), levels[0], levels[255]), (256, points[0], points[points.len() - 1]));
        for (i, level) in levels.into_iter().enumerate() {
            let [r, g, b] = map.color(i as f32 / 255.0);
            assert_eq!(format!("{r:02x}{g:02x}{b:02x}"), level, "{name}, {i}");
        }
        let between = [0.4, 0.6, 99.4, 99.6].map(|level| map.color(level / 255.0));
        assert_eq!(between, [0.0, 1.0, 99.0, 100.0].map(|level| map.color(level / 255.0)), "the nearest");
        assert_eq!([f32::NAN, -1.0].map(|at| map.color(at)), [map.color(0.0); 2]);
        assert_eq!(map.color(2.0), map.color(1.0));
    }
    let peaks = &reference["peaks"];
    let side = |name: &str| peaks[name].as_u64().unwrap() as usize;
    let channels: Vec<Vec<f32>> = serde_json::from_value(peaks["channels"].clone()).unwrap();
    let tensor = Tensor { shape: [channels.len(), side("height"), side("width")], data: channels.concat() };
    let at: Vec<[usize; 2]> = serde_json::from_value(peaks["at"].clone()).unwrap();
    for (channel, at) in at.into_iter().enumerate() {
        assert_eq!(inception::inspect::peak(&tensor, channel), Some(at), "channel {channel}");
    }
}
