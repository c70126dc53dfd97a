//! TF.js layers models: Keras' Inception-v3 in shards, plain and quantised, and models that are damaged.

use crate::common::keys;
use crate::filled::files;
use inception::checkpoints::{Checkpoint, CheckpointError, Metadata, Param, SourceFile, convert};
use inception::graph::Activation;
use inception::networks::{Classifier, Head, HeadLayer, HeadPool, OutputActivation};
use serde_json::{Value, json};

/// One tensor: its entry in the manifest and its bytes.
struct Tensor {
    entry: Value,
    bytes: Vec<u8>,
}

fn float(name: &str, shape: &[usize], values: &[f32]) -> Tensor {
    let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
    Tensor { entry: json!({ "name": name, "shape": shape, "dtype": "float32" }), bytes }
}

fn zero(name: &str, shape: &[usize]) -> Tensor {
    float(name, shape, &vec![0.0; shape.iter().product()])
}

/// A model in shards of `shard` bytes, as `tensorflowjs_converter` writes it.
fn model(tensors: &[Tensor], shard: usize) -> Vec<SourceFile> {
    described(tensors, shard, Value::Null)
}

/// The same with a topology.
fn described(tensors: &[Tensor], shard: usize, topology: Value) -> Vec<SourceFile> {
    let data = tensors.iter().map(|t| t.bytes.as_slice()).collect::<Vec<_>>().concat();
    let mut files: Vec<SourceFile> = (data.chunks(shard).enumerate())
        .map(|(i, bytes)| SourceFile { name: format!("group1-shard{}.bin", i + 1), bytes: bytes.to_vec().into() })
        .collect();
    let paths: Vec<String> = files.iter().map(|f| format!("./{}", f.name)).collect();
    let weights: Vec<&Value> = tensors.iter().map(|t| &t.entry).collect();
    let mut json = json!({ "format": "layers-model", "weightsManifest": [{ "paths": paths, "weights": weights }] });
    if !topology.is_null() {
        json["modelTopology"] = topology;
    }
    files.push(SourceFile { name: "model.json".into(), bytes: json.to_string().into_bytes().into() });
    files
}

fn open(files: Vec<SourceFile>) -> Result<Checkpoint, CheckpointError> {
    Checkpoint::open(files, None)
}

fn keras(stem: &str, number: usize) -> String {
    if number == 0 { stem.into() } else { format!("{stem}_{number}") }
}

/// TF-slim's body under Keras' names, numbered from `first`; slim's variables are in order of creation too.
fn body(first: usize, encode: impl Fn(&str, &crate::common::Key) -> Tensor) -> Vec<Tensor> {
    let mut number = first;
    let mut tensors = Vec::new();
    for key in keys("seed_inception_v3_slim") {
        let name = key.name.strip_prefix("InceptionV3/").unwrap();
        if name.starts_with("AuxLogits/") || name.starts_with("Logits/") {
            continue;
        }
        let name = match name.rsplit_once("/BatchNorm/") {
            Some((_, leaf)) => format!("{}/{leaf}", keras("batch_normalization", number - 1)),
            None => {
                number += 1;
                format!("{}/kernel", keras("conv2d", number - 1))
            }
        };
        tensors.push(encode(&name, &key));
    }
    assert_eq!(number - first, 94);
    tensors
}

fn zero_body(first: usize) -> Vec<Tensor> {
    body(first, |name, key| zero(name, &key.shape))
}

fn dense(name: &str, inputs: usize, outputs: usize) -> [Tensor; 2] {
    [zero(&format!("{name}/kernel"), &[inputs, outputs]), zero(&format!("{name}/bias"), &[outputs])]
}

