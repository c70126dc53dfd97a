//! What a file's tensors are: by the graph beside them where there is one, else by their names.

use std::collections::BTreeMap;

#[cfg(feature = "formats")]
use super::dialects::{self, NSFWJS_HEAD};
use super::fit::{Fit, recognise};
#[cfg(feature = "formats")]
use super::formats::Format;
use super::formats::TensorFile;
#[cfg(feature = "formats")]
use super::matching::{self, Before, Match};
#[cfg(feature = "formats")]
use super::subtree::recognise_among;
use super::weight::Weight;
use super::{CheckpointError, Param, metadata, presets};
use crate::image::{Channels, Preprocess};
#[cfg(feature = "formats")]
use crate::networks::{Classifier, Head};
use crate::networks::{Network, Options, OutputActivation};

/// Said of other tensors' names with the classes of the graph of 2015-12-05.
const BY_CLASSES: &str = "its 1008 classes are those of the graph of 2015-12-05, so it runs with that graph's pools and pictures; \
    the option `network` says otherwise";

#[cfg(feature = "formats")]
/// Said of a head that is known by its sizes alone.
const LIKE_NSFWJS: &str = "its dense layers are of the sizes of nsfwjs', so pictures are taken as nsfwjs takes them (pixel / 255); \
    the option `preprocess` says otherwise";

/// Said of classes whose names stand beside the weights.
pub(super) const NAMED_BY: &str = "its classes have the names of";

/// Said of a model that multiplies its input by so much that this cannot be a picture's bytes.
const FROM_ZERO_TO_ONE: &str = "the model scales its input up, so it is taken to want pictures from 0 to 1; the option `preprocess` \
    says otherwise";

/// Said of a model that ends in logits and has no word for what follows.
const LOGITS: &str = "the model ends with logits, which are taken to be of one class of all (softmax); the option `activation` says \
    otherwise";

/// Said of a Keras model's weights without the model.
const WEIGHTS_ALONE: &str = "the file has weights alone: hidden dense layers are taken to end in ReLU and the last in softmax; the \
    option `activation` says otherwise of the last, a file with the whole model says all";

/// Said of a classifier with one output in a file that does not say what follows it.
const ONE_LOGIT: &str = "the classifier has one output and the file does not say what follows it: it is taken as the \
    logit of the second of two classes (sigmoid); the option `activation` says otherwise";

/// Said of a model whose last dense layer has no activation, and which names no loss.
const NO_ACTIVATION: &str = "the last dense layer has no activation and the file names no loss: its outputs are the answer as \
    they are; the option `activation` makes probabilities of them";

/// Said of torchvision's networks in a state dict.
pub(crate) const TRANSFORMED: &str = "a state dict does not tell whether the network was trained with `transform_input`: pictures are taken from -1 \
    to 1, as with it; the option `preprocess` says otherwise";

/// Said of torchvision's networks in a graph without `transform_input`.
#[cfg(feature = "formats")]
const UNTRANSFORMED: &str = "the model has no `transform_input`: pictures are taken as torchvision's other networks take them (mean \
    0.485, 0.456, 0.406); the option `preprocess` says otherwise";

/// Said of TorchScript.
#[cfg(feature = "formats")]
const SCRIPT: &str = "the file's program (TorchScript) is not read: it is taken to be the network's own, with the pictures and the last \
    activation that are said here; an ONNX file of the same model says them itself";

/// Said of a Keras model that leaves it to others to prepare pictures.
#[cfg(feature = "formats")]
const KERAS_PICTURES: &str = "the model does not say how its pictures are scaled: they are taken from -1 to 1, as keras.applications \
    prepares them; the option `preprocess` says otherwise";

#[cfg(feature = "formats")]
/// Said of an auxiliary head that this version of the network has not.
const AUXILIARY_ASIDE: &str =
    "AuxLogits left aside: the auxiliary head served training, and the answer does not need it";

/// What torchvision's `transform_input` multiplies each channel by: it takes pictures normalised as for its other networks.
const TRANSFORM_INPUT: [f64; 3] = [0.229 / 0.5, 0.224 / 0.5, 0.225 / 0.5];

/// Mean and deviation that torchvision's other networks take pictures with.
#[cfg(feature = "formats")]
const IMAGENET: ([f64; 3], [f64; 3]) = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]);

/// A network with a place for each of a file's tensors.
pub(super) struct Recognised {
    pub network: &'static Network,
    pub options: Options,
    pub weights: BTreeMap<String, BTreeMap<Param, Weight>>,
    /// Heads that the network may have and the file does not.
    pub absent: Vec<String>,
    /// The library or file whose names the keys follow, or how else they were placed.
    pub dialect: &'static str,
    /// What was taken away in front of every key.
    pub prefix: String,
    /// How pictures are prepared unless the file's metadata says otherwise.
    pub preprocess: Preprocess,
    pub assumptions: Vec<String>,
}

