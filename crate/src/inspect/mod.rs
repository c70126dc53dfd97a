//! What can be read out of a run: colour, pictures of maps, what excites a channel, and what it says for a class.
//! Enters: outputs of layers, weights of the head. Leaves: numbers and RGBA pixels.

mod color_map;
mod grid;
mod head;
mod patch;

pub use color_map::ColorMap;
pub use grid::{Grid, Picture, Scale};
pub use head::{ActivationMap, Contributions, Head};
pub use patch::{best_patches, peak};
