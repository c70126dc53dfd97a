//! What can be read out of a run: statistics and histograms of channels, colour, pictures of maps, the patch that excites a
//! channel most, and what each channel says for a class.
//! Enters: outputs of layers, weights of the head. Leaves: numbers and RGBA pixels.

mod color_map;
mod grid;
mod head;
mod histogram;
mod patch;

pub use color_map::ColorMap;
pub use grid::{Grid, Picture, Scale};
pub use head::{ActivationMap, Contributions, Head};
pub use histogram::{Histogram, histogram};
pub use patch::{Patch, best_patch};
