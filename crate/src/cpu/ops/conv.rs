use crate::cpu::direct::PackedConv;
use crate::cpu::simd::Isa;
use crate::cpu::threads::Threads;
use crate::cpu::view::{Epilogue, ViewMut, ViewRef};
use crate::cpu::winograd::{NoMemory, Winograd};
use crate::graph::{Conv, FoldError, LayerWeights, Shape};

/// The fewest values of a position, on both sides, for which transforming pays.
const CHANNELS: usize = 12;
/// A map this small gives few tiles, so the transformed weights, which are more than the plain ones, serve little work.
const SMALL: usize = 8;
/// Values that the weights of a small map may grow by: 1.5 MB.
const GROWTH: usize = 3 << 17;

/// How a convolution is computed: outputs that share their products, down and across; none where it is computed directly.
/// The form with the fewest products, which is the fastest one of every convolution of the family that
/// `cargo xtask bench --only forms` measures, to 6 %; on small maps of those that the memory allows.
pub fn chosen_form(conv: &Conv, inputs: usize, out: Shape) -> Option<[usize; 2]> {
    if (inputs * conv.stride[0] * conv.stride[1]).min(out.c) < CHANNELS || out.h.min(out.w) < 4 {
        return None;
    }
    let is_small = out.h.max(out.w) <= SMALL;
    let [kh, kw] = conv.kernel;
    let growth = |[down, across]: [usize; 2]| ((kh + down - 1) * (kw + across - 1) - kh * kw) * inputs * out.c;
    let fits = |&form: &[usize; 2]| !is_small || growth(form) <= GROWTH;
    Winograd::forms(conv, inputs).into_iter().rfind(fits)
}

/// A convolution's weights in the form that it is computed in.
pub enum Prepared {
    Direct(PackedConv),
    Transformed(Winograd),
}

impl Prepared {
    pub fn new(isa: Isa, conv: &Conv, inputs: usize, out: Shape, weights: &LayerWeights) -> Result<Self, FoldError> {
        match chosen_form(conv, inputs, out) {
            Some(form) => Winograd::new(isa, conv, form, inputs, weights).map(Self::Transformed),
            None => PackedConv::conv(isa, conv, inputs, weights).map(Self::Direct),
        }
    }

    pub fn bytes(&self) -> usize {
        match self {
            Self::Direct(packed) => packed.bytes(),
            Self::Transformed(winograd) => winograd.bytes(),
        }
    }

    pub fn run(&self, threads: &Threads, input: ViewRef, out: ViewMut, epilogue: Epilogue) -> Result<(), NoMemory> {
        match self {
            Self::Direct(packed) => {
                packed.run(threads, input, out, epilogue);
                Ok(())
            }
            Self::Transformed(winograd) => winograd.run(threads, input, out, epilogue),
        }
    }
}
