//! Files of every format that are cut short, begin with something else or state a size beyond their end: the sentences that say so.

use std::fmt::Write;

use crate::caffe::{self, int, part, varint};
use crate::{filled, torch};
use inception::checkpoints::{Checkpoint, SourceFile};

type Files = Vec<(String, Vec<u8>)>;

/// What is done to the first of the files.
#[derive(Clone, Copy, Debug)]
enum Damage {
    /// Its second half is gone.
    Cut,
    /// It begins with other bytes.
    Begin,
    /// The bytes at this place, of a negative one counted from the end, say another size.
    Size(isize, &'static [u8]),
}

/// A checkpoint of TensorFlow's first version with one tensor: a table of a description and of the values.
fn of_version_1() -> Vec<u8> {
    let message = |fields: &[(u64, &[u8])]| {
        let mut bytes = Vec::new();
        fields.iter().for_each(|(number, content)| part(&mut bytes, *number, content));
        bytes
    };
    let (mut side, mut kind) = (Vec::new(), Vec::new());
    int(&mut side, 1, 2);
    int(&mut kind, 3, 1);
    let shape = message(&[(2, &side)]);
    let described = [message(&[(1, b"w"), (2, &shape)]), kind, message(&[(4, &message(&[(1, b"")]))])].concat();
    let values = message(&[(5, &[0; 8])]);
    let entries: [(&[u8], Vec<u8>); 2] = [
        (b"", message(&[(1, &message(&[(1, &described)]))])),
        (b"\0w", message(&[(2, &message(&[(1, b"w"), (3, &values)]))])),
    ];
    let block = |entries: &[(&[u8], Vec<u8>)]| {
        let mut made = Vec::new();
        for (key, value) in entries {
            [0, key.len(), value.len()].iter().for_each(|&number| varint(&mut made, number as u64));
            made.extend_from_slice(key);
            made.extend_from_slice(value);
        }
        made.extend([0, 0, 0, 0, 1, 0, 0, 0]);
        made
    };
    let mut file = Vec::new();
    let mut add = |content: Vec<u8>| {
        let mut handle = Vec::new();
        varint(&mut handle, file.len() as u64);
        varint(&mut handle, content.len() as u64);
        file.extend(content);
        file.extend([0; 5]);
        handle
    };
    let values = add(block(&entries));
    let empty = add(block(&[]));
    let index = add(block(&[(b"\0w", values)]));
    let mut footer = [empty, index].concat();
    footer.resize(40, 0);
    file.extend(footer);
    file.extend(0xdb47_7524_8b80_fb57_u64.to_le_bytes());
    file
}

fn files(format: &str) -> Files {
    let one = |name: &str, bytes: Vec<u8>| vec![(name.to_owned(), bytes)];
    let first = |fixture: &str, name: &str| {
        let mut files = filled::files(fixture, false);
        files.sort_by_key(|(other, _)| other != name);
        files
    };
    match format {
        "safetensors" => one("w.safetensors", crate::common::generate("seed_inception_v1_c2")),
        "torch" => first("torch_v3_script", "scripted.pt"),
        "older torch" => one("w.pth", torch::older()),
        "h5" => first("k2_v3_weights_h5", "inception_v3_weights.h5"),
        "keras" => first("k3_v3_augmented_keras", "model.keras"),
        "onnx" => first("onnx_tv_googlenet", "model.onnx"),
        "onnx data" => first("onnx_tv_v3_dynamo", "model.onnx.data"),
        "graph" => first("tf_v3_slim_frozen_pb", "frozen.pb"),
        "saved model" => first("tf_v3_slim_savedmodel", "saved_model.pb"),
        "index" => first("tf_v3_slim_ckpt", "model.ckpt-5000.index"),
        "data" => first("tf_v3_slim_ckpt", "model.ckpt-5000.data-00000-of-00001"),
        "version 1" => one("inception_v3.ckpt", of_version_1()),
        "tfjs" => first("tfjs_graph_v3", "model.json"),
        "shard" => first("tfjs_graph_v3", "group1-shard3of22.bin"),
        "caffe" => one("bvlc_googlenet.caffemodel", caffe::googlenet()),
        _ => panic!("there is no {format}"),
    }
}

/// What the first file is told to be, damaged so.
fn sentence(files: &Files, damage: Damage) -> String {
    let mut files = files.clone();
    let bytes = &mut files[0].1;
    match damage {
        Damage::Cut => bytes.truncate(bytes.len() / 2),
        Damage::Begin => bytes[..16].copy_from_slice(b"something else\n\n"),
        Damage::Size(at, says) => {
            let at = if at < 0 { bytes.len() - at.unsigned_abs() } else { at.unsigned_abs() };
            bytes[at..at + says.len()].copy_from_slice(says);
        }
    }
    let files = files.into_iter().map(|(name, bytes)| SourceFile { name, bytes: bytes.into() }).collect();
    match Checkpoint::open(files, None) {
        Ok(_) => "it is read".into(),
        Err(error) => error.to_string(),
    }
}

/// A large number, as four bytes or as a number of a protocol buffer.
const HUGE: &[u8] = &[0xff, 0xff, 0xff, 0x7f];

#[test]
fn damage_is_told_in_a_sentence() {
    use Damage::{Begin, Cut, Size};
    let wanted: [(&str, &[(Damage, &str)]); 15] = [
        (
            "safetensors",
            &[
                (
                    Cut,
                    "conv5.0.conv1.0.weight claims bytes 14020272 to 14872240, but the file holds 14088788: it is damaged or cut short",
                ),
                (Begin, "w.safetensors is a text, not a weights file"),
                (
                    Size(0, HUGE),
                    "w.safetensors claims a header of 2147483647 bytes, but only 28247616 follow: it is cut short or not safetensors",
                ),
            ],
        ),
        (
            "torch",
            &[
                (Cut, "scripted.pt: its table of contents is missing: it is cut short; fetch it again"),
                (
                    Begin,
                    "scripted.pt: no file of this ending begins so: fetch it again if it is damaged, or name it as its format does",
                ),
                (Size(-10, HUGE), "scripted.pt: its table of contents is damaged: fetch it again"),
            ],
        ),
        (
            "older torch",
            &[
                (Cut, "w.pth: its description is not valid: its storages are cut short"),
                (
                    Begin,
                    "w.pth: no file of this ending begins so: fetch it again if it is damaged, or name it as its format does",
                ),
                (Size(-4008, HUGE), "w.pth: its description is not valid: its storages are cut short"),
            ],
        ),
        (
            "h5",
            &[
                (
                    Cut,
                    "inception_v3_weights.h5 is an HDF5 file that cannot be read: it is cut short, or refers beyond its end",
                ),
                (
                    Begin,
                    "inception_v3_weights.h5: no file of this ending begins so: fetch it again if it is damaged, or name it as its format does",
                ),
                (
                    Size(64, HUGE),
                    "inception_v3_weights.h5 is an HDF5 file that cannot be read: it is cut short, or refers beyond its end",
                ),
            ],
        ),
        (
            "keras",
            &[
                (Cut, "model.keras: its table of contents is missing: it is cut short; fetch it again"),
                (
                    Begin,
                    "model.keras: no file of this ending begins so: fetch it again if it is damaged, or name it as its format does",
                ),
                (Size(-10, HUGE), "model.keras: its table of contents is damaged: fetch it again"),
            ],
        ),
        (
            "onnx",
            &[
                (Cut, "model.onnx: byte 24: it is damaged or cut short"),
                (
                    Begin,
                    "model.onnx: byte 0: there is no such field: it is damaged, or of another format than its name says",
                ),
                (Size(20, HUGE), "model.onnx: byte 24: it is damaged or cut short"),
            ],
        ),
        (
            "onnx data",
            &[(
                Cut,
                "Mixed_7b.branch3x3_2a.conv.weight claims bytes 46175616 to 47945088, but the file holds 47632560: it is damaged or cut short",
            )],
        ),
        (
            "graph",
            &[
                (Cut, "frozen.pb: byte 46518605: it is damaged or cut short"),
                (
                    Begin,
                    "frozen.pb: byte 0: there is no such field: it is damaged, or of another format than its name says",
                ),
                (Size(1, HUGE), "frozen.pb: byte 5: it is damaged or cut short"),
            ],
        ),
        (
            "saved model",
            &[
                (Cut, "saved_model.pb: byte 6: it is damaged or cut short"),
                (
                    Begin,
                    "saved_model.pb: byte 0: there is no such field: it is damaged, or of another format than its name says",
                ),
                (Size(3, HUGE), "saved_model.pb: byte 7: it is damaged or cut short"),
            ],
        ),
        (
            "index",
            &[
                (
                    Cut,
                    "model.ckpt-5000.index: its description is not valid: its end is missing: it is damaged or cut short",
                ),
                (Begin, "a block of model.ckpt-5000.index: its bytes do not fit their checksum: the file is damaged"),
                (
                    Size(-48, HUGE),
                    "a block of model.ckpt-5000.index: its bytes do not fit their checksum: the file is damaged",
                ),
            ],
        ),
        (
            "data",
            &[(
                Cut,
                "InceptionV3/Mixed_6e/Branch_2/Conv2d_0c_1x7/weights claims bytes 53725384 to 54757576, but the file holds 54364392: it is damaged or cut short",
            )],
        ),
        (
            "version 1",
            &[
                (
                    Cut,
                    "inception_v3.ckpt: no file of this ending begins so: fetch it again if it is damaged, or name it as its format does",
                ),
                (
                    Begin,
                    "inception_v3.ckpt: its description is not valid: its keys do not fit one another: it is damaged or cut short",
                ),
                (
                    Size(-48, HUGE),
                    "a block of inception_v3.ckpt: its bytes do not fit their checksum: the file is damaged",
                ),
            ],
        ),
        (
            "tfjs",
            &[
                (Cut, "model.json: its description is not valid: EOF while parsing a value at line 1 column 96242"),
                (Begin, "model.json: its description is not valid: expected value at line 1 column 1"),
            ],
        ),
        (
            "shard",
            &[(
                Cut,
                "the shards group1-shard1of22.bin to group1-shard22of22.bin hold 86025920 bytes where the model describes 88123072",
            )],
        ),
        (
            "caffe",
            &[
                (Cut, "bvlc_googlenet.caffemodel: byte 23506021: it is damaged or cut short"),
                (
                    Begin,
                    "bvlc_googlenet.caffemodel: byte 0: there is no such field: it is damaged, or of another format than its name says",
                ),
                (Size(1, HUGE), "bvlc_googlenet.caffemodel: byte 5: it is damaged or cut short"),
            ],
        ),
    ];
    let mut wrong = String::new();
    for (format, damages) in wanted {
        let files = files(format);
        for (damage, wanted) in damages {
            let found = sentence(&files, *damage);
            if found != *wanted {
                writeln!(wrong, "{format}, {damage:?}: {found}").unwrap();
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn of_two_models_given_at_once_none_is_taken() {
    let open = |names: &[&str]| {
        let file = |name: &&str| SourceFile { name: (*name).into(), bytes: b"whatever".to_vec().into() };
        Checkpoint::open(names.iter().map(file).collect(), None).map(|_| ()).unwrap_err().to_string()
    };
    let refused = |first: &str, second: &str| format!("{first} and {second} are two models: open them one at a time");
    for [first, second] in [
        ["model.h5", "model.onnx"],
        ["a.pth", "b.pb"],
        ["own.safetensors", "other.onnx"],
        ["net.caffemodel", "net.keras"],
        ["saved_model.pb", "model.H5"],
    ] {
        assert_eq!(open(&[first, second]), refused(first, second));
        assert_eq!(open(&[second, first]), refused(second, first));
    }
    for parts in [
        ["model.onnx", "model.onnx.data"],
        ["saved_model.pb", "keras_metadata.pb"],
        ["model.ckpt.index", "model.ckpt.data-00000-of-00001"],
    ] {
        assert!(!open(&parts).contains("two models"), "{parts:?}");
    }
}