impl Recognised {
    /// Recognises the tensors of a file; `named` is the network that the user or the file itself names.
    pub fn of(file: &mut TensorFile, named: Option<&'static Network>) -> Result<Self, CheckpointError> {
        #[cfg(feature = "formats")]
        if file.graph.is_some() {
            return Self::by_graph(file, named);
        }
        Self::by_names(file, named)
    }

    fn by_names(file: &mut TensorFile, named: Option<&'static Network>) -> Result<Self, CheckpointError> {
        #[cfg(feature = "formats")]
        dialects::complete(file);
        #[cfg(feature = "formats")]
        let difference = dialects::difference(file);
        let recognised = recognise_within(file, named);
        #[cfg(feature = "formats")]
        let recognised = recognised.map_err(|error| difference.unwrap_or(error));
        let (fit, prefix, of_place) = recognised?;
        let Fit {
            dialect,
            network,
            mut options,
            weights,
            absent,
            of_head,
            activation: of_modules,
            is_grey,
            #[cfg(feature = "formats")]
            has_aside,
            ..
        } = fit;
        // Whoever names the tensors, the graph of 2015 wants its own pictures.
        let publishers = dialect.preprocess.clone().filter(|_| network.id != "inception-v3-2015");
        let mut preprocess = publishers.unwrap_or_else(|| presets::usual(network.id));
        if is_grey {
            preprocess.channels = Channels::Gray;
        }
        let mut assumptions = metadata::assumptions(file)?;
        assumptions.extend(of_place);
        assumptions.extend(of_head);
        let mut assume = |is_so: bool, said: &str| {
            if is_so {
                assumptions.push(said.to_owned());
            }
        };
        #[cfg(feature = "formats")]
        assume(has_aside, AUXILIARY_ASIDE);
        #[cfg(feature = "formats")]
        if let [taken, others @ ..] = file.sets.as_slice()
            && !others.is_empty()
        {
            let said =
                format!("the file has several sets of weights: those of {taken} are taken, not {}", others.join(", "));
            assume(true, &said);
        }
        // Of torchvision's two dialects; whoever names another form of the network knows it.
        let is_unsaid = dialect.head == "fc" && dialect.networks.first() == Some(&network.id);
        #[cfg(feature = "formats")]
        dialects::assumption(dialect.name).into_iter().for_each(|said| assume(true, said));
        #[cfg(feature = "formats")]
        let is_unsaid = is_unsaid && !is_told(file, network, &mut preprocess);
        #[cfg(feature = "formats")]
        let torch_modules = match file.modules.as_slice() {
            [] => vec![],
            _ => dialects::torch_modules(file, &network.build(&options)?, &weights, dialect.head)?,
        };
        #[cfg(feature = "formats")]
        torch_modules.iter().for_each(|said| assume(true, said));
        #[cfg(feature = "formats")]
        assume(file.is_script, SCRIPT);
        assume(is_unsaid && !file.metadata.contains_key("preprocess"), TRANSFORMED);
        let is_2015 = network.id == "inception-v3-2015" && dialect.networks.first() != Some(&network.id);
        assume(named.is_none() && is_2015, BY_CLASSES);
        #[cfg(feature = "formats")]
        assume(dialect.preprocess.as_ref() == Some(&presets::NSFWJS) && preprocess == presets::NSFWJS, LIKE_NSFWJS);
        // The published Keras weights have their classes under this name.
        let is_alone = file.format.is_keras() && !file.tensors.contains_key("predictions/kernel");
        #[cfg(feature = "formats")]
        if is_alone && preprocess == presets::KERAS {
            assumptions.push(KERAS_PICTURES.to_owned());
        }
        let unsaid = if is_alone { Unsaid::Weights } else { Unsaid::Usual };
        options.activation =
            activation(metadata::activation(file)?.or(of_modules), options.head.classes(), unsaid, &mut assumptions);
        let dialect = dialect.name;
        Ok(Self { network, options, weights, absent, dialect, prefix, preprocess, assumptions })
    }

