#![allow(clippy::unwrap_used, clippy::panic)]

use serde_json::{Value, json};

use super::super::TensorFile;
use super::super::file_graph::{FileGraph, FileOp, FilePadding};
use super::describe;
use crate::checkpoints::CheckpointError;
use crate::graph::Activation;

fn layer(class: &str, name: &str, mut config: Value) -> Value {
    config["name"] = name.into();
    json!({ "class_name": class, "name": name, "config": config })
}

fn described(topology: &Value) -> Result<Option<FileGraph>, CheckpointError> {
    let mut file = TensorFile::default();
    describe(&mut file, "f", topology).map(|()| file.graph)
}

fn sequential(layers: Vec<Value>) -> FileGraph {
    let topology = json!({ "class_name": "Sequential", "config": { "name": "s", "layers": layers } });
    described(&topology).unwrap().unwrap()
}

/// The operations of a layer between an input and nothing.
fn ops_of(class: &str, config: Value, shape: Value) -> Vec<FileOp> {
    let input = layer("InputLayer", "input", json!({ "batch_input_shape": shape }));
    sequential(vec![input, layer(class, "l", config)]).nodes.into_iter().skip(1).map(|node| node.op).collect()
}

fn of_map(class: &str, config: Value) -> Vec<FileOp> {
    ops_of(class, config, json!([null, 8, 8, 3]))
}

fn of_vector(class: &str, config: Value) -> Vec<FileOp> {
    ops_of(class, config, json!([null, 3]))
}

fn other(what: &str) -> Vec<FileOp> {
    vec![FileOp::Other(what.into())]
}

#[test]
fn a_layer_that_is_not_known_is_not_passed_over() {
    for class in [
        "DepthwiseConv2D",
        "ZeroPadding2D",
        "Resizing",
        "LayerNormalization",
        "PReLU",
        "Permute",
        "Custom>Dropout",
        "Lambda",
        "",
    ] {
        assert_eq!(of_map(class, json!({})), other(class));
    }
    let conv = json!({ "kernel_size": [3, 3], "strides": [1, 1], "padding": "same", "groups": 1 });
    let with = |field: &str, value: Value| {
        let mut config = conv.clone();
        config[field] = value;
        of_map("Conv2D", config)
    };
    assert!(
        matches!(&with("groups", json!(1))[..], [FileOp::Conv { window, .. }] if window.padding == FilePadding::Same)
    );
    for (field, value, aside) in [
        ("groups", json!(3), " in groups"),
        ("dilation_rate", json!([2, 2]), " with dilation"),
        ("kernel_size", json!(null), ""),
        ("strides", json!([0, 1]), ""),
        ("padding", json!("causal"), ""),
    ] {
        assert_eq!(with(field, value), other(&format!("Conv2D{aside}")), "{field}");
    }
    assert_eq!(with("data_format", json!("channels_first")), other("Conv2D with channels first"));
    assert_eq!(of_map("Dense", json!({})), other("Dense"));
    assert_eq!(of_map("BatchNormalization", json!({ "axis": 1 })), other("BatchNormalization along another axis"));
    assert_eq!(of_map("Softmax", json!({ "axis": 1 })), other("Softmax"));
    assert_eq!(
        of_map("Normalization", json!({ "mean": [1.0], "variance": [4.0], "invert": true })),
        other("Normalization")
    );
}

