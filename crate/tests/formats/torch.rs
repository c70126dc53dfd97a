//! PyTorch's state dicts: torchvision's networks in both layouts, and files that are damaged or made to deceive.

use crate::common::{Key, keys};
use crate::filled::{error as error_of, files, input, logits};
use inception::checkpoints::{Checkpoint, CheckpointError, Labels, Param, PickleFault, SourceFile, ZipFault};
use inception::image::Input;
use inception::{LoadOptions, Loader};
use proptest::prelude::*;

/// Opcodes, written as `pickle` does at protocol 2.
#[derive(Clone, Default)]
pub struct Pickle(pub Vec<u8>);

impl Pickle {
    pub fn new() -> Self {
        Self(vec![0x80, 2])
    }

    pub fn raw(mut self, opcodes: &[u8]) -> Self {
        self.0.extend(opcodes);
        self
    }

    pub fn text(self, text: &str) -> Self {
        self.raw(b"X").raw(&(text.len() as u32).to_le_bytes()).raw(text.as_bytes())
    }

    pub fn int(self, value: usize) -> Self {
        self.raw(b"J").raw(&(value as i32).to_le_bytes())
    }

    pub fn name(self, module: &str, name: &str) -> Self {
        self.raw(b"c").raw(module.as_bytes()).raw(b"\n").raw(name.as_bytes()).raw(b"\n")
    }

    pub fn ints(self, values: &[usize]) -> Self {
        values.iter().fold(self.raw(b"("), |pickle, &value| pickle.int(value)).raw(b"t")
    }

    fn storage(self, kind: &str, key: &str, length: usize) -> Self {
        self.raw(b"(").text("storage").name("torch", kind).text(key).text("cpu").int(length).raw(b"tQ")
    }

    pub fn tensor(self, kind: &str, storage: &str, length: usize, shape: &[usize]) -> Self {
        let strides: Vec<usize> = (0..shape.len()).map(|axis| shape[axis + 1..].iter().product()).collect();
        self.name("torch._utils", "_rebuild_tensor_v2")
            .raw(b"(")
            .storage(kind, storage, length)
            .int(0)
            .ints(shape)
            .ints(&strides)
            .raw(b"\x89")
            .name("collections", "OrderedDict")
            .raw(b")RtR")
    }
}

/// One tensor in a storage of its own.
struct Tensor {
    name: String,
    shape: Vec<usize>,
    kind: &'static str,
    bytes: Vec<u8>,
}

fn state(tensors: &[Tensor]) -> Vec<u8> {
    let mut pickle = Pickle::new().name("collections", "OrderedDict").raw(b")R(");
    for (i, tensor) in tensors.iter().enumerate() {
        let length = tensor.shape.iter().product();
        pickle = pickle.text(&tensor.name).tensor(tensor.kind, &i.to_string(), length, &tensor.shape);
    }
    pickle.raw(b"u.").0
}

