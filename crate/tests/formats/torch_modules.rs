//! PyTorch modules that were saved whole: heads read module by module, settings held against the network, and what holds it.

use crate::common::keys;
use crate::torch::{Pickle, archive, open, ordered, part};
use inception::checkpoints::CheckpointError;
use inception::graph::{Activation, BatchNorm};
use inception::networks::{Head, HeadLayer, OutputActivation};

/// A module of a class, with what is set on it.
fn module(class: &str, attributes: Pickle) -> Pickle {
    part().name("torch.nn", class).raw(b")\x81}(").raw(&attributes.0).raw(b"ub")
}

/// A module of a head: its class, what it is set to, and the shapes of its tensors.
type Module<'a> = (&'a str, Pickle, &'a [(&'a str, &'a [usize])]);

/// torchvision's GoogLeNet saved whole, with these modules in place of its classifier.
fn whole(head: &[Module], transform_input: bool) -> Vec<u8> {
    program(head, transform_input, part(), |network| network)
}

/// The same with more of its modules, and within others.
fn program(head: &[Module], transform_input: bool, modules: Pickle, around: impl Fn(Pickle) -> Pickle) -> Vec<u8> {
    let others = modules;
    let mut storages: Vec<Vec<u8>> = vec![];
    let mut tensors = |rows: &[(String, Vec<usize>)]| {
        rows.iter().fold(part(), |items, (name, shape)| {
            let length = shape.iter().product();
            storages.push(vec![0; 4 * length]);
            items.text(name).tensor("FloatStorage", &(storages.len() - 1).to_string(), length, shape)
        })
    };
    let body: Vec<(String, Vec<usize>)> = keys("torchvision_googlenet")
        .into_iter()
        .filter(|key| key.kind != "ignore" && !key.name.starts_with("fc.") && !key.name.starts_with("aux"))
        .map(|key| (key.name, key.shape))
        .collect();
    let body = ordered(tensors(&body));
    let modules = head.iter().enumerate().fold(part(), |items, (i, (class, attributes, rows))| {
        let rows: Vec<(String, Vec<usize>)> =
            rows.iter().map(|(name, shape)| ((*name).into(), shape.to_vec())).collect();
        let parameters = part().text("_parameters").raw(&ordered(tensors(&rows)).0);
        items.text(&i.to_string()).raw(&module(class, attributes.clone().raw(&parameters.0)).0)
    });
    let sequence = module("Sequential", part().text("_modules").raw(&ordered(modules).0));
    let flag: &[u8] = if transform_input { b"\x88" } else { b"\x89" };
    let network = part()
        .text("transform_input")
        .raw(flag)
        .text("_parameters")
        .raw(&body.0)
        .text("_modules")
        .raw(&ordered(others.text("fc").raw(&sequence.0)).0);
    archive(Pickle::new().raw(&around(module("GoogLeNet", network)).0).raw(b".").0, storages, false)
}

#[test]
fn a_head_that_was_saved_whole_is_read_module_by_module() {
    const HIDDEN: &[(&str, &[usize])] = &[("weight", &[16, 1024]), ("bias", &[16])];
    const NORM: &[(&str, &[usize])] =
        &[("weight", &[16]), ("bias", &[16]), ("running_mean", &[16]), ("running_var", &[16])];
    const LAST: &[(&str, &[usize])] = &[("weight", &[3, 16]), ("bias", &[3])];
    let number = |name: &str, bytes: f64| part().text(name).raw(b"G").raw(&bytes.to_be_bytes());
    let head = |last: &'static str| {
        whole(
            &[
                ("Dropout", number("p", 0.5), &[]),
                ("Linear", part(), HIDDEN),
                ("LeakyReLU", number("negative_slope", 0.25), &[]),
                ("BatchNorm1d", number("eps", 0.125), NORM),
                ("GELU", part().text("approximate").text("tanh"), &[]),
                ("Linear", part(), LAST),
                (last, part(), &[]),
            ],
            true,
        )
    };
    let found = open(head("Sigmoid")).unwrap();
    let Head::Classifier(classifier) = &found.options.head else { panic!("{:?}", found.options.head) };
    let wanted = [
        HeadLayer::Linear { outputs: 16, bias: true },
        HeadLayer::Activation(Activation::LeakyRelu(0.25)),
        HeadLayer::Norm(BatchNorm { epsilon: 0.125, gamma: true }),
        HeadLayer::Activation(Activation::GeluTanh),
    ];
    assert_eq!((classifier.layers.as_slice(), classifier.classes), (&wanted[..], 3));
    assert_eq!(found.options.activation, OutputActivation::Sigmoid);
    assert!(found.assumptions.is_empty(), "nothing was assumed: {:?}", found.assumptions);
    assert_eq!(open(head("LogSoftmax")).unwrap().options.activation, OutputActivation::Softmax);
    match open(head("Hardtanh")).err() {
        Some(CheckpointError::Layer { layer, what }) => assert_eq!((&*layer, &*what), ("fc.6", "Hardtanh")),
        other => panic!("{other:?}"),
    }
    let plain = |transformed| {
        open(whole(&[("Linear", part(), &[("weight", &[3, 1024]), ("bias", &[3])])], transformed)).unwrap()
    };
    assert_eq!(plain(true).preprocess.mean, [0.5; 3]);
    assert_eq!(plain(false).preprocess.mean, [0.485, 0.456, 0.406], "as torchvision's other networks");
}