#[test]
fn activations_have_their_names_and_numbers() {
    let of = |config: Value| of_vector("Activation", json!({ "activation": config }));
    let activation = |activation| vec![FileOp::Activation(activation)];
    for (name, wanted) in [
        ("relu", Activation::Relu),
        ("relu6", Activation::Relu6),
        ("elu", Activation::Elu(1.0)),
        ("gelu", Activation::Gelu),
        ("swish", Activation::Swish),
        ("silu", Activation::Swish),
        ("leaky_relu", Activation::LeakyRelu(0.2)),
        ("hard_silu", Activation::HardSwish),
    ] {
        assert_eq!(of(json!(name)), activation(wanted), "{name}");
        let function =
            json!({ "module": "builtins", "class_name": "function", "config": name, "registered_name": "function" });
        assert_eq!(of(function), activation(wanted), "{name}");
    }
    assert_eq!(of(json!("linear")), [FileOp::Same]);
    assert_eq!(of(json!("softmax")), [FileOp::Softmax]);
    assert_eq!(of(json!("hard_sigmoid")), other("hard_sigmoid"));
    let leaky = json!({ "class_name": "LeakyReLU", "config": { "negative_slope": 0.25 } });
    let dense = of_vector("Dense", json!({ "activation": leaky }));
    assert_eq!(dense[1..], activation(Activation::LeakyRelu(0.25)));
    assert_eq!(of_vector("LeakyReLU", json!({ "alpha": 0.5 })), activation(Activation::LeakyRelu(0.5)));
    assert_eq!(of_vector("LeakyReLU", json!({})), activation(Activation::LeakyRelu(0.3)));
    assert_eq!(of_vector("ReLU", json!({ "max_value": 6.0, "negative_slope": 0.0 })), activation(Activation::Relu6));
    assert_eq!(of_vector("ReLU", json!({ "max_value": 5.0 })), other("ReLU"));
    assert_eq!(of_vector("ELU", json!({ "alpha": 2.0 })), activation(Activation::Elu(2.0)));
    // Operations, as `keras.ops` leaves them in a model.
    assert_eq!(of_vector("LeakyRelu", json!({ "negative_slope": 0.125 })), activation(Activation::LeakyRelu(0.125)));
    assert_eq!(of_vector("Elu", json!({ "alpha": 0.5 })), activation(Activation::Elu(0.5)));
    assert_eq!(of_vector("Gelu", json!({ "approximate": false })), activation(Activation::Gelu));
    assert_eq!(of_vector("Gelu", json!({ "approximate": true })), activation(Activation::GeluTanh));
    assert_eq!(of_vector("HardSilu", json!({})), activation(Activation::HardSwish));
    assert_eq!(of_vector("Elu", json!({ "alpha": "x" })), other("Elu"));
}

#[test]
fn pools_flattening_and_shapes() {
    let [FileOp::AveragePool(window, false)] =
        of_map("AveragePooling2D", json!({ "pool_size": [3, 3], "strides": null }))[..]
    else {
        panic!()
    };
    assert_eq!((window.kernel, window.stride), ([3, 3], [3, 3]));
    assert_eq!(of_map("GlobalMaxPooling2D", json!({})), [FileOp::GlobalMax]);
    assert_eq!(of_map("Flatten", json!({})), [FileOp::Flatten { channels_last: true }]);
    assert_eq!(of_vector("Flatten", json!({})), [FileOp::Same]);
    assert_eq!(of_vector("Reshape", json!({ "target_shape": [1, 1, 3] })), [FileOp::Same]);
    assert_eq!(of_map("Reshape", json!({ "target_shape": [-1] })), [FileOp::Flatten { channels_last: true }]);
    assert_eq!(of_map("Reshape", json!({ "target_shape": [64, 3] })), other("Reshape"));
}

