use super::{Operation, Reverse, ShapeError, single};
use crate::graph::{LayerKind, LayerWeights, ReceptiveField, Shape, Tensors, Values};
use serde::{Serialize, Serializer};
use serde_json::Value;
use std::borrow::Cow;
use std::mem::discriminant;

/// A function of each value for itself. In our files it is a name, or a name with its number: `"tanh"`, `{"elu": 1.0}`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Activation {
    /// `x`.
    Identity,
    /// `max(x, 0)`.
    Relu,
    /// `min(max(x, 0), 6)`.
    Relu6,
    /// `x` where it is positive, else `x` times this slope.
    LeakyRelu(f32),
    /// `x` where it is positive, else `a (exp x - 1)` (Clevert et al. 2015).
    Elu(f32),
    /// The scaled ELU (Klambauer et al. 2017).
    Selu,
    /// The hyperbolic tangent.
    Tanh,
    /// `1 / (1 + exp -x)`.
    Sigmoid,
    /// `log(1 + exp x)`.
    Softplus,
    /// `x` times the normal distribution's function of it (Hendrycks and Gimpel 2016).
    Gelu,
    /// Their approximation by a hyperbolic tangent.
    GeluTanh,
    /// `x sigmoid(x)`: swish, SiLU (Ramachandran et al. 2017).
    Swish,
    /// `x min(max(x + 3, 0), 6) / 6` (Howard et al. 2019).
    HardSwish,
}

/// What our files call each of [`Activation::ALL`].
const NAMES: [&str; 13] = [
    "identity",
    "relu",
    "relu6",
    "leaky_relu",
    "elu",
    "selu",
    "tanh",
    "sigmoid",
    "softplus",
    "gelu",
    "gelu_tanh",
    "swish",
    "hard_swish",
];

/// Scale and alpha of SELU.
const SELU: [f64; 2] = [1.050_700_987_355_480_5, 1.673_263_242_354_377_2];

impl Activation {
    /// Every one, in the order of the GPU's shader; numbers are examples.
    pub const ALL: [Self; 13] = [
        Self::Identity,
        Self::Relu,
        Self::Relu6,
        Self::LeakyRelu(0.2),
        Self::Elu(1.3),
        Self::Selu,
        Self::Tanh,
        Self::Sigmoid,
        Self::Softplus,
        Self::Gelu,
        Self::GeluTanh,
        Self::Swish,
        Self::HardSwish,
    ];

    /// The function's value.
    pub fn of(self, x: f64) -> f64 {
        let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
        match self {
            Self::Identity => x,
            Self::Relu => x.max(0.0),
            Self::Relu6 => x.clamp(0.0, 6.0),
            Self::LeakyRelu(slope) => {
                if x > 0.0 {
                    x
                } else {
                    x * f64::from(slope)
                }
            }
            Self::Elu(alpha) => {
                if x > 0.0 {
                    x
                } else {
                    f64::from(alpha) * x.exp_m1()
                }
            }
            Self::Selu => SELU[0] * if x > 0.0 { x } else { SELU[1] * x.exp_m1() },
            Self::Tanh => x.tanh(),
            Self::Sigmoid => sigmoid(x),
            Self::Softplus => x.max(0.0) + (-x.abs()).exp().ln_1p(),
            Self::Gelu => 0.5 * x * (1.0 + erf(x * std::f64::consts::FRAC_1_SQRT_2)),
            Self::GeluTanh => {
                let inner = (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044_715 * x * x * x);
                0.5 * x * (1.0 + inner.tanh())
            }
            Self::Swish => x * sigmoid(x),
            Self::HardSwish => x * (x + 3.0).clamp(0.0, 6.0) / 6.0,
        }
    }

    /// An activation as our files name it; none for what is none.
    pub(crate) fn from_json(json: &Value) -> Option<Self> {
        let named = |name: &str| NAMES.iter().position(|&known| known == name).map(|at| Self::ALL[at]);
        if let Some(name) = json.as_str() {
            return named(name).filter(|known| known.number().is_none());
        }
        let number = |name: &str| json[name].as_f64().map(|number| number as f32);
        number("leaky_relu").map(Self::LeakyRelu).or(number("elu").map(Self::Elu))
    }

    /// Its position in [`Self::ALL`].
    fn position(self) -> usize {
        let kind = discriminant(&self);
        Self::ALL.iter().position(|known| discriminant(known) == kind).unwrap_or_default()
    }

    fn number(self) -> Option<f32> {
        match self {
            Self::LeakyRelu(number) | Self::Elu(number) => Some(number),
            _ => None,
        }
    }

    /// Its slope, zero where it is not smooth from the left.
    pub fn slope(self, x: f64) -> f64 {
        const STEP: f64 = 1e-5;
        match self {
            Self::Identity => 1.0,
            Self::Relu => f64::from(u8::from(x > 0.0)),
            Self::Relu6 => f64::from(u8::from(x > 0.0 && x < 6.0)),
            Self::LeakyRelu(slope) => {
                if x > 0.0 {
                    1.0
                } else {
                    slope.into()
                }
            }
            smooth => (smooth.of(x + STEP) - smooth.of(x - STEP)) / (2.0 * STEP),
        }
    }

