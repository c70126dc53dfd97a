use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::ImageError;

/// Largest width, height and `resize_to` of a network's input.
pub const MAX_SIZE: u32 = 4096;

/// How a picture's shape becomes the network's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Resize {
    /// The shorter side becomes `resize_to`, the longer one follows (torchvision's `Resize(n)`).
    ShortestSide,
    /// Both sides become the target's, whatever the picture's shape.
    Stretch,
}

/// What is cut away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Crop {
    /// The network sees the centre.
    Center,
    /// The network sees everything.
    None,
}

/// Which comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// Resize to `resize_to`, then cut the centre out (torchvision, timm, Caffe).
    ResizeCrop,
    /// Cut the centre out of the original, then resize it to the input (TF-slim's `central_fraction`).
    CropResize,
}

/// Interpolation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Filter {
    /// Pillow's `BILINEAR`: a triangle, widened when shrinking.
    Bilinear,
    /// Pillow's `BICUBIC` (a = -0.5), widened when shrinking.
    Bicubic,
    /// TF.js's `resizeBilinear` with `alignCorners`: never widened, not rounded to 8 bits.
    BilinearAlignCorners,
}

/// Order of the network's input channels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Channels {
    /// Red first.
    #[default]
    Rgb,
    /// Blue first (Caffe).
    Bgr,
    /// Three times the luminance, as Pillow's mode `L` has it.
    Gray,
}

/// How a checkpoint wants its pictures: `Preprocess` of `index.d.ts`.
///
/// A value of the input is `(pixel * scale - mean) / std` with pixels from 0 to 255. `mean` and `std` stand in the
/// network's own channel order: with [`Channels::Bgr`], `mean[0]` is blue's.
///
/// With [`Crop::Center`] and [`Order::ResizeCrop`], [`Resize::Stretch`] stretches to the input's aspect ratio with a
/// shorter side of `resize_to` (Caffe's 256 x 256) before the cut. With [`Order::CropResize`] the cut is the central
/// min(width, height) / `resize_to` of both sides ([`Resize::Stretch`]), or that fraction of the shorter side in the
/// input's aspect ratio ([`Resize::ShortestSide`]). With [`Crop::None`] the picture is stretched to the input and
/// `resize_to` has no part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Preprocess {
    /// Columns of the input.
    pub width: u32,
    /// Rows of the input.
    pub height: u32,
    /// How the shape is met.
    pub resize: Resize,
    /// Size before the crop, in pixels of the shorter side; at least `width` and `height` where there is a crop.
    pub resize_to: u32,
    /// What is cut away.
    pub crop: Crop,
    /// Which comes first.
    pub order: Order,
    /// Interpolation.
    pub filter: Filter,
    /// Order of the channels.
    pub channels: Channels,
    /// Factor on pixels, first of all: 1/255 or 1.
    pub scale: f64,
    /// Subtracted after `scale`.
    pub mean: [f64; 3],
    /// Divisor after `mean`.
    pub std: [f64; 3],
    /// After all that, per picture: (x - mean) / max(std, 1 / sqrt(n)) over its n values (FaceNet's prewhitening).
    pub standardize: bool,
}

impl Preprocess {
    /// Checks that every option is possible by itself and with the others.
    ///
    /// # Errors
    /// [`ImageError::BadField`] with the option's public name and value.
    pub fn validate(&self) -> Result<(), ImageError> {
        let sizes = [("width", self.width), ("height", self.height), ("resizeTo", self.resize_to)];
        for (field, size) in sizes {
            if !(1..=MAX_SIZE).contains(&size) {
                return bad_field(field, size, format!("sizes are from 1 to {MAX_SIZE}"));
            }
        }
        if self.crop == Crop::Center && self.resize_to < self.width.max(self.height) {
            let reason = format!("the crop of {} x {} is larger", self.width, self.height);
            return bad_field("resizeTo", self.resize_to, reason);
        }
        if self.crop == Crop::None && self.resize == Resize::ShortestSide {
            let reason = "with shortest-side the longer side has to be cropped";
            return bad_field("crop", "none", reason.into());
        }
        if !self.scale.is_finite() || self.scale == 0.0 {
            return bad_field("scale", self.scale, "it is a number other than zero".into());
        }
        for (field, values) in [("mean", self.mean), ("std", self.std)] {
            if !values.iter().all(|v| v.is_finite()) {
                return bad_field(field, format!("{values:?}"), "it is three numbers".into());
            }
        }
        if !self.std.iter().all(|&v| v > 0.0) {
            let reason = "it is three numbers above zero";
            return bad_field("std", format!("{:?}", self.std), reason.into());
        }
        Ok(())
    }

    /// These options with those of a JSON object (`Partial<Preprocess>`) in their place, validated.
    ///
    /// # Errors
    /// [`ImageError::NotAnObject`], [`ImageError::UnknownField`], [`ImageError::BadField`].
    pub fn merged(&self, json: &Value) -> Result<Preprocess, ImageError> {
        let Value::Object(options) = json else {
            return Err(ImageError::NotAnObject(short(json)));
        };
        let mut all = self.to_json();
        let mut merged = self.clone();
        for (field, value) in options {
            if !all.contains_key(field) {
                let known = all.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
                return Err(ImageError::UnknownField { field: field.clone(), known });
            }
            all.insert(field.clone(), value.clone());
            merged = match serde_json::from_value(Value::Object(all.clone())) {
                Ok(merged) => merged,
                Err(error) => return bad_field(field, short(value), error.to_string()),
            };
        }
        merged.validate()?;
        Ok(merged)
    }

    /// The first option that is another, with both values: `resize is "stretch", not "shortest-side"`.
    pub fn difference(&self, other: &Preprocess) -> Option<String> {
        let (own, other) = (self.to_json(), other.to_json());
        let field = own.keys().find(|field| own.get(*field) != other.get(*field))?;
        let [own, other] = [&own, &other].map(|fields| fields.get(field).map(short).unwrap_or_default());
        Some(format!("{field} is {other}, not {own}"))
    }

    fn to_json(&self) -> Map<String, Value> {
        match serde_json::to_value(self) {
            Ok(Value::Object(fields)) => fields,
            _ => Map::new(),
        }
    }
}

fn bad_field<T>(field: &str, value: impl ToString, reason: String) -> Result<T, ImageError> {
    Err(ImageError::BadField { field: field.into(), value: value.to_string(), reason })
}

/// A JSON value as it stands in a message: its first 60 characters.
fn short(value: &Value) -> String {
    value.to_string().chars().take(60).collect()
}