    #[cfg(feature = "formats")]
    fn by_graph(file: &mut TensorFile, named: Option<&'static Network>) -> Result<Self, CheckpointError> {
        let Match { network, mut options, weights, activation: said, before } = matching::find(file, named)?;
        let mut assumptions = metadata::assumptions(file)?;
        let nsfwjs = Classifier::with_hidden(NSFWJS_HEAD[2], &NSFWJS_HEAD[..2]);
        let is_nsfwjs = options.head == Head::Classifier(nsfwjs) && before.affine.is_none();
        // Keras' models leave TensorFlow in other formats too; those of TF-slim have the background as a class.
        let is_keras = file.format.is_keras() || network.id == "inception-v3-slim" && options.classes() != Some(1001);
        let is_said = before.affine.is_some() || before.bytes;
        let is_torchvision = file.graph.as_ref().is_some_and(|graph| graph.is_torchvision(network.id));
        let mut usual = match is_keras {
            _ if is_nsfwjs => presets::NSFWJS,
            true => presets::KERAS,
            false if is_torchvision && network.id == "inception-v3" => presets::TORCHVISION_V3,
            false => presets::usual(network.id),
        };
        if is_torchvision && !is_said {
            (usual.mean, usual.std) = IMAGENET;
            assumptions.push(UNTRANSFORMED.to_owned());
        }
        if is_nsfwjs {
            assumptions.push(LIKE_NSFWJS.to_owned());
        } else if is_keras && !is_said && options.classes() != Some(1000) {
            // Those of ImageNet are published.
            assumptions.push(KERAS_PICTURES.to_owned());
        }
        assumptions.extend(file.graph.as_ref().and_then(|graph| {
            let names = graph.outputs.iter().map(|&output| graph.nodes[output].name.as_str());
            let (taken, others) = (names.clone().next()?, names.skip(1).collect::<Vec<_>>());
            let said = format!("the model has several answers: that of {taken} is taken, not {}", others.join(", "));
            (!others.is_empty()).then_some(said)
        }));
        let preprocess = with_input(&usual, &before, &mut assumptions);
        let of_loss = file.graph.as_ref().and_then(|graph| graph.of_loss);
        let otherwise = if file.format.is_keras() { Unsaid::Values } else { Unsaid::Logits };
        options.activation = activation(said.or(of_loss), options.head.classes(), otherwise, &mut assumptions);
        let absent = network.auxiliary.iter().copied().chain(options.head.classes().is_none().then_some("Logits"));
        let absent = absent.map(str::to_owned).collect();
        let dialect = "placed by its graph";
        Ok(Self { network, options, weights, absent, dialect, prefix: String::new(), preprocess, assumptions })
    }
}

/// Prepares pictures as torchvision does, for a file that PyTorch wrote: timm's weights come as safetensors. Whether it says how the
/// network's input was normalised.
#[cfg(feature = "formats")]
fn is_told(file: &TensorFile, network: &Network, preprocess: &mut Preprocess) -> bool {
    if file.format != Format::Torch {
        return false;
    }
    if network.id == "inception-v3" {
        let channels = preprocess.channels;
        *preprocess = Preprocess { channels, ..presets::TORCHVISION_V3 };
    }
    // What holds the network stands at the same place.
    let mut whole = file.modules.iter().filter(|module| module.path.is_empty());
    let Some(&is_on) = whole.find_map(|module| module.numbers.get("transform_input")) else { return false };
    // Without it the network gets what torchvision's other networks get.
    if is_on == 0.0 {
        (preprocess.mean, preprocess.std) = IMAGENET;
    }
    true
}

/// What logits are where a file does not say.
enum Unsaid {
    /// Of one class of all, as in state dicts.
    Usual,
    /// The same, and said of a file that has weights alone.
    Weights,
    /// The same, and said.
    Logits,
    /// The answer as they are.
    Values,
}

fn activation(
    said: Option<OutputActivation>,
    logits: Option<usize>,
    unsaid: Unsaid,
    assumptions: &mut Vec<String>,
) -> OutputActivation {
    let (activation, words) = match (said, logits, unsaid) {
        (Some(said), ..) => return said,
        (None, Some(1), _) => (OutputActivation::Sigmoid, ONE_LOGIT),
        (None, None, _) | (None, Some(_), Unsaid::Usual) => return OutputActivation::Softmax,
        (None, Some(_), Unsaid::Weights) => (OutputActivation::Softmax, WEIGHTS_ALONE),
        (None, Some(_), Unsaid::Logits) => (OutputActivation::Softmax, LOGITS),
        (None, Some(_), Unsaid::Values) => (OutputActivation::None, NO_ACTIVATION),
    };
    assumptions.push(words.to_owned());
    activation
}

/// Whether a sentence is about an activation that was assumed.
pub(super) fn is_of_activation(said: &str) -> bool {
    [ONE_LOGIT, NO_ACTIVATION, LOGITS, WEIGHTS_ALONE].contains(&said)
}

/// Whether a sentence is about the classifier, which may be another now.
pub(super) fn is_of_classes(said: &str) -> bool {
    is_of_activation(said) || said.starts_with(NAMED_BY)
}