    /// Its name in the words of the field.
    pub fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Relu => "relu",
            Self::Relu6 => "relu6",
            Self::LeakyRelu(_) => "leaky relu",
            Self::Elu(_) => "elu",
            Self::Selu => "selu",
            Self::Tanh => "tanh",
            Self::Sigmoid => "sigmoid",
            Self::Softplus => "softplus",
            Self::Gelu | Self::GeluTanh => "gelu",
            Self::Swish => "swish",
            Self::HardSwish => "hard swish",
        }
    }

    /// Whether there is nothing to do.
    pub fn is_identity(self) -> bool {
        self == Self::Identity
    }

    /// Its position in [`Self::ALL`] and its number, as the GPU's shader has them.
    #[cfg(feature = "gpu")]
    pub(crate) fn coded(self) -> (u32, f32) {
        (self.position() as u32, self.number().unwrap_or_default())
    }
}

impl Operation for Activation {
    fn output(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        single(inputs)
    }

    fn tensors(&self, _: Shape) -> Tensors {
        Tensors::default()
    }

    fn receptive_field(&self, seen: ReceptiveField, _: Shape) -> ReceptiveField {
        seen
    }

    fn kind(&self) -> LayerKind {
        LayerKind::Activation
    }

    fn detail(&self, _: Shape) -> Cow<'static, str> {
        self.name().into()
    }

    fn reference(&self, inputs: &[&Values], _: &LayerWeights, _: Shape) -> Values {
        inputs[0].map(|v| self.of(v))
    }

    fn reverse(&self, at: Reverse) -> Vec<Values> {
        let slopes = at.inputs[0].data.iter().zip(&at.gradient.data).map(|(&x, g)| g * self.slope(x));
        vec![Values { shape: at.gradient.shape, data: slopes.collect() }]
    }
}

impl Serialize for Activation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let name = NAMES[self.position()];
        match self.number() {
            None => serializer.serialize_str(name),
            Some(number) => serializer.collect_map([(name, number)]),
        }
    }
}

/// The error function, by its series near zero and its continued fraction beyond (Abramowitz and Stegun 7.1.6 and 7.1.14).
fn erf(x: f64) -> f64 {
    let size = x.abs();
    let value = if size < 2.5 {
        let (mut term, mut sum) = (size, size);
        for n in 1..60 {
            term *= 2.0 * size * size / f64::from(2 * n + 1);
            sum += term;
        }
        std::f64::consts::FRAC_2_SQRT_PI * (-size * size).exp() * sum
    } else {
        let fraction = (1..60).rev().fold(size, |rest, n| size + 0.5 * f64::from(n) / rest);
        1.0 - (-size * size).exp() / (fraction * std::f64::consts::PI.sqrt())
    };
    value.copysign(x)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for activation in Activation::ALL {
            assert_eq!(Activation::from_json(&serde_json::to_value(activation).unwrap()), Some(activation));
        }
        assert_eq!(Activation::from_json(&"hard_swish".into()), Some(Activation::HardSwish));
        assert_eq!(Activation::from_json(&serde_json::json!({ "elu": 1.5 })), Some(Activation::Elu(1.5)));
        assert_eq!(Activation::from_json(&"mish".into()), None);
    }

    /// Values from tables: Abramowitz and Stegun 7.1, and the definitions worked out by hand.
    #[test]
    fn the_functions_have_their_known_values() {
        for (x, wanted) in
            [(0.5, 0.520_499_877_813), (1.0, 0.842_700_792_950), (2.0, 0.995_322_265_019), (3.0, 0.999_977_909_503)]
        {
            assert!((erf(x) - wanted).abs() < 1e-11, "erf {x}: {}", erf(x));
            assert!((erf(-x) + wanted).abs() < 1e-11);
        }
        let near = |activation: Activation, x: f64, wanted: f64| {
            assert!((activation.of(x) - wanted).abs() < 1e-9, "{activation:?} of {x}: {}", activation.of(x));
        };
        near(Activation::Gelu, 1.0, 0.841_344_746_068);
        near(Activation::Swish, 1.0, 0.731_058_578_630);
        near(Activation::Elu(0.5), -1.0, -0.316_060_279_414);
        near(Activation::LeakyRelu(0.25), -2.0, -0.5);
        near(Activation::Softplus, 0.0, std::f64::consts::LN_2);
        near(Activation::Softplus, 800.0, 800.0);
        near(Activation::HardSwish, 1.0, 2.0 / 3.0);
        near(Activation::Relu6, 7.0, 6.0);
        near(Activation::Selu, 1.0, 1.050_700_987_355);
    }
}
