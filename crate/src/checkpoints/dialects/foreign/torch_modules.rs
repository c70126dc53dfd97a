//! What a PyTorch program that was saved whole says beside its tensors: the classes of its modules, and what is set on them. The
//! program itself is not run, so what its modules would do besides the network has to be read or refused.

use std::collections::{BTreeMap, BTreeSet};

use super::torch_head::is_whole;
use crate::checkpoints::formats::{TensorFile, TorchModule};
use crate::checkpoints::weight::Weight;
use crate::checkpoints::{CheckpointError, Param};
use crate::graph::{Conv, Graph, Op};

/// Classes of `torch.nn`, torchvision's transforms and timm that no network has outside of its head.
#[rustfmt::skip]
const FOREIGN: [&str; 68] = [
    "AdaptiveMaxPool1d", "AdaptiveMaxPool2d", "CELU", "CenterCrop", "ConvTranspose2d", "ELU", "Embedding", "FiveCrop", "Fold",
    "FractionalMaxPool2d", "GELU", "GLU", "GRU", "GaussianBlur", "GeM", "GeMPool", "Grayscale", "GroupNorm", "Hardshrink", "Hardsigmoid", "Hardswish",
    "Hardtanh", "InstanceNorm1d", "InstanceNorm2d", "LPPool1d", "LPPool2d", "LSTM", "LayerNorm", "LayerNorm2d", "LeakyReLU", "LogSigmoid",
    "LogSoftmax", "MaxUnpool2d", "Mish", "MultiheadAttention", "Normalize", "PReLU", "Pad", "PixelShuffle", "PixelUnshuffle", "RMSNorm",
    "RReLU", "ReLU6", "ReflectionPad2d", "ReplicationPad2d", "Resize", "SELU", "SeBlock", "SiLU", "Sigmoid", "Softmax", "Softmax2d",
    "Softmin", "Softplus", "Softshrink", "Softsign", "SqueezeExcitation", "Tanh", "Tanhshrink", "Threshold", "TransformerEncoder", "Unfold",
    "Upsample", "UpsamplingBilinear2d", "UpsamplingNearest2d", "ZeroPad2d", "SEModule", "StochasticDepth",
];

/// Networks of torchvision, timm, pretrainedmodels and facenet-pytorch and their parts, modules of `torch.nn` that they have, and what
/// holds a network and adds nothing: what these do is known.
#[rustfmt::skip]
const KNOWN: [&str; 72] = [
    "AdaptiveAvgPool2d", "AuxLogits", "AvgPool2d", "BNInception", "BasicConv2d", "BatchNorm2d", "BatchNormAct2d", "Block17", "Block35", "Block8", "Conv2d",
    "Conv2dSame", "ConvBnAct", "ConvNormAct", "CrossEntropyLoss", "DataParallel", "DistributedDataParallel", "Dropout", "Dropout2d", "FastAdaptiveAvgPool2d", "Flatten",
    "FrozenBatchNorm2d", "GoogLeNet", "Identity", "Inception", "Inception3", "InceptionA", "InceptionAux", "InceptionB", "InceptionC", "InceptionD",
    "InceptionE", "InceptionResNetV2", "InceptionResnetV1", "InceptionResnetV2", "InceptionV3", "InceptionV3Aux", "InceptionV4", "Inception_A", "Inception_B",
    "Inception_C", "Linear", "LocalResponseNorm", "MaxPool2d", "Mixed3a", "Mixed4a", "Mixed5a", "Mixed5b", "Mixed6a", "Mixed7a", "Mixed_3a",
    "Mixed_4a", "Mixed_5a", "Mixed_5b", "Mixed_6a", "Mixed_7a", "ModuleDict", "ModuleList", "NonDynamicallyQuantizableLinear", "OptimizedModule", "ReLU",
    "RecursiveScriptModule", "ReductionA", "ReductionB", "Reduction_A", "Reduction_B", "SelectAdaptivePool2d", "Sequential", "SyncBatchNorm", "BatchNorm1d",
    "BCEWithLogitsLoss", "AvgPool2dSame",
];

/// The option that does what a module before or after a network does.
fn replaced(class: &str) -> Option<&'static str> {
    match class {
        "Normalize" | "Resize" | "CenterCrop" | "Upsample" | "UpsamplingBilinear2d" | "UpsamplingNearest2d" => {
            Some("preprocess")
        }
        "Sigmoid" | "Softmax" | "LogSoftmax" => Some("activation"),
        _ => None,
    }
}

/// Classes of a file's own that are named.
const MOST_NAMED: usize = 6;