#[test]
fn preparation_by_any_means_is_factors_and_sums() {
    let affine = |scale: &[f64], shift: &[f64]| FileOp::Affine { scale: scale.to_vec(), shift: shift.to_vec() };
    assert_eq!(
        of_map("Rescaling", json!({ "scale": 0.5, "offset": [1, 2, 3] })),
        [affine(&[0.5; 3], &[1.0, 2.0, 3.0])]
    );
    let normalization = json!({ "axis": [-1], "mean": [1.0, 2.0, 3.0], "variance": [4.0, 0.0, 1.0] });
    assert_eq!(of_map("Normalization", normalization), [affine(&[0.5, 1e7, 1.0], &[-0.5, -2e7, -3.0])]);
    assert_eq!(
        of_map("Normalization", json!({ "axis": [-1], "mean": null, "variance": null })),
        other("Normalization")
    );
    // Functions of TensorFlow in Keras 2, and in TensorFlow 2.0's.
    let op = |name: &str, function: &str, from: &str, y: Value| {
        json!({ "class_name": "TFOpLambda", "name": name, "config": { "name": name, "function": function },
            "inbound_nodes": [[from, 0, 0, { "y": y, "name": null }]] })
    };
    let input = json!({ "class_name": "InputLayer", "name": "i", "config": { "batch_input_shape": [null, null, null, 3] }, "inbound_nodes": [] });
    let node = json!({ "class_name": "TensorFlowOpLayer", "name": "n", "inbound_nodes": [[["c", 0, 0, {}]]],
        "config": { "name": "n", "node_def": "{\"name\": \"sub\", \"op\": \"Sub\"}", "constants": { "0": 1.0 } } });
    let layers = [
        input,
        op("a", "math.truediv", "i", json!(2.0)),
        op("b", "math.subtract", "a", json!(1.0)),
        op("c", "cast", "b", json!(null)),
        node,
        op("d", "math.pow", "n", json!(2.0)),
    ];
    let config =
        json!({ "name": "m", "layers": layers, "input_layers": [["i", 0, 0]], "output_layers": [["d", 0, 0]] });
    let graph =
        described(&json!({ "model_config": { "class_name": "Functional", "config": config } })).unwrap().unwrap();
    let ops: Vec<FileOp> = graph.nodes.into_iter().map(|node| node.op).collect();
    let wanted = [
        FileOp::Input { size: None, channels: Some(3), bytes: false },
        affine(&[0.5], &[0.0]),
        affine(&[1.0], &[-1.0]),
        FileOp::Same,
        affine(&[-1.0], &[1.0]),
        FileOp::Other("math.pow".into()),
    ];
    assert_eq!(ops, wanted);
}

#[test]
fn what_a_function_is_called_with_is_read_or_refused() {
    for (function, with, wanted) in [
        ("nn.leaky_relu", json!({}), FileOp::Activation(Activation::LeakyRelu(0.2))),
        ("nn.leaky_relu", json!({ "alpha": 0.01, "name": null }), FileOp::Activation(Activation::LeakyRelu(0.01))),
        ("nn.gelu", json!({ "approximate": false }), FileOp::Activation(Activation::Gelu)),
        ("nn.gelu", json!({ "approximate": true }), FileOp::Other("nn.gelu".into())),
        ("nn.silu", json!({ "beta": 1.0 }), FileOp::Activation(Activation::Swish)),
        ("nn.silu", json!({ "beta": 1.7 }), FileOp::Other("nn.silu".into())),
        ("nn.softmax", json!({ "axis": -1 }), FileOp::Softmax),
        ("nn.softmax", json!({ "axis": 0 }), FileOp::Other("nn.softmax".into())),
    ] {
        let layers = json!([
            called("InputLayer", "i", json!([])),
            { "class_name": "TFOpLambda", "name": "f", "config": { "name": "f", "function": function },
                "inbound_nodes": [["i", 0, 0, with]] },
        ]);
        let graph = functional(layers, "f").unwrap().unwrap();
        assert_eq!(graph.nodes[1].op, wanted, "{function}");
    }
}

fn functional(layers: Value, output: &str) -> Result<Option<FileGraph>, CheckpointError> {
    let config =
        json!({ "name": "m", "layers": layers, "input_layers": [["i", 0, 0]], "output_layers": [[output, 0, 0]] });
    described(&json!({ "class_name": "Functional", "config": config }))
}

fn called(class: &str, name: &str, inbound: Value) -> Value {
    json!({ "class_name": class, "name": name, "config": { "name": name }, "inbound_nodes": inbound })
}

#[test]
fn calls_may_be_listed_in_any_order_and_more_than_once() {
    let layers = json!([
        called("Add", "sum", json!([[["twice", 0, 0, {}], ["twice", 1, 0, {}], ["i", 0, 0, {}]]])),
        called("Dropout", "twice", json!([[["i", 0, 0, {}]], [["twice", 0, 0, {}]]])),
        called("InputLayer", "i", json!([])),
    ]);
    let graph = functional(layers, "sum").unwrap().unwrap();
    let inputs: Vec<&[usize]> = graph.nodes.iter().map(|node| node.inputs.as_slice()).collect();
    assert_eq!(inputs, [&[][..], &[0], &[1], &[1, 2], &[3, 0]]);
    assert_eq!(graph.outputs, [4]);
}

