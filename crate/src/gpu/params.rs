//! What every kernel is told: the fields of `Params` in shaders/shared/params.wgsl, in their order.

use super::tiles::{Product, WINOGRAD};
use crate::graph::Padding;

/// ReLU at the end.
pub(super) const RELU: u32 = 1;
/// There is a second input.
pub(super) const SECOND: u32 = 2;
/// Padding counts in an average.
pub(super) const COUNT_PADDING: u32 = 4;
/// The window is a pool's, behind which a convolution reads single positions.
pub(super) const POOL: u32 = 8;
/// A pool takes the largest value.
pub(super) const MAXIMUM: u32 = 16;

/// Writes the struct, and its fields with their offsets for the test.
macro_rules! params {
    ($($(#[$doc:meta])* $field:ident: $kind:ty,)+) => {
        /// Bases, strides and channel counts are in vec4s of four channels.
        #[repr(C)]
        #[derive(Clone, Copy, Debug, Default, PartialEq)]
        pub(super) struct Params { $($(#[$doc])* pub $field: $kind,)+ }

        #[cfg(test)]
        const FIELDS: &[(&str, usize, usize)] =
            &[$((stringify!($field), std::mem::offset_of!(Params, $field), size_of::<$kind>()),)+];
    };
}

params! {
    in_height: u32,
    in_width: u32,
    out_height: u32,
    out_width: u32,
    in_base: u32,
    in_stride: u32,
    out_base: u32,
    out_stride: u32,
    second_base: u32,
    second_stride: u32,
    in_quads: u32,
    out_quads: u32,
    kernel_height: u32,
    kernel_width: u32,
    stride_y: u32,
    stride_x: u32,
    top: u32,
    left: u32,
    weights: u32,
    factors: u32,
    /// Without the spare lanes of the last vec4.
    channels: u32,
    flags: u32,
    reals: [f32; 2],
    third_real: f32,
    /// Of a third map that is read, vec4s from one pixel to the next.
    third_stride: u32,
    /// Images that run at once, one after another in every buffer.
    images: u32,
    /// Vec4s of inputs of a convolution's sum, all taps of the window.
    depth: u32,
    /// The first workgroup of a task among those of its dispatch.
    first_group: u32,
    /// Parts of a sum, each of another workgroup.
    splits: u32,
    /// The first vec4 of what these parts come to.
    partial: u32,
    /// Of a third map, the first vec4.
    third_base: u32,
}

// SAFETY: every field is four bytes or two times four, at offsets that follow one another, and zeros are values of each.
unsafe impl bytemuck::Zeroable for Params {}
// SAFETY: as above: no byte between the fields, and every bit pattern is a value.
unsafe impl bytemuck::Pod for Params {}

impl Params {
    /// The size of the product that a convolution or a linear layer is.
    pub fn product(&self) -> Product {
        let pooled = if self.flags & POOL == 0 { 1 } else { self.kernel_height * self.kernel_width };
        let pixels = self.images * self.out_height * self.out_width;
        let kernel = [self.kernel_height, self.kernel_width];
        let is_plain = [self.stride_y, self.stride_x, pooled] == [1; 3];
        let patches = WINOGRAD.map(|row| {
            let [down, across] = row.sides(kernel);
            let patches = self.images * self.out_height.div_ceil(down) * self.out_width.div_ceil(across);
            if is_plain && row.computes(kernel) { patches } else { 0 }
        });
        Product { pixels, quads: self.out_quads, depth: self.depth, pooled, patches }
    }

    /// Those of a window that slides.
    pub fn window(kernel: [usize; 2], stride: [usize; 2], padding: Padding) -> Self {
        Self {
            kernel_height: kernel[0] as u32,
            kernel_width: kernel[1] as u32,
            stride_y: stride[0] as u32,
            stride_x: stride[1] as u32,
            top: padding.top as u32,
            left: padding.left as u32,
            ..Self::default()
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;
    use wgpu::naga;

    #[test]
    fn the_struct_is_the_shaders() {
        let source = crate::gpu::shader::PARAMS_SOURCE;
        let module = naga::front::wgsl::parse_str(source).unwrap();
        let found = module.types.iter().find(|(_, kind)| kind.name.as_deref() == Some("Params")).unwrap().1;
        let naga::TypeInner::Struct { members, span } = &found.inner else { panic!("no struct") };
        let size = |ty| module.types[ty].inner.size(module.to_ctx()) as usize;
        let shader: Vec<(&str, usize, usize)> = members
            .iter()
            .map(|member| (member.name.as_deref().unwrap(), member.offset as usize, size(member.ty)))
            .collect();
        assert_eq!(FIELDS, shader);
        assert_eq!(size_of::<Params>(), *span as usize);
    }
}
