//! Another classifier on a network's features: which model a taught head goes with, and what it answers.

use crate::checkpoints::{HeadError, TaughtHead, TaughtOn};
use crate::graph::LayerWeights;
use crate::info::SessionInfo;
use half::f16;

/// Values of a tensor of the body that a [`Fingerprint`] reads, evenly spread over it.
pub(crate) const SAMPLES: usize = 256;

/// A digest of a network's body that does not depend on the file: the same weights in another format, in another order or as
/// f16 give the same. FNV-1a of 64 bits over up to 256 values of each tensor, as f16, summed over the layers.
#[derive(Clone, Copy, Default)]
pub(crate) struct Fingerprint(u64);

impl Fingerprint {
    /// Takes a layer, with up to so many values of each tensor.
    pub fn take(&mut self, name: &str, weights: &LayerWeights, samples: usize) {
        let norm = weights
            .norm
            .iter()
            .flat_map(|norm| [norm.gamma.as_deref().unwrap_or_default(), &norm.beta, &norm.mean, &norm.variance]);
        let tensors = [&weights.weights[..], weights.biases.as_deref().unwrap_or_default()].into_iter().chain(norm);
        let sampled = tensors.flat_map(|values| values.iter().step_by(values.len().div_ceil(samples).max(1)));
        let bytes = name.bytes().chain(sampled.flat_map(|&value| f16::from_f32(value).to_le_bytes()));
        let hash = bytes.fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        self.0 = self.0.wrapping_add(hash);
    }

    /// 16 hexadecimal digits.
    pub fn to_text(self) -> String {
        format!("{:016x}", self.0)
    }
}

impl TaughtOn {
    /// The model of a session.
    pub fn of(info: &SessionInfo) -> Self {
        let SessionInfo { network, title, backbone, preprocess, .. } = info;
        Self {
            network: network.clone(),
            title: title.clone(),
            backbone: backbone.clone(),
            preprocess: preprocess.clone(),
        }
    }
}

impl TaughtHead {
    /// Whether the head goes with a model.
    ///
    /// # Errors
    /// [`HeadError::OtherBackbone`], [`HeadError::Pictures`], each with both.
    pub fn check(&self, model: &TaughtOn) -> Result<(), HeadError> {
        let own = &self.taught_on;
        if own.network != model.network || own.backbone != model.backbone {
            let [taught_on, found] = [own, model].map(|model| format!("{} ({})", model.title, model.network));
            return Err(HeadError::OtherBackbone { taught_on, found, is_alike: own.network == model.network });
        }
        match own.preprocess.difference(&model.preprocess) {
            Some(field) => Err(HeadError::Pictures { field }),
            None => Ok(()),
        }
    }

    /// The logits of an image, calibrated, of its `[features]`.
    pub fn logits(&self, features: &[f32]) -> Vec<f32> {
        let row = |(row, &bias): (&[f32], &f32)| {
            let products = row.iter().zip(features).map(|(&w, &v)| f64::from(w) * f64::from(v));
            ((products.sum::<f64>() + f64::from(bias)) / self.temperature) as f32
        };
        self.weights.chunks_exact(self.taught_on.backbone.length.max(1)).zip(&self.biases).map(row).collect()
    }

    /// The probability of each class, of an image's `[features]`.
    pub fn answer(&self, features: &[f32]) -> Vec<f32> {
        self.activation.answer(self.logits(features))
    }

    /// Whether an answer says that an image is none of the classes.
    pub fn is_none(&self, probabilities: &[f32]) -> bool {
        let threshold = self.threshold.unwrap_or(0.0);
        probabilities.iter().all(|&p| f64::from(p) < threshold)
    }

    /// Weights and bias of a class's calibrated logit, for [`Target::Taught`](crate::inspect::Target); none of a class that there is not. Of a pair from one
    /// logit the first has the other sign.
    pub fn of_class(&self, class: usize) -> Option<(Vec<f32>, f32)> {
        let is_pair = self.biases.len() < self.labels.len();
        let (row, sign) = if is_pair && class < 2 { (0, [-1.0, 1.0][class]) } else { (class, 1.0) };
        let scale = sign / self.temperature;
        let length = self.taught_on.backbone.length;
        let calibrated = |value: f32| (f64::from(value) * scale) as f32;
        let weights = self.weights.chunks_exact(length.max(1)).nth(row)?.iter().map(|&w| calibrated(w)).collect();
        Some((weights, calibrated(*self.biases.get(row)?)))
    }
}
