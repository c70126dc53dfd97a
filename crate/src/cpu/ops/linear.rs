use crate::cpu::direct::PackedConv;
use crate::cpu::threads::Threads;
use crate::cpu::view::{Epilogue, ViewMut, ViewRef};
use crate::graph::Linear;

/// A convolution over all positions.
pub fn linear(threads: &Threads, linear: &Linear, packed: &PackedConv, input: ViewRef, out: ViewMut) {
    packed.run(threads, input, out, Epilogue { residual: None, relu: linear.relu });
}
