//! What can be read out of a run: colour, pictures of maps, what excites a channel, and what it says for a class; and the
//! filters that read the picture. Enters: outputs of layers, weights of the head and of the first convolution. Leaves: numbers and RGBA pixels.

mod attribution;
mod color_map;
mod filters;
mod grid;
mod patch;

pub use attribution::{ActivationMap, Attribution, Contributions, Target};
pub use color_map::ColorMap;
pub use filters::Filters;
pub use grid::{Grid, Picture, Scale};
pub use patch::{best_patches, peak};
