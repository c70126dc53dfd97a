//! Models put together by hand, with what the fixtures' exporters do not write.

use crate::checkpoints::formats::foreign::exported::{
    Made, floats, listing, survives_damage, survives_damage_of, values,
};
use crate::checkpoints::formats::{Quantization, SourceFile, StoredType, TensorFile};

enum Attribute<'a> {
    Int(&'a str, i64),
    Ints(&'a str, &'a [i64]),
    Float(&'a str, f32),
    Text(&'a str, &'a str),
}

use Attribute::{Float, Int, Ints, Text};

fn node(word: &str, inputs: &[&str], outputs: &[&str], attributes: &[Attribute]) -> Made {
    let attributes = attributes.iter().map(|attribute| match attribute {
        Int(name, value) => Made::default().bytes(1, name).int(3, *value),
        Ints(name, values) => Made::default().bytes(1, name).ints(8, values),
        Float(name, value) => Made::default().bytes(1, name).float(2, *value),
        Text(name, text) => Made::default().bytes(1, name).bytes(4, text),
    });
    let (domain, word) = word.rsplit_once('.').unwrap_or(("", word));
    let made = Made::default().each(1, inputs).each(2, outputs).bytes(3, outputs[0]).bytes(4, word);
    made.each(5, attributes).bytes(7, domain)
}

fn tensor(name: &str, sides: &[i64], kind: i64, raw: &[u8]) -> Made {
    Made::default().ints(1, sides).int(2, kind).bytes(8, name).bytes(9, raw)
}

fn float(name: &str, sides: &[i64]) -> Made {
    let count = sides.iter().product::<i64>() as usize;
    tensor(name, sides, 1, &floats(&(0..count).map(|i| i as f32 + 0.5).collect::<Vec<_>>()))
}

fn number(name: &str, value: f32) -> Made {
    tensor(name, &[], 1, &floats(&[value]))
}

fn longs(name: &str, values: &[i64]) -> Made {
    let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    tensor(name, &[values.len() as i64], 7, &bytes)
}

/// An input or output with its shape; zeros are sides that are not known.
fn value(name: &str, sides: &[i64]) -> Made {
    let sides =
        sides.iter().map(|&side| if side > 0 { Made::default().int(1, side) } else { Made::default().bytes(2, "n") });
    let shape = Made::default().each(1, sides);
    let tensor = Made::default().int(1, 1).bytes(2, shape);
    Made::default().bytes(1, name).bytes(2, Made::default().bytes(1, tensor))
}

fn model(opset: i64, input: Made, tensors: &[Made], nodes: &[Made], output: &str) -> TensorFile {
    let bytes = written(opset, input, tensors, nodes, output);
    TensorFile::read(vec![SourceFile { name: "model.onnx".into(), bytes: bytes.into() }]).unwrap()
}

fn written(opset: i64, input: Made, tensors: &[Made], nodes: &[Made], output: &str) -> Vec<u8> {
    let graph = Made::default().each(1, nodes).each(5, tensors).bytes(11, input).bytes(12, value(output, &[]));
    let opset = Made::default().bytes(1, "").int(2, opset);
    Made::default().int(1, 8).bytes(2, "by hand").bytes(7, graph).bytes(8, opset).0
}

/// One as the zoo's, which were Caffe's: scale and shift after batch norm, a pool that is padded on one side.
fn of_the_zoo() -> Vec<u8> {
    written(
        7,
        value("data", &[1, 3, 8, 8]),
        &[
            float("w", &[6, 3, 3, 3]),
            tensor("ones", &[6], 1, &floats(&[1.0; 6])),
            tensor("zeros", &[6], 1, &floats(&[0.0; 6])),
            float("mean", &[6]),
            float("variance", &[6]),
            float("gamma", &[6]),
            float("beta", &[6]),
            float("fc.w", &[10, 54]),
            float("fc.b", &[10]),
            longs("shape", &[1, -1]),
        ],
        &[
            node("Conv", &["data", "w"], &["c"], &[Ints("pads", &[1, 1, 1, 1]), Ints("strides", &[2, 2])]),
            node("BatchNormalization", &["c", "ones", "zeros", "mean", "variance"], &["n"], &[Int("is_test", 1)]),
            node("Unsqueeze", &["gamma"], &["gamma_1"], &[Ints("axes", &[1, 2])]),
            node("Mul", &["n", "gamma_1"], &["m"], &[]),
            node("Unsqueeze", &["beta"], &["beta_1"], &[Ints("axes", &[1, 2])]),
            node("Add", &["m", "beta_1"], &["a"], &[]),
            node("Relu", &["a"], &["r"], &[]),
            node(
                "MaxPool",
                &["r"],
                &["p"],
                &[Ints("kernel_shape", &[3, 3]), Ints("strides", &[2, 2]), Ints("pads", &[0, 0, 1, 1])],
            ),
            node("LRN", &["p"], &["l"], &[Int("size", 5), Float("alpha", 0.0001)]),
            node("Dropout", &["l"], &["d", "mask"], &[Int("is_test", 1)]),
            node("Reshape", &["d", "shape"], &["f"], &[]),
            node("Gemm", &["f", "fc.w", "fc.b"], &["g"], &[Int("transB", 1)]),
            node("Softmax", &["g"], &["prob"], &[]),
        ],
        "prob",
    )
}

#[test]
fn the_nets_of_the_zoo_scale_and_shift_after_batch_norm() {
    let file = vec![SourceFile { name: "model".into(), bytes: of_the_zoo().into() }];
    let file = TensorFile::read(file).unwrap();
    let wanted = [
        "Input { size: Some([8, 8]), channels: Some(3), bytes: false } []",
        "Conv w - OutputFirst 3x3 / 2 2 pad 1 1 1 1 [0]",
        "Norm gamma beta mean variance 0.00001 [1]",
        "Activation(Relu) [2]",
        "MaxPool 3x3 / 2 2 pad 0 0 1 1 [3]",
        "Lrn { size: 5, alpha: 0.0001, beta: 0.75, bias: 1.0 } [4]",
        "Flatten { channels_last: false } [5]",
        "Dense fc.w fc.b OutputFirst [6]",
        "Softmax [7]",
    ];
    assert_eq!(listing(&file), wanted);
    assert_eq!(file.tensors["gamma"].shape, [6]);
}

/// The operations of these nodes on a picture called `x`, whose element type is given; they end in `y`.
fn after(kind: i64, opset: i64, tensors: &[Made], nodes: &[Made]) -> Vec<String> {
    let sides = [1, 3, 8, 8].map(|side| Made::default().int(1, side));
    let of = Made::default().int(1, kind).bytes(2, Made::default().each(1, sides));
    let input = Made::default().bytes(1, "x").bytes(2, Made::default().bytes(1, of));
    listing(&model(opset, input, tensors, nodes, "y"))
}

#[test]
fn what_is_not_as_in_inference_is_not_passed_over() {
    let flag = |value| tensor("mode", &[], 9, &[value]);
    let dropout = |value| {
        let node = node("Dropout", &["x", "ratio", "mode"], &["y"], &[]);
        after(1, 13, &[number("ratio", 0.5), flag(value)], &[node, self::node("Relu", &["y"], &["z"], &[])])
    };
    assert_eq!(dropout(1)[1..], ["Other(\"Dropout in training mode\") [0]"]);
    assert_eq!(dropout(0).len(), 1);
    let norm = |opset, outputs: &[&str], attributes: &[Attribute]| {
        let tensors = ["g", "b", "m", "v"].map(|name| float(name, &[3]));
        after(1, opset, &tensors, &[node("BatchNormalization", &["x", "g", "b", "m", "v"], outputs, attributes)])
    };
    let refused = "Other(\"BatchNormalization in training mode\") [0]";
    assert_eq!(norm(15, &["y"], &[Int("training_mode", 1)])[1], refused);
    assert_eq!(norm(9, &["y", "mean", "var", "saved", "saved_var"], &[])[1], refused);
    assert_eq!(norm(6, &["y"], &[Int("is_test", 0)])[1], refused);
    assert_eq!(norm(15, &["y"], &[Int("training_mode", 0)])[1], "Norm g b m v 0.00001 [0]");
    let cast = |kind, to| {
        after(kind, 13, &[], &[node("Cast", &["x"], &["c"], &[Int("to", to)]), node("Relu", &["c"], &["y"], &[])])
    };
    assert_eq!(cast(1, 2)[1], "Other(\"Cast to whole numbers\") [0]");
    assert_eq!(cast(1, 10)[1..], ["Activation(Relu) [0]"]);
    assert_eq!(cast(2, 1), ["Input { size: Some([8, 8]), channels: Some(3), bytes: true } []", "Activation(Relu) [0]"]);
    let conv = |attributes: &[Attribute]| {
        after(1, 13, &[float("w", &[3, 1, 3, 3])], &[node("Conv", &["x", "w"], &["y"], attributes)])
    };
    assert_eq!(conv(&[Int("group", 3)])[1], "Other(\"Conv in groups\") [0]");
    assert_eq!(conv(&[Ints("dilations", &[2, 2])])[1], "Other(\"Conv with dilation\") [0]");
}

#[test]
fn gelu_may_be_written_out() {
    let tensors =
        [number("root", 2f32.sqrt()), number("inverse", 0.5f32.sqrt()), number("one", 1.0), number("half", 0.5)];
    let found = |nodes: &[(&str, [&str; 2], &str)]| {
        let nodes = nodes.iter().map(|(word, inputs, output)| {
            let inputs: Vec<&str> = inputs.iter().copied().filter(|input| !input.is_empty()).collect();
            node(word, &inputs, &[output], &[])
        });
        after(1, 13, &tensors, &nodes.collect::<Vec<_>>())
    };
    let gate = [("Div", ["x", "root"], "d"), ("Erf", ["d", ""], "e"), ("Add", ["e", "one"], "g")];
    let with = |rest: &[(&'static str, [&'static str; 2], &'static str)]| found(&[&gate, rest].concat());
    let gelu = "Activation(Gelu) [0]";
    assert_eq!(with(&[("Mul", ["x", "g"], "m"), ("Mul", ["m", "half"], "y")])[1..], [gelu]);
    assert_eq!(with(&[("Mul", ["x", "half"], "h"), ("Mul", ["h", "g"], "y")])[1..], [gelu]);
    assert_eq!(with(&[("Mul", ["g", "half"], "h"), ("Mul", ["h", "x"], "y")])[1..], [gelu]);
    let other = [("Mul", ["x", "inverse"], "d"), ("Erf", ["d", ""], "e"), ("Add", ["one", "e"], "g")];
    let rest = [("Mul", ["half", "x"], "h"), ("Mul", ["g", "h"], "y")];
    assert_eq!(found(&[&other[..], &rest].concat())[1..], [gelu]);
    // Another constant is another function.
    let other = [("Div", ["x", "one"], "d"), ("Erf", ["d", ""], "e"), ("Add", ["one", "e"], "g")];
    assert!(found(&[&other[..], &rest].concat()).iter().any(|line| line.starts_with("Other(\"Mul")));
    let doubled = with(&[("Mul", ["x", "g"], "y")]);
    assert_eq!(doubled[1..], [gelu, "Affine { scale: [2.0], shift: [0.0] } [1]"]);
}

#[test]
fn oldest_versions_say_where_axes_begin() {
    let file = model(
        6,
        value("data", &[1, 3, 8, 8]),
        &[float("w", &[6, 3, 1, 1]), float("b", &[6])],
        &[
            node("Conv", &["data", "w"], &["c"], &[Text("auto_pad", "SAME_LOWER")]),
            node("Add", &["c", "b"], &["a"], &[Int("broadcast", 1), Int("axis", 1)]),
            node("Pad", &["a"], &["p"], &[Ints("pads", &[0, 0, 1, 1, 0, 0, 1, 1]), Text("mode", "constant")]),
            node("AveragePool", &["p"], &["q"], &[Ints("kernel_shape", &[3, 3])]),
        ],
        "q",
    );
    let wanted = [
        "Input { size: Some([8, 8]), channels: Some(3), bytes: false } []",
        "Conv w - OutputFirst 1x1 / 1 1 pad SameLower [0]",
        "Bias(\"b\") [1]",
        "AveragePool 3x3 / 1 1 pad 1 1 1 1 counts [2]",
    ];
    assert_eq!(listing(&file), wanted);
}

#[test]
fn preparation_of_the_picture_is_arithmetic_and_its_channels() {
    let file = model(
        13,
        value("picture", &[0, 8, 8, 3]),
        &[
            tensor("mean", &[3], 1, &floats(&[103.939, 116.779, 123.68])),
            number("scale", 127.5),
            longs("first", &[-1]),
            longs("last", &[i64::MIN + 1]),
            longs("axis", &[3]),
            longs("step", &[-1]),
            float("w", &[6, 3, 3, 3]),
            longs("axes", &[2, 3]),
            longs("zero", &[0]),
            longs("minus", &[-1]),
            float("fc", &[5, 6]),
        ],
        &[
            node("Slice", &["picture", "first", "last", "axis", "step"], &["bgr"], &[]),
            node("Sub", &["bgr", "mean"], &["s"], &[]),
            node("Div", &["s", "scale"], &["d"], &[]),
            node("Transpose", &["d"], &["t"], &[Ints("perm", &[0, 3, 1, 2])]),
            node("Conv", &["t", "w"], &["c"], &[]),
            node("Clip", &["c"], &["k"], &[Float("min", 0.0), Float("max", 6.0)]),
            node("ReduceMean", &["k", "axes"], &["m"], &[]),
            node("Shape", &["m"], &["sh"], &[]),
            node("Gather", &["sh", "zero"], &["n"], &[]),
            node("Concat", &["n", "minus"], &["target"], &[Int("axis", 0)]),
            node("Reshape", &["m", "target"], &["f"], &[]),
            node("Transpose", &["fc"], &["fc.t"], &[]),
            node("MatMul", &["f", "fc.t"], &["y"], &[]),
        ],
        "y",
    );
    let wanted = [
        "Input { size: Some([8, 8]), channels: Some(3), bytes: false } []",
        "Channels([2, 1, 0]) [0]",
        "Affine { scale: [1.0, 1.0, 1.0], shift: [-103.939, -116.779, -123.68] } [1]",
        "Affine { scale: [0.00784313725490196], shift: [0.0, 0.0, 0.0] } [2]",
        "Conv w - OutputFirst 3x3 / 1 1 pad 0 0 0 0 [3]",
        "Activation(Relu6) [4]",
        "GlobalAverage [5]",
        "Dense fc.t - OutputLast [6]",
    ];
    let found = listing(&file);
    assert_eq!(found[..3], wanted[..3]);
    assert!(found[3].starts_with("Affine { scale: [0.00784313725490196"), "{}", found[3]);
    assert_eq!(found[4..], wanted[4..]);
    let turned = &file.tensors["fc.t"];
    assert_eq!((&turned.shape[..], &turned.strides[..]), (&[6, 5][..], &[1, 6][..]));
}

#[test]
fn what_these_networks_do_not_have_is_named() {
    let input = || value("x", &[1, 3, 8, 8]);
    let of = |tensors: &[Made], node: Made| listing(&model(17, input(), tensors, &[node], "y")).pop().unwrap();
    let kernel = [float("w", &[6, 1, 3, 3])];
    assert_eq!(of(&kernel, node("Conv", &["x", "w"], &["y"], &[Int("group", 3)])), "Other(\"Conv in groups\") [0]");
    let dilated = node("MaxPool", &["x"], &["y"], &[Ints("kernel_shape", &[2, 2]), Ints("dilations", &[2, 2])]);
    assert_eq!(of(&[], dilated), "Other(\"MaxPool with dilation\") [0]");
    assert_eq!(of(&[], node("Mish", &["x"], &["y"], &[])), "Other(\"Mish\") [0]");
    assert_eq!(of(&[], node("org.own.Relu", &["x"], &["y"], &[])), "Other(\"org.own.Relu\") [0]");
    assert_eq!(of(&[], node("Softmax", &["x"], &["y"], &[Int("axis", 3)])), "Other(\"Softmax\") [0]");
    assert_eq!(of(&[], node("Mul", &["x", "x"], &["y"], &[])), "Other(\"Mul\") [0, 0]");
    // A bound that the picture decides is none that is known.
    let clip = |low: &str, high: &str| {
        let nodes = [node("ReduceMax", &["x"], &["m"], &[]), node("Clip", &["x", low, high], &["y"], &[])];
        listing(&model(17, input(), &[number("zero", 0.0), number("six", 6.0)], &nodes, "y")).pop().unwrap()
    };
    assert_eq!([clip("zero", "six"), clip("zero", "")], ["Activation(Relu6) [0]", "Activation(Relu) [0]"]);
    assert!(clip("zero", "m").starts_with("Other(\"Clip\")"), "{}", clip("zero", "m"));
    assert!(clip("m", "six").starts_with("Other(\"Clip\")"), "{}", clip("m", "six"));
    // Zeros around values that may be less than zero are no padding of a maximum.
    let pads = longs("pads", &[0, 0, 1, 1, 0, 0, 1, 1]);
    let pad = node("Pad", &["x", "pads"], &["p"], &[]);
    let pool = node("MaxPool", &["p"], &["y"], &[Ints("kernel_shape", &[3, 3])]);
    let file = model(17, input(), &[pads], &[pad, pool], "y");
    assert_eq!(listing(&file)[1..], ["Other(\"Pad\") [0]", "Other(\"MaxPool\") [1]"]);
}

#[test]
fn a_gate_is_told_from_a_swish() {
    let nodes = |gate: &'static str| [node("Sigmoid", &[gate], &["s"], &[]), node("Mul", &["x", "s"], &["y"], &[])];
    let file = model(17, value("x", &[1, 3, 8, 8]), &[], &nodes("x"), "y");
    assert_eq!(listing(&file)[1..], ["Activation(Swish) [0]"]);
    let mut gated = vec![node("GlobalAveragePool", &["x"], &["g"], &[])];
    gated.extend(nodes("g"));
    let file = model(17, value("x", &[1, 3, 8, 8]), &[], &gated, "y");
    assert_eq!(listing(&file).last().unwrap(), "Other(\"Mul\") [0, 2]");
}

#[test]
fn values_are_read_from_the_fields_of_their_types() {
    let conv = |name: &'static str, tensor: Made| {
        let file = model(
            17,
            value("x", &[1, 1, 8, 8]),
            &[tensor.bytes(8, name)],
            &[node("Conv", &["x", name], &["y"], &[])],
            "y",
        );
        (file.tensors[name].dtype, values(&file, name))
    };
    let of = |kind: i64| Made::default().ints(1, &[2, 1, 1, 1]).int(2, kind);
    assert_eq!(conv("packed", of(1).bytes(4, floats(&[1.0, -2.0]))), (StoredType::F32, vec![1.0, -2.0]));
    assert_eq!(conv("single", of(1).float(4, 1.0).float(4, -2.0)), (StoredType::F32, vec![1.0, -2.0]));
    assert_eq!(conv("half", of(10).ints(5, &[0x3c00, 0xc000])), (StoredType::F16, vec![1.0, -2.0]));
    let doubles: Vec<u8> = [1.0f64, -2.0].iter().flat_map(|v| v.to_le_bytes()).collect();
    assert_eq!(conv("double", of(11).bytes(10, &doubles)), (StoredType::F64, vec![1.0, -2.0]));
    assert_eq!(conv("brain", of(16).bytes(9, [0x80, 0x3f, 0, 0xc0])), (StoredType::Bf16, vec![1.0, -2.0]));
}

#[test]
fn weights_of_codes_are_what_the_codes_stand_for() {
    let codes = tensor("w.q", &[2, 3, 1, 1], 3, &[0x80, 0, 1, 2, 3, 0x7f]);
    let file = model(
        17,
        value("x", &[1, 3, 8, 8]),
        &[
            codes,
            tensor("w.scale", &[2], 1, &floats(&[0.5, 0.25])),
            tensor("w.zero", &[2], 3, &[0, 1]),
            tensor("b.q", &[2], 6, &[4, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff]),
            tensor("b.scale", &[2], 1, &floats(&[0.125, 0.5])),
            number("scale", 0.1),
            tensor("zero", &[], 2, &[0]),
            tensor("middle", &[], 2, &[128]),
        ],
        &[
            node("QuantizeLinear", &["x", "scale", "zero"], &["x.q"], &[]),
            node("DequantizeLinear", &["x.q", "scale", "zero"], &["x.d"], &[]),
            node("DequantizeLinear", &["w.q", "w.scale", "w.zero"], &["w"], &[Int("axis", 0)]),
            node("DequantizeLinear", &["b.q", "b.scale"], &["b"], &[Int("axis", 0)]),
            node("Conv", &["x.d", "w", "b"], &["c"], &[]),
            // Nothing below zero has a code: a ReLU.
            node("QuantizeLinear", &["c", "scale", "zero"], &["c.q"], &[]),
            node("DequantizeLinear", &["c.q", "scale", "zero"], &["c.d"], &[]),
            node("GlobalAveragePool", &["c.d"], &["g"], &[]),
            node("QuantizeLinear", &["g", "scale", "middle"], &["y"], &[]),
        ],
        "y",
    );
    let wanted = ["Conv w b OutputFirst 1x1 / 1 1 pad 0 0 0 0 [0]", "Activation(Relu) [1]", "GlobalAverage [2]"];
    assert_eq!(listing(&file)[1..], wanted);
    assert_eq!(values(&file, "w"), [-64.0, 0.0, 0.5, 0.25, 0.5, 31.5]);
    assert_eq!(values(&file, "b"), [0.5, -1.0]);
    assert_eq!(file.tensors.keys().collect::<Vec<_>>(), ["b", "w"]);
}

#[test]
fn weights_that_are_to_be_codes_are_numbers_still() {
    let file = model(
        17,
        value("x", &[1, 3, 8, 8]),
        &[tensor("w", &[1, 3, 1, 1], 1, &floats(&[0.5, -1.0, 2.0])), number("s", 0.25), tensor("z", &[], 3, &[0])],
        &[
            node("QuantizeLinear", &["w", "s", "z"], &["w.q"], &[]),
            node("DequantizeLinear", &["w.q", "s", "z"], &["w.d"], &[]),
            node("Conv", &["x", "w.d"], &["y"], &[]),
        ],
        "y",
    );
    assert_eq!(listing(&file)[1..], ["Conv w - OutputFirst 1x1 / 1 1 pad 0 0 0 0 [0]"]);
    assert_eq!(values(&file, "w"), [0.5, -1.0, 2.0]);
}

#[test]
fn layers_on_codes_are_layers_on_numbers() {
    let file = model(
        10,
        value("x", &[1, 3, 8, 8]),
        &[
            number("s", 0.5),
            tensor("z", &[], 2, &[0]),
            tensor("w.q", &[1, 3, 1, 1], 2, &[0, 2, 4]),
            number("w.s", 0.25),
            tensor("w.z", &[], 2, &[2]),
            tensor("b.q", &[1], 6, &[8, 0, 0, 0]),
            tensor("m.q", &[1, 2], 3, &[1, 0xff]),
            tensor("m.s", &[2], 1, &floats(&[0.5, 2.0])),
            tensor("m.z", &[2], 3, &[0, 0]),
            tensor("mid", &[], 2, &[7]),
        ],
        &[
            node("QuantizeLinear", &["x", "s", "z"], &["x.q"], &[]),
            node("QLinearConv", &["x.q", "s", "z", "w.q", "w.s", "w.z", "s", "z", "b.q"], &["c"], &[]),
            node("com.microsoft.QLinearGlobalAveragePool", &["c", "s", "z", "s", "z"], &["g"], &[]),
            node("Flatten", &["g"], &["f"], &[]),
            node("QLinearMatMul", &["f", "s", "z", "m.q", "m.s", "m.z", "s", "mid"], &["d"], &[]),
            node("DequantizeLinear", &["d", "s", "mid"], &["y"], &[]),
        ],
        "y",
    );
    let wanted = [
        "Conv w.q b.q OutputFirst 1x1 / 1 1 pad 0 0 0 0 [0]",
        "Activation(Relu) [1]",
        "GlobalAverage [2]",
        "Dense m.q - OutputLast [3]",
    ];
    assert_eq!(listing(&file)[1..], wanted);
    assert_eq!(values(&file, "w.q"), [-0.5, 0.0, 0.5]);
    assert_eq!(values(&file, "b.q"), [1.0]);
    assert_eq!(values(&file, "m.q"), [0.5, -2.0]);
    assert!(matches!(file.tensors["m.q"].quantization, Some(Quantization::Columns(_))));
}

#[test]
fn damaged_models_are_errors() {
    survives_damage_of("model.onnx", &of_the_zoo(), 20_000);
    survives_damage("onnx_tv_v3_dynamo", "model.onnx", 200);
}