/// Holds the modules of a whole program against the graph of the network that was recognised, whose layers have these weights;
/// `head` is where its own classifier lies, empty where it has none. What could not be held against anything is said.
///
/// # Errors
/// [`CheckpointError::Layer`] for a module that computes something else than the network.
pub fn check(
    file: &TensorFile,
    graph: &Graph,
    weights: &BTreeMap<String, BTreeMap<Param, Weight>>,
    head: &str,
) -> Result<Vec<String>, CheckpointError> {
    let heads: Vec<&str> =
        file.head.iter().map(String::as_str).chain([head]).map(|at| at.trim_end_matches('.')).collect();
    let heads: Vec<&str> = heads.into_iter().filter(|at| !at.is_empty() && is_whole(file, at)).collect();
    let is_below =
        |path: &str, at: &str| path.strip_prefix(at).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    let mut convolutions = BTreeMap::<&str, &Conv>::new();
    for (layer, of) in weights {
        if let Some(Op::Conv(conv)) = graph.find(layer).map(|id| &graph.layer(id).op) {
            let modules = of.values().filter_map(|weight| Some(weight.key.rsplit_once('.')?.0));
            convolutions.extend(modules.map(|module| (module, conv)));
        }
    }
    for module in &file.modules {
        // A head is read module by module.
        if heads.iter().any(|at| is_below(&module.path, at)) {
            continue;
        }
        let other = match convolutions.get(module.path.as_str()) {
            _ if FOREIGN.contains(&module.class.as_str()) => Some(match replaced(&module.class) {
                Some(option) => {
                    format!(
                        "{}: save the network's own state_dict() without it, and say what it does by the option `{option}`",
                        module.class
                    )
                }
                None => module.class.clone(),
            }),
            Some(conv) => difference(module, conv),
            None => is_removed(module).then(|| "Identity".to_owned()),
        };
        if let Some(what) = other {
            let layer = if module.path.is_empty() { &module.class } else { &module.path };
            return Err(CheckpointError::Layer { layer: layer.clone(), what });
        }
    }
    let mut said = Vec::new();
    let is_own = |module: &&TorchModule| {
        !KNOWN.contains(&module.class.as_str()) && !heads.iter().any(|at| is_below(&module.path, at))
    };
    let own: BTreeSet<&str> = file.modules.iter().filter(is_own).map(|module| module.class.as_str()).collect();
    // Of a script all of that is said.
    if !own.is_empty() && !file.is_script {
        let names: Vec<&str> = own.into_iter().take(MOST_NAMED).collect();
        said.push(format!(
            "the file is a whole module, and what its own classes do ({}) is not read: each is taken to do what the network does in its place",
            names.join(", ")
        ));
    }
    if file.modules.iter().any(|module| {
        module.numbers.contains_key("_forward_hooks") || module.numbers.contains_key("_forward_pre_hooks")
    }) {
        said.push("the file's modules have forward hooks, whose programs are not read: they are taken to leave the answer as it is".into());
    }
    Ok(said)
}

/// What a module with a convolution's or batch norm's tensors does otherwise than the network.
fn difference(module: &TorchModule, conv: &Conv) -> Option<String> {
    let number = |name: &str| module.numbers.get(name).copied();
    if let (Some(epsilon), Some(norm)) = (number("eps"), conv.norm)
        && (epsilon - norm.epsilon).abs() > 1e-6 * norm.epsilon
    {
        return Some(format!("{} with eps {epsilon} where the network has {}", module.class, norm.epsilon));
    }
    if number("padding_mode").is_some() {
        return Some(format!("{} with padding that is not of zeros", module.class));
    }
    let pair = |name: &str| Some([number(&format!("{name}.0"))?, number(&format!("{name}.1"))?]);
    let padding = [conv.padding.top, conv.padding.left];
    let wanted = [("stride", conv.stride), ("padding", padding), ("dilation", [1, 1])];
    wanted.into_iter().find_map(|(name, wanted)| {
        let found = pair(name)?;
        let wanted = wanted.map(|side| side as f64);
        let [words, instead] = [found, wanted].map(|[h, w]| format!("{h}x{w}"));
        (found != wanted).then(|| format!("{} with {name} {words} where the network has {instead}", module.class))
    })
}

/// Whether a pool was taken out of a network.
fn is_removed(module: &TorchModule) -> bool {
    let name = module.path.rsplit('.').next().unwrap_or_default();
    module.class == "Identity" && (name.contains("maxpool") || name.contains("avgpool"))
}
