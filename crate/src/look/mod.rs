//! What a network looks for and what it looked at: feature visualisation, DeepDream, saliency, Grad-CAM.
//! Enters: gradients of networks that somebody else runs, step by step. Leaves: the next input to run, pictures and maps.
//! Unless they say otherwise, pictures are planes `[3,H,W]` of red, green and blue from 0 to 1.

mod ascent;
mod color;
mod dream;
mod error;
mod fft;
mod fourier;
mod map;
mod mapping;
mod random;
mod resample;
mod saliency;
mod turn;
mod visualization;

pub use ascent::{Adam, ascend};
pub use color::{color_gradient, colors};
pub use dream::{Dream, DreamOptions, Progress};
pub use error::LookError;
pub use fourier::Fourier;
pub use map::{Map, grad_cam};
pub use mapping::Mapping;
pub use random::Random;
pub use resample::Resample;
pub use saliency::{Baseline, Method, Saliency};
pub use visualization::{Visualization, VisualizationOptions};
