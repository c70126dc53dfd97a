//! Images in: decode, orient, resize, crop, normalise.