#[test]
fn layers_are_matched_in_order_of_creation() {
    let slim =
        vec![SourceFile { name: "slim".into(), bytes: crate::common::generate("seed_inception_v3_slim").into() }];
    let slim = open(slim).unwrap();
    for (first, shard) in [(0, 4 << 20), (1, 1_000_003), (95, usize::MAX)] {
        let mut tensors = body(first, |name, key| float(name, &key.shape, &crate::common::tensor(key)));
        tensors.extend(dense("predictions", 2048, 1000));
        let checkpoint = open(model(&tensors, shard)).unwrap();
        assert_eq!(checkpoint.network.id, "inception-v3-slim");
        assert_eq!(checkpoint.dialect, "Keras Inception-v3");
        assert_eq!(checkpoint.options.head, Head::classifier(1000));
        assert_eq!(checkpoint.absent, ["AuxLogits"]);
        let mut compared = 0;
        for layer in checkpoint.graph.layers() {
            let params = [Param::Weights, Param::Beta, Param::Mean, Param::Variance];
            for param in params.into_iter().filter(|_| layer.name.contains("Conv2d_")) {
                assert!(checkpoint.read(&layer.name, param) == slim.read(&layer.name, param), "{} {param}", layer.name);
                compared += 1;
            }
        }
        assert_eq!(compared, 4 * 94);
    }
}

#[test]
fn the_head_of_nsfwjs_has_its_own_preprocessing() {
    let mut tensors = zero_body(1);
    tensors.extend(dense("dense_1", 2048, 256));
    tensors.extend(dense("dense_2", 256, 128));
    tensors.extend(dense("dense_3", 128, 5));
    let checkpoint = open(model(&tensors, 4 << 20)).unwrap();
    assert_eq!(checkpoint.options.head, Head::Classifier(Classifier::with_hidden(5, &[256, 128])));
    assert_eq!(checkpoint.dialect, "nsfwjs Inception-v3");
    assert!(checkpoint.assumptions[0].contains("pixel / 255"), "{:?}", checkpoint.assumptions);
    assert_eq!(json!(checkpoint.preprocess)["filter"], "bilinear-align-corners");
    assert_eq!(checkpoint.graph.params(), 21_768_352 + 2048 * 256 + 256 + 256 * 128 + 128 + 128 * 5 + 5);
}

