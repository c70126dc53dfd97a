//! What can be read out of a run: colour, pictures of maps, and what each channel says for a class.
//! Enters: outputs of layers, weights of the head. Leaves: numbers and RGBA pixels.

mod color_map;
mod grid;
mod head;

pub use color_map::ColorMap;
pub use grid::{Grid, Picture, Scale};
pub use head::{ActivationMap, Contributions, Head};