#[test]
fn a_model_within_is_meant_by_either_number_of_its_call() {
    for number in [0, 1] {
        let mut inner = called("Sequential", "inner", json!([[["i", 0, 0, {}]]]));
        inner["config"]["layers"] = json!([layer("Dropout", "d", json!({}))]);
        let layers = json!([
            called("InputLayer", "i", json!([])),
            inner,
            called("Flatten", "f", json!([[["inner", number, 0, {}]]])),
        ]);
        let graph = functional(layers, "f").unwrap().unwrap();
        assert_eq!(graph.nodes.len(), 3);
        assert_eq!(graph.nodes[1].name, "inner/d");
    }
}

#[test]
fn descriptions_that_contradict_themselves() {
    let reason = |layers: Value| functional(layers, "a").unwrap_err().to_string();
    let input = called("InputLayer", "i", json!([]));
    let circle =
        json!([input, called("Dropout", "a", json!([[["b", 0, 0]]])), called("Dropout", "b", json!([[["a", 0, 0]]]))]);
    assert!(reason(circle).contains("its own result"));
    assert!(reason(json!([input, called("Dropout", "a", json!([[["c", 0, 0]]]))])).contains("not there"));
    assert!(reason(json!([input])).contains("no output"));
    assert!(reason(json!([input, input])).contains("two of its layers"));
    // Models that call one another twice, each within the next.
    let mut model = called("Sequential", "m", json!([]));
    model["config"]["layers"] = json!([layer("Dropout", "d", json!({}))]);
    for _ in 0..30 {
        let mut outer = called("Sequential", "m", json!([]));
        outer["config"]["layers"] = json!([model, model]);
        model = outer;
        if model.to_string().len() > 1 << 20 {
            break;
        }
    }
    assert!(described(&model).is_ok());
    assert_eq!(described(&json!({ "config": null })), Ok(None));
    assert!(matches!(described(&json!({ "config": {} })), Err(CheckpointError::Header { .. })));
}

#[test]
fn a_block_of_older_keras_says_its_scale() {
    let block = |name: &str, arguments: Value| {
        let mut lambda = called("Lambda", name, json!([[["i", 0, 0, {}], ["j", 0, 0, {}]]]));
        lambda["config"]["arguments"] = arguments;
        let layers =
            json!([called("InputLayer", "i", json!([])), called("Dropout", "j", json!([[["i", 0, 0]]])), lambda]);
        functional(layers, name).unwrap().unwrap().nodes.into_iter().skip(2).map(|node| node.op).collect::<Vec<_>>()
    };
    let scaled = FileOp::Affine { scale: vec![0.17], shift: vec![0.0] };
    assert_eq!(block("block35_1", json!({ "scale": 0.17 })), [scaled, FileOp::Add]);
    assert_eq!(block("block8_10", json!({ "scale": 1.0 })), [FileOp::Add]);
    assert_eq!(block("mine", json!({ "scale": 0.17 })), other("Lambda"));
}

/// A model of one layer after another, each called with these arguments.
fn in_line(layers: &[(Value, Value)], outputs: &Value) -> Value {
    let mut listed = vec![layer("InputLayer", "input", json!({ "batch_shape": [null, 8, 8, 3] }))];
    for (layer, kwargs) in layers {
        let before = listed[listed.len() - 1]["name"].clone();
        let history = json!({ "class_name": "__keras_tensor__", "config": { "keras_history": [before, 0, 0] } });
        let mut layer = layer.clone();
        layer["inbound_nodes"] = json!([{ "args": [history], "kwargs": kwargs }]);
        listed.push(layer);
    }
    let config = json!({ "name": "f", "layers": listed, "input_layers": [["input", 0, 0]], "output_layers": outputs });
    json!({ "class_name": "Functional", "config": config })
}