#[test]
fn a_batch_norm_with_scale_is_recognised() {
    let mut tensors = zero_body(1);
    for i in 1..=94 {
        let beta = tensors.iter().find(|t| t.entry["name"] == format!("batch_normalization_{i}/beta")).unwrap();
        let channels = beta.entry["shape"][0].as_u64().unwrap() as usize;
        tensors.push(zero(&format!("batch_normalization_{i}/gamma"), &[channels]));
    }
    let checkpoint = open(model(&tensors, 4 << 20)).unwrap();
    assert!(checkpoint.options.conv.norm.unwrap().gamma);
    assert_eq!(checkpoint.absent, ["AuxLogits", "Logits"]);
    tensors.pop();
    match open(model(&tensors, 4 << 20)).err() {
        Some(CheckpointError::Missing { key, .. }) => assert_eq!(key, "batch_normalization_94/gamma"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn quantised_tensors_decode_and_keep_their_codes() {
    let (scale, min) = (0.03125, -2.5);
    for (dtype, size) in [("uint8", 1), ("uint16", 2), ("float16", 2)] {
        let tensors = body(1, |name, key| {
            let count: usize = key.shape.iter().product();
            let mut entry = json!({ "name": name, "shape": key.shape, "dtype": "float32" });
            entry["quantization"] = match dtype {
                "float16" => json!({ "dtype": dtype, "original_dtype": "float32" }),
                _ => json!({ "dtype": dtype, "scale": scale, "min": min, "original_dtype": "float32" }),
            };
            let bytes = (0..count).flat_map(|i| ((i % 251) as u16).to_le_bytes().into_iter().take(size)).collect();
            Tensor { entry, bytes }
        });
        let checkpoint = open(model(&tensors, 1_000_003)).unwrap();
        assert_eq!(checkpoint.weight_bytes(), tensors.iter().map(|t| t.bytes.len()).sum::<usize>());
        let value = |code: usize| match dtype {
            "float16" => code as f32 * 2f32.powi(-24),
            _ => code as f32 * scale as f32 + min as f32,
        };
        let at = |o: usize, i: usize, y: usize, x: usize| (((y * 3 + x) * 3 + i) * 32 + o) % 251;
        let weights = checkpoint.read("Conv2d_1a_3x3", Param::Weights).unwrap();
        assert_eq!(weights[((5 * 3 + 2) * 3 + 1) * 3], value(at(5, 2, 1, 0)), "{dtype}");
        let own = convert(&checkpoint, None, &Metadata::default()).unwrap();
        assert!(own.len() < checkpoint.weight_bytes() + (1 << 18));
        let own = open(vec![SourceFile { name: "own".into(), bytes: own.into() }]).unwrap();
        for layer in ["Conv2d_1a_3x3", "Mixed_6b/Branch_1/Conv2d_0b_1x7", "Mixed_7c/Branch_3/Conv2d_0b_1x1"] {
            assert!(own.read(layer, Param::Weights) == checkpoint.read(layer, Param::Weights), "{dtype} {layer}");
            assert!(own.read(layer, Param::Variance) == checkpoint.read(layer, Param::Variance), "{dtype} {layer}");
        }
        assert_eq!(own.preprocess, checkpoint.preprocess);
    }
}

#[test]
fn damaged_models_are_named() {
    let whole = || model(&zero_body(1), 4 << 20);
    let edited = |edit: &dyn Fn(&mut Vec<SourceFile>)| {
        let mut files = whole();
        edit(&mut files);
        open(files).err().expect("a damaged model")
    };
    let json = |files: &mut Vec<SourceFile>, edit: &dyn Fn(&mut Value)| {
        let file = files.last_mut().unwrap();
        let mut value = serde_json::from_slice(file.bytes.head()).unwrap();
        edit(&mut value);
        file.bytes = value.to_string().into_bytes().into();
    };
    let weight =
        |edit: &dyn Fn(&mut Value)| edited(&|files| json(files, &|v| edit(&mut v["weightsManifest"][0]["weights"][0])));

    let missing = edited(&|files| drop(files.remove(2)));
    assert_eq!(missing, CheckpointError::MissingShard { name: "./group1-shard3.bin".into() });
    let short = edited(&|files| files[1].bytes = files[1].bytes.head()[..100].to_vec().into());
    assert!(matches!(short, CheckpointError::ShardLength { wanted, found, .. } if found < wanted));
    let long = edited(&|files| files[1].bytes = [files[1].bytes.head(), &[0]].concat().into());
    assert!(matches!(long, CheckpointError::ShardLength { wanted, found, .. } if found == wanted + 1));
    let empty = edited(&|files| files[3].bytes = vec![].into());
    assert_eq!(empty, CheckpointError::Empty { file: "group1-shard4.bin".into() });
    let graph = edited(&|files| json(files, &|v| v["format"] = "graph-model".into()));
    assert!(matches!(graph, CheckpointError::Header { .. }));
    let none = edited(&|files| json(files, &|v| drop(v.as_object_mut().unwrap().remove("weightsManifest"))));
    assert!(matches!(none, CheckpointError::Header { .. }));
    let cut = edited(&|files| {
        let json = files.last_mut().unwrap();
        json.bytes = json.bytes.head()[..1000].to_vec().into();
    });
    assert!(matches!(cut, CheckpointError::Header { .. }));

    let dtype = weight(&|w| w["dtype"] = "complex64".into());
    assert!(matches!(dtype, CheckpointError::UnknownDtype { dtype, .. } if dtype == "complex64"));
    let codes = weight(&|w| w["quantization"] = json!({ "dtype": "uint4", "scale": 1, "min": 0 }));
    assert!(matches!(codes, CheckpointError::UnknownDtype { dtype, .. } if dtype == "uint4"));
    for q in [json!({ "dtype": "uint8", "min": 0 }), json!({ "dtype": "uint8", "scale": 1e300, "min": 0 })] {
        let bad = weight(&|w| w["quantization"] = q.clone());
        assert!(matches!(bad, CheckpointError::Quantization { .. }), "{bad}");
    }
    let huge = weight(&|w| w["shape"] = json!([1u64 << 62, 1u64 << 62]));
    assert!(matches!(huge, CheckpointError::ByteLength { .. }));
    let large = weight(&|w| w["shape"] = json!([1u64 << 50]));
    assert!(matches!(large, CheckpointError::ShardLength { wanted, .. } if wanted > 1 << 50));
    let negative = weight(&|w| w["shape"] = json!([-1]));
    assert!(matches!(negative, CheckpointError::Header { .. }));
    let twice = edited(&|files| {
        json(files, &|v| v["weightsManifest"][0]["weights"][0]["name"] = "conv2d_2/kernel".into());
    });
    assert!(matches!(twice, CheckpointError::DuplicateKey { key } if key == "conv2d_2/kernel"));
}

fn layer(class: &str, name: &str, config: Value) -> Value {
    let mut config = config;
    config["name"] = name.into();
    json!({ "class_name": class, "config": config })
}

/// Keras' own description of its Inception-v3, from a model that it saved; for pictures of any size.
fn inception_v3() -> Value {
    let (_, archive) = files("k3_v3_augmented_keras", false).pop().unwrap();
    let begin = archive.windows(12).position(|bytes| bytes == b"config.json{").unwrap() + 11;
    let config = serde_json::Deserializer::from_slice(&archive[begin..]).into_iter::<Value>().next().unwrap().unwrap();
    let layers = config["config"]["layers"].as_array().unwrap();
    let mut network = layers.iter().find(|layer| layer["config"]["layers"].is_array()).unwrap().clone();
    network["config"]["layers"][0]["config"]["batch_shape"] = json!([null, null, null, 3]);
    network
}

/// A Sequential of layers before the network, the network as a layer of its own, and layers after it; with a training loss.
fn sequential(before: &[Value], after: &[Value], loss: Value) -> Value {
    pooled(before, layer("GlobalAveragePooling2D", "gap", json!({})), after, loss)
}

/// The same with another pool.
fn pooled(before: &[Value], pool: Value, after: &[Value], loss: Value) -> Value {
    let layers = [before, &[inception_v3(), pool], after].concat();
    json!({ "model_config": { "class_name": "Sequential", "config": { "name": "s", "layers": layers } }, "training_config": { "loss": loss } })
}

/// A model whose dense layers have so many outputs each.
fn with_head(outputs: &[usize], topology: Value) -> Result<Checkpoint, CheckpointError> {
    let mut tensors = zero_body(0);
    let mut inputs = 2048;
    for (i, &outputs) in outputs.iter().enumerate() {
        tensors.extend(dense(&format!("head_{i}"), inputs, outputs));
        inputs = outputs;
    }
    open(described(&tensors, 4 << 20, topology))
}

/// How much was assumed besides how pictures are scaled, which these models do not say.
fn assumed_of(checkpoint: &Checkpoint) -> usize {
    let of_pictures = |said: &&String| said.contains("keras.applications");
    let aside = checkpoint.assumptions.iter().filter(of_pictures).count();
    assert_eq!(aside, 1);
    checkpoint.assumptions.len() - aside
}

#[test]
fn the_head_ends_as_its_model_says() {
    let end = |activation: Value| [layer("Dense", "head_0", json!({ "activation": activation }))];
    let split = |class: &str, config: Value| {
        [layer("Dense", "head_0", json!({ "activation": "linear" })), layer(class, "last", config)]
    };
    let of_logits = |class: &str| json!({ "class_name": class, "config": { "from_logits": true } });
    let cases: [(Vec<Value>, Value, usize, OutputActivation, usize); 9] = [
        (end("softmax".into()).to_vec(), Value::Null, 5, OutputActivation::Softmax, 0),
        (end("sigmoid".into()).to_vec(), Value::Null, 1, OutputActivation::Sigmoid, 0),
        (end("sigmoid".into()).to_vec(), Value::Null, 14, OutputActivation::Sigmoid, 0),
        (
            split("Activation", json!({ "activation": "sigmoid" })).to_vec(),
            Value::Null,
            3,
            OutputActivation::Sigmoid,
            0,
        ),
        (split("Softmax", json!({ "axis": -1 })).to_vec(), Value::Null, 3, OutputActivation::Softmax, 0),
        (end("linear".into()).to_vec(), of_logits("SparseCategoricalCrossentropy"), 5, OutputActivation::Softmax, 0),
        (end("linear".into()).to_vec(), of_logits("BinaryCrossentropy"), 1, OutputActivation::Sigmoid, 0),
        (end("linear".into()).to_vec(), "mse".into(), 1, OutputActivation::None, 0),
        (end(Value::Null).to_vec(), Value::Null, 2, OutputActivation::None, 1),
    ];
    for (after, loss, outputs, activation, assumed) in cases {
        let checkpoint = with_head(&[outputs], sequential(&[], &after, loss)).unwrap();
        assert_eq!(checkpoint.options.activation, activation, "{after:?}");
        assert_eq!(assumed_of(&checkpoint), assumed, "{after:?}");
    }
    let logit = with_head(&[1], sequential(&[], &end("linear".into()), Value::Null)).unwrap();
    assert_eq!(
        (logit.options.activation, assumed_of(&logit)),
        (OutputActivation::Sigmoid, 1),
        "the tutorial's single logit"
    );
}

#[test]
fn what_a_model_does_to_pictures_itself_is_done() {
    let after = [layer("Dense", "head_0", json!({ "activation": "softmax" }))];
    let input = layer("InputLayer", "input_0", json!({ "batch_input_shape": [null, 150, 200, 3] }));
    let flip = layer("RandomFlip", "flip", json!({ "mode": "horizontal" }));
    let unit = layer("Rescaling", "unit", json!({ "scale": 1.0 / 255.0, "offset": 0.0 }));
    let centre = layer("Rescaling", "centre", json!({ "scale": 2.0, "offset": [-1.0, -1.0, -0.5] }));
    let checkpoint = with_head(&[4], sequential(&[input, flip, unit, centre], &after, Value::Null)).unwrap();
    let preprocess = &checkpoint.preprocess;
    assert_eq!([preprocess.height, preprocess.width], [150, 200]);
    assert_eq!(checkpoint.graph.input().chw(), [3, 150, 200]);
    let of =
        |pixel: f64, channel: usize| (pixel * preprocess.scale - preprocess.mean[channel]) / preprocess.std[channel];
    for (channel, offset) in [(0, 1.0), (1, 1.0), (2, 0.5)] {
        for pixel in [0.0, 100.0, 255.0] {
            let wanted = pixel / 255.0 * 2.0 - offset;
            assert!((of(pixel, channel) - wanted).abs() < 1e-6, "{pixel} in channel {channel}");
        }
    }
    let plain = with_head(&[4], sequential(&[], &after, Value::Null)).unwrap();
    assert_eq!(
        (plain.preprocess.width, plain.preprocess.mean),
        (299, [127.5; 3]),
        "Keras' own where the file does nothing"
    );
    let nsfw_like = with_head(
        &[256, 128, 5],
        sequential(
            &[layer("Rescaling", "r", json!({ "scale": 1.0 / 127.5, "offset": -1.0 }))],
            &[
                layer("Dense", "head_0", json!({ "activation": "relu" })),
                layer("Dense", "head_1", json!({ "activation": "relu" })),
                layer("Dense", "head_2", json!({ "activation": "softmax" })),
            ],
            Value::Null,
        ),
    )
    .unwrap();
    assert_eq!(nsfw_like.preprocess.mean, [1.0; 3], "what the file does goes before what its head looks like");
}

#[test]
fn heads_of_any_pool_activation_and_depth_are_read() {
    let dense = |i: usize, activation: &str| layer("Dense", &format!("head_{i}"), json!({ "activation": activation }));
    let linear = |outputs| HeadLayer::Linear { outputs, bias: true };
    let of = |topology: Value, outputs: &[usize]| match with_head(outputs, topology).unwrap().options.head {
        Head::Classifier(classifier) => classifier,
        other => panic!("{other:?}"),
    };
    let average = |layers: &[Value], outputs: &[usize]| of(sequential(&[], layers, Value::Null), outputs);
    for (activation, own) in [
        ("tanh", Activation::Tanh),
        ("elu", Activation::Elu(1.0)),
        ("gelu", Activation::Gelu),
        ("swish", Activation::Swish),
        ("relu", Activation::Relu),
        ("selu", Activation::Selu),
    ] {
        let found = average(&[dense(0, activation), dense(1, "softmax")], &[8, 4]);
        assert_eq!(found.layers, [linear(8), HeadLayer::Activation(own)], "{activation}");
        assert_eq!((found.classes, found.pool), (4, HeadPool::Average));
    }
    let straight = average(&[dense(0, "linear"), dense(1, "softmax")], &[8, 4]);
    assert_eq!(straight.layers, [linear(8)], "a hidden layer without activation");
    let leaky = layer("LeakyReLU", "leaky", json!({ "negative_slope": 0.25 }));
    let found = average(&[dense(0, "linear"), leaky, dense(1, "softmax")], &[8, 4]);
    assert_eq!(found.layers[1], HeadLayer::Activation(Activation::LeakyRelu(0.25)));
    let deep = average(&[dense(0, "relu"), dense(1, "relu"), dense(2, "relu"), dense(3, "softmax")], &[32, 16, 8, 4]);
    assert_eq!(deep, Classifier::with_hidden(4, &[32, 16, 8]));

    let max = layer("GlobalMaxPooling2D", "max", json!({}));
    assert_eq!(of(pooled(&[], max, &[dense(0, "softmax")], Value::Null), &[4]).pool, HeadPool::Max);
    let window = |class: &str, side: u32| {
        layer(class, "pool", json!({ "pool_size": [side, side], "strides": [side, side], "padding": "valid" }))
    };
    let flat = layer("Flatten", "flat", json!({}));
    for (pool, own) in [("AveragePooling2D", HeadPool::Average), ("MaxPooling2D", HeadPool::Max)] {
        let whole = pooled(&[], window(pool, 8), &[flat.clone(), dense(0, "softmax")], Value::Null);
        assert_eq!(of(whole, &[4]).pool, own, "a pool over all positions is the global one");
        let part = pooled(&[], window(pool, 5), &[flat.clone(), dense(0, "softmax")], Value::Null);
        assert!(matches!(with_head(&[4], part), Err(CheckpointError::Layer { .. })), "{pool}");
    }
}

#[test]
fn no_layer_is_passed_over() {
    let last = layer("Dense", "head_0", json!({ "activation": "softmax" }));
    let refused = |topology: Value, outputs: &[usize]| match with_head(outputs, topology).err() {
        Some(CheckpointError::Layer { layer, what }) => (layer, what),
        other => panic!("{other:?}"),
    };
    for class in ["PReLU", "LayerNormalization", "Resizing", "Lambda", "SeparableConv2D", "NoSuchLayer"] {
        let odd = layer(class, "odd", json!({}));
        let (layer, what) = refused(sequential(&[], &[odd.clone(), last.clone()], Value::Null), &[4]);
        assert!(layer.contains("odd") && what.contains(class), "{layer}: {what}");
        let (layer, what) = refused(sequential(&[odd], std::slice::from_ref(&last), Value::Null), &[4]);
        assert!(layer.contains("odd") && what.contains(class), "before the network: {layer}: {what}");
    }
    let late = [last.clone(), layer("GlobalAveragePooling2D", "late", json!({}))];
    let (_, what) = refused(sequential(&[], &late, Value::Null), &[4]);
    assert_eq!(what, "a softmax that is not the end", "an average of answers is not the answer of the average");
    let (_, what) =
        refused(sequential(&[], &[layer("Dense", "head_0", json!({ "activation": "tanh" }))], Value::Null), &[4]);
    assert_eq!(what, "tanh after the last dense layer");
    // A body that is not quite ours: the first difference is told.
    let mut topology = sequential(&[], &[last], Value::Null);
    let inner = topology["model_config"]["config"]["layers"][0]["config"]["layers"].as_array_mut().unwrap();
    let pool = inner.iter_mut().find(|layer| layer["class_name"] == "AveragePooling2D").unwrap();
    pool["class_name"] = "MaxPooling2D".into();
    let error = with_head(&[4], topology).err().unwrap().to_string();
    assert!(error.contains("the file has a 3x3 maximum pool where Inception-v3"), "{error}");
    assert!(error.contains("a 3x3 average pool"), "{error}");
}

#[test]
fn a_body_may_end_with_an_earlier_module() {
    let mut topology = sequential(&[], &[layer("Dense", "head_0", json!({ "activation": "softmax" }))], Value::Null);
    topology["model_config"]["config"]["layers"][0]["config"]["output_layers"] = json!([["mixed7", 0, 0]]);
    let mut tensors = zero_body(0);
    tensors.extend(dense("head_0", 768, 4));
    let checkpoint = open(described(&tensors, 4 << 20, topology)).unwrap();
    assert_eq!(checkpoint.options.last.as_deref(), Some("Mixed_6e"));
    assert_eq!(checkpoint.graph.layer(checkpoint.graph.features()).shape.chw(), [768, 1, 1]);
    let own = convert(&checkpoint, None, &Metadata::default()).unwrap();
    let own = open(vec![SourceFile { name: "own".into(), bytes: own.into() }]).unwrap();
    assert_eq!(own.options, checkpoint.options);
}
