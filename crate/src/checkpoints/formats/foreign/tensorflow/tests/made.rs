//! Graphs and checkpoints put together by hand, with what the fixtures do not have.

use crate::checkpoints::CheckpointError;
use crate::checkpoints::formats::foreign::exported::{Made, floats, listing, survives_damage_of, values};
use crate::checkpoints::formats::{SourceFile, TensorFile};

/// An attribute.
enum Attribute<'a> {
    Int(&'a str, i64),
    Ints(&'a str, &'a [i64]),
    Flag(&'a str, bool),
    Float(&'a str, f32),
    Text(&'a str, &'a str),
    Type(i64),
    Shape(&'a [i64]),
    Tensor(Made),
}

use Attribute::{Flag, Float, Int, Ints, Shape, Tensor, Text, Type};

fn shape(sides: &[i64]) -> Made {
    Made::default().each(2, sides.iter().map(|&side| Made::default().int(1, side)))
}

fn node(name: &str, word: &str, inputs: &[&str], attributes: &[Attribute]) -> Made {
    let entries = attributes.iter().map(|attribute| {
        let made = Made::default();
        let (name, value) = match attribute {
            Int(name, value) => (*name, made.int(3, *value)),
            Ints(name, values) => (*name, made.bytes(1, Made::default().ints(3, values))),
            Flag(name, value) => (*name, made.int(5, (*value).into())),
            Float(name, value) => (*name, made.float(4, *value)),
            Text(name, text) => (*name, made.bytes(2, text)),
            Type(value) => ("dtype", made.int(6, *value)),
            Shape(sides) => ("shape", made.bytes(7, shape(sides))),
            Tensor(tensor) => ("value", made.bytes(8, tensor)),
        };
        Made::default().bytes(1, name).bytes(2, value)
    });
    Made::default().bytes(1, name).bytes(2, word).each(3, inputs).each(5, entries)
}

fn tensor(kind: i64, sides: &[i64]) -> Made {
    Made::default().int(1, kind).bytes(2, shape(sides))
}

fn float(name: &str, sides: &[i64]) -> Made {
    let count = sides.iter().product::<i64>() as usize;
    let numbers = floats(&(0..count).map(|i| i as f32 + 0.5).collect::<Vec<_>>());
    node(name, "Const", &[], &[Type(1), Tensor(tensor(1, sides).bytes(4, numbers))])
}

fn number(name: &str, value: f32) -> Made {
    node(name, "Const", &[], &[Type(1), Tensor(tensor(1, &[]).bytes(5, floats(&[value])))])
}

fn ints(name: &str, values: &[i64]) -> Made {
    node(name, "Const", &[], &[Type(3), Tensor(tensor(3, &[values.len() as i64]).ints(7, values))])
}

fn one(name: &str, value: i64) -> Made {
    node(name, "Const", &[], &[Type(3), Tensor(tensor(3, &[]).ints(7, &[value]))])
}

fn graph(nodes: &[Made]) -> Vec<u8> {
    Made::default().each(1, nodes).0
}

fn read(name: &str, bytes: Vec<u8>) -> Result<TensorFile, CheckpointError> {
    TensorFile::read(vec![SourceFile { name: name.into(), bytes: bytes.into() }])
}

fn lines(nodes: &[Made]) -> Vec<String> {
    listing(&read("graph.pb", graph(nodes)).unwrap())
}

/// As the graph of 2015-12-05 and those that were retrained from it: the picture is decoded, resized and scaled in it.
fn of_2015() -> Vec<u8> {
    graph(&[
        node("DecodeJpeg/contents", "Placeholder", &[], &[Type(7)]),
        node("DecodeJpeg", "DecodeJpeg", &["DecodeJpeg/contents"], &[Int("channels", 3)]),
        node("Cast", "Cast", &["DecodeJpeg"], &[]),
        one("ExpandDims/dim", 0),
        node("ExpandDims", "ExpandDims", &["Cast", "ExpandDims/dim"], &[]),
        ints("ResizeBilinear/size", &[299, 299]),
        node("ResizeBilinear", "ResizeBilinear", &["ExpandDims", "ResizeBilinear/size"], &[]),
        number("Sub/y", 128.0),
        node("Sub", "Sub", &["ResizeBilinear", "Sub/y"], &[]),
        number("Mul/y", 0.0078125),
        node("Mul", "Mul", &["Sub", "Mul/y"], &[]),
        float("conv/conv2d_params", &[3, 3, 3, 8]),
        node(
            "conv/Conv2D",
            "Conv2D",
            &["Mul", "conv/conv2d_params"],
            &[Ints("strides", &[1, 2, 2, 1]), Text("padding", "VALID")],
        ),
        float("conv/batchnorm/beta", &[8]),
        float("conv/batchnorm/gamma", &[8]),
        float("conv/batchnorm/moving_mean", &[8]),
        float("conv/batchnorm/moving_variance", &[8]),
        node(
            "conv/batchnorm",
            "BatchNormWithGlobalNormalization",
            &[
                "conv/Conv2D",
                "conv/batchnorm/moving_mean",
                "conv/batchnorm/moving_variance",
                "conv/batchnorm/beta",
                "conv/batchnorm/gamma",
            ],
            &[Float("variance_epsilon", 0.001), Flag("scale_after_normalization", false)],
        ),
        node("conv/CheckNumerics", "CheckNumerics", &["conv/batchnorm"], &[]),
        node("conv/control_dependency", "Identity", &["conv/batchnorm", "^conv/CheckNumerics"], &[]),
        node("conv", "Relu", &["conv/control_dependency"], &[]),
        node(
            "pool_3",
            "AvgPool",
            &["conv"],
            &[Ints("ksize", &[1, 8, 8, 1]), Ints("strides", &[1, 1, 1, 1]), Text("padding", "VALID")],
        ),
        one("mixed/join/concat_dim", 3),
        node("mixed/join", "Concat", &["mixed/join/concat_dim", "pool_3", "pool_3"], &[]),
        ints("pool_3/_reshape/shape", &[1, 16]),
        node("pool_3/_reshape", "Reshape", &["mixed/join", "pool_3/_reshape/shape"], &[]),
        node("input/BottleneckInputPlaceholder", "PlaceholderWithDefault", &["pool_3/_reshape"], &[Shape(&[-1, 16])]),
        float("final/weights", &[16, 5]),
        float("final/biases", &[5]),
        node("final/MatMul", "MatMul", &["input/BottleneckInputPlaceholder", "final/weights"], &[]),
        node("final/add", "Add", &["final/MatMul", "final/biases"], &[]),
        node("final_result", "Softmax", &["final/add"], &[]),
        one("dimension", 1),
        node("best", "ArgMax", &["final_result", "dimension"], &[]),
        node("summary", "HistogramSummary", &["dimension", "final/add"], &[]),
    ])
}

#[test]
fn the_graph_of_2015_prepares_its_pictures() {
    // As it is in the file: nodes are in any order.
    let file = read("retrained_graph.pb", of_2015()).unwrap();
    let wanted = [
        "Input { size: Some([299, 299]), channels: Some(3), bytes: true } []",
        "Affine { scale: [1.0], shift: [-128.0] } [0]",
        "Affine { scale: [0.0078125], shift: [0.0] } [1]",
        "Conv conv/conv2d_params - OutputLast 3x3 / 2 2 pad 0 0 0 0 [2]",
        "Norm - conv/batchnorm/beta conv/batchnorm/moving_mean conv/batchnorm/moving_variance 0.001 [3]",
        "Activation(Relu) [4]",
        "AveragePool 8x8 / 1 1 pad 0 0 0 0 [5]",
        "Concat [6, 6]",
        "Flatten { channels_last: true } [7]",
        "Dense final/weights - OutputLast [8]",
        "Bias(\"final/biases\") [9]",
        "Softmax [10]",
    ];
    assert_eq!(listing(&file), wanted);
    assert_eq!(file.graph.unwrap().outputs, [11]);
}

#[test]
fn nodes_may_be_in_any_order_and_in_loops() {
    let mut nodes = vec![
        node("y", "Relu", &["x"], &[]),
        node("x", "Placeholder", &[], &[Type(1), Shape(&[-1, 8, 8, 3])]),
        node("a", "Identity", &["b"], &[]),
        node("b", "Identity", &["a"], &[]),
    ];
    assert_eq!(
        lines(&nodes),
        ["Input { size: Some([8, 8]), channels: Some(3), bytes: false } []", "Activation(Relu) [0]"]
    );
    nodes.push(node("y", "Relu6", &["x"], &[]));
    assert!(read("graph.pb", graph(&nodes)).is_err(), "two of one name");
}

#[test]
fn what_rounds_or_clamps_is_not_passed_over() {
    let input = |kind| node("x", "Placeholder", &[], &[Type(kind), Shape(&[-1, 8, 8, 3])]);
    let cast = |kind| Made::default().bytes(1, "DstT").bytes(2, Made::default().int(6, kind));
    for word in ["FakeQuantWithMinMaxArgs", "FakeQuantWithMinMaxVars", "Exit"] {
        let found = lines(&[input(1), node("y", word, &["x"], &[])]);
        assert!(found[1].starts_with(&format!("Other(\"{word}")), "{found:?}");
    }
    let found = lines(&[input(1), node("c", "Cast", &["x"], &[]).bytes(5, cast(4)), node("y", "Relu", &["c"], &[])]);
    assert_eq!(found[1], "Other(\"Cast to whole numbers\") [0]");
    // Bytes stay what they are.
    let same = node("c", "Cast", &["x"], &[]).bytes(5, cast(3));
    let float = node("f", "Cast", &["c"], &[]).bytes(5, cast(1));
    let found = lines(&[input(4), same, float, node("y", "Relu", &["f"], &[])]);
    let bytes = "Input { size: Some([8, 8]), channels: Some(3), bytes: true } []";
    assert_eq!(found, [bytes, "Activation(Relu) [0]"]);
    let nodes = [input(1), node("s", "Switch", &["x", "x"], &[]), node("y", "Relu", &["s"], &[])];
    assert_eq!(lines(&nodes)[1], "Other(\"Switch\") [0, 0]", "a condition that depends on the picture");
    let nodes = [input(1), node("n", "IdentityN", &["x", "x"], &[]), node("y", "Relu", &["n:1"], &[])];
    assert_eq!(lines(&nodes)[1], "Activation(Relu) [0]");
}

#[test]
fn batch_norm_may_be_written_out() {
    let nodes = [
        node("x", "Placeholder", &[], &[Type(1), Shape(&[-1, 8, 8, 3])]),
        node("w", "Const", &[], &[Type(19), Tensor(tensor(19, &[1, 1, 3, 6]).ints(13, &[0x3c00]))]),
        node("conv", "Conv2D", &["x", "w"], &[Ints("strides", &[1, 1, 1, 1]), Text("padding", "SAME")]),
        node("variance", "Const", &[], &[Type(1), Tensor(tensor(1, &[6]).bytes(5, floats(&[0.25])))]),
        node("mean", "Const", &[], &[Type(1), Tensor(tensor(1, &[6]).bytes(5, floats(&[1.0, 2.0])))]),
        float("beta", &[6]),
        number("epsilon", 0.0),
        node("bn/add", "AddV2", &["variance", "epsilon"], &[]),
        node("bn/Rsqrt", "Rsqrt", &["bn/add"], &[]),
        node("bn/mul", "Mul", &["conv", "bn/Rsqrt"], &[]),
        node("bn/mul_1", "Mul", &["mean", "bn/Rsqrt"], &[]),
        node("bn/sub", "Sub", &["beta", "bn/mul_1"], &[]),
        node("bn/add_1", "AddV2", &["bn/mul", "bn/sub"], &[]),
    ];
    let file = read("graph.pb", graph(&nodes)).unwrap();
    let wanted = [
        "Input { size: Some([8, 8]), channels: Some(3), bytes: false } []",
        "Conv w - OutputLast 1x1 / 1 1 pad Same [0]",
        "Norm bn/Rsqrt bn/sub bn/mul/mean bn/mul/variance 0 [1]",
    ];
    assert_eq!(listing(&file), wanted);
    assert_eq!(values(&file, "bn/Rsqrt"), [2.0; 6]);
    // The last of the values that are written stands for the rest.
    assert_eq!(values(&file, "bn/sub"), [-1.5, -2.5, -1.5, -0.5, 0.5, 1.5]);
    assert_eq!((&file.tensors["w"].strides[..], values(&file, "w")), (&[0; 4][..], vec![1.0]));
    assert!(!file.tensors.contains_key("beta"));
}

#[test]
fn conditions_ask_whether_this_is_training() {
    let nodes = [
        node("x", "Placeholder", &[], &[Type(1), Shape(&[-1, 8, 8, 3])]),
        node("phase_train", "Placeholder", &[], &[Type(10)]),
        node("cond/Switch", "Switch", &["x", "phase_train"], &[]),
        node("train", "Elu", &["cond/Switch:1"], &[]),
        node("serve", "Relu", &["cond/Switch"], &[]),
        node("cond/Merge", "Merge", &["serve", "train"], &[]),
        node("y", "Tanh", &["cond/Merge:0"], &[]),
    ];
    assert_eq!(lines(&nodes)[1..], ["Activation(Relu) [0]", "Activation(Tanh) [1]"]);
}

#[test]
fn embeddings_are_divided_by_their_length() {
    let nodes = [
        node("x", "Placeholder", &[], &[Type(1), Shape(&[-1, 8])]),
        node("Square", "Square", &["x"], &[]),
        one("axis", 1),
        node("Sum", "Sum", &["Square", "axis"], &[Flag("keep_dims", true)]),
        number("tiny", 1e-10),
        node("Maximum", "Maximum", &["Sum", "tiny"], &[]),
        node("Rsqrt", "Rsqrt", &["Maximum"], &[]),
        node("y", "Mul", &["x", "Rsqrt"], &[]),
    ];
    assert_eq!(lines(&nodes)[1..], ["L2Normalize [0]"]);
}

#[test]
fn layers_in_one_node_are_taken_apart() {
    let list = |words: &[&str]| {
        Made::default().bytes(1, "fused_ops").bytes(2, Made::default().bytes(1, Made::default().each(2, words)))
    };
    let nodes = [
        node("x", "Placeholder", &[], &[Type(1), Shape(&[-1, 8, 8, 3])]),
        float("w", &[3, 3, 3, 6]),
        float("b", &[6]),
        node("y", "_FusedConv2D", &["x", "w", "b"], &[Ints("strides", &[1, 1, 1, 1]), Text("padding", "SAME")])
            .bytes(5, list(&["BiasAdd", "LeakyRelu"])),
        float("g", &[3, 3, 3, 2]),
        node("z", "DepthwiseConv2dNative", &["y", "g"], &[]),
    ];
    let wanted = [
        "Input { size: Some([8, 8]), channels: Some(3), bytes: false } []",
        "Conv w b OutputLast 3x3 / 1 1 pad Same [0]",
        "Activation(LeakyRelu(0.2)) [1]",
        "Other(\"DepthwiseConv2dNative\") [2]",
    ];
    assert_eq!(lines(&nodes), wanted);
}

/// A table with these keys and values, in one block each.
fn table(entries: &[(&[u8], Vec<u8>)], pack: impl Fn(&[u8]) -> (Vec<u8>, u8)) -> Vec<u8> {
    let block = |entries: &[(Vec<u8>, Vec<u8>)]| {
        let mut made = Vec::new();
        for (key, value) in entries {
            for number in [0, key.len(), value.len()] {
                let mut number = number;
                while number >= 0x80 {
                    made.push(number as u8 | 0x80);
                    number >>= 7;
                }
                made.push(number as u8);
            }
            made.extend_from_slice(key);
            made.extend_from_slice(value);
        }
        made.extend([0, 0, 0, 0, 1, 0, 0, 0]);
        made
    };
    let (mut file, mut index) = (Vec::new(), Vec::new());
    let add = |file: &mut Vec<u8>, content: Vec<u8>, packing: u8| {
        let handle = Made::default().int(1, file.len() as i64).int(1, content.len() as i64).0;
        file.extend(content);
        file.extend([packing, 0, 0, 0, 0]);
        // The numbers alone.
        let second = handle[1..].iter().position(|byte| *byte < 0x80).unwrap() + 2;
        [&handle[1..second], &handle[second + 1..]].concat()
    };
    for (key, value) in entries {
        let (content, packing) = pack(&block(&[(key.to_vec(), value.clone())]));
        let handle = add(&mut file, content, packing);
        index.push((key.to_vec(), handle));
    }
    let empty = add(&mut file, block(&[]), 0);
    let index = add(&mut file, block(&index), 0);
    let mut footer = [empty, index].concat();
    footer.resize(40, 0);
    file.extend(footer);
    file.extend(0xdb47_7524_8b80_fb57_u64.to_le_bytes());
    file
}

/// A checkpoint of 2016.
fn of_2016(pack: impl Fn(&[u8]) -> (Vec<u8>, u8)) -> Vec<u8> {
    let described = |name: &str, sides: &[i64]| {
        Made::default().bytes(1, name).bytes(2, shape(sides)).int(3, 1).bytes(4, Made::default().bytes(1, ""))
    };
    let meta = Made::default()
        .bytes(1, described("w", &[2, 3]))
        .bytes(1, described("w/RMSProp", &[2, 3]))
        .bytes(1, described("n", &[]));
    let slice = |name: &str, numbers: &[f32]| {
        let data = Made::default().bytes(5, floats(numbers));
        Made::default().bytes(2, Made::default().bytes(1, name).bytes(3, data)).0
    };
    let numbers = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    let entries: [(&[u8], Vec<u8>); 4] = [
        (b"", Made::default().bytes(1, meta).0),
        (b"\0n", slice("n", &[7.0])),
        (b"\0w", slice("w", &numbers)),
        (b"\0w/RMSProp", slice("w/RMSProp", &numbers)),
    ];
    table(&entries, pack)
}

#[test]
fn checkpoints_of_version_1_hold_their_values() {
    let plain = |content: &[u8]| (content.to_vec(), 0);
    // As literals, with all lengths in two bytes.
    let packed = |content: &[u8]| {
        let length = [content.len() as u8 | 0x80, (content.len() >> 7) as u8];
        let literal = [61 << 2, (content.len() - 1) as u8, ((content.len() - 1) >> 8) as u8];
        ([&length[..], &literal, content].concat(), 1)
    };
    for bytes in [of_2016(plain), of_2016(packed)] {
        let file = read("inception_v3.ckpt", bytes).unwrap();
        assert_eq!(file.tensors.keys().collect::<Vec<_>>(), ["w"]);
        assert_eq!(
            (&file.tensors["w"].shape[..], values(&file, "w")),
            (&[2, 3][..], vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
        );
    }
    survives_damage_of("inception_v3.ckpt", &of_2016(packed), 20_000);
}

#[test]
fn damaged_graphs_are_errors() {
    survives_damage_of("retrained_graph.pb", &of_2015(), 20_000);
}

/// A graph that calls the first of these functions; each is its nodes, the last of which is the answer.
fn calling(functions: &[Vec<Made>]) -> Vec<u8> {
    let library = functions.iter().enumerate().map(|(at, nodes)| {
        let argument = Made::default().bytes(1, "x");
        let signature =
            Made::default().bytes(1, format!("f{at}")).bytes(2, argument).bytes(3, Made::default().bytes(1, "y"));
        let answer = Made::default().bytes(1, "y").bytes(2, "last:output:0");
        Made::default().bytes(1, signature).each(3, nodes).bytes(4, answer)
    });
    let nodes = [node("x", "Placeholder", &[], &[Type(1), Shape(&[-1, 8, 8, 3])]), call("y", "x", 0)];
    Made::default().each(1, nodes).bytes(2, Made::default().each(1, library)).0
}

fn call(name: &str, input: &str, function: usize) -> Made {
    let value = Made::default().bytes(10, Made::default().bytes(1, format!("f{function}")));
    node(name, "PartitionedCall", &[input], &[]).bytes(5, Made::default().bytes(1, "f").bytes(2, value))
}

#[test]
fn functions_are_taken_where_they_are_called() {
    let functions = [
        vec![node("a", "Relu", &["x"], &[]), call("last", "a:activations:0", 1)],
        vec![node("last", "Tanh", &["x"], &[])],
    ];
    let found = listing(&read("graph.pb", calling(&functions)).unwrap());
    assert_eq!(found[1..], ["Activation(Relu) [0]", "Activation(Tanh) [1]"]);
}

#[test]
fn functions_that_call_one_another_without_end_are_an_error() {
    let endless = calling(&[vec![call("last", "x", 0)]]);
    assert!(read("graph.pb", endless).unwrap_err().to_string().contains("too deep"));
    let twice = |at| vec![call("a", "x", at), call("last", "a:output:0", at)];
    let mut functions: Vec<Vec<Made>> = (1..23).map(twice).collect();
    functions.push(vec![node("last", "Relu", &["x"], &[])]);
    assert!(read("graph.pb", calling(&functions)).unwrap_err().to_string().contains("too many nodes"));
}

#[test]
fn tensors_of_one_value_take_no_memory() {
    let huge = tensor(1, &[1 << 20, 1 << 20]).bytes(5, floats(&[1.0]));
    let several = tensor(1, &[1 << 20, 1 << 20]).bytes(5, floats(&[1.0, 2.0]));
    let with = |tensor: Made| {
        let matmul = node("y", "MatMul", &["x", "w"], &[]);
        let nodes = [
            node("x", "Placeholder", &[], &[Type(1), Shape(&[-1, 8])]),
            node("w", "Const", &[], &[Type(1), Tensor(tensor)]),
            matmul,
        ];
        read("graph.pb", graph(&nodes))
    };
    let file = with(huge).unwrap();
    assert_eq!(file.bytes(&file.tensors["w"]).len(), 4);
    assert!(matches!(with(several), Err(CheckpointError::ByteLength { .. })));
}

#[test]
fn shapes_do_not_grow_without_end() {
    let mut nodes = vec![
        node("x", "Placeholder", &[], &[Type(1), Shape(&[-1, 8, 8, 3])]),
        node("s0", "Shape", &["x"], &[]),
        one("axis", 0),
    ];
    for at in 0..40 {
        let from = format!("s{at}");
        nodes.push(node(&format!("s{}", at + 1), "ConcatV2", &[&from, &from, "axis"], &[]));
    }
    nodes.push(node("y", "Reshape", &["x", "s40"], &[]));
    assert_eq!(lines(&nodes)[1..], ["Other(\"Reshape\") [0]"]);
}