/// Recognises the tensors as they are named, else without what wrappers put in front of every name, such as `module.`.
/// What was assumed of tensors beside them comes third.
fn recognise_within(
    file: &mut TensorFile,
    named: Option<&'static Network>,
) -> Result<(Fit, String, Vec<String>), CheckpointError> {
    let mut fit = recognise(file, named);
    let mut taken = String::new();
    for prefix in file.prefixes() {
        if !matches!(fit, Err(CheckpointError::Unrecognised { .. })) {
            break;
        }
        file.strip(&prefix[taken.len()..]);
        taken = prefix;
        fit = recognise(file, named);
    }
    #[cfg(feature = "formats")]
    return recognise_among(file, named, fit, &taken);
    #[cfg(not(feature = "formats"))]
    Ok((fit?, taken, vec![]))
}

/// Factors of pictures' bytes are a deviation's reciprocal, or a 255th and less; those of pictures from 0 to 1 are larger.
#[cfg(feature = "formats")]
const LEAST_OF_UNIT: f64 = 0.1;

/// Whether factors and sums, in the order of the network's channels, are those of `transform_input`.
#[cfg(feature = "formats")]
fn undoes_imagenet((mut scale, mut shift): ([f64; 3], [f64; 3]), is_bgr: bool) -> bool {
    if is_bgr {
        scale.reverse();
        shift.reverse();
    }
    let (mean, _) = IMAGENET;
    let is_near = |a: f64, b: f64| (a - b).abs() < 1e-4;
    (0..3).all(|c| is_near(scale[c], TRANSFORM_INPUT[c]) && is_near(shift[c], (mean[c] - 0.5) / 0.5))
}

#[cfg(feature = "formats")]
/// The usual preparation of pictures with what a graph has before its network.
fn with_input(usual: &Preprocess, before: &Before, assumptions: &mut Vec<String>) -> Preprocess {
    let mut preprocess = usual.clone();
    if let Some([height, width]) = before.size
        && [height as u32, width as u32] != [preprocess.height, preprocess.width]
    {
        let grown = f64::from(preprocess.resize_to) / f64::from(preprocess.width.max(1));
        (preprocess.height, preprocess.width) = (height as u32, width as u32);
        // The crop has to hold the longer side.
        preprocess.resize_to = (width.max(height) as f64 * grown).round() as u32;
    }
    if before.is_grey {
        preprocess.channels = Channels::Gray;
    } else if before.channels == Channels::Bgr {
        preprocess.channels = Channels::Bgr;
    }
    match before.affine {
        None if before.bytes => {
            (preprocess.scale, preprocess.mean, preprocess.std) = (1.0, [0.0; 3], [1.0; 3]);
            preprocess.standardize = false;
        }
        None => {}
        // Undoes the normalisation of torchvision's other networks: what comes out is as without it.
        Some(affine) if undoes_imagenet(affine, before.channels == Channels::Bgr) => {}
        Some((scale, shift)) => {
            // Of a picture's bytes this would be far from what networks take: of bytes less their mean it would not.
            let is_mean = scale == [1.0; 3] && shift.iter().all(|v| v.abs() > 1.5 || *v == 0.0);
            let is_of_unit = scale.iter().any(|v| v.abs() >= LEAST_OF_UNIT) && !is_mean && !before.bytes;
            let unit = if is_of_unit { 255.0 } else { 1.0 };
            if unit > 1.0 {
                assumptions.push(FROM_ZERO_TO_ONE.to_owned());
            }
            preprocess.standardize = false;
            if scale.iter().all(|&v| v == scale[0]) {
                preprocess.scale = scale[0] / unit;
                preprocess.mean = shift.map(|v| 0.0 - v);
                preprocess.std = [1.0; 3];
            } else {
                preprocess.scale = 1.0 / unit;
                preprocess.mean = [0, 1, 2].map(|c| 0.0 - shift[c] / scale[c]);
                preprocess.std = scale.map(|v| 1.0 / v);
            }
        }
    }
    preprocess
}

#[cfg(all(test, feature = "formats"))]
mod tests {
    use super::{TRANSFORM_INPUT, undoes_imagenet};

    #[test]
    fn only_torchvisions_own_factors_and_sums_undo_its_normalisation() {
        let shift = [-0.03, -0.088, -0.188];
        let [mut reversed, mut sums] = [TRANSFORM_INPUT, shift];
        reversed.reverse();
        sums.reverse();
        for (scale, shift, is_bgr, wanted) in [
            (TRANSFORM_INPUT, shift, false, true),
            (reversed, sums, true, true),
            (reversed, sums, false, false),
            (TRANSFORM_INPUT, [0.3; 3], false, false),
            (TRANSFORM_INPUT, [0.5; 3], false, false),
            ([0.5; 3], shift, false, false),
        ] {
            assert_eq!(undoes_imagenet((scale, shift), is_bgr), wanted, "{scale:?} {shift:?} {is_bgr}");
        }
    }
}