#[test]
fn what_is_called_in_training_mode_is_refused() {
    let model = |class: &str, training: Value| {
        in_line(&[(layer(class, "l", json!({})), json!({ "training": training }))], &json!([["l", 0, 0]]))
    };
    for class in ["BatchNormalization", "Dropout"] {
        let error = described(&model(class, json!(true))).unwrap_err().to_string();
        assert!(error.contains(&format!("l ({class} called with training=True)")), "{error}");
        assert!(described(&model(class, json!(false))).is_ok() && described(&model(class, json!(null))).is_ok());
    }
    assert!(described(&model("RandomFlip", json!(true))).is_ok(), "Keras 3 notes it everywhere");
    let mut of_keras_2 = model("Dropout", json!(null));
    of_keras_2["config"]["layers"][1]["inbound_nodes"] = json!([[["input", 0, 0, { "training": true }]]]);
    assert!(described(&of_keras_2).is_err());
    of_keras_2["config"]["layers"][1]["inbound_nodes"] = json!([[["input", 0, 0, { "training": false }]]]);
    assert!(described(&of_keras_2).is_ok());
}

#[test]
fn a_class_of_somebodys_own_is_not_keras_own() {
    let op = |module: Value, registered: Value| {
        let mut relu = layer("ReLU", "l", json!({}));
        (relu["module"], relu["registered_name"]) = (module, registered);
        described(&in_line(&[(relu, json!({}))], &json!([["l", 0, 0]]))).unwrap().unwrap().nodes[1].op.clone()
    };
    let own = FileOp::Activation(Activation::Relu);
    for (module, registered) in [
        (json!("keras.layers"), json!(null)),
        (json!("keras.src.layers.activations.relu"), json!("ReLU")),
        (json!("keras_cv.layers"), json!("keras_cv>ReLU")),
        (json!(null), json!(null)),
    ] {
        assert_eq!(op(module, registered), own);
    }
    for (module, registered, name) in [
        (json!("my.layers"), json!("my>ReLU"), "my>ReLU"),
        (json!("my.layers"), json!(null), "my.layers.ReLU"),
        (json!(null), json!("ReLU"), "ReLU"),
        (json!("keras.layers"), json!("Custom>ReLU"), "Custom>ReLU"),
    ] {
        assert_eq!(op(module, registered), FileOp::Other(name.into()));
    }
    let function = json!({ "module": "my", "class_name": "function", "config": "relu", "registered_name": "my>relu" });
    assert_eq!(of_map("Activation", json!({ "activation": function })), other("my>relu"));
    let function =
        json!({ "module": "builtins", "class_name": "function", "config": "relu", "registered_name": "function" });
    assert_eq!(of_map("Activation", json!({ "activation": function })), [own]);
}

#[test]
fn an_answer_on_the_way_to_another_is_none() {
    let layers = [(layer("ReLU", "a", json!({})), json!({})), (layer("ReLU", "b", json!({})), json!({}))];
    let outputs = |outputs| described(&in_line(&layers, &outputs)).unwrap().unwrap().outputs;
    assert_eq!(outputs(json!([["a", 0, 0], ["b", 0, 0]])), [2]);
    assert_eq!(outputs(json!([["b", 0, 0], ["a", 0, 0]])), [2]);
    assert_eq!(outputs(json!(["a", 0, 0])), [1]);
}

#[test]
fn whole_numbers_are_a_pictures_bytes() {
    let input = |dtype: Value| {
        let input = layer("InputLayer", "input", json!({ "batch_input_shape": [null, 8, 8, 3], "dtype": dtype }));
        let cast = layer("Cast", "cast", json!({ "dtype": "float32" }));
        sequential(vec![input, cast]).nodes
    };
    let bytes = |nodes: &[super::Node]| matches!(nodes[0].op, FileOp::Input { bytes: true, .. });
    assert!(bytes(&input(json!("uint8"))) && !bytes(&input(json!("float32"))));
    assert_eq!(of_map("Cast", json!({ "dtype": "uint8" })), other("Cast to whole numbers"));
}