/// An archive of stored entries; `wide` puts every size and offset into 64-bit fields.
fn zip(entries: &[(String, Vec<u8>)], wide: bool) -> Vec<u8> {
    let (mut file, mut directory) = (Vec::new(), Vec::new());
    for (name, bytes) in entries {
        let [size, offset] = [bytes.len(), file.len()].map(|v| v as u64);
        let extra: Vec<u8> = match wide {
            true => [&[1, 0, 24, 0][..], &[size, size, offset].map(u64::to_le_bytes).concat()].concat(),
            false => vec![],
        };
        let short = |value: u64| if wide { u32::MAX } else { value as u32 };
        file.extend(b"PK\x03\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
        file.extend([size, size].map(|size| short(size).to_le_bytes()).concat());
        file.extend([name.len() as u16, 5].map(u16::to_le_bytes).concat());
        file.extend(name.as_bytes());
        file.extend(b"FB\x01\0Z");
        file.extend(bytes);
        let mut checksum = flate2::Crc::new();
        checksum.update(bytes);
        directory.extend(b"PK\x01\x02\0\0\0\0\0\0\0\0\0\0\0\0");
        directory.extend(checksum.sum().to_le_bytes());
        directory.extend([size, size].map(|size| short(size).to_le_bytes()).concat());
        directory.extend([name.len() as u16, extra.len() as u16, 0, 0, 0].map(u16::to_le_bytes).concat());
        directory.extend([0, 0, 0, 0]);
        directory.extend(short(offset).to_le_bytes());
        directory.extend(name.as_bytes());
        directory.extend(extra);
    }
    let [begin, size] = [file.len() as u64, directory.len() as u64];
    file.extend(directory);
    if wide {
        let end = file.len() as u64;
        file.extend(b"PK\x06\x06");
        file.extend([0; 36]);
        file.extend([size, begin].map(u64::to_le_bytes).concat());
        file.extend(b"PK\x06\x07\0\0\0\0");
        file.extend(end.to_le_bytes());
        file.extend([1, 0, 0, 0]);
    }
    file.extend(b"PK\x05\x06\0\0\0\0\0\0\0\0");
    file.extend([size, begin].map(|v| if wide { u32::MAX } else { v as u32 }).map(u32::to_le_bytes).concat());
    file.extend([0, 0]);
    file
}

pub fn archive(state: Vec<u8>, storages: Vec<Vec<u8>>, wide: bool) -> Vec<u8> {
    let storages = storages.into_iter().enumerate().map(|(i, bytes)| (format!("archive/data/{i}"), bytes));
    let mut entries = vec![("archive/data.pkl".into(), state), ("archive/byteorder".into(), b"little".into())];
    entries.extend(storages);
    entries.push(("archive/version".into(), b"3\n".into()));
    zip(&entries, wide)
}

/// The layout before PyTorch 1.6.
fn legacy(state: Vec<u8>, storages: &[(Vec<u8>, usize)]) -> Vec<u8> {
    let mut file = Pickle::new().raw(b"\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.").0;
    file.extend(Pickle::new().raw(b"M\xe9\x03.").0);
    file.extend(Pickle::new().raw(b"}(").text("little_endian").raw(b"\x88u.").0);
    file.extend(state);
    let keys = (0..storages.len()).fold(Pickle::new().raw(b"]("), |keys, i| keys.text(&i.to_string()));
    file.extend(keys.raw(b"e.").0);
    for (bytes, size) in storages {
        file.extend(((bytes.len() / size) as u64).to_le_bytes());
        file.extend(bytes);
    }
    file
}

pub fn open(bytes: Vec<u8>) -> Result<Checkpoint, CheckpointError> {
    Checkpoint::open(vec![SourceFile { name: "w.pth".into(), bytes: bytes.into() }], None)
}

fn error(bytes: Vec<u8>) -> CheckpointError {
    open(bytes).err().expect("a bad file")
}

fn tensor(key: &Key) -> Tensor {
    let (kind, bytes) = match key.kind.as_str() {
        "ignore" => ("LongStorage", 0i64.to_le_bytes().to_vec()),
        _ => ("FloatStorage", crate::common::tensor(key).iter().flat_map(|v| v.to_le_bytes()).collect()),
    };
    Tensor { name: key.name.clone(), shape: key.shape.clone(), kind, bytes }
}

/// torchvision's GoogLeNet in the layout before PyTorch 1.6.
pub fn older() -> Vec<u8> {
    let tensors: Vec<Tensor> =
        keys("torchvision_googlenet").iter().filter(|key| key.kind != "ignore").map(tensor).collect();
    let description = state(&tensors);
    legacy(description, &tensors.into_iter().map(|tensor| (tensor.bytes, 4)).collect::<Vec<_>>())
}

fn check_source(source: &str) {
    let wanted = open(crate::common::generate(source)).unwrap();
    let tensors: Vec<Tensor> = keys(source).iter().map(tensor).collect();
    let description = state(&tensors);
    let size = |tensor: &Tensor| if tensor.kind == "LongStorage" { 8 } else { 4 };
    let sized: Vec<(Vec<u8>, usize)> = tensors.iter().map(|t| (t.bytes.clone(), size(t))).collect();
    let storages: Vec<Vec<u8>> = tensors.into_iter().map(|t| t.bytes).collect();
    let files = [
        archive(description.clone(), storages.clone(), false),
        archive(description.clone(), storages, true),
        legacy(description, &sized),
    ];
    for file in files {
        let found = open(file).unwrap();
        assert_eq!((found.network.id, found.dialect), (wanted.network.id, wanted.dialect));
        let mut read = 0;
        for layer in wanted.graph.layers() {
            for param in Param::ALL {
                let values = found.read(&layer.name, param).ok();
                assert!(values == wanted.read(&layer.name, param).ok(), "{source}: {} {param}", layer.name);
                read += usize::from(values.is_some());
            }
        }
        let stored = keys(source).iter().filter(|key| key.kind != "ignore").count();
        assert_eq!(read, stored, "{source}");
    }
}

#[test]
fn torchvision_googlenet_in_both_layouts() {
    check_source("torchvision_googlenet");
}

#[test]
fn torchvision_inception_v3_in_both_layouts() {
    check_source("torchvision_inception_v3");
}

/// The one tensor `w`, f32 `[2]`, with what is put in place of its description.
fn one(description: Pickle) -> CheckpointError {
    let state = Pickle::new().raw(b"}(").text("w").raw(&description.0).raw(b"u.").0;
    error(archive(state, vec![vec![0; 8]], false))
}

pub fn part() -> Pickle {
    Pickle::default()
}

#[test]
fn tensors_that_do_not_fit_their_storage() {
    let whole = one(part().tensor("FloatStorage", "0", 2, &[2]));
    assert!(matches!(whole, CheckpointError::Unrecognised { .. }), "{whole}");
    for (length, shape) in [(2, vec![3]), (3, vec![2]), (1, vec![1]), (2, vec![1 << 30, 1 << 30, 1 << 30])] {
        let found = one(part().tensor("FloatStorage", "0", length, &shape));
        assert!(matches!(found, CheckpointError::Offsets { .. }), "{length} {shape:?}: {found}");
    }
    let missing = one(part().tensor("FloatStorage", "5", 2, &[2]));
    assert_eq!(missing, CheckpointError::NoStorage { key: "w".into(), storage: "5".into() });
    let negative = one(part().tensor("FloatStorage", "0", 2, &[usize::MAX]));
    assert!(matches!(negative, CheckpointError::Pickle { fault: PickleFault::Malformed(_), .. }), "{negative}");
    let huge = i64::MAX.to_le_bytes();
    let length = part().raw(b"(").text("storage").name("torch", "FloatStorage").text("0").text("cpu");
    let length = length.raw(b"\x8a\x08").raw(&huge).raw(b"tQ");
    let view = part().name("torch._utils", "_rebuild_tensor_v2").raw(b"(").raw(&length.0);
    let found = one(view.raw(b"\x8a\x08").raw(&huge).ints(&[2]).ints(&[1]).raw(b"tR"));
    assert!(matches!(found, CheckpointError::Offsets { .. }), "{found}");
}

#[test]
fn what_a_pickle_names_is_never_made() {
    for (module, name) in [("os", "system"), ("builtins", "eval"), ("torch", "load"), ("__builtin__", "getattr")] {
        // Beside a state dict it is left aside; in the place of one there is nothing to read.
        let call = part().name(module, name).raw(b"(").text("true").raw(b"tR");
        let found = one(call);
        assert!(matches!(found, CheckpointError::Unsupported { .. }), "{found}");
    }
    let used = b"\x80\x95(N\x88\x89KMJ\x8aXTU\x8c)]}\x85\x86\x87tqr\x94hjc\x93QRbsuae.GCB\x8e\x8f\x90\x9102\x81\x92";
    for opcode in (0..=u8::MAX).filter(|opcode| !used.contains(opcode)) {
        let found = one(part().raw(&[opcode]));
        assert!(
            matches!(found, CheckpointError::Pickle { fault: PickleFault::Opcode(o), .. } if o == opcode),
            "{found}"
        );
    }
}

/// A state dict of torchvision's GoogLeNet in zeros, with something in front of every name.
fn dict_of(prefix: &str) -> (Vec<u8>, Vec<Vec<u8>>) {
    dict_in(prefix, 0)
}

/// The same with its tensors in storages from this one on.
fn dict_in(prefix: &str, first: usize) -> (Vec<u8>, Vec<Vec<u8>>) {
    let keys = keys("torchvision_googlenet");
    let mut pickle = part().name("collections", "OrderedDict").raw(b")R(");
    let mut storages = Vec::new();
    for (i, key) in keys.iter().filter(|key| key.kind != "ignore").enumerate() {
        let length = key.shape.iter().product();
        pickle = pickle.text(&format!("{prefix}{}", key.name)).tensor(
            "FloatStorage",
            &(first + i).to_string(),
            length,
            &key.shape,
        );
        storages.push(vec![0; 4 * length]);
    }
    (pickle.raw(b"u").0, storages)
}

#[test]
fn a_state_dict_is_found_wherever_training_put_it() {
    for prefix in ["", "module.", "model.", "_orig_mod.", "module.model.backbone.", "net.0.", "encoder."] {
        for name in ["state_dict", "model", "model_state_dict", "net", "params", "ema"] {
            let (dict, storages) = dict_of(prefix);
            let beside = part()
                .text("epoch")
                .int(7)
                .text("best")
                .raw(b"G\x3f\xf0\0\0\0\0\0\0")
                .text("arch")
                .text("googlenet")
                .text("args")
                .name("argparse", "Namespace")
                .raw(b")\x81}(")
                .text("lr")
                .raw(b"G\x3f\xf0\0\0\0\0\0\0ub")
                .text("score")
                .name("numpy.core.multiarray", "scalar")
                .raw(b"(")
                .text("f8")
                .raw(b"C\x02abtR")
                .text("optimizer")
                .raw(b"}(")
                .text("state")
                .raw(b"}u");
            let state = Pickle::new().raw(b"}(").raw(&beside.0).text(name).raw(&dict).raw(b"u.").0;
            let found = open(archive(state, storages, false)).unwrap_or_else(|e| panic!("{prefix} in {name}: {e}"));
            assert_eq!((found.network.id, found.dialect), ("googlenet-torchvision", "torchvision GoogLeNet"));
        }
    }
    let (dict, mut storages) = dict_of("module.");
    let odd = part().text("other.weight").tensor("FloatStorage", &storages.len().to_string(), 2, &[2]);
    storages.push(vec![0; 8]);
    let state = Pickle::new().raw(&dict[..dict.len() - 1]).raw(&odd.0).raw(b"u.").0;
    let found = open(archive(state, storages, false)).unwrap();
    assert_eq!((found.prefix.as_str(), found.left_aside()), ("module.", vec!["other.weight"]));
    assert!(found.assumptions.contains(&"the network is `module.`; beside it left aside: other".to_owned()));
}

/// A dict of tensors in zeros, whose storages follow those that are there.
fn dict(rows: &[(&str, &[usize])], storages: &mut Vec<Vec<u8>>) -> Vec<u8> {
    let tensors = rows.iter().fold(part(), |items, (name, shape)| {
        let length = shape.iter().product();
        storages.push(vec![0; 4 * length]);
        items.text(name).tensor("FloatStorage", &(storages.len() - 1).to_string(), length, shape)
    });
    ordered(tensors).0
}

/// torchvision's GoogLeNet without its classifier.
fn headless(storages: &mut Vec<Vec<u8>>) -> Vec<u8> {
    let keys = keys("torchvision_googlenet");
    let keys =
        keys.iter().filter(|key| key.kind != "ignore" && !key.name.starts_with("fc.") && !key.name.starts_with("aux"));
    dict(&keys.map(|key| (key.name.as_str(), key.shape.as_slice())).collect::<Vec<_>>(), storages)
}

#[test]
fn a_classifier_in_a_dict_of_its_own_is_read_or_refused() {
    let mut storages = vec![];
    let body = headless(&mut storages);
    let head = dict(&[("weight", &[5, 1024]), ("bias", &[5])], &mut storages);
    let state = Pickle::new().raw(b"}(").text("backbone").raw(&body).text("head").raw(&head).raw(b"u.").0;
    let found = open(archive(state, storages, false)).unwrap();
    assert_eq!((found.options.head.classes(), found.prefix.as_str()), (Some(5), "backbone."));
    let (full, mut storages) = dict_of("");
    let head = dict(&[("weight", &[5, 1024]), ("bias", &[5])], &mut storages);
    let state = Pickle::new().raw(b"}(").text("backbone").raw(&full).text("head").raw(&head).raw(b"u.").0;
    let found = error(archive(state, storages, false));
    assert!(matches!(&found, CheckpointError::Beside { part, .. } if part == "head"), "{found}");
}

#[test]
fn a_state_dict_is_found_in_lists_and_tuples() {
    let (dict, storages) = dict_of("");
    for (before, after, place) in [
        (part().raw(b"]("), part().raw(b"}e."), "0."),
        (part(), part().raw(b"}\x86."), "0."),
        (part().raw(b"}").text("nets").raw(b"]("), part().raw(b"es."), "nets.0."),
    ] {
        let state = Pickle::new().raw(&before.0).raw(&dict).raw(&after.0).0;
        let found = open(archive(state, storages.clone(), false)).unwrap();
        assert_eq!((found.network.id, found.prefix.as_str()), ("googlenet-torchvision", place));
    }
}

#[test]
fn layers_of_one_size_follow_one_another_as_in_the_file() {
    let mut storages = vec![];
    let body = headless(&mut storages);
    let square: &[usize] = &[1024, 1024];
    let head = dict(
        &[
            ("fc.hidden.weight", square),
            ("fc.hidden.bias", &[1024]),
            ("fc.deep.weight", square),
            ("fc.deep.bias", &[1024]),
            ("fc.a.weight", &[5, 1024]),
            ("fc.a.bias", &[5]),
        ],
        &mut storages,
    );
    // The items of both dicts in one: the opcodes that begin and end it stand at the ends.
    let begin = ordered(part()).0.len() - 1;
    let state = Pickle::new().raw(&body[..body.len() - 1]).raw(&head[begin..]).raw(b".").0;
    let found = open(archive(state, storages, false)).unwrap();
    let said = found.assumptions.iter().find(|said| said.contains("several orders")).unwrap();
    assert!(said.ends_with("that of the file, fc.hidden, fc.deep, fc.a"), "{said}");
}

#[test]
fn classes_beside_a_state_dict_are_its_labels() {
    let names = |classes: Pickle| {
        let mut storages = vec![];
        let mut body = headless(&mut storages);
        body.pop();
        let head = dict(&[("fc.weight", &[3, 1024]), ("fc.bias", &[3])], &mut storages);
        body.extend(&head[ordered(part()).0.len() - 1..]);
        let state = Pickle::new().raw(b"}(").text("model_state_dict").raw(&body).raw(&classes.0).raw(b"u.").0;
        let found = open(archive(state, storages, false)).unwrap();
        assert_eq!(found.prefix, "model_state_dict.");
        let said = found.assumptions.iter().find(|said| said.contains("its classes have the names of")).cloned();
        (found.labels, said)
    };
    let list = |names: &[&str]| Some(Labels::List(names.iter().map(|&name| name.to_owned()).collect()));
    let index =
        part().text("class_to_idx").raw(b"}(").text("owl").int(2).text("cat").int(0).text("dog").int(1).raw(b"u");
    let (labels, said) = names(index);
    assert_eq!(labels, list(&["cat", "dog", "owl"]));
    assert!(said.unwrap().contains("`class_to_idx`"));
    let classes = |names: &[&str]| {
        let items = names.iter().fold(part().text("classes").raw(b"]("), |list, name| list.text(name));
        items.raw(b"e")
    };
    assert_eq!(names(classes(&["a", "b", "c"])).0, list(&["a", "b", "c"]));
    assert_eq!(names(classes(&["a", "b"])), (None, None), "of another number of classes");
    let gap = part().text("class_to_idx").raw(b"}(").text("owl").int(3).text("cat").int(0).text("dog").int(1).raw(b"u");
    assert_eq!(names(gap), (None, None));
}

#[test]
fn bytes_that_are_not_those_that_were_written_are_noticed() {
    let (dict, storages) = dict_of("");
    let whole = archive(Pickle::new().raw(&dict).raw(b".").0, storages, false);
    let storage = whole.windows(16).position(|w| w == b"archive/data/7FB").unwrap() + 40;
    let mut damaged = whole.clone();
    damaged[storage] ^= 1;
    assert_eq!(error(damaged.clone()), CheckpointError::Zip { file: "w.pth".into(), fault: ZipFault::Checksum });
    // PyTorch may be told to leave checksums out.
    let entry = damaged.windows(16).position(|w| w == b"archive/data/7PK").unwrap() - 46;
    damaged[entry + 16..entry + 20].fill(0);
    assert!(open(damaged).is_ok());
}

#[test]
fn containers_within_containers_end() {
    // Each level is a record that has the one below a thousand times.
    let record = || part().name("some", "Module").raw(b")\x81}(");
    let mut pickle = part().raw(b"}q\0");
    for level in 1..=20u8 {
        let many: Vec<u8> = (0..1000).flat_map(|i| part().text(&i.to_string()).raw(&[b'h', level - 1]).0).collect();
        pickle = pickle.raw(&record().0).raw(&many).raw(b"ubq").raw(&[level]);
    }
    let found = error(archive(Pickle::new().raw(&pickle.0).raw(b".").0, vec![], false));
    assert!(matches!(found, CheckpointError::Unsupported { .. }), "{found}");
}

#[test]
fn a_transposed_tensor_is_read_in_its_order() {
    let keys: Vec<Key> = keys("torchvision_googlenet").into_iter().filter(|key| key.kind != "ignore").collect();
    let wanted = open(crate::common::generate("torchvision_googlenet")).unwrap();
    let mut pickle = Pickle::new().raw(b"}(");
    let mut storages = Vec::new();
    for (i, key) in keys.iter().enumerate() {
        let values = crate::common::tensor(key);
        let length = values.len();
        let description = match key.shape[..] {
            // Channels last: [O, I, H, W] kept as [O, H, W, I].
            [_, c, h, w] => {
                let at = |o: usize, y: usize, x: usize, c_: usize| values[((o * c + c_) * h + y) * w + x];
                let last = (0..length).map(|n| at(n / (h * w * c), n / (w * c) % h, n / c % w, n % c));
                storages.push(last.flat_map(f32::to_le_bytes).collect());
                part()
                    .name("torch._utils", "_rebuild_tensor_v2")
                    .raw(b"(")
                    .storage("FloatStorage", &i.to_string(), length)
                    .int(0)
                    .ints(&key.shape)
                    .ints(&[h * w * c, 1, w * c, c])
                    .raw(b"\x89")
                    .name("collections", "OrderedDict")
                    .raw(b")RtR")
            }
            _ => {
                storages.push(values.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>());
                part().tensor("FloatStorage", &i.to_string(), length, &key.shape)
            }
        };
        pickle = pickle.text(&key.name).raw(&description.0);
    }
    let found = open(archive(pickle.raw(b"u.").0, storages, false)).unwrap();
    for layer in wanted.graph.layers() {
        let both = [&found, &wanted].map(|c| c.read(&layer.name, Param::Weights).ok());
        assert!(both[0] == both[1], "{}", layer.name);
    }
    let own = open(inception::checkpoints::convert(&found, None, &Default::default()).unwrap()).unwrap();
    for layer in wanted.graph.layers() {
        let both = [&own, &wanted].map(|c| c.read(&layer.name, Param::Weights).ok());
        assert!(both[0] == both[1], "{} converted", layer.name);
    }
}

#[test]
fn values_that_do_not_fit_their_opcodes() {
    let faulty: [&[u8]; 12] = [
        b"R",
        b"b",
        b"s",
        b"u",
        b"a",
        b"e",
        b"t",
        b"\x87",
        b"h\x07",
        b"(K\x01u",
        b"Nq\x00h\x00b",
        b"X\xff\xff\xff\xffab",
    ];
    for opcodes in faulty {
        let found = one(part().raw(opcodes));
        assert!(matches!(found, CheckpointError::Pickle { .. }), "{opcodes:?}: {found}");
    }
    for state in [&b"N."[..], b"].", b"}(K\x01K\x02u.", b"}(X\x01\0\0\0wK\x02u.", b"}(X\x01\0\0\0w\x8a\x09123456789u."]
    {
        let found = error(archive(Pickle::new().raw(state).0, vec![], false));
        assert!(matches!(found, CheckpointError::Unsupported { .. }), "{state:?}: {found}");
    }
    // A dict that contains itself is no state dict, and nothing follows it down.
    let endless = error(archive(Pickle::new().raw(b"}q\0(").text("state_dict").raw(b"h\0u.").0, vec![], false));
    assert!(matches!(endless, CheckpointError::Unsupported { .. }), "{endless}");
}

#[test]
fn archives_that_are_damaged() {
    let entry = |name: &str, bytes: &[u8]| (name.to_owned(), bytes.to_vec());
    let empty = Pickle::new().raw(b"}.").0;
    let zipped = |fault| CheckpointError::Zip { file: "w.pth".into(), fault };
    let whole = zip(&[entry("a/data.pkl", &empty), entry("a/data/0", &[0; 8])], false);
    assert!(matches!(error(whole.clone()), CheckpointError::Unsupported { .. }));
    assert_eq!(error(whole[..whole.len() - 1].to_vec()), zipped(ZipFault::NoDirectory));
    let directory = whole.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
    let mut deflated = whole.clone();
    deflated[directory + 10] = 8;
    assert_eq!(error(deflated), zipped(ZipFault::NotStored));
    let mut moved = whole.clone();
    moved[directory + 42] = 9;
    assert_eq!(error(moved), zipped(ZipFault::Damaged));
    let other = error(zip(&[entry("readme.txt", b"hello")], false));
    assert!(matches!(other, CheckpointError::Unsupported { .. }), "{other}");
    let big = error(zip(&[entry("a/data.pkl", &empty), entry("a/byteorder", b"big")], false));
    assert!(big.to_string().contains("big-endian"), "{big}");
    let twice = zip(&[entry("a/data.pkl", &empty), entry("a/data/0", b""), entry("a/data/0", b"")], false);
    assert_eq!(error(twice), CheckpointError::DuplicateKey { key: "a/data/0".into() });
}

#[test]
fn older_files_that_are_damaged() {
    let description = Pickle::new().raw(b"}(").text("w").tensor("FloatStorage", "0", 2, &[2]).raw(b"u.").0;
    let whole = legacy(description.clone(), &[(vec![0; 8], 4)]);
    assert!(matches!(error(whole.clone()), CheckpointError::Unrecognised { .. }));
    for length in 1..whole.len() {
        let found = error(whole[..length].to_vec());
        let fits =
            matches!(found, CheckpointError::Pickle { fault: PickleFault::Short, .. } | CheckpointError::Header { .. });
        // Of its first byte alone nobody can tell.
        let fits = fits || length == 1 && matches!(found, CheckpointError::OtherThanNamed { .. });
        assert!(fits, "{length}: {found}");
    }
    let unknown = legacy(description, &[(vec![0; 8], 4), (vec![], 4)]);
    assert!(matches!(error(unknown), CheckpointError::Header { .. }));
    let foreign = error(Pickle::new().raw(b"}.").0);
    assert!(matches!(foreign, CheckpointError::Unsupported { .. }), "{foreign}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn damage_is_an_error_or_nothing(
        name in prop::sample::select(vec!["zip.pth", "legacy.pth", "nested.pth", "model.pth"]),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = std::fs::read(crate::common::reference().join("torch").join(name)).unwrap();
        for (index, value) in changes {
            let at = index.index(bytes.len());
            bytes[at] = value;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        // None of these files holds a network: whatever is left of them, opening fails.
        prop_assert!(open(bytes).is_err());
    }
}

#[test]
fn of_several_sets_of_weights_it_is_said_which_is_taken() {
    let (dict, mut storages) = dict_of("");
    let (average, more) = dict_in("", storages.len());
    storages.extend(more);
    let several =
        Pickle::new().raw(b"}(").text("state_dict").raw(&dict).text("state_dict_ema").raw(&average).raw(b"u.").0;
    let found = open(archive(several, storages.clone(), false)).unwrap();
    let said = "the file has several sets of weights: those of state_dict_ema are taken, not state_dict";
    assert!(found.assumptions.iter().any(|sentence| sentence == said), "{:?}", found.assumptions);
    // Twice the same tensors are one set.
    let same = Pickle::new().raw(b"}(").text("a").raw(&dict).text("b").raw(&dict).raw(b"u.").0;
    let found = open(archive(same, storages, false)).unwrap();
    assert!(!found.assumptions.iter().any(|said| said.contains("several sets")), "{:?}", found.assumptions);
}

pub fn ordered(items: Pickle) -> Pickle {
    part().name("collections", "OrderedDict").raw(b")R(").raw(&items.0).raw(b"u")
}

/// Exporters' files: their logits are those of their framework.
#[test]
fn files_of_pytorch_answer_as_it_does() {
    for (fixture, is_transformed) in [
        ("torch_v3_module", true),
        ("torch_v3_script", false),
        ("torch_v3_trace", false),
        ("torch_v3_lightning_ckpt", true),
    ] {
        let files =
            files(fixture, true).into_iter().map(|(name, bytes)| SourceFile { name, bytes: bytes.into() }).collect();
        let mut session = Loader::new(files, LoadOptions::default()).unwrap().finish().unwrap();
        let (mean, std) = ([0.485f32, 0.456, 0.406], [0.229f32, 0.224, 0.225]);
        let transformed = |(i, v): (usize, f32)| v * (std[i % 3] / 0.5) + (mean[i % 3] - 0.5) / 0.5;
        let mut input = input(fixture);
        if is_transformed {
            input = input.into_iter().enumerate().map(transformed).collect();
        }
        let is_script = session.info().assumptions.iter().any(|said| said.contains("TorchScript"));
        assert_eq!(is_script, !is_transformed, "{fixture}: {:?}", session.info().assumptions);
        session.begin(&Input::Values(input)).unwrap();
        while session.step().unwrap().is_some() {}
        let error = error_of(&session.output("Logits", 0).unwrap().data, &logits(fixture));
        assert!(error < 2e-4, "{fixture}: {error}");
    }
}
