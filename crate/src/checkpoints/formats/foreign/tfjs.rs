//! TF.js models: `model.json` with a `weightsManifest`, and shards of raw little-endian data
//! (<https://github.com/tensorflow/tfjs/tree/master/tfjs-converter>), quantised or not.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Deserialize;
use serde_json::Value;

use super::safetensors::byte_length;
use super::tensorflow::{Operation, Walk};
use super::topology;
use super::tracing::{Tracer, with_bytes};
use super::{Format, Quantization, SourceFile, Stored, StoredType, TensorFile};
use crate::checkpoints::CheckpointError;

#[derive(Deserialize)]
struct Model {
    format: Option<String>,
    #[serde(rename = "modelTopology")]
    topology: Option<Value>,
    #[serde(rename = "weightsManifest")]
    manifest: Vec<Group>,
    signature: Option<Value>,
    #[serde(rename = "userDefinedMetadata")]
    user_metadata: Option<Value>,
}

#[derive(Deserialize)]
struct Group {
    paths: Vec<String>,
    weights: Vec<Weight>,
}

#[derive(Deserialize)]
struct Weight {
    name: String,
    shape: Vec<u64>,
    dtype: String,
    quantization: Option<WeightQuantization>,
}

#[derive(Deserialize)]
struct WeightQuantization {
    dtype: String,
    scale: Option<f64>,
    min: Option<f64>,
}

/// Reads the model at this position of the files; the others are its shards.
pub(super) fn read(files: Vec<SourceFile>, position: usize) -> Result<TensorFile, CheckpointError> {
    let json = &files[position];
    let fault = |reason: String| CheckpointError::Header { file: json.name.clone(), reason };
    let model: Model = serde_json::from_slice(json.bytes.head()).map_err(|e| fault(e.to_string()))?;
    let mut tensors = BTreeMap::new();
    for group in &model.manifest {
        place(&files, group, &mut tensors)?;
    }
    let is_graph = model.topology.as_ref().is_some_and(|topology| topology.get("node").is_some());
    if is_graph || model.format.as_deref() == Some("graph-model") {
        let found = graph(&files, position, &model, tensors)?;
        return Ok(TensorFile { format: Format::TfjsGraph, ..with_bytes(found, files) });
    }
    let name = json.name.clone();
    let files = files.into_iter().map(|f| f.bytes).collect();
    let mut file = TensorFile { format: Format::TfjsLayers, files, tensors, ..TensorFile::default() };
    model.topology.iter().try_for_each(|topology| topology::describe(&mut file, &name, topology))?;
    Ok(file)
}

/// A model as a graph of TensorFlow's operations, whose constants are the weights.
fn graph(
    files: &[SourceFile],
    position: usize,
    model: &Model,
    tensors: BTreeMap<String, Stored>,
) -> Result<(TensorFile, Vec<u8>), CheckpointError> {
    let mut walk = Walk::new(Tracer::new(files), (&files[position].name, position), None)?;
    walk.variables = tensors.into_iter().collect();
    let nodes = model.topology.as_ref().and_then(|topology| topology.get("node")).and_then(Value::as_array);
    let nodes: Option<Vec<Operation>> = nodes.and_then(|nodes| nodes.iter().map(Operation::of_json).collect());
    let Some(nodes) = nodes else { return Err(walk.fault("it has no list of nodes")) };
    let signature = model.signature.as_ref().or_else(|| model.user_metadata.as_ref()?.get("signature"));
    let outputs = signature.and_then(|signature| signature.get("outputs")).and_then(Value::as_object);
    let name = |output: &Value| output.get("name").and_then(Value::as_str).map(str::to_owned);
    let answers: Vec<String> = outputs.into_iter().flat_map(|outputs| outputs.values()).filter_map(name).collect();
    walk.whole(&nodes, &answers)
}

fn stored_type(weight: &Weight) -> Result<(StoredType, Option<Quantization>), CheckpointError> {
    let unknown = |dtype: &str| CheckpointError::UnknownDtype { key: weight.name.clone(), dtype: dtype.into() };
    let Some(q) = &weight.quantization else {
        return match weight.dtype.as_str() {
            "float32" => Ok((StoredType::F32, None)),
            "int32" => Ok((StoredType::Other("I32", 4), None)),
            "bool" => Ok((StoredType::Other("BOOL", 1), None)),
            other => Err(unknown(other)),
        };
    };
    let dtype = match q.dtype.as_str() {
        "float16" => return Ok((StoredType::F16, None)),
        "uint8" => StoredType::U8,
        "uint16" => StoredType::U16,
        other => return Err(unknown(other)),
    };
    let (Some(scale), Some(min)) = (q.scale, q.min) else {
        let reason = "its scale or minimum is missing".into();
        return Err(CheckpointError::Quantization { key: weight.name.clone(), reason });
    };
    Ok((dtype, Some(Quantization::tensor(&weight.name, scale, min)?)))
}

/// The tensors of a group lie one after another in its shards, taken as one.
fn place(files: &[SourceFile], group: &Group, tensors: &mut BTreeMap<String, Stored>) -> Result<(), CheckpointError> {
    let mut shards: Vec<(usize, Range<u64>)> = Vec::with_capacity(group.paths.len());
    let mut found = 0;
    for path in &group.paths {
        let name = path.rsplit('/').next().unwrap_or(path);
        let Some(file) = files.iter().position(|f| f.name == name) else {
            return Err(CheckpointError::MissingShard { name: path.clone() });
        };
        let length = files[file].bytes.len() as u64;
        shards.push((file, found..found + length));
        found += length;
    }
    let mut begin = 0u64;
    let mut overrun = false;
    for weight in &group.weights {
        let (dtype, quantization) = stored_type(weight)?;
        let length = byte_length(&weight.shape, dtype);
        let Some(end) = length.and_then(|length| begin.checked_add(length)) else {
            return Err(CheckpointError::ByteLength {
                key: weight.name.clone(),
                shape: weight.shape.clone(),
                dtype: dtype.name().into(),
                found,
            });
        };
        overrun |= end > found;
        let stored = Stored {
            dtype,
            shape: weight.shape.iter().map(|&d| d as usize).collect(),
            strides: vec![],
            quantization,
            segments: if overrun { vec![] } else { segments(&shards, begin..end) },
        };
        if tensors.insert(weight.name.clone(), stored).is_some() {
            return Err(CheckpointError::DuplicateKey { key: weight.name.clone() });
        }
        begin = end;
    }
    match begin == found {
        true => Ok(()),
        false => Err(CheckpointError::ShardLength {
            first: group.paths.first().cloned().unwrap_or_default(),
            last: group.paths.last().cloned().unwrap_or_default(),
            wanted: begin,
            found,
        }),
    }
}

fn segments(shards: &[(usize, Range<u64>)], tensor: Range<u64>) -> Vec<(usize, Range<usize>)> {
    let overlap = |(file, shard): &(usize, Range<u64>)| {
        let begin = tensor.start.max(shard.start);
        let end = tensor.end.min(shard.end);
        (begin < end).then(|| (*file, (begin - shard.start) as usize..(end - shard.start) as usize))
    };
    shards.iter().filter_map(overlap).collect()
}
