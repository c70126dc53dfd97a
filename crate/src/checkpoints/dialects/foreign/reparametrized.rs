//! Weights that PyTorch computes of other tensors whenever the network runs: a state dict has the parts instead of the weight.

use crate::checkpoints::CheckpointError;
use crate::checkpoints::formats::TensorFile;

/// What a weight is made of, by the end of a key or a part of it, with another key that has to be there; and how it becomes one again.
struct Kind {
    part: &'static str,
    beside: &'static str,
    what: &'static str,
    undo: &'static str,
}

const KINDS: [Kind; 8] = [
    Kind {
        part: ".weight_g",
        beside: ".weight_v",
        what: "weight norm",
        undo: "torch.nn.utils.remove_weight_norm(module)",
    },
    Kind {
        part: ".weight_orig",
        beside: ".weight_mask",
        what: "a weight that is pruned by a mask",
        undo: "torch.nn.utils.prune.remove(module, 'weight')",
    },
    Kind {
        part: ".weight_orig",
        beside: ".weight_u",
        what: "spectral norm",
        undo: "torch.nn.utils.remove_spectral_norm(module)",
    },
    Kind {
        part: ".weight_mask",
        beside: ".weight",
        what: "a weight that is pruned by a mask",
        undo: "torch.nn.utils.prune.remove(module, 'weight')",
    },
    Kind {
        part: ".parametrizations.weight.original0",
        beside: ".parametrizations.weight.original1",
        what: "weight norm",
        undo: "torch.nn.utils.parametrize.remove_parametrizations(module, 'weight')",
    },
    Kind {
        part: ".parametrizations.weight.original",
        beside: "",
        what: "a weight with a parametrization",
        undo: "torch.nn.utils.parametrize.remove_parametrizations(module, 'weight')",
    },
    Kind { part: ".lora_A", beside: "", what: "an adapter (LoRA)", undo: "model.merge_and_unload()" },
    Kind { part: ".base_layer.", beside: "", what: "a layer with an adapter", undo: "model.merge_and_unload()" },
];

/// # Errors
/// [`CheckpointError::Reparametrized`] where the file has parts of a weight.
pub fn check(file: &TensorFile) -> Result<(), CheckpointError> {
    for key in file.tensors.keys() {
        let of = |kind: &&Kind| {
            let at = key.find(kind.part)?;
            let is_end = at + kind.part.len() == key.len();
            let has_other = || file.tensors.contains_key(&format!("{}{}", &key[..at], kind.beside));
            (kind.beside.is_empty() || is_end && has_other()).then_some(at)
        };
        if let Some((kind, at)) = KINDS.iter().find_map(|kind| Some((kind, of(&kind)?))) {
            let (layer, what, undo) = (key[..at].to_owned(), kind.what, kind.undo);
            return Err(CheckpointError::Reparametrized { key: key.clone(), layer, what, undo });
        }
    }
    Ok(())
}
