use super::Param;
#[cfg(feature = "formats")]
use super::{PickleFault, ProtobufFault, ZipFault};
use crate::graph::GraphError;

/// Why a checkpoint cannot be read, recognised or converted.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CheckpointError {
    /// No file was given.
    #[error("no weights file was given")]
    NoFile,
    /// A file of zero bytes.
    #[error("{file} is empty")]
    Empty {
        /// Name of the file.
        file: String,
    },
    /// A known format that is not read, with the way out.
    #[error("{file}: {what}")]
    Unsupported {
        /// Name of the file.
        file: String,
        /// What it is and what to do instead.
        what: &'static str,
    },
    /// A file that is not in the format that its name promises, nor in another that is known.
    #[error("{file}: no file of this ending begins so: fetch it again if it is damaged, or name it as its format does")]
    OtherThanNamed {
        /// Name of the file.
        file: String,
    },
    /// Something that holds no weights, such as the page of a web server.
    #[error("{file} is {what}, not a weights file")]
    NotWeights {
        /// Name of the file.
        file: String,
        /// What it is.
        what: &'static str,
    },
    /// Too short for the eight bytes of a safetensors header length.
    #[error("{file} has {bytes} bytes, too few for a safetensors header")]
    TruncatedHeader {
        /// Name of the file.
        file: String,
        /// Its length.
        bytes: usize,
    },
    /// A safetensors header length beyond the end of the file.
    #[error(
        "{file} claims a header of {claimed} bytes, but only {available} follow: it is cut short or not safetensors"
    )]
    HeaderLength {
        /// Name of the file.
        file: String,
        /// The length that the file states.
        claimed: u64,
        /// Bytes after the length.
        available: u64,
    },
    /// A layer of the file's model that these networks do not have: without it the answers would be wrong.
    #[error("its layer {layer} ({what}) is none that is read: without it the answers would be wrong")]
    Layer {
        /// Name of the layer in the file.
        layer: String,
        /// Its class, or what it ends in.
        what: String,
    },
    #[cfg(feature = "formats")]
    /// A weight of which the file has the parts.
    #[error("{key}: {layer} has {what}, which is not read; apply {undo} before the state dict is saved")]
    Reparametrized {
        /// One of the parts.
        key: String,
        /// The module that they belong to.
        layer: String,
        /// What the weight is made of.
        what: &'static str,
        /// How to make a weight of the parts.
        undo: &'static str,
    },
    #[cfg(feature = "formats")]
    /// Something beside the network in a state dict that may take part in the answer.
    #[error(
        "beside {} there is {part}, {why}: it may take part in the answer. Save the network alone, or with its head at its own place",
        if .network.is_empty() { "the network's layers".to_owned() } else { format!("the network (`{}`)", .network) }
    )]
    Beside {
        /// Where the network is.
        network: String,
        /// What is beside it.
        part: String,
        /// What it could be.
        why: String,
    },
    #[cfg(feature = "formats")]
    /// Several networks in one state dict.
    #[error("it holds several networks, {}: save the state dict of one of them alone", .networks.join(" and "))]
    Several {
        /// Where they are.
        networks: Vec<String>,
    },
    /// A file's model that is none of the networks: the first difference from the one that is most like it.
    #[error("at {node} the file has {found} where {network} has {wanted} ({layer}): it is another network")]
    Differs {
        /// Title of the network.
        network: &'static str,
        /// The file's name of the operation.
        node: String,
        /// What it is.
        found: String,
        /// What the network has there.
        wanted: String,
        /// Our name of the layer.
        layer: String,
    },
    /// A header or model description that cannot be parsed.
    #[error("{file}: its description is not valid: {reason}")]
    Header {
        /// Name of the file.
        file: String,
        /// The parser's words.
        reason: String,
    },
    #[cfg(feature = "formats")]
    /// A pickle outside the subset that state dicts use, or a broken one.
    #[error("{file}: byte {at} of its pickle: {fault}")]
    Pickle {
        /// Name of the file.
        file: String,
        /// The opcode's place in the file.
        at: usize,
        /// What is wrong.
        fault: PickleFault,
    },
    #[cfg(feature = "formats")]
    /// An HDF5 file that cannot be read.
    #[error("{file} is an HDF5 file that cannot be read: {reason}")]
    Hdf5 {
        /// Name of the file.
        file: String,
        /// What is wrong.
        reason: &'static str,
    },
    #[cfg(feature = "formats")]
    /// A protocol buffer that cannot be read: an ONNX, TensorFlow or Caffe file.
    #[error("{file}: byte {at}: {fault}")]
    Protobuf {
        /// Name of the file.
        file: String,
        /// The field's place in the file.
        at: usize,
        /// What is wrong.
        fault: ProtobufFault,
    },
    #[cfg(feature = "formats")]
    /// Bytes of a TensorFlow checkpoint that are not those that its checksum was made of.
    #[error("{what}: its bytes do not fit their checksum: the file is damaged")]
    Checksum {
        /// The tensor or the part of the file.
        what: String,
    },
    #[cfg(feature = "formats")]
    /// An archive that cannot be read.
    #[error("{file}: {fault}")]
    Zip {
        /// Name of the file.
        file: String,
        /// What is wrong.
        fault: ZipFault,
    },
    /// A tensor whose values are not in the file.
    #[error("{key} lies in the storage {storage}, which is missing")]
    NoStorage {
        /// The key.
        key: String,
        /// Key of the storage.
        storage: String,
    },
    /// A tensor that is a transposed or spread view.
    #[error("{key} is {shape:?} with strides {strides:?}: only tensors in one piece are read, made with contiguous()")]
    Strided {
        /// The key.
        key: String,
        /// Its shape.
        shape: Vec<u64>,
        /// Values from one index to the next, per axis.
        strides: Vec<u64>,
    },
    /// Two tensors of one name.
    #[error("{key} occurs twice")]
    DuplicateKey {
        /// The key.
        key: String,
    },
    /// An element type that the format does not have.
    #[error("{key} has the unknown element type {dtype}")]
    UnknownDtype {
        /// The key.
        key: String,
        /// The element type.
        dtype: String,
    },
    /// Data offsets beyond the end of the file or the wrong way round.
    #[error("{key} claims bytes {begin} to {end}, but the file holds {available}: it is damaged or cut short")]
    Offsets {
        /// The key.
        key: String,
        /// First byte, counted from the end of the header.
        begin: u64,
        /// One past the last byte.
        end: u64,
        /// Bytes of tensor data in the file.
        available: u64,
    },
    /// A byte range that does not fit shape and element type.
    #[error("{key} is {shape:?} of {dtype}, which does not take {found} bytes")]
    ByteLength {
        /// The key.
        key: String,
        /// Shape as stored.
        shape: Vec<u64>,
        /// Element type.
        dtype: String,
        /// Bytes in the file.
        found: u64,
    },
    /// Two tensors that share bytes.
    #[error("{key} and {other} share bytes")]
    Overlap {
        /// The later key.
        key: String,
        /// The earlier key.
        other: String,
    },
    /// Bytes that belong to no tensor.
    #[error("{file}: bytes {begin} to {end} of the data belong to no tensor")]
    Unclaimed {
        /// Name of the file.
        file: String,
        /// First byte.
        begin: u64,
        /// One past the last byte.
        end: u64,
    },
    /// Scale and minimum of a quantised tensor are missing or impossible.
    #[error("{key}: {reason}")]
    Quantization {
        /// The key.
        key: String,
        /// What is wrong.
        reason: String,
    },
    /// A shard that a TF.js model names was not among the files.
    #[error("the model needs the file {name}, which was not given")]
    MissingShard {
        /// The name that the model gives.
        name: String,
    },
    /// More than one model among the files.
    #[error("{} and {} are two models: open them one at a time", .files[0], .files[1])]
    SeveralModels {
        /// Names of the first two.
        files: [String; 2],
    },
    /// The shards of a TF.js weights group hold too few or too many bytes.
    #[error("the shards {first} to {last} hold {found} bytes where the model describes {wanted}")]
    ShardLength {
        /// First shard of the group.
        first: String,
        /// Last shard of the group.
        last: String,
        /// Bytes that the group's tensors take.
        wanted: u64,
        /// Bytes in its files.
        found: u64,
    },
    /// No dialect knows these keys.
    #[error("these weights belong to no known network: found {}; known are {}", .keys.join(", "), .known.join(", "))]
    Unrecognised {
        /// The first keys of the file.
        keys: Vec<String>,
        /// Names of the dialects.
        known: Vec<&'static str>,
    },
    /// The keys fit several networks and nothing says which.
    #[error("these weights fit {}: name the network", .networks.join(" and "))]
    Ambiguous {
        /// Ids of the networks.
        networks: Vec<&'static str>,
    },
    /// A network id that does not exist.
    #[error("there is no network {id}")]
    UnknownNetwork {
        /// The id asked for.
        id: String,
    },
    /// The named network does not use the keys of this file.
    #[error("these weights are {dialect}, which does not hold {network}")]
    WrongNetwork {
        /// The dialect recognised.
        dialect: &'static str,
        /// The network asked for.
        network: String,
    },
    /// A tensor that the network needs is not there.
    #[error("{layer} needs {key} {wanted:?}, which is missing")]
    Missing {
        /// Public name of the layer.
        layer: String,
        /// The key in this dialect.
        key: String,
        /// Shape in the file's layout.
        wanted: Vec<usize>,
    },
    /// A tensor that the network has no use for.
    #[error("{key} {found:?} has no place in {network} ({dialect})")]
    Unexpected {
        /// The key.
        key: String,
        /// Its shape.
        found: Vec<usize>,
        /// Network id.
        network: &'static str,
        /// The dialect recognised.
        dialect: &'static str,
    },
    /// A tensor of another shape.
    #[error("{layer} needs {key} to be {wanted:?}, but it is {found:?}")]
    Misshapen {
        /// Public name of the layer.
        layer: String,
        /// The key.
        key: String,
        /// Shape in the file's layout.
        wanted: Vec<usize>,
        /// Shape in the file.
        found: Vec<usize>,
    },
    /// A weight stored in an element type that is not read, or codes without their scale.
    #[error("{layer}: {key} is stored as {dtype}, which is not read as weights")]
    Dtype {
        /// Public name of the layer.
        layer: String,
        /// The key.
        key: String,
        /// Element type.
        dtype: &'static str,
    },
    /// A weight that is infinite or not a number.
    #[error("{layer}: {key} holds a value that is not finite")]
    NotFinite {
        /// Public name of the layer.
        layer: String,
        /// The key.
        key: String,
    },
    /// A head that has weights for every position, and pictures of another size than those it was trained on.
    #[error("its head reads all positions, so it takes only pictures of {width}x{height}")]
    Positions {
        /// Width of its pictures.
        width: usize,
        /// Height of its pictures.
        height: usize,
    },
    /// A parameter that the layer does not have.
    #[error("{layer} has no {param}")]
    NoParam {
        /// Public name of the layer.
        layer: String,
        /// The parameter asked for.
        param: Param,
    },
    /// A field of the file's metadata that cannot be used.
    #[error("the metadata field {field} is not valid: {reason}")]
    Metadata {
        /// The field.
        field: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// A taught head where a model is wanted.
    #[error("it holds a taught head alone: load the model that it was taught on, {title}, with this file as its head")]
    OnlyHead {
        /// The model's name.
        title: String,
    },
    /// The network cannot be built with what the file holds.
    #[error(transparent)]
    Graph(#[from] GraphError),
}