const PLAIN: &[Module] = &[("Linear", Pickle(vec![]), &[("weight", &[3, 1024]), ("bias", &[3])])];

/// Modules by their names, within another.
fn of(class: &str, modules: &[(&str, Pickle)]) -> Pickle {
    let inner = modules.iter().fold(part(), |items, (name, module)| items.text(name).raw(&module.0));
    module(class, part().text("_modules").raw(&ordered(inner).0))
}

#[test]
fn modules_that_do_otherwise_than_the_network_are_refused() {
    let none = |class| module(class, part());
    let number = |name: &str, value: f64| part().text(name).raw(b"G").raw(&value.to_be_bytes());
    let conv = |set: Pickle| of("BasicConv2d", &[("conv", module("Conv2d", set))]);
    let norm = |epsilon| of("BasicConv2d", &[("bn", module("BatchNorm2d", number("eps", epsilon)))]);
    let pair = |name: &str, side| part().text(name).ints(&[side, side]);
    for (name, changed, place, what) in [
        ("maxpool1", none("Identity"), "maxpool1", "Identity"),
        ("avgpool", none("AdaptiveMaxPool2d"), "avgpool", "AdaptiveMaxPool2d"),
        ("conv1", conv(pair("stride", 1)), "conv1.conv", "Conv2d with stride 1x1 where the network has 2x2"),
        ("conv1", conv(pair("padding", 2)), "conv1.conv", "Conv2d with padding 2x2 where the network has 3x3"),
        ("conv1", conv(pair("dilation", 2)), "conv1.conv", "Conv2d with dilation 2x2 where the network has 1x1"),
        (
            "conv1",
            conv(part().text("padding_mode").text("reflect")),
            "conv1.conv",
            "Conv2d with padding that is not of zeros",
        ),
        ("conv1", norm(1e-5), "conv1.bn", "BatchNorm2d with eps 0.00001 where the network has 0.001"),
        ("conv1", of("BasicConv2d", &[("bn", none("InstanceNorm2d"))]), "conv1.bn", "InstanceNorm2d"),
    ] {
        match open(program(PLAIN, true, part().text(name).raw(&changed.0), |network| network)).err() {
            Some(CheckpointError::Layer { layer, what: found }) => assert_eq!((&*layer, &*found), (place, what)),
            other => panic!("{what}: {other:?}"),
        }
    }
    let usual = conv(
        pair("stride", 2)
            .text("padding")
            .ints(&[3, 3])
            .text("dilation")
            .ints(&[1, 1])
            .text("padding_mode")
            .text("zeros"),
    );
    let modules = part()
        .text("conv1")
        .raw(&usual.0)
        .text("conv2")
        .raw(&norm(0.001).0)
        .text("avgpool")
        .raw(&none("AdaptiveAvgPool2d").0);
    assert_eq!(open(program(PLAIN, true, modules, |network| network)).unwrap().assumptions, [""; 0]);
}

#[test]
fn what_holds_a_whole_network_is_read_or_said() {
    let within = |around: fn(Pickle) -> Pickle, transformed| open(program(PLAIN, transformed, part(), around));
    for last in ["Sigmoid", "Normalize", "Upsample", "Softmax"] {
        let around = |network| of("Sequential", &[("0", network), ("1", module(last, part()))]);
        match open(program(PLAIN, true, part(), around)).err() {
            Some(CheckpointError::Layer { layer, what }) => {
                assert!(layer == "1" && what.starts_with(last), "{layer}: {what}");
                let option = if ["Normalize", "Upsample"].contains(&last) { "`preprocess`" } else { "`activation`" };
                assert!(what.contains("state_dict()") && what.ends_with(option), "{what}");
            }
            other => panic!("{last}: {other:?}"),
        }
    }
    for transformed in [true, false] {
        let found = within(|network| of("DataParallel", &[("module", network)]), transformed).unwrap();
        assert_eq!(found.preprocess.mean, if transformed { [0.5; 3] } else { [0.485, 0.456, 0.406] });
        assert_eq!(found.assumptions, [""; 0]);
    }
    let own = within(|network| of("MyClassifier", &[("net", network)]), true).unwrap();
    assert!(
        own.assumptions.iter().any(|said| said.contains("its own classes do (MyClassifier) is not read")),
        "{:?}",
        own.assumptions
    );
    let hook = part().raw(b"J").raw(&1i32.to_le_bytes()).text("a program");
    let hooked = module("Dropout", part().text("_forward_hooks").raw(&ordered(hook).0));
    let hooked = open(program(PLAIN, true, part().text("dropout").raw(&hooked.0), |network| network)).unwrap();
    assert!(hooked.assumptions.iter().any(|said| said.contains("have forward hooks")), "{:?}", hooked.assumptions);
}
